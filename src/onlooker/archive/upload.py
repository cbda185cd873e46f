"""One upload that can be resumed: what of it is here for sure, taking in more of it, and making it a photo.

What is told of it holds, whenever the hub may end, also by a power cut:

- An offset is told only when the bytes before it are flushed. More may be on the disk after a crash; they came from
  the same sender, in order, and count once they are flushed. Bytes whose checksum was not compared do not (`verified`
  in the record is written before the first of them, and again when they are found to be right).
- The offset is the length only when the photo is kept. A part that is whole but not kept yet, because the hub ended
  between the last byte and the commit, is kept by the next request, be it the HEAD that asks for the offset.
- The commit names the photo by the upload's own id. If the hub ends behind it, before the record says `done`, the row
  says so, and the record is written then; the part goes to its place as any photo's does. So nothing is kept twice.
- A photo whose bytes are kept already gets `done` before its part is deleted; in between, the part is a leftover.
- To end an upload, its record goes first. A part without a record belongs to nobody and goes at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said, said_in
from onlooker.archive.incoming import Incoming
from onlooker.archive.sending import Sending
from onlooker.archive.upload_files import Record, UploadFiles
from onlooker.disk import storage_error
from onlooker.errors import (
    BeyondLength,
    Interrupted,
    MalformedInput,
    PhotoRefused,
    StorageError,
    TooMany,
    UnknownUpload,
    WrongChecksum,
    WrongOffset,
)
from onlooker.formats import tus

PATIENCE = 30.0  # seconds for the request before this one to come to its end


class Unfinished:
    """The uploads that are not complete: who began them, and which of them those who watch expect."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}
        self.announced: set[str] = set()

    def drop(self, upload_id: str) -> None:
        """It is complete, or over."""
        self.owners.pop(upload_id, None)
        self.announced.discard(upload_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an upload is; `photo` is the one that has its bytes once it is complete."""

    record: Record
    offset: int

    @property
    def photo(self) -> str | None:
        """The id of the photo."""
        return self.record.done


class Upload:
    """One upload while requests work with it: one at a time, and a newer one stops the older."""

    def __init__(self, archive: Archive, files: UploadFiles, record: Record, unfinished: Unfinished) -> None:
        self._archive = archive
        self._files = files
        self._record = record
        self._unfinished = unfinished
        self._head = b""
        self._turn = asyncio.Lock()
        self._waiting = 0  # requests that wait for their turn
        self._sending: Sending | None = None

    async def standing(self) -> Standing:
        """How far it is; completes it where only that is missing."""
        async with self._alone():
            return await self._stand()

    async def append(
        self,
        offset: int,
        chunks: AsyncIterator[bytes],
        *,
        size: int | None = None,
        length: int | None = None,
        checksum: tuple[str, bytes] | None = None,
    ) -> Standing:
        """Add bytes at `offset`; where they end, the photo is kept if they were the last ones.

        `size`: how many bytes are announced; `length`: of the whole upload, where that was left open; `checksum`: of
        these bytes, an algorithm and its digest. UploadError, StorageError or Interrupted: the upload can go on.
        PhotoRefused: it is over, and nothing of it is kept.
        """
        async with self._alone():
            standing = await self._stand()
            if offset != standing.offset:
                raise WrongOffset(f"{standing.offset} bytes of this upload are here; send the ones that follow.")
            if standing.photo is not None:
                return standing
            incoming = self._incoming(standing.offset)
            if length is not None:
                await self._set_length(length, offset)
            if self._record.length is not None and offset + (size or 0) > self._record.length:
                raise self._beyond()
            sending = self._sending = Sending(chunks)
            if self._waiting:
                sending.stop()
            try:
                with self._archive.turn():
                    await self._take(incoming, sending, checksum)
            finally:
                self._sending = None
            return await self._complete(incoming) if incoming.size == self._record.length else self._at(incoming.size)

    async def end(self, reason: str) -> None:
        """Delete what came, and tell those who expect the photo that it will not come; not a photo that is kept."""
        async with self._alone():
            with contextlib.suppress(UnknownUpload):
                standing = await self._load()
                if standing.photo is None and self._record.album in self._archive.albums:
                    await self._give_up(self._incoming(standing.offset), Interrupted(reason))
                else:
                    await self._forget()
                    await self._archive.forget(self._record.id)

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if self._sending is not None:
            self._sending.stop()
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turn.acquire()
        except TimeoutError:
            raise TooMany("This upload is still being stored. Ask again in a moment.") from None
        finally:
            self._waiting -= 1
        try:
            yield
        except OSError as error:
            raise storage_error(error) from error
        finally:
            self._turn.release()

    async def _stand(self) -> Standing:
        standing = await self._load()
        if standing.photo is None and standing.offset == self._record.length:
            return await self._complete(self._incoming(standing.offset))
        return standing

    async def _load(self) -> Standing:
        """What the disk says."""
        record = await self._archive.disk.run(self._files.read, self._record.id)
        if record is None:
            raise UnknownUpload
        self._record = record
        if record.done is not None:
            if record.done != record.id:
                await self._archive.disk.run(self._files.drop_part, record.id)
            return self._at(record.length or 0)
        found = await self._archive.disk.run(self._files.standing, record)
        if found is None or found[0] == record.length:
            photo = await self._archive.committed(self._record.id)
            if photo is not None:
                return await self._done(photo.id, photo.size)
        if found is None:  # nobody knows what became of its bytes
            await self._forget()
            raise UnknownUpload
        self._head = found[1]
        return self._at(found[0])

    def _incoming(self, size: int) -> Incoming:
        incoming = Incoming(self._archive, self._album, self._record.id, size=size, head=self._head)
        incoming.announced = self._record.id in self._unfinished.announced
        return incoming

    async def _take(self, incoming: Incoming, sending: Sending, checksum: tuple[str, bytes] | None) -> None:
        start, author, length = incoming.size, self._record.author, self._record.length
        digest = hashlib.new(checksum[0]) if checksum else None
        await self._trust_up_to(start if checksum else None)
        try:
            async for chunk in sending:
                if length is not None and incoming.size + len(chunk) > length:
                    raise self._beyond()
                if digest is not None:
                    digest.update(chunk)
                await incoming.take(chunk, author)
                if incoming.announced:
                    self._unfinished.announced.add(incoming.id)
            if digest is not None and checksum is not None and digest.digest() != checksum[1]:
                raise WrongChecksum("These bytes are not those that were announced; none of them was kept. Try again.")
            await incoming.flush()
        except PhotoRefused as error:
            await asyncio.shield(self._give_up(incoming, error))
            raise
        except (BeyondLength, WrongChecksum):
            await asyncio.shield(incoming.truncate(start))
            raise
        except BaseException:
            await asyncio.shield(self._save(incoming, start if checksum else None))
            raise
        finally:
            self._promise(incoming.size)
        if checksum and incoming.size != length:
            await self._trust_up_to(incoming.size)

    async def _save(self, incoming: Incoming, unverified: int | None) -> None:
        """The request was cut off: what it brought stays, unless its checksum can never be compared now."""
        with contextlib.suppress(StorageError):
            await incoming.settled()
            if unverified is None:
                await incoming.flush()
            else:
                await incoming.truncate(unverified)

    async def _complete(self, incoming: Incoming) -> Standing:
        """All bytes are here: a photo, or nothing."""
        try:
            kept = await incoming.keep(self.said)
        except PhotoRefused as error:
            await asyncio.shield(self._give_up(incoming, error))
            raise
        standing = await self._done(kept.photo.id, incoming.size)
        if not kept.new:
            with contextlib.suppress(StorageError):  # then it goes the next time somebody asks
                await incoming.drop()
        return standing

    async def _done(self, photo_id: str, size: int) -> Standing:
        await self._write(dataclasses.replace(self._record, done=photo_id, length=size, verified=None))
        self._let_go()
        return self._at(size)

    async def _give_up(self, incoming: Incoming, error: Exception) -> None:
        await incoming.settled()
        await self._forget()
        await incoming.give_up(error)

    async def _forget(self) -> None:
        await self._archive.disk.run(self._files.forget, self._record.id)
        self._let_go()

    def _let_go(self) -> None:
        self._archive.reserved.drop(self._record.id)
        self._unfinished.drop(self._record.id)

    async def _set_length(self, length: int, offset: int) -> None:
        if self._record.length not in (None, length):
            raise MalformedInput("Upload-Length was given before, and was another.")
        if length < offset:
            raise MalformedInput(f"Upload-Length is {length}, but {offset} bytes are here already.")
        await self._archive.room_for(self._album, length, upload=self._record.id)
        if self._record.length is None:
            await self._write(dataclasses.replace(self._record, length=length))
        self._promise(offset)

    async def _trust_up_to(self, verified: int | None) -> None:
        if self._record.verified != verified:
            await self._write(dataclasses.replace(self._record, verified=verified))

    async def _write(self, record: Record) -> None:
        await self._archive.disk.run(self._files.write, record)
        self._record = record

    def _promise(self, here: int) -> None:
        if self._record.id in self._unfinished.owners:
            length = self._record.length if self._record.length is not None else here
            self._archive.reserved.promise(self._record.id, self._album.id, length, here)

    def _at(self, offset: int) -> Standing:
        return Standing(self._record, offset)

    def _beyond(self) -> BeyondLength:
        return BeyondLength(f"This upload was announced with {self._record.length} bytes; more were sent.")

    @property
    def _album(self) -> Album:
        return self._archive.album(self._record.album)

    @property
    def said(self) -> Said:
        """What its sender says about the photo."""
        return dataclasses.replace(said_in(tus.metadata(self._record.metadata)), author=self._record.author)
