"""One photo on its way in: its bytes, and what those who watch are told of it until it is kept or given up."""

from __future__ import annotations

import contextlib

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive, Kept
from onlooker.archive.arrival import Arrival
from onlooker.archive.describing import LONGEST_NAME, Said, line
from onlooker.archive.examining import wrong_type
from onlooker.errors import BrokenPhoto, OnlookerError
from onlooker.formats import photo


class Incoming:
    """Used by one task at a time. `size` and `head`: how much of it is there already, and its first bytes."""

    def __init__(self, archive: Archive, album: Album, photo_id: str, *, size: int = 0, head: bytes = b"") -> None:
        self.id = photo_id
        self.announced = False  # whether those who watch expect it
        self._archive = archive
        self._album = album
        self._head = head
        self._arrival = Arrival(archive.layout.part(photo_id), archive.disk, size)

    @property
    def size(self) -> int:
        """Bytes that came so far."""
        return self._arrival.size

    async def take(self, chunk: bytes, author: str) -> None:
        """Add bytes. WrongType as soon as the first ones show that this is no photo; TooLarge."""
        if not self.announced:
            self._head += chunk[: photo.HEAD]
            if len(self._head) >= photo.HEAD:
                self._announce(author)
        await self._arrival.write(chunk)
        if self.size > self._archive.options.max_photo:
            await self._archive.room_for(self._album, self.size)  # says how large it may be

    async def flush(self) -> None:
        """Everything that came is on the disk when this returns."""
        await self._arrival.flush()

    async def truncate(self, size: int) -> None:
        """Forget the bytes behind `size`."""
        await self._arrival.settled()
        await self._arrival.truncate(size)

    async def keep(self, said: Said, kind: str = "upload") -> Kept:
        """Make it a photo of the album. If its bytes are one already, `drop` is for the caller to call."""
        if not self.size:
            raise BrokenPhoto("This photo is empty: no byte of it arrived.")
        if not self.announced:
            self._announce(said.author)
        await self.flush()
        kept = await self._archive.keep(self._album, self.id, self._arrival.path, said, kind)
        if not kept.new:
            self._archive.announce(self._album, "duplicate", self.id, existing=kept.photo.id)
        return kept

    async def drop(self) -> None:
        """Delete the bytes."""
        await self._arrival.delete()

    async def settled(self) -> None:
        """Wait for the thread that may still write for a caller who was cancelled."""
        await self._arrival.settled()

    async def give_up(self, error: BaseException) -> None:
        """It will not come: delete what is there, and tell those who expect it."""
        await self._arrival.settled()
        with contextlib.suppress(OnlookerError):
            await self._archive.forget(self.id)
        if self.announced:
            reason = str(error) if isinstance(error, OnlookerError) else "The connection ended."
            self._archive.announce(self._album, "failed", self.id, reason=reason)

    def _announce(self, author: str) -> None:
        if photo.sniff(self._head) is None:
            raise wrong_type()
        self.announced = True
        self._archive.announce(self._album, "uploading", self.id, author=line(author, LONGEST_NAME))
