"""Notices what happens to cameras and what they notice themselves, whether or not anybody looks, and has it written.

Each camera is looked at once a second: a state that lasts is news, one that does not is none. A camera that tells of
motion and the like is listened to all the time, with the waits of every other connection between two tries.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from contextlib import aclosing
from typing import Protocol

from onlooker.clock import Clock
from onlooker.devices import Device, Happening, Noticing, Receiving
from onlooker.errors import OnlookerError, SourceError, SourceLost, SourceRefused, UnknownCamera
from onlooker.live.backoff import Backoff
from onlooker.live.camera import Camera
from onlooker.live.happenings import Happenings
from onlooker.live.hub import Hub
from onlooker.live.standing import Standing
from onlooker.media import CameraEvent

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds
LET_GO = 2.5  # seconds a subscription has to end
# What a camera may have told: so many at once, and one more after so many seconds. What ends is always told.
MOST_AT_ONCE = 30
ONE_MORE_EVERY = 6.0


class Book(Protocol):
    """Where it is written."""

    def going_on(self, name: str) -> Sequence[CameraEvent]:
        """What began at this camera and has not ended; UnknownCamera if nothing can be written of it (yet)."""

    async def record(self, name: str, event: CameraEvent) -> CameraEvent:
        """The event with its number, once it is on the disk."""

    def pass_over(self, name: str) -> None:
        """Something was not written, because it was too much."""


class Noticer:
    """`run` is its one task."""

    def __init__(self, hub: Hub, book: Book, clock: Clock) -> None:
        self._hub = hub
        self._book = book
        self._clock = clock
        self._cameras: dict[str, _Watched] = {}
        self._failing: set[str] = set()  # cameras of which nothing can be written just now: said once

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._look()
                await self._clock.sleep(EVERY)
        finally:
            await asyncio.gather(*(watched.stop() for watched in self._cameras.values()))

    async def _look(self) -> None:
        cameras = dict(self._hub.cameras)
        for name, watched in list(self._cameras.items()):
            if cameras.get(name) is not watched.camera:
                del self._cameras[name]
                await watched.stop()
        for name, camera in cameras.items():
            try:
                if name not in self._cameras:
                    self._cameras[name] = _Watched(camera, self._book, self._clock, self._book.going_on(name))
                await self._cameras[name].look()
                self._failing.discard(name)
            except UnknownCamera:
                pass  # it has just come, or just gone
            except OnlookerError as error:
                if name not in self._failing:
                    log.error("what happened to a camera cannot be written", extra=_about(name, error))
                self._failing.add(name)
            except Exception:
                # A defect of ours in one camera's events must not end everybody's.
                log.exception("noticing what happens failed", extra={"camera": name})


class _Watched:
    """One camera that is watched for events. A lock keeps what is decided and what is written in one order."""

    def __init__(self, camera: Camera, book: Book, clock: Clock, unended: Sequence[CameraEvent]) -> None:
        self.camera = camera
        self._book = book
        self._clock = clock
        self._writing = asyncio.Lock()
        self._standing = Standing(unended)
        self._happenings = Happenings(unended, clock.monotonic())
        self._allowance = _Allowance(clock)
        self._device: Device | None = None
        self._listening: asyncio.Task[None] | None = None

    async def look(self) -> None:
        """Write what has become of it since the last look."""
        if self.camera.device is not self._device:
            await self.stop()
            self._device = self.camera.device
            if isinstance(self._device, Noticing):
                self._listening = asyncio.create_task(self._listen(self._device), name=f"listen to {self.camera.name}")
        async with self._writing:
            monotonic = self._clock.monotonic()
            receives = isinstance(self._device, Receiving)
            event = self._standing.look(self.camera.status(), monotonic, receives=receives)
            if event is not None and (written := await self._write(event)) is not None:
                self._standing.written(written)
            for event in self._happenings.expired(self._clock.now(), monotonic):
                if (written := await self._write(event)) is not None:
                    self._happenings.written(written, monotonic)

    async def stop(self) -> None:
        """Listen no more."""
        task, self._listening = self._listening, None
        if task is None:
            return
        task.cancel()
        if not (await asyncio.wait({task}, timeout=LET_GO))[0]:
            log.warning("camera's events do not let go; going on without waiting", extra={"camera": self.camera.name})
        self._happenings.deaf(self._clock.monotonic())

    async def _listen(self, device: Noticing) -> None:
        """Subscribe, and again whenever that ends, until cancelled."""
        backoff, told = Backoff(random.Random()), ""
        while True:
            began = self._clock.monotonic()
            error = await self._subscription(device)
            self._happenings.deaf(self._clock.monotonic())
            wait = backoff.after(error, self._clock.monotonic() - began)
            if str(error) != told:  # a camera that is off is off for hours: said once
                told = str(error)
                log.warning("camera does not tell what it notices", extra=_about(self.camera.name, error))
            await self._clock.sleep(wait)

    async def _subscription(self, device: Noticing) -> SourceError:
        """One; how it ended."""
        try:
            async with aclosing(device.happenings(self._clock)) as happenings:
                async for happening in happenings:
                    await self._heard(happening)
                    await asyncio.sleep(0)  # one that says much at once has to let others go on
        except SourceError as error:
            return error
        except OnlookerError as error:
            return SourceRefused(str(error))
        except Exception as error:
            log.exception("unexpected error while listening to a camera", extra={"camera": self.camera.name})
            return SourceLost(f"Something unexpected went wrong ({type(error).__name__}); the log has the details.")
        return SourceLost("The camera ended the subscription.")

    async def _heard(self, happening: Happening) -> None:
        async with self._writing:
            event = self._happenings.heard(happening, self._clock.now(), self._clock.monotonic())
            if event is None:
                return
            try:
                written = await self._write(event)
            except OnlookerError as error:
                log.error("what a camera noticed could not be written", extra=_about(self.camera.name, error))
                self._book.pass_over(self.camera.name)
                return
            if written is None:
                self._book.pass_over(self.camera.name)
            else:
                self._happenings.written(written, self._clock.monotonic())

    async def _write(self, event: CameraEvent) -> CameraEvent | None:
        """None if it is too much; what ends follows what began, so it is never too much."""
        if event.active is not False and not self._allowance.take():
            return None
        return await self._book.record(self.camera.name, event)


class _Allowance:
    """How much may still be told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = float(MOST_AT_ONCE)
        self._counted = clock.monotonic()

    def take(self) -> bool:
        """Use one up, if there is one."""
        now = self._clock.monotonic()
        self._left = min(float(MOST_AT_ONCE), self._left + (now - self._counted) / ONE_MORE_EVERY)
        self._counted = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


def _about(name: str, error: Exception) -> dict[str, str]:
    return {"camera": name, "reason": str(error)}
