"""Watching an album's events as Server-Sent Events, over the same taken-over connections as live video."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from onlooker.archive.archive import Archive
from onlooker.events.wire import Position
from onlooker.formats import sse
from onlooker.outputs.connection import LiveResponse

RETRY = 2_000  # milliseconds a browser waits before it comes back
_PREAMBLE = f"retry: {RETRY}\n\n".encode()
_NOWHERE = Position("", 0)  # in no log: who comes from there has to reload

After = Annotated[str, Query(max_length=64, description="The id of the last event that was seen: go on behind it")]
LastEventId = Annotated[str, Header(alias="Last-Event-ID", max_length=64)]


def router(archive: Archive) -> APIRouter:
    """`/albums/{album}/events`."""
    routes = APIRouter(tags=["albums"])

    @routes.api_route("/albums/{album}/events", methods=["GET", "HEAD"], response_class=Response)
    async def events(album: str, last_event_id: LastEventId = "", after: After = "") -> Response:
        """What happens in the album: every event once, in order, behind the id that is given, then live."""
        feed = archive.album(album).feed
        # The browser's own header first: after a reconnect it knows more than the page's address does.
        given = last_event_id or after
        position = (Position.parsed(given) or _NOWHERE) if given else None
        return LiveResponse(lambda viewer: feed.join(viewer, position), media_type=sse.CONTENT_TYPE, preamble=_PREAMBLE)

    return routes
