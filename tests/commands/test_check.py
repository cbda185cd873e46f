"""`onlooker check` as a person or a script runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from onlooker import cli
from tests.archive.scene import kept, options, scene, sql


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.run(["check", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


async def test_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await kept(tmp_path, 1, 2)
    code, out, err = run(capsys, "--data", tmp_path)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"2 photos, [0-9.]+ kB: 0 problems\n", out)
    code, out, err = run(capsys, "--data", tmp_path, "--json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert (said["photos"], said["problems"], said["running"], said["findings"]) == (2, 0, False, [])


async def test_a_lost_photo_stays_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photo,) = await kept(tmp_path, 1)
    (tmp_path / "archive" / photo.path).unlink()
    for more in ((), ("--repair",)):
        code, out, _ = run(capsys, "--data", tmp_path, *more)
        assert code == 1
        assert f"party: {photo.path} is missing" in out.splitlines()[0]
        assert out.splitlines()[-1].endswith("1 problem")


async def test_repairing_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await kept(tmp_path, 1, 2)
    sql(tmp_path, "UPDATE albums SET last_seq = 1")
    code, out, _ = run(capsys, "--data", tmp_path)
    assert code == 1
    code, out, _ = run(capsys, "--data", tmp_path, "--repair")
    assert code == 0
    assert out.startswith("repaired: party: the newest event has number 2")
    assert out.splitlines()[-1].endswith("0 problems, 1 repaired")
    assert run(capsys, "--data", tmp_path)[0] == 0


async def test_a_look_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await kept(tmp_path, 1)
    (tmp_path / "incoming" / "torso.part").write_bytes(b"half")
    before = (tmp_path / "onlooker.db").read_bytes()
    code, out, _ = run(capsys, "--data", tmp_path)
    assert code == 0
    assert "1 for the hub to put right" in out
    assert (tmp_path / "incoming" / "torso.part").exists()
    assert (tmp_path / "onlooker.db").read_bytes() == before


async def test_beside_a_running_hub(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onlooker.archive.opening._PATIENCE", 0.0)
    async with scene(tmp_path) as there:
        await there.send(1)
        code, out, err = run(capsys, "--data", tmp_path)
        assert (code, err) == (0, "The hub is running: this is a look while things change.\n")
        assert "1 photo," in out
        code, out, err = run(capsys, "--data", tmp_path, "--repair")
        assert (code, out, err) == (1, "", "onlooker: The hub is running: stop it first, then repair.\n")


def test_there_is_no_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "--data", tmp_path / "none")
    assert code == 2
    assert "there is no archive" in err
    assert not (tmp_path / "none").exists()


async def test_a_database_of_another_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await kept(tmp_path, 1)
    sql(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    code, _, err = run(capsys, "--data", tmp_path)
    assert code == 1
    assert "version 9999" in err
    assert len(err.splitlines()) == 1


async def test_something_that_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await kept(tmp_path, 1)
    (options(tmp_path).data / "onlooker.db").write_bytes(b"no database" * 1000)
    code, _, err = run(capsys, "--data", tmp_path)
    assert code == 1
    assert len(err.splitlines()) == 1
