"""What is done now and then: nothing goes early, nothing is left, and what fails is tried again."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from pathlib import Path

import pytest

from onlooker.archive import upkeep
from onlooker.archive.layout import Layout, PlaceTaken
from onlooker.archive.upkeep import keep_up, tidy
from onlooker.clock import ManualClock
from onlooker.errors import StorageError, UnknownPhoto
from onlooker.events.wire import Position
from onlooker.media import Photo, PhotoState
from tests.archive.scene import DAY, Scene, files, picture, scene, sql


async def deleted(there: Scene, number: int = 1) -> Photo:
    photo = await there.send(number)
    return await there.archive.change(there.album, photo.id, state=PhotoState.DELETED)


async def test_the_trash_is_emptied_when_it_is_old(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        kept = await there.send(2)
        photo = await deleted(there)
        await there.archive.renditions.get(photo, 1440, "jpg")
        there.clock.jump(30 * DAY - 1)
        await tidy(there.archive, there.clock)
        assert (await there.archive.photo(there.album, photo.id)).state is PhotoState.DELETED
        assert there.archive.layout.find(photo).exists()
        there.clock.jump(2)
        await tidy(there.archive, there.clock)
        with pytest.raises(UnknownPhoto):
            await there.archive.photo(there.album, photo.id)
        assert files(there.archive.layout.archive) == [kept.path]
        assert not [name for name in files(there.archive.layout.renditions) if photo.sha256.hex() in name]
        assert there.album.size == kept.size
    assert sql(tmp_path, "SELECT * FROM garbage") == []


async def test_what_was_brought_back_stays(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        photo = await deleted(there)
        there.clock.jump(29 * DAY)
        await there.archive.change(there.album, photo.id, state=PhotoState.SHOWN)
        there.clock.jump(29 * DAY)
        await tidy(there.archive, there.clock)
        assert there.archive.layout.find(photo).exists()


async def test_a_clock_that_is_set_back_deletes_nothing_early(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        photo = await deleted(there)
        there.clock.jump(-365 * DAY)
        await tidy(there.archive, there.clock)
        assert there.archive.layout.find(photo).exists()
        assert there.album.feed.oldest == 1


async def test_a_crash_between_the_row_and_the_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise OSError(errno.EIO, "crash")

    async with scene(tmp_path) as there:
        photo = await deleted(there)
        there.clock.jump(31 * DAY)
        with monkeypatch.context() as broken:
            broken.setattr(upkeep, "delete_files", crash)
            with pytest.raises(OSError, match="crash"):
                await tidy(there.archive, there.clock)
        assert there.archive.layout.place(photo.path).exists()
        again = await there.send(2)  # the name stays taken while the file is on the list
        assert again.path != photo.path
        clock = there.clock
    assert [row.path for row in sql(tmp_path, "SELECT path FROM garbage")] == [photo.path]
    async with scene(tmp_path, clock) as there:
        await tidy(there.archive, there.clock)
        assert files(there.archive.layout.archive) == [again.path]
    assert sql(tmp_path, "SELECT path FROM garbage") == []


async def test_a_crash_between_the_bytes_and_the_list(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        await there.send(1)
    sql(tmp_path, "INSERT INTO garbage VALUES ('party/gone.jpg', 0)")
    async with scene(tmp_path) as there:
        await tidy(there.archive, there.clock)
    assert sql(tmp_path, "SELECT path FROM garbage") == []


async def test_one_file_that_cannot_be_deleted_does_not_hold_up_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    async with scene(tmp_path) as there:
        pass
    stuck = ("a/1", "a/2", "b/1")
    for path in (*stuck, "b/2", "b/3"):
        sql(tmp_path, "INSERT INTO garbage VALUES (:path, 0)", path=path)
        (tmp_path / "archive" / path).mkdir(parents=True) if path in stuck else (tmp_path / "archive" / path).touch()
    with caplog.at_level(logging.WARNING):
        async with scene(tmp_path) as there:
            await tidy(there.archive, there.clock)
    assert [row.path for row in sql(tmp_path, "SELECT path FROM garbage ORDER BY path")] == list(stuck)
    assert files(tmp_path / "archive") == []
    assert "a/1 cannot be deleted for now" in caplog.text


async def test_old_events_are_forgotten_and_late_comers_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MOST_EVENTS", 2)
    async with scene(tmp_path) as there:
        for number in range(5):
            await there.send(number)
        there.clock.jump(50 * DAY)
        await there.send(5)
        feed = there.album.feed
        there.clock.jump(50 * DAY)
        await tidy(there.archive, there.clock)
        assert (feed.oldest, feed.last_seq) == (6, 6)
        assert not feed.reaches(Position(feed.epoch, 4))
        assert feed.reaches(Position(feed.epoch, 5))
        clock = there.clock
    assert [row.seq for row in sql(tmp_path, "SELECT seq FROM events")] == [6]
    async with scene(tmp_path, clock) as there:
        assert (there.album.feed.oldest, there.album.feed.last_seq) == (6, 6)
        there.clock.jump(50 * DAY)
        await tidy(there.archive, there.clock)
        assert (there.album.feed.oldest, there.album.feed.last_seq) == (7, 6)
        assert (await there.send(9)).place == 7  # numbers go on


async def test_events_of_an_album_that_is_gone_from_the_configuration_go_too(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        await there.send(1)
        await there.archive.apply([])
        there.clock.jump(91 * DAY)
        await tidy(there.archive, there.clock)
    assert sql(tmp_path, "SELECT * FROM events") == []


async def test_events_behind_a_clock_that_was_wrong_leave_no_gap(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        for number in range(4):
            await there.send(number)
        clock = there.clock
    year = round(365 * DAY * 1_000_000)
    sql(tmp_path, "UPDATE events SET at = at - :year WHERE seq IN (1, 3)", year=year)
    async with scene(tmp_path, clock) as there:
        await tidy(there.archive, there.clock)
        assert there.album.feed.oldest == 2
    assert [row.seq for row in sql(tmp_path, "SELECT seq FROM events ORDER BY seq")] == [2, 3, 4]


async def test_a_photo_that_could_not_be_moved_is_moved_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "refused")

    async with scene(tmp_path) as there:
        layout = there.archive.layout
        with monkeypatch.context() as broken:
            broken.setattr(Layout, "settle", refuse)
            photo = await there.send(1)
        assert layout.find(photo).read_bytes() == picture(1)
        assert files(layout.archive) == []
        await tidy(there.archive, there.clock)
        assert layout.place(photo.path).read_bytes() == picture(1)
        assert files(layout.incoming) == []


async def test_one_whose_place_was_taken_gets_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as there:
        layout = there.archive.layout

        def taken(layout: Layout, photo: Photo) -> None:
            layout.place(photo.path).parent.mkdir(parents=True)
            layout.place(photo.path).write_text("mine")
            raise PlaceTaken(layout.place(photo.path))

        with monkeypatch.context() as broken:
            broken.setattr(Layout, "settle", taken)
            photo = await there.send(1)
        await there.archive.change(there.album, photo.id, state=PhotoState.DELETED)
        await tidy(there.archive, there.clock)
        moved = await there.archive.photo_of(there.album, photo.sha256)
        assert layout.place(moved.path).read_bytes() == picture(1)
        assert layout.place(photo.path).read_text() == "mine"
        there.clock.jump(31 * DAY)
        await tidy(there.archive, there.clock)
        assert files(layout.archive) == [photo.path]


async def test_what_waits_in_incoming_is_not_put_on_the_garbage_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place may hold somebody's file, which would be deleted in its stead."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "refused")

    async with scene(tmp_path) as there:
        with monkeypatch.context() as broken:
            broken.setattr(Layout, "settle", refuse)
            photo = await deleted(there)
            there.clock.jump(31 * DAY)
            await tidy(there.archive, there.clock)
            assert (await there.archive.photo(there.album, photo.id)).state is PhotoState.DELETED
        await tidy(there.archive, there.clock)
        with pytest.raises(UnknownPhoto):
            await there.archive.photo(there.album, photo.id)
        assert files(tmp_path / "archive") == files(tmp_path / "incoming") == []


async def test_it_goes_on_after_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock, calls = ManualClock(), []

    async def fail(*_: object) -> None:
        calls.append(clock.now())
        raise StorageError("The disk is away.")

    monkeypatch.setattr(upkeep, "tidy", fail)
    async with scene(tmp_path) as there:
        task = asyncio.create_task(keep_up(there.archive, clock))
        await clock.advance(upkeep.EVERY * 2)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert len(set(calls)) == 3
    assert "The disk is away." in caplog.text
