"""What taking in and changing photos does to the rows; runs in the writer's thread, within its transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from onlooker.archive.describing import LONGEST_CAPTION, clean
from onlooker.db import log, photos
from onlooker.errors import UnknownPhoto
from onlooker.media import Event, EventKind, Photo, PhotoState

_TELLS = {
    PhotoState.SHOWN: EventKind.UPDATED,
    PhotoState.WAITING: EventKind.WAITING,
    PhotoState.HIDDEN: EventKind.HIDDEN,
    PhotoState.DELETED: EventKind.DELETED,
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction did: a photo as it is now, and the event that tells it, if anything happened."""

    photo: Photo
    event: Event | None = None
    new: bool = False
    before: PhotoState | None = None


# (which paths begin with a text) -> a path that is free
FreePath = Callable[[Callable[[str], Collection[str]]], str]


def insert(connection: Connection, album_id: int, photo: Photo, free_path: FreePath) -> Written:
    """Add a photo; one with the same bytes is there already: that one, brought back if it was deleted."""
    existing = photos.by_sha256(connection, album_id, photo.sha256)
    if existing is not None:
        if existing.state is not PhotoState.DELETED:
            return Written(existing, before=existing.state)
        return change(connection, album_id, existing.id, photo.added_at, state=photo.state)
    path = free_path(lambda start: photos.paths_beginning(connection, start))
    seq = log.LOG.next_seq(connection, album_id)
    photo = dataclasses.replace(photo, path=path, place=seq)
    photos.add(connection, album_id, photo)
    kind = EventKind.COMPLETE if photo.state is PhotoState.SHOWN else EventKind.WAITING
    log.record(connection, album_id, seq, kind, photo.id, photo.added_at)
    return Written(photo, Event(seq, photo.added_at, kind, photo.id, photo), new=True)


def change(
    connection: Connection,
    album_id: int,
    photo_id: str,
    now: int,
    *,
    state: PhotoState | None = None,
    caption: str | None = None,
) -> Written:
    """Change a photo's state or caption; without an event if it is so already. UnknownPhoto."""
    photo = photos.by_id(connection, album_id, photo_id)
    if photo is None:
        raise UnknownPhoto
    kind = EventKind.UPDATED
    values: dict[str, Any] = {}
    if caption is not None and (cleaned := clean(caption, LONGEST_CAPTION)) != photo.caption:
        values["caption"] = cleaned
    if state is not None and state is not photo.state:
        kind = _TELLS[state]
        values |= {"state": state, "deleted_at": now if state is PhotoState.DELETED else None}
    if not values:
        return Written(photo, before=photo.state)
    seq = log.LOG.next_seq(connection, album_id)
    if state is PhotoState.SHOWN and photo.state is PhotoState.WAITING:  # new to everybody who looks
        kind = EventKind.COMPLETE
        values |= {"place": seq, "shown_at": now}
    changed = photos.change(connection, photo_id, **values)
    log.record(connection, album_id, seq, kind, photo_id, now)
    return Written(changed, Event(seq, now, kind, photo_id, changed), before=photo.state)
