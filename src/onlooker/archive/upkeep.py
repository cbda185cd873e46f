"""What is done now and then: old trash and old events go, and files follow their rows."""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from onlooker.archive.archive import Archive
from onlooker.clock import Clock
from onlooker.db import garbage, photos
from onlooker.db import log as event_log
from onlooker.db.writer import Change
from onlooker.errors import OnlookerError
from onlooker.media import Photo

log = logging.getLogger(__name__)

EVERY = 600.0  # seconds
BATCH = 200


async def keep_up(archive: Archive, clock: Clock) -> None:
    """Do it all every few minutes, until cancelled; what fails is logged and tried again."""
    while True:
        try:
            await tidy(archive, clock)
        except (OnlookerError, OSError) as error:
            log.error("the archive could not be tidied: %s", error)
        await clock.sleep(EVERY)


async def tidy(archive: Archive, clock: Clock) -> None:
    """Empty the trash of what is old, forget old events, delete the files that go with them."""
    now = round(clock.now() * 1_000_000)
    await _empty_trash(archive, now)
    await _forget_events(archive, now)
    await _delete_garbage(archive)


async def _empty_trash(archive: Archive, now: int) -> None:
    before = now - round(archive.options.keep_deleted * 1_000_000)

    def discard(connection: Connection) -> list[Photo]:
        gone = photos.in_trash_since(connection, before, BATCH)
        photos.discard(connection, gone, now)
        return gone

    while gone := await archive.database.writer.write(Change(discard, tell=archive.let_go)):
        for photo in gone:
            await archive.renditions.drop(photo)


async def _forget_events(archive: Archive, now: int) -> None:
    before = now - round(archive.options.keep_events * 1_000_000)
    for album in list(archive.albums.values()):

        def forget(connection: Connection, album_id: int = album.id) -> int:
            event_log.prune(connection, album_id, before)
            return event_log.first_seq(connection, album_id)

        album.feed.forget_before(await archive.database.writer.write(Change(forget)))


async def _delete_garbage(archive: Archive) -> None:
    while paths := await archive.database.read(lambda connection: garbage.listed(connection, BATCH)):
        await archive.disk.run(archive.layout.delete, paths)
        struck = paths  # bound now: the loop goes on before the writer runs

        def strike(connection: Connection, struck: list[str] = struck) -> None:
            garbage.strike(connection, struck)

        await archive.database.writer.write(Change(strike))
