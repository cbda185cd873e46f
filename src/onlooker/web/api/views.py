"""How a camera's pictures are to be looked at, read and kept in the configuration, for users with an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from onlooker.errors import NotWritable
from onlooker.live.camera import Camera
from onlooker.live.hub import Hub
from onlooker.media import Projection
from onlooker.web.api.cameras import Look
from onlooker.web.problems import described

# name, projection (None: automatic), heading, pitch; NotWritable if it cannot be kept
KeepView = Callable[[str, Projection | None, float, float], Awaitable[None]]
Name = Annotated[str, Path(description="The camera's name.")]


class Wanted(BaseModel):
    """How somebody wants a camera's pictures to be looked at."""

    projection: Literal["auto", "flat", "equirectangular", "dual-fisheye", "fisheye"] = Field(
        description="How the world was put onto them; `auto`: as the camera says, else flat."
    )
    heading: float = Field(
        0.0, ge=-360, le=360, allow_inf_nan=False, description="Degrees by which a 360° view is turned to the right."
    )
    pitch: float = Field(0.0, ge=-90, le=90, allow_inf_nan=False, description="Degrees by which it is turned up.")


class Kept(Wanted):
    """What is configured, and what comes of it."""

    automatic: Projection = Field(description="What `auto` comes to with this camera now.")
    shown: Look = Field(description="How they are shown now.")


def router(hub: Hub, keep: KeepView | None) -> APIRouter:
    """/api/v1/cameras/{name}/view; without `keep` nothing can be changed."""
    routes = APIRouter(prefix="/api/v1/cameras/{name}/view", tags=["cameras"])
    unknown = described("There is no such camera.")

    @routes.get("", summary="How a camera is looked at", responses={404: unknown})
    async def kept(name: Name) -> Kept:
        """What is configured of it, and what comes of it."""
        return _kept(hub.camera(name))

    @routes.put(
        "",
        summary="Say how a camera is looked at",
        responses={404: unknown, 409: described("The hub cannot change its configuration.")},
    )
    async def change(name: Name, wanted: Wanted) -> Kept:
        """Kept in the configuration; whoever looks sees it at once, and the camera stays connected."""
        hub.camera(name)
        if keep is None:
            raise NotWritable("This hub has no configuration that it could change.")
        projection = None if wanted.projection == "auto" else Projection(wanted.projection)
        await keep(name, projection, wanted.heading, wanted.pitch)
        return _kept(hub.camera(name))

    return routes


def _kept(camera: Camera) -> Kept:
    plan, view = camera.plan, camera.view
    said = camera.device.projection if camera.device is not None else None
    return Kept(
        projection=plan.projection.value if plan.projection else "auto",
        heading=plan.heading,
        pitch=plan.pitch,
        automatic=said or Projection.FLAT,
        shown=Look(projection=view.projection, heading=view.heading, pitch=view.pitch),
    )
