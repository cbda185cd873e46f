"""Watching as MJPEG: one camera as an `<img>` plays it, or the cameras of a whole wall in one stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from onlooker.errors import UnknownCamera
from onlooker.formats import multipart
from onlooker.live.hub import Hub
from onlooker.live.status import Rendition
from onlooker.outputs.connection import LiveResponse

Width = Annotated[int, Query(ge=0, le=7680, description="Widest picture wanted, in pixels; 0: as it comes")]
Fps = Annotated[int, Query(ge=0, le=60, description="Most frames a second wanted; 0: as they come")]
Names = Annotated[str, Query(max_length=8192, description="Names of cameras, separated by commas; empty: all")]

_STEP = 16  # widths are rounded up to a multiple, so that all who want about the same share one encoder


def rendition(width: int, fps: int) -> Rendition:
    """The rendition for a request."""
    return Rendition(width=-(-width // _STEP) * _STEP, fps=fps)


def live(hub: Hub, names: Sequence[str], wanted: Rendition) -> Response:
    """One live stream with the parts of these cameras; UnknownCamera or TooMany before anything is sent."""
    hub.allow(names, wanted)
    return LiveResponse(
        lambda viewer: hub.watch(viewer, names, wanted), media_type=multipart.CONTENT_TYPE, preamble=multipart.PREAMBLE
    )


def router(hub: Hub) -> APIRouter:
    """`/cameras/{name}/live.mjpg` and `/live`."""
    routes = APIRouter(tags=["live"])

    @routes.api_route("/cameras/{name}/live.mjpg", methods=["GET", "HEAD"], response_class=Response)
    async def one_camera(name: str, width: Width = 0, fps: Fps = 0) -> Response:
        """One camera as multipart/x-mixed-replace."""
        return live(hub, [name], rendition(width, fps))

    @routes.api_route("/live", methods=["GET", "HEAD"], response_class=Response)
    async def wall(cameras: Names = "", width: Width = 0, fps: Fps = 0) -> Response:
        """Many cameras in one stream; each part says in X-Camera whose it is."""
        names = list(dict.fromkeys(name for name in cameras.split(",") if name)) or list(hub.cameras)
        if not names:
            raise UnknownCamera("")
        return live(hub, names, rendition(width, fps))

    return routes
