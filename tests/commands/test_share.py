"""`onlooker share …` as a person or a script meets it."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onlooker import cli
from onlooker.clock import SystemClock
from onlooker.web.passwords import matches
from onlooker.web.shares import Shares

Run = Callable[..., tuple[int, str, str]]
CONFIG = """
[server]
host = "127.0.0.1"
port = 5050
root_path = "/cams"

[cameras.yard]
source = "testcard:"

[cameras.phone]
source = "push:"

[albums.party]
"""


class Terminal(io.StringIO):
    """A stream that says a person sits at it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("ONLOOKER_", "STREAM_"))]:
        monkeypatch.delenv(name)
    Path("onlooker.toml").write_text(CONFIG)

    def run(*arguments: str, stdin: io.StringIO | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", stdin or io.StringIO())
        code = cli.run(["share", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def shares(tmp_path: Path) -> Shares:
    return Shares(tmp_path / "onlooker-data", SystemClock())


def test_a_link_to_an_album(run: Run, shares: Shares) -> None:
    code, out, err = run("album", "party", "--upload", "--expires", "3d", "--title", "Party")
    assert code == 0
    link = re.fullmatch(r"http://127\.0\.0\.1:5050/cams/s/(\w+)\n", out)
    assert link
    share = shares.by_token(link[1])
    assert share is not None
    assert (share.kind, share.name, share.upload, share.title) == ("album", "party", True, "Party")
    assert share.expires is not None
    assert abs(share.expires - datetime.now(UTC) - timedelta(days=3)) < timedelta(minutes=1)
    assert f"onlooker share revoke {share.id}" in err
    assert "█" not in out


def test_a_guests_phone_may_be_a_camera(run: Run, shares: Shares) -> None:
    assert run("camera", "phone", "--upload")[0] == 0
    [share] = shares.all("camera", "phone")
    assert share.upload


@pytest.mark.parametrize("url", ["https://example.org/photos", "https://example.org/photos/"])
def test_a_link_to_a_camera_where_guests_reach_the_hub(run: Run, shares: Shares, url: str) -> None:
    code, out, _ = run("camera", "yard", "--url", url, "--data", "elsewhere")
    assert code == 0
    assert out.startswith("https://example.org/photos/s/")
    assert shares.all() == []
    assert [share.name for share in Shares(Path("elsewhere"), SystemClock()).all("camera")] == ["yard"]


def test_at_a_terminal_there_is_a_qr_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    assert run("album", "party")[0] == 0
    assert "/s/" in screen.getvalue()
    assert "▄" in screen.getvalue()


def test_the_password_comes_from_standard_input(run: Run, shares: Shares) -> None:
    assert run("album", "party", "--password", stdin=io.StringIO("open sesame\n"))[0] == 0
    (share,) = shares.all()
    assert share.password is not None
    assert matches(share.password, "open sesame")


def test_the_password_is_asked_for_at_a_terminal(run: Run, shares: Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["open sesame", "open sesame", "open sesame", "something else", ""])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    assert run("album", "party", "--password", stdin=Terminal())[0] == 0
    for said in ("differ", "empty"):
        code, out, err = run("album", "party", "--password", stdin=Terminal())
        assert (code, out) == (1, "")
        assert said in err
    assert len(shares.all()) == 1


def test_the_list_and_the_end(run: Run, shares: Shares) -> None:
    assert run("list")[1].startswith("Nothing is shared.")
    share, token = shares.add("album", "party", upload=True, title="Party", password="open sesame")
    code, out, err = run("list")
    assert (code, out, err) == (0, f"{share.id}  album party  “Party”  upload  password\n", "")
    (told,) = json.loads(run("list", "--json")[1])
    created = share.created.isoformat().replace("+00:00", "Z")
    assert told == {
        **{"id": share.id, "kind": "album", "name": "party", "upload": True, "title": "Party", "created": created},
        **{"expires": None, "expired": False, "password": True},
    }
    assert token not in str(told)
    assert run("revoke", share.id) == (0, f"Revoked {share.id}, the share of the album party\n", "")
    assert shares.all() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["camera", "door"], "There is no camera named “door”"),
        (["camera", "yard", "--upload"], "“yard” has pictures of its own"),
        (["album", "other"], "There is no album named “other”"),
        (["album", "party", "--expires", "soon"], "“soon” is not a duration"),
        (["album", "party", "--expires", "0s"], "up to ten years"),
        (["album", "party", "--url", "example.org"], "“example.org” is not where a hub can be"),
        (["album", "party", "--url", "https://me:word@example.org"], "is not where a hub can be"),
        (["album", "party", "--password"], "at least 8"),
        (["revoke", "nothing"], "There is no share “nothing”"),
        (["list", "--config", "no.toml"], "no.toml: there is no such file"),
    ],
)
def test_an_error_is_one_line_and_changes_nothing(run: Run, shares: Shares, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert "word@" not in err
    assert shares.all() == []


def test_a_port_that_the_system_chooses_is_in_no_link(run: Run) -> None:
    Path("onlooker.toml").write_text("[server]\nport = 0\n[albums.party]\n")
    code, _, err = run("album", "party")
    assert code == 1
    assert "--url" in err
