"""The rows of cameras' events: the durable, gapless log of each camera."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection, Row, Select, insert, select

from onlooker.db.numbering import Numbered
from onlooker.db.schema import camera_events, cameras
from onlooker.media import CameraEvent

LOG = Numbered(cameras, camera_events, camera_events.c.camera_id)
_RECORD = insert(camera_events)


def append(connection: Connection, camera_id: int, event: CameraEvent) -> CameraEvent:
    """Write the next event of the camera and give it with its number."""
    numbered = replace(event, seq=LOG.next_seq(connection, camera_id))
    connection.execute(
        _RECORD,
        {
            "camera_id": camera_id,
            "seq": numbered.seq,
            "at": event.at,
            "kind": event.kind,
            "active": event.active,
            "began": event.began,
            "began_at": event.began_at,
            "facts": dict(event.facts),
        },
    )
    return numbered


def after(
    connection: Connection, camera_id: int, seq: int, limit: int, kinds: Collection[str] | None = None
) -> list[CameraEvent]:
    """At most `limit` events behind number `seq`, in order; only of these kinds, if they are given."""
    found = select(camera_events).where(camera_events.c.camera_id == camera_id, camera_events.c.seq > seq)
    if kinds is not None:
        found = found.where(camera_events.c.kind.in_(kinds))
    return [_event(row) for row in connection.execute(found.order_by(camera_events.c.seq).limit(limit))]


def before(
    connection: Connection, camera_id: int, seq: int, limit: int, kinds: Collection[str] | None = None
) -> list[CameraEvent]:
    """At most `limit` events before number `seq`, newest first; only of these kinds, if they are given."""
    found = select(camera_events).where(camera_events.c.camera_id == camera_id, camera_events.c.seq < seq)
    if kinds is not None:
        found = found.where(camera_events.c.kind.in_(kinds))
    return [_event(row) for row in connection.execute(found.order_by(camera_events.c.seq.desc()).limit(limit))]


def unended(connection: Connection, camera_id: int, limit: int) -> list[CameraEvent]:
    """What began and has not ended, as far as it is kept: at most the newest `limit`, in order."""
    return [_event(row) for row in reversed(connection.execute(_unended(camera_id, limit)).all())]


def _unended(camera_id: int, limit: int) -> Select[tuple[object, ...]]:
    ends = camera_events.alias()
    ended = select(ends.c.seq).where(ends.c.camera_id == camera_id, ends.c.began == camera_events.c.seq).exists()
    begun = select(camera_events).where(camera_events.c.camera_id == camera_id, camera_events.c.active.is_(True))
    return begun.where(~ended).order_by(camera_events.c.seq.desc()).limit(limit)


def _event(row: Row[tuple[object, ...]]) -> CameraEvent:
    return CameraEvent(row.kind, row.at, row.active, row.began, row.began_at, row.facts, row.seq)
