"""ONVIF cameras: network cameras of almost every maker, with their streams, motors, pictures and motion alarms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Literal

from onlooker import devices
from onlooker.clock import Clock, SystemClock
from onlooker.devices import Ability, Details, Happening, Preset, Taken
from onlooker.errors import CannotDo, ConfigError, SourceError, SourceMissing, SourceRefused
from onlooker.formats import onvif_answers as answers
from onlooker.formats.onvif import printable
from onlooker.formats.onvif_answers import Motor, Profile
from onlooker.media import Media
from onlooker.readers.demux import Input, demux
from onlooker.readers.http import Answer, HttpCamera
from onlooker.readers.onvif.address import Address
from onlooker.readers.onvif.connection import Connection
from onlooker.readers.onvif.failures import as_device_errors, device_error
from onlooker.readers.onvif.media import profiles, snapshot_url, stream_url
from onlooker.readers.onvif.ptz import Ptz
from onlooker.readers.onvif.pullpoint import happenings
from onlooker.readers.rtsp import Transport, rtsp_input

SCHEMES = ("onvif",)

Stream = Literal["main", "sub"]

_log = logging.getLogger(__name__)

_LAST_WORD = 1.5  # seconds in which a moving camera has to hear that it shall stop
_FRESH = 10.0  # seconds for which what it said of itself is not asked again


class Device(devices.Device, devices.Moving, devices.Shooting, devices.Noticing):
    """One ONVIF camera, asked for everything at the address in its URL.

    Options:
        profile: which of its profiles, by token or name; empty lets "stream" choose.
        stream: "main" is its largest picture, with a smaller one where it is seen small; "sub" is that one alone.
        events: whether to be told of motion and the like.
        transport: how its video comes; "udp" is for cameras that cannot do TCP.
        timeout: seconds without an answer or a picture after which the connection counts as lost.
    """

    def __init__(
        self,
        url: str,
        *,
        profile: str = "",
        stream: Stream = "main",
        events: bool = True,
        transport: Transport = "tcp",
        timeout: float = 10.0,
    ) -> None:
        if not timeout > 0:
            raise ConfigError(f"timeout must be more than 0 seconds, not {timeout:g}.")
        self._address = Address(url)
        self._wanted = profile or self._address.profile
        self._stream = stream
        self._events = events
        self._transport: Transport = transport
        self._timeout = timeout
        self._clock = SystemClock()
        self._connection = Connection(self._address, timeout)
        self._profile: Profile | None = None
        self._ptz: Ptz | None = None
        self._details: tuple[float, Details] | None = None
        self._asking = asyncio.Lock()

    def source(self) -> Source:
        return Source(self, self._stream)

    def small_source(self) -> Source | None:
        return Source(self, "sub") if self._stream == "main" and not self._wanted else None

    # What it is

    async def details(self) -> Details:
        async with self._asking:
            if self._details is None or self._clock.monotonic() - self._details[0] > _FRESH:
                with as_device_errors():
                    said = await self._said()
                self._details = (self._clock.monotonic(), said)
            return self._details[1]

    async def _said(self) -> Details:
        profile = await self._choice()
        made = answers.information(await self._connection.ask(answers.DEVICE, "GetDeviceInformation"))
        return Details(
            abilities=await self._abilities(profile),
            as_of=self._clock.now(),
            maker=made.maker,
            model=made.model,
            firmware=made.firmware,
            serial=made.serial,
        )

    async def _abilities(self, profile: Profile) -> frozenset[Ability]:
        services = await self._connection.services()
        motor = Motor(pans=False, zooms=False, home=False, presets=0)
        if profile.moves and answers.PTZ in services:
            motor = await self._moved_by(profile).motor()
        found = {
            Ability.MOVE: motor.pans is not False,
            Ability.ZOOM: motor.zooms is not False,
            Ability.PRESETS: motor.presets != 0,
            Ability.HOME: motor.home is not False,
            Ability.SHOOT: await self._gives_pictures(profile),
            Ability.HAPPENINGS: self._events and answers.EVENTS in services,
        }
        return frozenset(ability for ability, there in found.items() if there)

    async def _gives_pictures(self, profile: Profile) -> bool:
        try:
            await snapshot_url(self._connection, profile)
        except (SourceMissing, SourceRefused):
            return False
        return True

    async def close(self) -> None:
        try:
            if self._ptz is not None:
                async with asyncio.timeout(_LAST_WORD):
                    await self._ptz.close()
        except TimeoutError:
            _log.warning("a camera could not be told to stop", extra={"reason": "it does not answer"})
        finally:
            self._forget()
            await self._connection.close()

    # Live pictures

    async def video(self, stream: Stream | None = None) -> Input:
        """Where its video is now: asked anew for every run, for a camera changes it with its settings.

        `stream` is another than the one it is configured with; SourceRefused where that is the same.
        """
        self._forget()
        async with Connection(self._address, self._timeout) as connection:
            profile = await self._chosen(connection)
            if stream is not None and stream != self._stream:
                larger, profile = profile, await self._chosen(connection, stream)
                if profile.token == larger.token:
                    raise SourceRefused(f"{connection.camera} has one stream only.")
            else:
                self._profile = profile
            url = await stream_url(connection, profile, self._transport)
        return rtsp_input(url, connection.camera, self._transport, self._timeout)

    def _forget(self) -> None:
        self._connection.forget()
        self._profile, self._details = None, None

    async def _choice(self) -> Profile:
        if self._profile is None:
            self._profile = await self._chosen(self._connection)
        return self._profile

    async def _chosen(self, connection: Connection, stream: Stream | None = None) -> Profile:
        offered = await profiles(connection)
        profile = answers.chosen(offered, self._wanted, stream or self._stream)
        if profile is None:
            names = ", ".join(f"“{one.name or printable(one.token)}”" for one in offered[:8])
            wanted = printable(self._wanted)
            raise SourceMissing(f"{connection.camera} has no profile “{wanted}”. It has {names}.")
        return profile

    # Moving

    async def move(self, pan: float, tilt: float, zoom: float) -> None:
        with as_device_errors():
            await (await self._motor()).move(pan, tilt, zoom)

    async def stop(self) -> None:
        with as_device_errors():
            await (await self._motor()).stop()

    async def presets(self) -> tuple[Preset, ...]:
        with as_device_errors():
            return await (await self._motor()).presets()

    async def go_to(self, preset_id: str) -> None:
        with as_device_errors():
            await (await self._motor()).go_to(preset_id)

    async def home(self) -> None:
        with as_device_errors():
            await (await self._motor()).home()

    async def _motor(self) -> Ptz:
        profile = await self._choice()
        if not profile.moves or answers.PTZ not in await self._connection.services():
            raise CannotDo(f"{self._connection.camera} cannot be moved.")
        return self._moved_by(profile)

    def _moved_by(self, profile: Profile) -> Ptz:
        if self._ptz is None:
            self._ptz = Ptz(self._connection, profile)
        self._ptz.profile = profile
        return self._ptz

    # Single pictures

    def shoot(self, progress: devices.Progress) -> AbstractAsyncContextManager[Taken]:
        return self._shot(progress)

    @asynccontextmanager
    async def _shot(self, progress: devices.Progress) -> AsyncIterator[Taken]:
        progress(None)
        with as_device_errors():
            try:
                url = await snapshot_url(self._connection, await self._choice())
            except SourceMissing as error:
                raise CannotDo(str(error)) from None
            camera = HttpCamera(url, timeout=self._timeout, verify_tls=False)
            async with camera.session() as session, session.get() as answer:
                yield Taken("snapshot.jpg", answer.length, _counted(answer, progress))

    # What it notices

    async def happenings(self, clock: Clock) -> AsyncGenerator[Happening]:
        if not self._events:
            raise SourceRefused(f"{self._connection.camera} is not asked what it notices: its “events” is off.")
        # Of its own, because it goes on while the device is closed and used again.
        async with (
            Connection(self._address, self._timeout) as connection,
            aclosing(happenings(connection, clock)) as noticed,
        ):
            async for happening in noticed:
                yield happening


class Source:
    """One connection to a video of an ONVIF camera."""

    def __init__(self, device: Device, stream: Stream) -> None:
        self._device = device
        self._stream = stream

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        async with aclosing(demux(await self._device.video(self._stream), clock)) as media:
            async for item in media:
                yield item


async def _counted(answer: Answer, progress: devices.Progress) -> AsyncIterator[bytes]:
    got = 0
    try:
        async for chunk in answer.chunks():
            got += len(chunk)
            progress(min(1.0, got / answer.length) if answer.length else None)
            yield chunk
    except SourceError as error:
        raise device_error(error) from None
