"""Watching an album's events as Server-Sent Events, over the same taken-over connections as live video."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from onlooker.archive.archive import Archive
from onlooker.outputs.following import After, LastEventId, followed


def router(archive: Archive) -> APIRouter:
    """`/albums/{album}/events`."""
    routes = APIRouter(tags=["albums"])

    @routes.api_route("/albums/{album}/events", methods=["GET", "HEAD"], response_class=Response)
    async def events(album: str, last_event_id: LastEventId = "", after: After = "") -> Response:
        """What happens in the album: every event once, in order, behind the id that is given, then live."""
        return followed(archive.album(album).feed, last_event_id, after)

    return routes
