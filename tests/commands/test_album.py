"""`onlooker album …` as a person or a script meets it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from onlooker import cli
from onlooker.config import Invocation

Run = Callable[..., tuple[int, str, str]]
KEEP = "The album “photos” is there only while the file names none. To keep it: onlooker album add photos\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("ONLOOKER_", "STREAM_"))]:
        monkeypatch.delenv(name)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_albums_are_added_listed_and_removed(run: Run) -> None:
    added = run("album", "add", "party", "--title", "The party", "--approve", "--quota", "20GB")
    assert added == (0, "Added party to onlooker.toml\n", KEEP)
    assert run("album", "add", "tea") == (0, "Added tea to onlooker.toml\n", "")
    run("camera", "add", "gate", "testcard:gate")
    code, out, err = run("album", "list", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [
        {"name": "party", "title": "The party", "approve": True, "quota": 20_000_000_000, "configured": True},
        {"name": "tea", "title": "Tea", "approve": False, "quota": None, "configured": True},
        {"name": "gate", "title": "Gate", "approve": False, "quota": None, "configured": False},
    ]
    code, out, _ = run("album", "list")
    cells = [line.split("  ") for line in out.splitlines() if "  " in line]
    table = [[cell.strip() for cell in line if cell.strip()] for line in cells]
    assert [row for row in table if row] == [
        ["Name", "Title", "Approve", "Quota", "In the file"],
        ["party", "The party", "yes", "20 GB", "yes"],
        ["tea", "Tea", "no", "none", "yes"],
        ["gate", "Gate", "no", "none", "no"],
    ]
    assert run("album", "remove", "party") == (
        0,
        f"Removed party from onlooker.toml. Its photos stay on the disk: {Path('onlooker-data/archive/party')}\n",
        "",
    )
    assert [album.name for album in Invocation().load({}).albums] == ["tea"]


def test_without_a_file_there_is_one_album(run: Run) -> None:
    (album,) = json.loads(run("album", "list", "--json")[1])
    assert (album["name"], album["title"], album["configured"]) == ("photos", "Photos", False)
    assert run("album", "add", "photos") == (0, "Added photos to onlooker.toml\n", "")


def test_an_album_that_is_still_there_is_said_to_be(run: Run) -> None:
    run("camera", "add", "gate", "testcard:gate")
    run("album", "add", "gate", "--approve")
    code, out, err = run("album", "remove", "gate")
    assert (code, out.startswith("Removed gate from onlooker.toml.")) == (0, True)
    assert err == "The hub still shows the album “gate”, as one that needs no line in the file.\n"


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ("{album}/%Y/%H_%M_%S", "kept/archive/party"),
        ("all/{album} photos/x/%Y/%S", "kept/archive/all/party photos/x"),
        ("%Y/{album}/%S", "kept/archive"),
        ("{album}-%Y", "kept/archive"),
    ],
)
def test_removing_says_where_the_photos_stay(run: Run, files: str, folder: str) -> None:
    Path("onlooker.toml").write_text(f'[server]\ndata = "kept"\n[archive]\nfiles = "{files}"\n[albums.party]\n')
    assert f"Its photos stay on the disk: {Path(folder)}\n" in run("album", "remove", "party")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "The Party"], "onlooker.toml: albums.The Party: an album's name is made of lower-case letters"),
        (["add", "tea", "--quota", "lots"], "onlooker.toml: albums.tea.quota: “lots” is not an amount of bytes."),
        (["remove", "tea"], "onlooker.toml: albums.tea: this file has no album of that name. There are no albums"),
        (["list", "--config", "no.toml"], "no.toml: there is no such file"),
    ],
)
def test_an_error_is_one_line(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run("album", *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"onlooker: {said}")
    assert not Path("onlooker.toml").exists()
