"""The cameras in the API: what there is, in which state, since when and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from onlooker.live.hub import Hub
from onlooker.live.status import CameraStatus, State
from onlooker.media import Projection
from onlooker.web.problems import described


class Links(BaseModel):
    """Where to look at a camera; paths on this hub, with its prefix."""

    page: str = Field(description="The page of this camera, for people.")
    live: str = Field(description="The live picture as multipart/x-mixed-replace; takes `width` and `fps`.")
    still: str = Field(description="The newest frame as a JPEG; takes `width`.")


class Look(BaseModel):
    """How to show a camera's pictures."""

    projection: Projection = Field(description="How the world was put onto them.")
    heading: float = Field(description="Degrees by which a 360° view is turned to the right.")
    pitch: float = Field(description="Degrees by which it is turned up.")


class Camera(BaseModel):
    """A camera at this moment."""

    name: str = Field(description="The camera's name in URLs and in the configuration.")
    title: str = Field(description="The camera's name for people.")
    kind: str = Field(description="The kind of source, like `rtsp`.")
    state: State = Field(
        description="`idle`: nobody needs it. `connecting`: asked for, no picture yet. `live`: pictures are coming. "
        "`lost`: tried again soon. `refused`: needs somebody to act, tried again slowly. `ended`: nobody sends "
        "pictures to it now."
    )
    reason: str = Field(description="Why it is not live, as a sentence for people; empty while live or idle.")
    since: datetime = Field(description="When it came into this state.")
    retry_at: datetime | None = Field(description="When it is tried again, while lost or refused.")
    codec: str = Field(description="What the camera sends: `mjpeg`, `h264` …; empty before the first picture.")
    width: int = Field(description="Pixels; 0 before the first picture.")
    height: int = Field(description="Pixels; 0 before the first picture.")
    frame_rate: float = Field(description="Frames a second coming in, over the last seconds.")
    age: float | None = Field(description="Seconds since the newest frame was captured; null if there is none.")
    viewers: int = Field(description="How many connections watch it now.")
    frames_in: int = Field(description="Frames from the camera since the hub started.")
    bytes_in: int = Field(description="Bytes from the camera since the hub started.")
    reconnects: int = Field(description="How often it was connected again since the hub started.")
    last_frame_at: datetime | None = Field(description="When the newest frame ever was captured.")
    view: Look = Field(description="How to show its pictures.")
    device: bool = Field(description="Whether it can do more than give pictures: see its `device`.")
    links: Links


class Cameras(BaseModel):
    """Every camera, in the order of the configuration."""

    cameras: list[Camera]


def router(hub: Hub) -> APIRouter:
    """/api/v1/cameras and each camera under it."""
    routes = APIRouter(prefix="/api/v1", tags=["cameras"])

    @routes.get("/cameras", summary="Every camera")
    async def every_camera(request: Request) -> Cameras:
        """All cameras with their states, in the order of the configuration."""
        root_path = request.scope["root_path"]
        return Cameras(cameras=[_described(camera.status(), root_path) for camera in hub.cameras.values()])

    @routes.get("/cameras/{name}", summary="One camera", responses={404: described("There is no such camera.")})
    async def one_camera(request: Request, name: Annotated[str, Path(description="The camera's name.")]) -> Camera:
        """One camera with its state."""
        return _described(hub.camera(name).status(), request.scope["root_path"])

    return routes


def _described(status: CameraStatus, root_path: str) -> Camera:
    place = f"{root_path}/cameras/{quote(status.name, safe='')}"
    return Camera(
        name=status.name,
        title=status.title,
        kind=status.kind,
        state=status.state,
        reason=status.reason,
        since=_instant(status.since),
        retry_at=_instant(status.retry_at) if status.retry_at is not None else None,
        codec=status.codec,
        width=status.width,
        height=status.height,
        frame_rate=round(status.frame_rate, 2),
        age=round(status.age, 3) if status.age is not None else None,
        viewers=status.viewers,
        frames_in=status.frames_in,
        bytes_in=status.bytes_in,
        reconnects=status.reconnects,
        last_frame_at=_instant(status.last_frame_at) if status.last_frame_at is not None else None,
        view=Look(projection=status.view.projection, heading=status.view.heading, pitch=status.view.pitch),
        device=status.device,
        links=Links(page=place, live=f"{place}/live.mjpg", still=f"{place}/still.jpg"),
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
