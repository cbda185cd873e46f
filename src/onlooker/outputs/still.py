"""Watching as a still: the newest picture of a camera as one JPEG."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from onlooker.live.hub import Hub
from onlooker.live.status import Rendition
from onlooker.outputs.mjpeg import Width, rendition

PATIENCE = 10.0  # seconds a camera that was let go may take to give its first picture

Wait = Annotated[float, Query(ge=0.1, le=60, description="Seconds to wait for a first picture")]


async def still(hub: Hub, name: str, wanted: Rendition, patience: float = PATIENCE) -> Response:
    """The newest picture; UnknownCamera or NoPicture."""
    frame, age = await hub.camera(name).still(wanted, patience)
    return Response(
        frame.data,
        media_type="image/jpeg",
        headers={
            "Cache-Control": "no-store",
            "X-Camera": name,
            "X-Timestamp": f"{frame.captured:.6f}",
            "X-Captured": datetime.fromtimestamp(frame.captured, UTC).isoformat(timespec="milliseconds"),
            "X-Age": f"{age:.3f}",
        },
    )


def router(hub: Hub) -> APIRouter:
    """`/cameras/{name}/still.jpg`."""
    routes = APIRouter(tags=["live"])

    @routes.api_route("/cameras/{name}/still.jpg", methods=["GET", "HEAD"], response_class=Response)
    async def newest(name: str, width: Width = 0, wait: Wait = PATIENCE) -> Response:
        """The newest frame as a JPEG, with its age in seconds in X-Age; 503 with Retry-After when there is none."""
        return await still(hub, name, rendition(width, 0), wait)

    return routes
