"""A gated hub with a camera that is sent to, one that has its own pictures, and who may do what with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import simplejpeg

from onlooker.clock import SystemClock
from onlooker.live.camera import Camera
from onlooker.live.hub import CameraPlan, Hub
from onlooker.live.status import ORIGINAL
from onlooker.sources.push import Device
from onlooker.web import broadcasting
from onlooker.web.api import push
from onlooker.web.running import Running
from tests.live.scripted import Notebook
from tests.web.conftest import House, Pictures, Serve


def jpeg(shade: int, width: int = 64, height: int = 48) -> bytes:
    """A picture of one shade of grey."""
    data: bytes = simplejpeg.encode_jpeg(np.full((height, width, 3), shade, np.uint8))
    return data


async def until(true: Callable[[], bool]) -> None:
    """Wait for what the hub is about to do."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 -- of a hub there is nothing to wait on
            await asyncio.sleep(0.005)


@dataclass
class Station:
    """`base` is its address; `phone` waits for a sender."""

    house: House
    hub: Hub
    running: Running
    base: str

    @property
    def phone(self) -> Camera:
        return self.hub.camera("phone")

    @cached_property
    def anna(self) -> dict[str, str]:
        return {"Authorization": "Bearer " + self.house.users.add_token("anna", "script")}

    def guest(self, camera: str = "phone", *, upload: bool = True) -> tuple[str, dict[str, str]]:
        """A share's id, and what its guest sends along."""
        share, token = self.house.shares.add("camera", camera, upload=upload)
        return share.id, {"Authorization": f"Bearer {token}"}

    def watch(self, camera: str = "phone") -> Notebook:
        viewer = Notebook()
        self.hub.watch(viewer, [camera], ORIGINAL)
        return viewer


def shows(viewer: Notebook, picture: bytes) -> bool:
    """Whether this viewer was handed this picture."""
    return any(picture in part for part in viewer.seen)


@asynccontextmanager
async def station(house: House, serve: Serve, **options: Any) -> AsyncIterator[Station]:
    hub = Hub(SystemClock())
    await hub.apply(
        [
            CameraPlan("phone", "Phone", "push", partial(Device, "push:", **options), fingerprint="a"),
            CameraPlan("yard", "The yard", "http", lambda: Pictures(40), fingerprint="b"),
        ]
    )
    house.app.include_router(push.router(hub, SystemClock()))
    house.app.include_router(broadcasting.router(hub, house.pages, SystemClock()))
    running = Running(house.users, house.shares, tuple)
    gate = house.gated()
    gate._running = running
    yield Station(house, hub, running, await serve(gate))
    await hub.close()
