"""Watching what happens to a camera, and what it notices, as Server-Sent Events."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from onlooker.archive.camera_log import CameraLogs
from onlooker.outputs.following import After, LastEventId, followed


def router(logs: CameraLogs) -> APIRouter:
    """`/cameras/{name}/events`."""
    routes = APIRouter(tags=["cameras"])

    @routes.api_route("/cameras/{name}/events", methods=["GET", "HEAD"], response_class=Response)
    async def events(name: str, last_event_id: LastEventId = "", after: After = "") -> Response:
        """What happens to the camera: every event once, in order, behind the id that is given, then live."""
        return followed(logs.log(name).feed, last_event_id, after)

    return routes
