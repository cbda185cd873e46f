"""The rows of events: the durable, gapless log of each album."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from onlooker.db import photos
from onlooker.db.numbering import Numbered
from onlooker.db.schema import albums, events
from onlooker.media import Event, EventKind

LOG = Numbered(albums, events, events.c.album_id)
_RECORD = insert(events)


def record(connection: Connection, album_id: int, seq: int, kind: EventKind, photo_id: str, at: int) -> None:
    """Write the event of a number that was taken."""
    event = {"album_id": album_id, "seq": seq, "at": at, "kind": kind, "photo_id": photo_id}
    connection.execute(_RECORD, event)


def append(connection: Connection, album_id: int, kind: EventKind, photo_id: str, at: int) -> int:
    """Write the next event of the album and give its number."""
    seq = LOG.next_seq(connection, album_id)
    record(connection, album_id, seq, kind, photo_id, at)
    return seq


def after(connection: Connection, album_id: int, seq: int, limit: int) -> list[Event]:
    """At most `limit` events behind number `seq`, in order, each with its photo as it is now."""
    rows = connection.execute(
        select(events).where(events.c.album_id == album_id, events.c.seq > seq).order_by(events.c.seq).limit(limit)
    ).all()
    told = {photo.id: photo for photo in photos.by_ids(connection, {row.photo_id for row in rows})}
    return [Event(row.seq, row.at, EventKind(row.kind), row.photo_id, told.get(row.photo_id)) for row in rows]
