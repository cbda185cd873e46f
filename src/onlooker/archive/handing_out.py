"""Stored bytes on their way out: read in pieces, checked, and for guests without personal data."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from onlooker.archive.layout import Layout
from onlooker.errors import MalformedInput, StorageError
from onlooker.formats.photo import PhotoType
from onlooker.formats.stripping import stripped
from onlooker.live.workers import Workers
from onlooker.media import Photo

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_STRIPPED = 2  # photos at once: each is in memory three times meanwhile
_KINDS = {kind.mime: kind for kind in PhotoType}


class CannotStrip(MalformedInput):
    """The personal data in a photo cannot be found with certainty, so its original is not given to guests."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that does not change, wherever `find` finds it now.

    Opened anew for each piece, so that a download that pauses holds no file open, and one that is cut short leaves
    none behind. StorageError when the disk does not give it; the log names the file then.
    """

    find: Callable[[], Path]
    disk: Workers

    async def size(self) -> int:
        """How many bytes it has."""
        return await self.disk.run(at, self.find, lambda path: path.stat().st_size)

    async def read(self, start: int, size: int) -> bytes:
        """Exactly these bytes of it."""
        return await self.disk.run(self.read_now, start, size)

    def read_now(self, start: int, size: int) -> bytes:
        """The same; blocks."""
        data = at(self.find, lambda path: _piece(path, start, size))
        if len(data) != size:
            raise _unreadable(self.find(), f"it ends {size - len(data)} bytes too early")
        return data


def at(find: Callable[[], Path], look: Callable[[Path], T]) -> T:
    """What `look` makes of the file, also if it is moved to its place in this very moment; StorageError; blocks."""
    path = find()
    try:
        try:
            return look(path)
        except FileNotFoundError:
            if (moved := find()) == path:
                raise
            return look(moved)
    except OSError as error:
        raise _unreadable(path, error.strerror) from error


class Originals:
    """The photos as they were sent."""

    def __init__(self, layout: Layout, disk: Workers, pictures: Workers) -> None:
        self._layout = layout
        self._disk = disk
        self._pictures = pictures
        self._stripping = asyncio.Semaphore(MOST_STRIPPED)

    def file(self, photo: Photo) -> StoredFile:
        """Its bytes, to be read in pieces."""
        return StoredFile(lambda: self._layout.find(photo), self._disk)

    async def whole(self, photo: Photo) -> StoredFile:
        """The same, once it is known that the file is there and as long as it was; StorageError."""
        file = self.file(photo)
        if (size := await file.size()) != photo.size:
            raise _unreadable(self._layout.find(photo), f"it has {size} bytes instead of {photo.size}")
        return file

    async def stripped(self, photo: Photo) -> bytes:
        """As long as the original, without personal data; CannotStrip, StorageError."""
        async with self._stripping:
            return await self._pictures.run(self._strip, photo)

    def _strip(self, photo: Photo) -> bytes:
        data = self.file(photo).read_now(0, photo.size)
        if hashlib.sha256(data).digest() != photo.sha256:
            raise _unreadable(self._layout.find(photo), "its bytes are not those that were stored")
        try:
            return stripped(data, _KINDS[photo.type])
        except MalformedInput as error:
            raise CannotStrip(
                "The personal data in this photo cannot be taken out with certainty, so its original is not handed "
                "out. The smaller picture can be had."
            ) from error


def _piece(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def _unreadable(path: Path, why: str | None) -> StorageError:
    log.error("%s cannot be handed out: %s", path, why)
    return StorageError("The hub's disk does not give this photo; the hub's log says which file it is.")
