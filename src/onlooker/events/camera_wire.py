"""How a camera's events look to clients, in the stream and in the API."""

from __future__ import annotations

from typing import Any

from onlooker.events.wire import Position, Told, instant, made
from onlooker.media import CameraEvent

NAME = "happened"  # of all of them in the stream: a camera may notice what nobody has a name for


def event_json(event: CameraEvent, epoch: str) -> dict[str, Any]:
    """An event for users."""
    began = event.began is not None and event.began_at is not None
    return {
        "id": str(Position(epoch, event.seq)),
        "kind": event.kind,
        "at": instant(event.at),
        "active": event.active,
        "began": {"id": f"{epoch}.{event.began}", "at": instant(event.began_at or 0)} if began else None,
        "facts": dict(event.facts),
    }


def told(event: CameraEvent, epoch: str) -> Told:
    """An event as it is sent."""
    return made(event.seq, epoch, NAME, "", event_json(event, epoch))
