"""360° cameras that speak OSC (Ricoh Theta and others): live view, settings, pictures in full size, what is stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from onlooker import devices
from onlooker.clock import Clock, SystemClock
from onlooker.devices import CardPage, Details, Json, Option, Progress, Taken
from onlooker.errors import (
    ConfigError,
    DeviceAway,
    DeviceError,
    DeviceRefused,
    MalformedInput,
    SourceLost,
    SourceRefused,
)
from onlooker.formats import jpeg, osc
from onlooker.formats.multipart import MultipartReader, Part, boundary_of
from onlooker.media import Frame, Media
from onlooker.readers import osc_errors
from onlooker.readers.http import HttpCamera
from onlooker.readers.osc import OscCamera
from onlooker.readers.osc_card import OscCard
from onlooker.readers.osc_details import OscDetails, projection
from onlooker.readers.osc_memory import Memory
from onlooker.readers.osc_options import OscOptions
from onlooker.readers.osc_wire import WORDS, Body, OscWire
from onlooker.readers.osc_yielding import RightOfWay

SCHEMES = ("osc",)

_DIRECT = "192.168.1.1"  # a Theta in a network of its own
_NEVER = 65535
_AWAKE = {"sleepDelay": (_NEVER,), "offDelay": (_NEVER, 0)}  # option, and what means “never”
_FRESH = 2.0  # seconds for which it is not asked again what it says of itself
_PATIENCE = 7.0  # seconds that the live view waits in its place while the camera is needed otherwise: not yet a stall
_PATIENCE_BEFORE = 12.0  # and as long before it begins

log = logging.getLogger(__name__)


class Device(devices.Device, devices.Adjustable, devices.Shooting, devices.Card, devices.SpeaksOsc):
    """One OSC camera. Its live view gives way while a picture is taken or a setting changed, and comes back.

    Options:
        preview_format: size and rate of the live view, such as "1024x512@30"; empty: as the camera is set.
        keep_awake: switch off the camera's own sleep and power-off delays, so that it stays reachable.
        level: API level to speak, 1 or 2; 0: the highest that the camera knows.
        timeout: seconds without an answer or a byte after which the connection counts as lost.
    """

    def __init__(
        self,
        url: str,
        clock: Clock | None = None,
        *,
        preview_format: str = "",
        keep_awake: bool = True,
        level: int = 0,
        timeout: float = 10.0,
    ) -> None:
        if preview_format and osc.preview_format(preview_format) is None:
            raise ConfigError(f"preview_format “{preview_format}” is none. Write size and rate as in “1024x512@30”.")
        if level not in (0, 1, 2):
            raise ConfigError(f"level must be 1 or 2, or 0 for the highest that the camera knows, not {level}.")
        if not timeout > 0:
            raise ConfigError(f"timeout must be more than 0 seconds, not {timeout:g}.")
        clock = clock or SystemClock()
        self._wire = OscWire(_camera(url, timeout), clock)
        self._camera = OscCamera(self._wire, clock, level=level)
        self._options = OscOptions(self._camera)
        self._card = OscCard(self._camera)
        self._details = OscDetails(self._camera, self._options, clock)
        self._way = RightOfWay()
        self._shooting = asyncio.Lock()
        self._known: osc.Info | None = None
        self._preview_format = preview_format
        self._keep_awake = keep_awake
        self._said = Memory(self._details.now, _FRESH, clock)
        self._info: Memory[Json] = Memory(self._camera.info, _FRESH, clock)
        self._state: Memory[Json] = Memory(self._camera.state, _FRESH, clock)

    @property
    def name(self) -> str:
        """What errors call it."""
        return self._wire.name

    def source(self) -> LiveView:
        return LiveView(self, self._camera, self._way)

    async def details(self) -> Details:
        return await self._said.answer()

    async def osc_info(self) -> Json:
        return await self._info.answer()

    async def osc_state(self) -> Json:
        return await self._state.answer()

    async def osc_option(self, name: str) -> Json:
        value = await self._options.value(name)
        return {"name": "camera.getOptions", "results": {"options": {name: value}}, "state": "done"}

    async def options(self) -> tuple[Option, ...]:
        return await self._options.shown()

    async def set_option(self, name: str, value: Json) -> Option:
        async with self._way.claimed_for():
            return await self._options.set(name, value)

    @asynccontextmanager
    async def shoot(self, progress: Progress) -> AsyncIterator[Taken]:
        async with self._shooting:
            async with self._way.claimed_for():
                where = await self._take(progress)
            self._details.forget()
            async with self._card.stored(where) as taken:
                yield taken

    async def _take(self, progress: Progress) -> str:
        try:
            return await self._camera.take_picture(progress)
        except DeviceError as error:
            if error.code != osc_errors.DISABLED:
                raise
            if hindrances := osc_errors.hindrances(osc.camera_state(await self._camera.state()).errors):
                raise DeviceRefused(f"{self.name} takes no pictures now. {' '.join(hindrances)}", error.code) from None
            if not await self._leaves_video():
                raise
        return await self._camera.take_picture(progress)

    async def _leaves_video(self) -> bool:
        """Whether it was in a mode without pictures, and is not any more."""
        mode = (await self._options.read(["captureMode"])).get("captureMode")
        if mode in (None, "image"):
            return False
        await self._camera.set_options({"captureMode": "image"})
        return True

    async def files(self, after: str | None = None, limit: int = 50) -> CardPage:
        return await self._card.files(after, limit)

    @asynccontextmanager
    async def fetch(self, file_id: str) -> AsyncIterator[Taken]:
        async with self._card.fetch(file_id) as taken:
            yield taken

    async def thumbnail(self, file_id: str) -> bytes:
        return await self._card.thumbnail(file_id)

    async def close(self) -> None:
        self._said.forget()
        await self._camera.close()

    # For its live view

    async def found(self) -> osc.Info:
        """Find the camera, anew, and make it ready; the way it is to be looked at follows from it."""
        self._wire.forgive()
        self._camera.forget()
        info = (await self._camera.link()).info
        if info != self._known:
            self._known = info
            self._options.forget()
            self._details.forget()
        if not info.has_preview:
            raise SourceRefused(
                f"{self.name} ({info.model}) gives its live view to its maker's own programs only. "
                "Taking pictures and looking at what it has stored works."
            )
        if self._keep_awake:
            await self._stay_awake()
        if self._preview_format:
            await self._choose_format()
        return info

    async def looked_at(self, info: osc.Info, size: tuple[int, int]) -> None:
        """Its live view has this size."""
        stitching = await self._tried("_imageStitching") if info.model.endswith((" X", " A1")) else None
        self.projection = projection(info, size, stitched=stitching != "none")

    async def let_go(self) -> None:
        """The live view is over; nothing is kept open for it."""
        if not self._wire.in_use:
            await self.close()

    async def _stay_awake(self) -> None:
        try:
            values = await self._options.read(list(_AWAKE))
            changes = {name: _NEVER for name, never in _AWAKE.items() if values.get(name, _NEVER) not in never}
            for name, value in changes.items():
                await self._camera.set_options({name: value})
        except DeviceAway:
            raise
        except DeviceError as error:
            if error.code == osc_errors.LOGIN:
                raise
            log.info("camera may fall asleep: %s", error)

    async def _choose_format(self) -> None:
        now = await self._options.one("previewFormat")
        wanted = self._options.fitted(now, self._preview_format)
        if osc.preview_format(wanted) != osc.preview_format(now.value):
            await self._camera.set_options({"previewFormat": wanted})

    async def _tried(self, option: str) -> object:
        try:
            return (await self._options.read([option])).get(option)
        except DeviceError:
            return None


class LiveView:
    """The live view of one connection."""

    def __init__(self, device: Device, camera: OscCamera, way: RightOfWay) -> None:
        self._device = device
        self._camera = camera
        self._way = way

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        try:
            await self._free(_PATIENCE_BEFORE, clock)
            info = await self._device.found()
            while True:
                async with aclosing(self._pictures(info, clock)) as pictures:
                    async for frame in pictures:
                        yield frame
                await self._free(_PATIENCE, clock)
        except DeviceError as error:
            raise osc_errors.as_source(error) from None
        finally:
            await self._device.let_go()

    async def _free(self, patience: float, clock: Clock) -> None:
        """Wait until nobody needs the camera otherwise."""
        free = asyncio.create_task(self._way.free())
        waits = [free, asyncio.create_task(clock.sleep(patience))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            came = free.done()
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        if not came:
            raise SourceLost(
                f"{self._device.name} is taking a picture or being set; its live view comes back by itself."
            )

    async def _pictures(self, info: osc.Info, clock: Clock) -> AsyncGenerator[Frame]:
        """One live view; ends where it has to give way, and with an error where the camera ends it."""
        gives_way = False
        size: tuple[int, int] | None = None
        async with self._camera.preview() as body:

            def stop() -> None:
                nonlocal gives_way
                gives_way = True
                body.cut()

            with self._way.showing(stop):
                try:
                    async with aclosing(self._parts(body)) as parts:
                        async for part in parts:
                            if size is None:
                                size = _size(part.body)
                                await self._device.looked_at(info, size)
                            yield _frame(part, clock)
                except DeviceError:
                    if not gives_way:
                        raise
        if not gives_way:
            raise SourceLost(
                f"{self._device.name} has ended its live view: it was operated, or is busy. It comes back by itself."
            )

    async def _parts(self, body: Body) -> AsyncGenerator[Part]:
        reader = MultipartReader(boundary_of(body.content_type))
        async with aclosing(body.chunks()) as chunks:
            async for chunk in chunks:
                try:
                    parts = reader.feed(chunk)
                except MalformedInput as error:
                    raise SourceLost(f"{self._device.name} sends a live view that cannot be read. {error}") from error
                for part in parts:
                    yield part


def _frame(part: Part, clock: Clock) -> Frame:
    data = part.body if part.body.endswith(jpeg.END) else part.body + jpeg.END
    return Frame(data, clock.now())


def _size(data: bytes) -> tuple[int, int]:
    try:
        return jpeg.dimensions(data)
    except MalformedInput:
        return 0, 0


def _camera(url: str, timeout: float) -> HttpCamera:
    """The camera at `osc://[id:password@][host][:port]`; without a host, one in direct mode."""
    user, at, host = url.strip().partition(":")[2].removeprefix("//").rpartition("@")
    host = host.removesuffix("/")
    if any(sign in user + host for sign in "/?#"):
        raise ConfigError(
            "An OSC source is the camera's address alone, as in osc://id:password@192.168.1.20; "
            "characters such as @ : / # in a password are written as %40 %3A %2F %23."
        )
    if host.startswith(":"):
        host = f"{_DIRECT}{host}"
    return HttpCamera(
        f"http://{user}{at}{host or _DIRECT}/", timeout=timeout, verify_tls=True, words=WORDS, keep_alive=False
    )
