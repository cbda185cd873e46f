"""A camera that can do everything, whose every step a test decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from onlooker.clock import Clock
from onlooker.devices import (
    Ability,
    Adjustable,
    Card,
    CardFile,
    CardPage,
    Details,
    Device,
    Json,
    Moving,
    Option,
    Preset,
    Progress,
    Shooting,
    Taken,
)
from onlooker.errors import CannotDo, DeviceError, UnfitOption
from onlooker.live.hub import CameraPlan
from onlooker.media import Media
from tests.archive.sending import jpeg

DETAILS = Details(
    frozenset(
        {Ability.SHOOT, Ability.OPTIONS, Ability.CARD, Ability.MOVE, Ability.ZOOM, Ability.PRESETS, Ability.HOME}
    ),
    1_800_000_000.0,
    maker="Acme",
    model="Eye 3",
    firmware="1.2",
    serial="0042",
    battery=0.57,
    charging=False,
    storage_left=3_000_000_000,
    storage=8_000_000_000,
    pictures_left=412,
    capture="idle",
    problems=("The lens cap is on.",),
)


@dataclass
class Gadget(Device, Adjustable, Shooting, Card, Moving):
    """`fails` is raised by whatever is asked next; `pieces` are the bytes of the next picture, as they come.

    A picture comes only as far as it is put into `pieces`; None ends it.
    """

    fails: Exception | None = None
    settings: dict[str, Option] = field(default_factory=dict)
    card: dict[str, bytes] = field(default_factory=dict)
    size: int | None = None
    pieces: asyncio.Queue[bytes | Exception | None] = field(default_factory=asyncio.Queue)
    progress: Progress | None = None
    may_take: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[object] = field(default_factory=list)
    open: int = 0

    def source(self) -> Gadget:
        return self

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        await asyncio.Event().wait()
        yield  # type: ignore[misc]

    async def details(self) -> Details:
        self._fail()
        return DETAILS

    async def close(self) -> None:
        self.done.append("close")

    async def options(self) -> tuple[Option, ...]:
        self._fail()
        return tuple(self.settings.values())

    async def set_option(self, name: str, value: Json) -> Option:
        self._fail()
        option = self.settings.get(name)
        if option is None or (option.choices is not None and value not in option.choices):
            raise UnfitOption(f"“{name}” takes something else.", "invalidParameterValue")
        self.settings[name] = replace(option, value=value)
        return self.settings[name]

    @asynccontextmanager
    async def shoot(self, progress: Progress) -> AsyncIterator[Taken]:
        self._fail()
        self.progress = progress
        self.open += 1
        try:
            await self.may_take.wait()
            yield Taken("R0010001.JPG", self.size, self._come())
        finally:
            self.open -= 1

    async def _come(self) -> AsyncIterator[bytes]:
        while (piece := await self.pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def files(self, after: str | None = None, limit: int = 50) -> CardPage:
        self._fail()
        start = int(after or 0)
        found = [CardFile(name, name.rpartition("/")[2], len(data)) for name, data in self.card.items()]
        end = start + limit
        return CardPage(tuple(found[start:end]), str(end) if end < len(found) else None, len(found))

    @asynccontextmanager
    async def fetch(self, file_id: str) -> AsyncIterator[Taken]:
        self._fail()
        yield Taken(file_id.rpartition("/")[2], len(self._stored(file_id)), self._whole(file_id))

    async def _whole(self, file_id: str) -> AsyncIterator[bytes]:
        yield self._stored(file_id)

    async def thumbnail(self, file_id: str) -> bytes:
        self._fail()
        self._stored(file_id)
        return jpeg(1, (16, 8))

    async def move(self, pan: float, tilt: float, zoom: float) -> None:
        self._fail()
        self.done.append((pan, tilt, zoom))

    async def stop(self) -> None:
        self._fail()
        self.done.append("stop")

    async def presets(self) -> tuple[Preset, ...]:
        self._fail()
        return (Preset("1", "Gate"), Preset("a/b c", "Yard"))

    async def go_to(self, preset_id: str) -> None:
        self._fail()
        self.done.append(("preset", preset_id))

    async def home(self) -> None:
        self._fail()
        self.done.append("home")

    def _fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def _stored(self, file_id: str) -> bytes:
        if file_id not in self.card:
            raise CannotDo("The camera has no such file.")
        return self.card[file_id]

    def plan(self, name: str = "eye") -> CameraPlan:
        return CameraPlan(name, name.title(), "scripted", lambda: self, fingerprint=name)


class Lump(Device):
    """A device that can do nothing."""

    def source(self) -> Gadget:
        return Gadget()

    async def details(self) -> Details:
        raise DeviceError("It says nothing.")

    async def close(self) -> None:
        pass
