"""Following a log as Server-Sent Events, whosesoever it is: from where somebody was, over a taken-over connection."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query

from onlooker.events.feed import Feed
from onlooker.events.wire import Position
from onlooker.formats import sse
from onlooker.outputs.connection import LiveResponse

RETRY = 2_000  # milliseconds a browser waits before it comes back
_PREAMBLE = f"retry: {RETRY}\n\n".encode()
_NOWHERE = Position("", 0)  # in no log: who comes from there has to reload

After = Annotated[str, Query(max_length=64, description="The id of the last event that was seen: go on behind it")]
LastEventId = Annotated[str, Header(alias="Last-Event-ID", max_length=64)]


def followed(feed: Feed, last_event_id: str, after: str) -> LiveResponse:
    """Every event once, in order, behind the id that is given, then live; without an id from now on."""
    # The browser's own header first: after a reconnect it knows more than the page's address does.
    given = last_event_id or after
    position = (Position.parsed(given) or _NOWHERE) if given else None
    return LiveResponse(lambda viewer: feed.join(viewer, position), media_type=sse.CONTENT_TYPE, preamble=_PREAMBLE)
