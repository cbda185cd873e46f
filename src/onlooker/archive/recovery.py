"""Puts right what a crash left in `incoming/`: every committed photo goes to its place, every torso goes.

At the start of a hub all of it, before anything is taken in; while a hub runs, `upkeep.py` does the same for committed
photos that could not be moved at once, through the writer.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from sqlalchemy import Connection, Engine

from onlooker.archive.layout import Layout, holds
from onlooker.db import photos
from onlooker.events.wire import extension
from onlooker.media import Photo

log = logging.getLogger(__name__)


def recover(engine: Engine, layout: Layout) -> None:
    """Before anything is taken in; blocks. Running it again, or after a crash in its midst, changes nothing more.

    Resumable uploads (those with a .json) stay: their senders come back for them. What the disk refuses stays too, is
    logged, and is found in `incoming/` meanwhile.
    """
    for half_written in layout.incoming.glob(".*.json.*"):  # what uploads were about to remember
        half_written.unlink(missing_ok=True)
    for part in sorted(layout.incoming.glob("*.part")):
        try:
            said = put_right(engine, layout, part)
        except OSError as error:
            log.error("%s stays in incoming/ for now: %s", part.name, error)
        else:
            if said:
                log.info("%s", said)


def put_right(engine: Engine, layout: Layout, part: Path) -> str:
    """Do what is right with one file of `incoming/`; what was done, empty if it stays. OSError, DBAPIError."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        photo = with_free_place(connection, layout, part.stem)
    if photo is not None:
        layout.settle(photo)
        return f"{photo.path} was moved to its place"
    if part.with_suffix(".json").exists():
        return ""
    part.unlink()
    return f"{part.name} was never finished and is gone"


def with_free_place(connection: Connection, layout: Layout, photo_id: str) -> Photo | None:
    """The photo, with another path if somebody's file lies at its own; None if there is no such photo. In a writing
    transaction; the row changes first, so a crash before the move leaves a photo that still waits for it."""
    photo = photos.anywhere(connection, photo_id)
    if photo is None or not _taken_by_another(layout.place(photo.path), photo):
        return photo
    path = layout.free_path(
        photo.album,
        photo.taken_at,
        photo.taken_offset,
        extension(photo.type),
        lambda start: photos.paths_beginning(connection, start),
    )
    log.warning("a file that is not ours lies at %s, so that photo goes to %s", photo.path, path)
    return photos.change(connection, photo_id, path=path)


def _taken_by_another(place: Path, photo: Photo) -> bool:
    """An empty file is our own claim (`Layout.settle`)."""
    if not os.path.lexists(place):
        return False
    empty = place.is_file() and not place.is_symlink() and place.stat().st_size == 0
    return not empty and not holds(place, photo)
