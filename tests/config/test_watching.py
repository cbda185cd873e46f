"""Edits while running: good ones are applied, broken ones reported, and nothing is lost to a half-finished save."""

# ruff: noqa: ASYNC110, ASYNC240 - a test waits for a condition, and its files are in memory

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onlooker.config import Invocation, Settings, watch, watching

ONE = '[cameras.a]\nsource = "lamp:a"\n'
TWO = ONE + '[cameras.b]\nsource = "lamp:b"\n'


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def watched(invocation: Invocation) -> AsyncIterator[list[Settings]]:
    applied: list[Settings] = []

    async def apply(settings: Settings) -> None:
        applied.append(settings)

    task = asyncio.create_task(watch(invocation, apply, invocation.load({})))
    try:
        yield applied
        assert not task.done()
    finally:
        task.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(task, return_exceptions=True)


def prints(settings: Settings) -> dict[str, str]:
    return {camera.name: camera.fingerprint() for camera in settings.cameras}


async def test_only_the_cameras_that_changed_have_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(TWO)
    before = prints(Invocation(path).load({}))
    async with watched(Invocation(path)) as applied:
        path.write_text("# a comment\n" + TWO + "width = 320\n")
        await until(lambda: applied)
    after = prints(applied[-1])
    assert after["a"] == before["a"]
    assert after["b"] != before["b"]


async def test_an_editor_that_replaces_the_file_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(ONE)
    async with watched(Invocation(path)) as applied:
        path.rename(tmp_path / "onlooker.toml~")
        (tmp_path / "new").write_text(TWO)
        (tmp_path / "new").rename(path)
        await until(lambda: applied)
    assert list(prints(applied[-1])) == ["a", "b"]


async def test_a_broken_edit_is_reported_and_the_next_good_one_applied(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(ONE)
    async with watched(Invocation(path)) as applied:
        with caplog.at_level(logging.ERROR):
            path.write_text(ONE + "wdith = 3\n")
            await until(lambda: "stays as it was" in caplog.text)
        assert "cameras.a.wdith: unknown key; did you mean “width”?" in caplog.text
        assert applied == []
        path.write_text(TWO)
        await until(lambda: applied)
    assert list(prints(applied[-1])) == ["a", "b"]


async def test_a_file_that_appears_later_is_picked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with watched(Invocation()) as applied:
        Path("onlooker.toml").write_text(ONE)
        await until(lambda: applied)
    assert list(prints(applied[-1])) == ["a"]


async def test_a_file_that_goes_away_takes_no_camera_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("onlooker.toml").write_text(ONE)
    async with watched(Invocation()) as applied:
        Path("onlooker.toml").unlink()
        await until(lambda: "is gone" in caplog.text)
        assert applied == []
        Path("onlooker.toml").write_text(TWO)
        await until(lambda: applied)


async def test_a_change_of_dotenv_reaches_the_cameras(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text('[cameras.a]\nsource = "lamp:${WHICH_LAMP_TO_TEST}"\n')
    (tmp_path / ".env").write_text("WHICH_LAMP_TO_TEST=one\n")
    async with watched(Invocation(path)) as applied:
        (tmp_path / ".env").write_text("WHICH_LAMP_TO_TEST=two\n")
        await until(lambda: applied)
    assert applied[-1].cameras[0].source == "lamp:two"


async def test_an_album_is_applied_like_a_camera(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(ONE)
    async with watched(Invocation(path)) as applied:
        path.write_text(ONE + "[albums.party]\n")
        await until(lambda: applied)
        assert [plan.name for plan in applied[-1].album_plans()] == ["party", "a"]
        path.write_text(ONE + "[albums.party]\napprove = true\n")
        await until(lambda: len(applied) > 1)
        assert applied[-1].album_plans()[0].approve
        with caplog.at_level(logging.ERROR):
            path.write_text(ONE + "[albums.party]\naprove = true\n")
            await until(lambda: "stays as it was" in caplog.text)
        assert len(applied) == 2
    assert "next start" not in caplog.text


@pytest.mark.parametrize("written", ["[server]\nport = 6000\n", '[archive]\nkeep_deleted = "1d"\n'])
async def test_an_edit_of_something_else_is_said_to_need_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, written: str
) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(ONE)
    async with watched(Invocation(path)) as applied:
        path.write_text(written + ONE)
        await until(lambda: "a change outside of [cameras] and [albums] takes effect at the next start" in caplog.text)
        assert applied == []


async def test_one_edit_of_both_is_applied_and_the_rest_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(ONE)
    async with watched(Invocation(path)) as applied:
        path.write_text("[archive]\nreserve = 0\n[albums.party]\n")
        await until(lambda: applied)
    assert "takes effect at the next start" in caplog.text


async def test_without_notifications_the_files_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object, **__: object) -> AsyncIterator[object]:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watching, "awatch", unavailable)
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.05)
    path = tmp_path / "onlooker.toml"
    path.write_text(ONE)
    async with watched(Invocation(path)) as applied:
        path.write_text(TWO)
        await until(lambda: applied)
