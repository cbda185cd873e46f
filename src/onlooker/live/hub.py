"""The hub's live side: the cameras by name, started, changed and ended as the configuration says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from onlooker.clock import Clock
from onlooker.errors import UnknownCamera
from onlooker.live.camera import Camera
from onlooker.live.plan import CameraPlan
from onlooker.live.status import Rendition
from onlooker.live.viewer import Viewer
from onlooker.live.workers import Workers

log = logging.getLogger(__name__)

__all__ = ["CameraPlan", "Hub"]


class Hub:
    """Owns every camera's task. Made and used on one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._workers = Workers()
        self._cameras: dict[str, Camera] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """The cameras in the order of the configuration."""
        return MappingProxyType(self._cameras)

    def camera(self, name: str) -> Camera:
        """One camera; UnknownCamera if there is none of this name."""
        camera = self._cameras.get(name)
        if camera is None:
            raise UnknownCamera(name)
        return camera

    def allow(self, names: Sequence[str], rendition: Rendition) -> None:
        """Raise what stands against watching these: UnknownCamera or TooMany."""
        for name in names:
            self.camera(name).allow(rendition)

    def watch(self, viewer: Viewer, names: Sequence[str], rendition: Rendition) -> None:
        """Attach a viewer to these cameras; one that has gone meanwhile is passed over."""
        cameras = [self._cameras[name] for name in names if name in self._cameras]
        if self._closed or not cameras:
            viewer.close()
            return
        viewer.watch(camera.channel(rendition) for camera in cameras)

    async def apply(self, plans: Sequence[CameraPlan]) -> None:
        """Bring the cameras in line with `plans`: only those that changed connect anew, only those that went end."""
        names = {plan.name for plan in plans}
        gone = [name for name in self._cameras if name not in names]
        for name in gone:
            await self._end(name)
        cameras: dict[str, Camera] = {}
        for plan in plans:
            camera = self._cameras.get(plan.name)
            if camera is not None and not camera.takes(plan):
                await self._end(plan.name)
                camera = None
            if camera is None:
                camera = Camera(plan, self._clock, self._workers)
                self._tasks[plan.name] = asyncio.create_task(self._supervise(camera), name=f"camera {plan.name}")
            else:
                await camera.change(plan)
            cameras[plan.name] = camera
        self._cameras = cameras

    async def close(self) -> None:
        """End every camera and every viewer; each device and socket is released."""
        self._closed = True
        await asyncio.gather(*(self._end(name) for name in list(self._cameras)))
        self._workers.close()

    async def _end(self, name: str) -> None:
        camera, task = self._cameras.pop(name), self._tasks.pop(name)
        camera.end()
        task.cancel()
        await asyncio.wait({task})
        await camera.close()

    async def _supervise(self, camera: Camera) -> None:
        while True:
            try:
                await camera.run()
            except Exception:
                # A defect of ours in one camera must not take it away for good, nor disturb another.
                log.exception("camera's supervision failed; starting it again", extra={"camera": camera.name})
                await self._clock.sleep(1.0)
