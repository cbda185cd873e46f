"""The rows of events: the durable, gapless log of each album."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from onlooker.db import photos
from onlooker.db.schema import albums, events
from onlooker.media import Event, EventKind

_NEXT = (
    update(albums)
    .where(albums.c.id == bindparam("of_album"))
    .values(last_seq=albums.c.last_seq + 1)
    .returning(albums.c.last_seq)
)
_RECORD = insert(events)


def next_seq(connection: Connection, album_id: int) -> int:
    """Take the album's next number; the event of that number has to be recorded in the same transaction."""
    seq: int = connection.execute(_NEXT, {"of_album": album_id}).scalar_one()
    return seq


def record(connection: Connection, album_id: int, seq: int, kind: EventKind, photo_id: str, at: int) -> None:
    """Write the event of a number that was taken."""
    event = {"album_id": album_id, "seq": seq, "at": at, "kind": kind, "photo_id": photo_id}
    connection.execute(_RECORD, event)


def append(connection: Connection, album_id: int, kind: EventKind, photo_id: str, at: int) -> int:
    """Write the next event of the album and give its number."""
    seq = next_seq(connection, album_id)
    record(connection, album_id, seq, kind, photo_id, at)
    return seq


def after(connection: Connection, album_id: int, seq: int, limit: int) -> list[Event]:
    """At most `limit` events behind number `seq`, in order, each with its photo as it is now."""
    rows = connection.execute(
        select(events).where(events.c.album_id == album_id, events.c.seq > seq).order_by(events.c.seq).limit(limit)
    ).all()
    told = {photo.id: photo for photo in photos.by_ids(connection, {row.photo_id for row in rows})}
    return [Event(row.seq, row.at, EventKind(row.kind), row.photo_id, told.get(row.photo_id)) for row in rows]


def first_seq(connection: Connection, album_id: int) -> int:
    """The number of the oldest event that is kept; one past the newest when none is."""
    oldest = connection.execute(select(func.min(events.c.seq)).where(events.c.album_id == album_id)).scalar()
    if oldest is not None:
        return int(oldest)
    return int(connection.execute(select(albums.c.last_seq).where(albums.c.id == album_id)).scalar_one()) + 1


def prune(connection: Connection, album_id: int, before: int, limit: int) -> int:
    """Forget at most `limit` of the oldest events, up to the first one that is not older than that instant; how many.

    Where the clock was set back, what it stamped meanwhile goes only with what came before it: no gap, nothing early.
    """
    mine = events.c.album_id == album_id
    first = select(events.c.seq).where(mine, events.c.at >= before).order_by(events.c.seq).limit(1)
    oldest = select(events.c.seq).where(mine).order_by(events.c.seq).limit(limit)
    kept = connection.execute(first).scalar()
    going = oldest if kept is None else oldest.where(events.c.seq < kept)
    last = connection.execute(select(func.max(going.subquery().c.seq))).scalar()
    return 0 if last is None else connection.execute(delete(events).where(mine, events.c.seq <= last)).rowcount
