"""The pictures a simulated Theta has stored: they are remembered as numbers and drawn again when they are wanted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from onlooker.simulation.theta import metadata, pictures
from onlooker.simulation.theta.models import Model, Traits

_KEPT = 4  # whole pictures in memory
_FIRST = 10006
_FOLDER = "100RICOH"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file. `path` is what its address has behind `files/`."""

    number: int
    taken: datetime
    size: int
    thumb_size: int
    path: str
    projection: str = "Equirectangular"

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass
class Card:
    """Draws in threads; `total` is how many bytes fit."""

    traits: Traits
    still: tuple[int, int]
    heading: float
    total: int = 20_000_000_000
    _files: dict[str, Stored] = field(default_factory=dict)
    _drawn: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _next: int = _FIRST

    async def add(self, taken: datetime) -> Stored:
        """Store one more picture."""
        number = self._next
        self._next += 1
        data, small = await asyncio.gather(
            asyncio.to_thread(self._draw, number, taken),
            asyncio.to_thread(pictures.thumbnail, number, taken, self.heading),
        )
        folder = f"{self.traits.storage}/{_FOLDER}" if self.traits.storage else _FOLDER
        stored = Stored(number, taken, len(data), len(small), f"{folder}/R{number:07d}.JPG")
        self._files[stored.path] = stored
        self._remember(stored.path, data)
        return stored

    async def content(self, stored: Stored) -> bytes:
        """The whole file."""
        data = self._drawn.get(stored.path)
        if data is None:
            data = await asyncio.to_thread(self._draw, stored.number, stored.taken)
        self._remember(stored.path, data)
        return data

    async def thumbnail(self, stored: Stored) -> bytes:
        """Its small picture."""
        return await asyncio.to_thread(pictures.thumbnail, stored.number, stored.taken, self.heading)

    def described(self, stored: Stored) -> dict[str, object]:
        """What the camera tells of it."""
        return metadata.as_json(metadata.Facts(self.still, stored.taken, self._maker, self.heading))

    def find(self, path: str) -> Stored | None:
        """The file with this path, or with this end of one: level 1 leaves the memory's name out."""
        found = self._files.get(path)
        return found or self._files.get(f"{self.traits.storage}/{path}")

    def remove(self, stored: Stored) -> None:
        """It is gone."""
        self._files.pop(stored.path, None)
        self._drawn.pop(stored.path, None)

    def newest_first(self) -> list[Stored]:
        return list(reversed(self._files.values()))

    @property
    def latest(self) -> Stored | None:
        return next(reversed(self._files.values()), None)

    @property
    def remaining(self) -> int:
        """Bytes that still fit."""
        return max(0, self.total - sum(stored.size for stored in self))

    def __iter__(self) -> Iterator[Stored]:
        return iter(self._files.values())

    def __len__(self) -> int:
        return len(self._files)

    @property
    def _maker(self) -> metadata.Maker:
        return metadata.Maker(self.traits.name, self.traits.firmware)

    def _draw(self, number: int, taken: datetime) -> bytes:
        return pictures.still(self.still, number, taken, self._maker, self.heading)

    def _remember(self, path: str, data: bytes) -> None:
        self._drawn[path] = data
        self._drawn.move_to_end(path)
        while len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)


def entry(stored: Stored, card: Card, files: str, *, detail: bool) -> dict[str, object]:
    """A file as listFiles tells of it; `files` is the address of the card."""
    zone = stored.taken.strftime("%z")
    when = f"{stored.taken:%Y:%m:%d %H:%M:%S}"
    told: dict[str, object] = {"name": stored.name, "fileUrl": files + stored.path, "size": stored.size}
    if not detail:
        return {**told, "dateTime": when}
    told |= {
        "dateTimeZone": f"{when}{zone[:3]}:{zone[3:]}",
        "width": card.still[0],
        "height": card.still[1],
        "isProcessed": True,
        "previewUrl": "",
        "_projectionType": stored.projection,
        "_thumbSize": stored.thumb_size,
    }
    if card.traits.model is Model.X:
        told |= {"_favorite": False, "_imageDescription": "", "_storageID": "412176649172527ab3d5edabb50a7d69"}
        told |= {"_uploaded": False}
    return told
