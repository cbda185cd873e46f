"""What becomes of photos: taken in once, shown, hidden, deleted, brought back; all of it told, and kept for good."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from sqlalchemy import Connection

from onlooker.archive.archive import Archive, Kept
from onlooker.archive.describing import Said
from onlooker.archive.opening import DATABASE, opened
from onlooker.archive.options import AlbumPlan, ArchiveOptions
from onlooker.archive.receiving import receive
from onlooker.clock import SystemClock
from onlooker.db import log
from onlooker.db.opening import open_database
from onlooker.db.writer import Change
from onlooker.errors import ConfigError, NoSpace, StorageError, UnknownAlbum, UnknownPhoto
from onlooker.events.wire import Position
from onlooker.formats.sse import Message, Reader
from onlooker.media import Photo, PhotoState
from tests.archive.sending import jpeg, one_chunk
from tests.conftest import MODERATED, PARTY
from tests.live.scripted import Notebook


async def send(archive: Archive, number: int = 0, album: str = "party", **said: object) -> Kept:
    return await receive(archive, archive.album(album), one_chunk(jpeg(number)), Said(**said))  # type: ignore[arg-type]


def watching(archive: Archive, album: str = "party") -> Notebook:
    viewer = Notebook()
    archive.album(album).feed.join(viewer, None)
    return viewer


def told(viewer: Notebook) -> list[Message]:
    return [message for message in Reader().feed(b"".join(viewer.seen)) if message.event != "presence"]


async def shown(archive: Archive, album: str = "party") -> list[Photo]:
    return await archive.page(archive.album(album), [PhotoState.SHOWN], None, 200)


async def test_a_photo_is_a_file_for_people_byte_for_byte(archive: Archive, options: ArchiveOptions) -> None:
    kept = await send(archive, 1, caption="  Hello\x00 ", author="Ada", filename="IMG_1.JPG")
    assert kept.new
    place = options.data / "archive" / kept.photo.path
    assert place.read_bytes() == jpeg(1)
    assert kept.photo.path.startswith("party/")
    assert kept.photo.path.endswith(".jpg")
    assert list((options.data / "incoming").iterdir()) == []
    assert (kept.photo.caption, kept.photo.author, kept.photo.filename) == ("Hello", "Ada", "IMG_1.JPG")
    assert (kept.photo.width, kept.photo.height, kept.photo.size) == (96, 64, len(jpeg(1)))
    assert await archive.photo(archive.album("party"), kept.photo.id) == kept.photo
    assert archive.album("party").shown == 1
    assert archive.album("party").size == len(jpeg(1))


async def test_the_same_bytes_are_one_photo_of_an_album(archive: Archive, options: ArchiveOptions) -> None:
    viewer = watching(archive)
    first, again, elsewhere = await send(archive), await send(archive), await send(archive, album="moderated")
    assert (first.new, again.new, elsewhere.new) == (True, False, True)
    assert again.photo == first.photo
    assert elsewhere.photo.id != first.photo.id
    assert [message.event for message in told(viewer)] == ["uploading", "complete", "uploading", "duplicate"]
    assert json.loads(told(viewer)[-1].data)["existing"] == first.photo.id
    assert list((options.data / "incoming").iterdir()) == []
    assert archive.album("party").feed.last_seq == 1


async def test_the_same_bytes_at_the_same_moment_are_one_photo_too(archive: Archive) -> None:
    kept = await asyncio.gather(*(send(archive, 7) for _ in range(12)))
    assert [one.new for one in kept].count(True) == 1
    assert len({one.photo.id for one in kept}) == 1
    assert archive.album("party").feed.last_seq == 1


async def test_many_at_once_have_places_and_numbers_of_their_own(archive: Archive, options: ArchiveOptions) -> None:
    viewer = watching(archive)
    kept = await asyncio.gather(*(send(archive, number) for number in range(40)))
    assert len({one.photo.path for one in kept}) == 40
    assert sorted(one.photo.place for one in kept) == list(range(1, 41))
    for number, one in enumerate(kept):
        assert (options.data / "archive" / one.photo.path).read_bytes() == jpeg(number)
    numbers = [message.id.split(".")[1] for message in told(viewer) if message.event == "complete"]
    assert numbers == [str(number) for number in range(1, 41)]
    assert archive.database.writer.commits < archive.database.writer.changes  # they shared flushes


async def test_hide_show_delete_and_undo(archive: Archive) -> None:
    album = archive.album("party")
    photo = (await send(archive)).photo
    viewer = watching(archive)
    for state in (PhotoState.HIDDEN, PhotoState.SHOWN, PhotoState.DELETED, PhotoState.DELETED, PhotoState.SHOWN):
        changed = await archive.change(album, photo.id, state=state)
        assert changed.state is state
        assert (changed.deleted_at is not None) is (state is PhotoState.DELETED)
        assert [one.id for one in await shown(archive)] == ([photo.id] if state is PhotoState.SHOWN else [])
        assert album.shown == (state is PhotoState.SHOWN)
    # Deleting what is deleted tells nothing.
    assert [message.event for message in told(viewer)] == ["hidden", "updated", "deleted", "updated"]
    assert json.loads(told(viewer)[-1].data)["id"] == photo.id
    assert (await archive.photo(album, photo.id)).place == photo.place  # where it was


async def test_a_deleted_photo_that_is_sent_again_is_back(archive: Archive) -> None:
    photo = (await send(archive)).photo
    await archive.change(archive.album("party"), photo.id, state=PhotoState.DELETED)
    kept = await send(archive)
    assert not kept.new
    assert kept.photo.id == photo.id
    assert kept.photo.state is PhotoState.SHOWN
    assert [one.id for one in await shown(archive)] == [photo.id]


async def test_a_hidden_photo_that_is_sent_again_stays_hidden(archive: Archive) -> None:
    photo = (await send(archive)).photo
    await archive.change(archive.album("party"), photo.id, state=PhotoState.HIDDEN)
    assert (await send(archive)).photo.state is PhotoState.HIDDEN
    assert await shown(archive) == []


async def test_photos_wait_for_approval_where_the_album_wants_it(archive: Archive) -> None:
    album = archive.album("moderated")
    viewer = watching(archive, "moderated")
    first, second = (await send(archive, 1, "moderated")).photo, (await send(archive, 2, "moderated")).photo
    assert first.state is PhotoState.WAITING
    assert await shown(archive, "moderated") == []
    waiting = [message for message in told(viewer) if message.event == "waiting"]
    assert [set(json.loads(message.data)) for message in waiting] == [{"id", "key"}] * 2
    assert (first.shown_at, second.shown_at) == (None, None)
    await archive.change(album, second.id, state=PhotoState.SHOWN)
    approved = await archive.change(album, first.id, state=PhotoState.SHOWN)
    assert approved.shown_at is not None  # every screen shows it then, not when it came
    assert approved.shown_at > approved.added_at
    assert [message.event for message in told(viewer)][-2:] == ["complete", "complete"]
    # What was approved last is the newest to everybody who looks.
    assert [photo.id for photo in await shown(archive, "moderated")] == [first.id, second.id]
    assert album.shown == 2


async def test_a_deleted_photo_of_a_moderated_album_that_is_sent_again_waits_again(archive: Archive) -> None:
    album = archive.album("moderated")
    photo = (await send(archive, 1, "moderated")).photo
    await archive.change(album, photo.id, state=PhotoState.DELETED)
    assert (await send(archive, 1, "moderated")).photo.state is PhotoState.WAITING


async def test_a_caption_is_told_and_kept(archive: Archive) -> None:
    album = archive.album("party")
    photo = (await send(archive)).photo
    viewer = watching(archive)
    await archive.change(album, photo.id, caption="At the sea\x07")
    await archive.change(album, photo.id, caption="At the sea")  # nothing changed: nothing told
    [message] = told(viewer)
    assert (message.event, json.loads(message.data)["caption"]) == ("updated", "At the sea")
    assert (await archive.photo_of(album, photo.sha256)).caption == "At the sea"


async def test_what_is_not_there_cannot_be_changed_or_found(archive: Archive) -> None:
    album = archive.album("party")
    photo = (await send(archive, 1, "moderated")).photo
    with pytest.raises(UnknownPhoto):
        await archive.change(album, photo.id, caption="somebody else's")
    with pytest.raises(UnknownPhoto):
        await archive.photo(album, photo.id)
    with pytest.raises(UnknownPhoto):
        await archive.photo_of(album, photo.sha256)
    with pytest.raises(UnknownPhoto):
        await archive.newest(album)
    with pytest.raises(UnknownAlbum, match="nothing"):
        archive.album("nothing")


async def test_an_album_that_is_full_takes_no_more(archive: Archive, options: ArchiveOptions) -> None:
    size = len(jpeg(1))
    await archive.apply([AlbumPlan("party", "Party", quota=int(size * 1.5))])
    await send(archive, 1)
    viewer = watching(archive)
    with pytest.raises(NoSpace, match="“Party” is full"):
        await send(archive, 2)
    assert {message.event for message in told(viewer)} <= {"uploading", "failed"}
    assert list((options.data / "incoming").iterdir()) == []
    assert len(await shown(archive)) == 1


async def test_the_reserve_of_the_disk_is_left_alone(tmp_path: Path) -> None:
    async with opened(ArchiveOptions(tmp_path, reserve=1 << 60), SystemClock()) as archive:
        await archive.apply([PARTY])
        with pytest.raises(NoSpace, match="disk of the hub is full"):
            await send(archive)
        assert list((tmp_path / "incoming").iterdir()) == []


async def test_everything_is_as_it_was_after_a_restart(archive: Archive, options: ArchiveOptions) -> None:
    photos = [(await send(archive, number)).photo for number in range(3)]
    await archive.change(archive.album("party"), photos[1].id, state=PhotoState.HIDDEN)
    feed = archive.album("party").feed
    before = feed.position, [event.wire for event in feed.since(0, 100) or ()]
    await archive.let_viewers_go()
    await archive.database.close()
    again = Archive(options, open_database(options.data / DATABASE), SystemClock())
    await again.apply([PARTY, MODERATED])
    feed = again.album("party").feed
    assert (feed.position, [event.wire for event in feed.since(0, 100) or ()]) == before
    assert again.album("party").shown == 2
    await again.close()


async def test_an_album_that_comes_back_goes_on_where_it_was(archive: Archive) -> None:
    await send(archive, 1)
    position = archive.album("party").feed.position
    viewer = watching(archive)
    await archive.apply([MODERATED])
    assert viewer.closed
    with pytest.raises(UnknownAlbum):
        archive.album("party")
    await archive.apply([MODERATED, PARTY])
    assert archive.album("party").feed.position == position
    assert len(await shown(archive)) == 1


async def test_a_plan_changes_without_disturbing_who_watches(archive: Archive) -> None:
    viewer = watching(archive)
    await archive.apply([AlbumPlan("party", "The party", approve=True)])
    assert not viewer.closed
    assert archive.album("party").plan.title == "The party"
    assert (await send(archive)).photo.state is PhotoState.WAITING


async def test_two_hubs_do_not_share_a_folder(
    archive: Archive, options: ArchiveOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onlooker.archive.opening._PATIENCE", 0.05)
    with pytest.raises(ConfigError, match="in use by another hub"):
        async with opened(options, SystemClock()):
            raise AssertionError("it was opened twice")


async def test_a_photo_whose_place_cannot_be_made_is_safe_and_found(
    archive: Archive, options: ArchiveOptions, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("onlooker.archive.layout.Layout.settle", refuse)
        photo = (await send(archive, 3)).photo
    assert "incoming" in caplog.text
    assert archive.layout.find(photo).read_bytes() == jpeg(3)
    assert [one.id for one in await shown(archive)] == [photo.id]


async def test_a_commit_that_fails_acknowledges_nothing_and_leaves_nothing(
    archive: Archive, options: ArchiveOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(28, os.strerror(28))

    viewer = watching(archive)
    with monkeypatch.context() as patched:
        patched.setattr("onlooker.db.writer.flush_folder", refuse)
        with pytest.raises(NoSpace):
            await send(archive, 3)
    assert [message.event for message in told(viewer)] == ["uploading", "failed"]
    assert list((options.data / "incoming").iterdir()) == []
    assert await shown(archive) == []
    assert (await send(archive, 3)).new
    assert archive.album("party").feed.last_seq == 1


async def test_a_stopping_hub_takes_nothing_more(archive: Archive) -> None:
    await archive.database.writer.close()
    with pytest.raises(StorageError, match="stopping"):
        await send(archive)


async def test_events_that_are_not_kept_any_more_are_out_of_reach(archive: Archive) -> None:
    album = archive.album("party")
    for number in range(4):
        await send(archive, number)

    def prune(connection: Connection) -> int:
        events = log.after(connection, album.id, 0, 10)
        log.LOG.prune(connection, album.id, events[2].at, 100)
        return log.LOG.first_seq(connection, album.id)

    album.feed.forget_before(await archive.database.writer.write(Change(prune)))
    assert album.feed.oldest == 3
    viewer = Notebook()
    album.feed.join(viewer, Position(album.feed.epoch, 1))
    assert told(viewer)[0].event == "reset"
