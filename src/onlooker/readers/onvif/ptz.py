"""Moves an ONVIF camera, and sees to it that it stands still again when nobody goes on asking."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from onlooker.devices import Preset
from onlooker.errors import SourceError
from onlooker.formats import onvif_answers as answers
from onlooker.formats.onvif import Node
from onlooker.formats.onvif_answers import Motor, Profile
from onlooker.readers.onvif.connection import Connection
from onlooker.readers.onvif.failures import FaultAnswered

_log = logging.getLogger(__name__)

# A move that nobody renews ends after this, here and, by what we tell it, in the camera itself.
MOVES_FOR = 1.0


class Ptz:
    """The motor behind one profile."""

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._connection = connection
        self.profile = profile
        self._ends_by_itself = True  # it takes a Timeout with a move
        self._order = asyncio.Lock()
        self._stopping: asyncio.Task[None] | None = None

    async def motor(self) -> Motor:
        """What it can do, as far as it says."""
        try:
            nodes = answers.motors(await self._connection.ask(answers.PTZ, "GetNodes"))
        except FaultAnswered:
            nodes = {}
        return nodes.get(self.profile.node) or next(iter(nodes.values()), Motor())

    async def move(self, pan: float, tilt: float, zoom: float) -> None:
        """Go on moving for `MOVES_FOR` seconds; all three 0 is to stop."""
        if not pan and not tilt and not zoom:
            await self.stop()
            return
        velocity: dict[str, dict[str, float]] = {}
        if pan or tilt:
            velocity["PanTilt"] = {"x": _speed(pan), "y": _speed(tilt)}
        if zoom:
            velocity["Zoom"] = {"x": _speed(zoom)}
        async with self._order:
            await self._settle()
            try:
                await self._move(velocity)
            finally:
                # Even a move that seems to have failed may have begun.
                self._stopping = asyncio.create_task(self._stop_later(), name="stop the camera")

    async def stop(self) -> None:
        """Stand still."""
        async with self._order:
            await self._settle()
            await self._stop()

    async def presets(self) -> tuple[Preset, ...]:
        """The places it remembers."""
        remembered = answers.presets(await self._ask("GetPresets"))
        return tuple(Preset(token, name) for token, name in remembered.items())

    async def go_to(self, token: str) -> None:
        """Look at one of them."""
        await self._halt_and("GotoPreset", PresetToken=token)

    async def home(self) -> None:
        """Look where it looks by default."""
        await self._halt_and("GotoHomePosition")

    async def close(self) -> None:
        """A camera that still moves is told to stop."""
        async with self._order:
            moving = self._stopping is not None and not self._stopping.done()
            await self._settle()
            if moving:
                with contextlib.suppress(SourceError):
                    await self._stop()

    async def _halt_and(self, operation: str, **params: str) -> None:
        async with self._order:
            await self._settle()  # its late stop would end this movement
            await self._ask(operation, **params)

    async def _settle(self) -> None:
        """No stop is due any more."""
        if self._stopping is not None:
            self._stopping.cancel()
            await asyncio.wait([self._stopping])
            self._stopping = None

    async def _stop_later(self) -> None:
        await asyncio.sleep(MOVES_FOR)
        try:
            await self._stop()
        except SourceError as error:
            _log.warning("a camera could not be told to stop", extra={"reason": str(error)})

    async def _move(self, velocity: dict[str, dict[str, float]]) -> None:
        if self._ends_by_itself:
            try:
                await self._ask("ContinuousMove", Velocity=velocity, Timeout=timedelta(seconds=MOVES_FOR))
                return
            except FaultAnswered:
                self._ends_by_itself = False  # some take no Timeout, or none that short
        await self._ask("ContinuousMove", Velocity=velocity)

    async def _stop(self) -> None:
        await self._ask("Stop", PanTilt=True, Zoom=True)

    async def _ask(self, operation: str, **params: object) -> Node:
        return await self._connection.ask(answers.PTZ, operation, {"ProfileToken": self.profile.token, **params})


def _speed(speed: float) -> float:
    return round(max(-1.0, min(1.0, speed)), 3)
