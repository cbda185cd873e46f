"""What is done now and then: photos that wait are placed, old trash and old events go, files follow their rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import Connection

from onlooker.archive.archive import Archive
from onlooker.archive.layout import Layout
from onlooker.archive.recovery import with_free_place
from onlooker.clock import Clock
from onlooker.db import garbage, photos
from onlooker.db import log as event_log
from onlooker.db.numbering import Numbered
from onlooker.db.opening import Database
from onlooker.db.writer import Change
from onlooker.errors import OnlookerError
from onlooker.media import Photo

log = logging.getLogger(__name__)

EVERY = 600.0  # seconds
BATCH = 200
MOST_EVENTS = 5_000  # forgotten in one transaction


async def keep_up(archive: Archive, clock: Clock) -> None:
    """Do it all every few minutes, until cancelled; what fails is logged and tried again."""
    while True:
        try:
            await tidy(archive, clock)
        except (OnlookerError, OSError) as error:
            log.error("the archive could not be tidied: %s", error)
        await clock.sleep(EVERY)


async def tidy(archive: Archive, clock: Clock) -> None:
    """Place what waits in `incoming/`, empty the trash of what is old, forget old events, delete files without rows."""
    now = round(clock.now() * 1_000_000)
    await _place(archive)
    await _empty_trash(archive, now)
    await _forget_events(archive, now)
    await _delete_garbage(archive)
    for chore in archive.chores:
        await chore()


async def _place(archive: Archive) -> None:
    """Photos that could not be moved when they were committed: the disk refused, or somebody's file lay there."""
    parts = await archive.disk.run(lambda: sorted(archive.layout.incoming.glob("*.part")))
    for photo_id in [part.stem for part in parts]:
        if await archive.database.read(partial(photos.anywhere, photo_id=photo_id)):
            await archive.place(partial(with_free_place, layout=archive.layout, photo_id=photo_id))


async def _empty_trash(archive: Archive, now: int) -> None:
    before = now - round(archive.options.keep_deleted * 1_000_000)

    def old(connection: Connection) -> list[Photo]:
        # The garbage list names places: one that was never moved to its own has to stay until it is.
        found = photos.in_trash_since(connection, before, BATCH)
        return [photo for photo in found if not archive.layout.part(photo.id).exists()]

    def discard(connection: Connection) -> list[Photo]:
        gone = old(connection)
        photos.discard(connection, gone, now)
        return gone

    while going := await archive.database.read(old):
        # Smaller pictures stand on no list. They go first, since they can be made again; then those made meanwhile.
        for photo in going:
            await archive.renditions.drop(photo)
        for photo in await archive.database.writer.write(Change(discard, tell=archive.let_go)):
            await archive.renditions.drop(photo)


async def _forget_events(archive: Archive, now: int) -> None:
    def tell(name: str, oldest: int) -> None:
        if name in archive.albums:
            archive.albums[name].feed.forget_before(oldest)

    await forget_events(archive.database, event_log.LOG, now - round(archive.options.keep_events * 1_000_000), tell)


async def forget_events(
    database: Database, log: Numbered, before: int, tell: Callable[[str, int], None] = lambda name, oldest: None
) -> None:
    """Forget what is older than that instant in every log, also of those that are not configured any more.

    `tell` then hears whose log that was, and the number of the oldest event that is left in it.
    """
    for owner in await database.read(log.owners):

        def forget(connection: Connection, owner_id: int = owner.id) -> tuple[int, int]:
            pruned = log.prune(connection, owner_id, before, MOST_EVENTS)
            return pruned, log.first_seq(connection, owner_id)

        def told(forgotten: tuple[int, int], name: str = owner.name) -> None:
            if forgotten[0]:
                tell(name, forgotten[1])

        while (await database.writer.write(Change(forget, tell=told)))[0]:
            pass


async def _delete_garbage(archive: Archive) -> None:
    last = ""
    while paths := await archive.database.read(partial(garbage.listed, limit=BATCH, after=last)):
        last = paths[-1]
        gone = await archive.disk.run(delete_files, archive.layout, paths)

        await archive.database.writer.write(Change(partial(garbage.strike, paths=gone)))


def delete_files(layout: Layout, paths: Iterable[str]) -> list[str]:
    """Delete files of photos whose rows are gone; blocks. Those that are gone now: others stay on the list."""
    gone = []
    for path in paths:
        try:
            layout.delete(path)
        except OSError as error:
            log.warning("%s cannot be deleted for now: %s", path, error)
        else:
            gone.append(path)
    return gone
