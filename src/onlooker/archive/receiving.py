"""One photo sent in one request: received, kept, and told from its first bytes on; or nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive, Kept
from onlooker.archive.arrival import Arrival
from onlooker.archive.describing import Said, clean
from onlooker.archive.examining import wrong_type
from onlooker.errors import BrokenPhoto, OnlookerError
from onlooker.formats import photo

PATIENCE = 60.0  # seconds without a byte until the sender is given up


class TooSlow(OnlookerError):
    """The sender stopped sending, or went away."""


async def receive(
    archive: Archive, album: Album, chunks: AsyncIterator[bytes], said: Said, *, length: int | None = None
) -> Kept:
    """Take in the photo whose bytes `chunks` gives; `length` is what the sender announced, if it did.

    PhotoRefused, StorageError or TooSlow say why it is not kept; then nothing of it is, and those who were told that it
    is coming are told that it is not.
    """
    await archive.room_for(album, length or 0)
    photo_id = archive.new_id()
    receiving = _Receiving(archive, album, photo_id, said)
    try:
        async for chunk in _patiently(chunks):
            await receiving.take(chunk)
        return await receiving.keep()
    except BaseException as error:
        await asyncio.shield(receiving.give_up(error))
        raise


class _Receiving:
    """The state of one photo on its way in."""

    def __init__(self, archive: Archive, album: Album, photo_id: str, said: Said) -> None:
        self._archive = archive
        self._album = album
        self._id = photo_id
        self._said = said
        self._arrival = Arrival(archive.layout.part(photo_id), archive.disk)
        self._head = b""
        self._announced = False

    async def take(self, chunk: bytes) -> None:
        if not self._announced:
            self._head += chunk[: photo.HEAD]
            if len(self._head) >= photo.HEAD:
                self._announce()
        await self._arrival.write(chunk)
        if self._arrival.size > self._archive.options.max_photo:
            await self._archive.room_for(self._album, self._arrival.size)  # says how large it may be

    async def keep(self) -> Kept:
        if not self._arrival.size:
            raise BrokenPhoto("This photo is empty: no byte of it arrived.")
        if not self._announced:
            self._announce()
        await self._arrival.flush()
        kept = await self._archive.keep(self._album, self._id, self._arrival.path, self._said)
        if not kept.new:
            await self._arrival.delete()
            self._archive.announce(self._album, "duplicate", self._id, existing=kept.photo.id)
        return kept

    async def give_up(self, error: BaseException) -> None:
        await self._arrival.settled()
        with contextlib.suppress(OnlookerError):
            await self._archive.forget(self._id)
        if self._announced:
            reason = str(error) if isinstance(error, OnlookerError) else "The connection ended."
            self._archive.announce(self._album, "failed", self._id, reason=reason)

    def _announce(self) -> None:
        if photo.sniff(self._head) is None:
            raise wrong_type()
        self._announced = True
        self._archive.announce(self._album, "uploading", self._id, author=clean(self._said.author, 120))


async def _patiently(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    iterator = aiter(chunks)
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                chunk = await anext(iterator)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TooSlow(f"No byte arrived for {PATIENCE:g} seconds. Send the photo again.") from None
        if chunk:
            yield chunk
