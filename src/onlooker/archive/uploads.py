"""Every upload that can be resumed: begun, found again by whoever began it, bounded in number, and ended in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from weakref import WeakValueDictionary

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.describing import said_in
from onlooker.archive.upload import Unfinished, Upload
from onlooker.archive.upload_files import Record, UploadFiles
from onlooker.clock import Clock
from onlooker.disk import storage_error
from onlooker.errors import BrokenPhoto, OnlookerError, TooManyUploads, UnknownUpload
from onlooker.formats import tus

log = logging.getLogger(__name__)

MOST_UNFINISHED = 2_000
MOST_UNFINISHED_EACH = 500  # of one user, or of all guests of one share


class Uploads:
    """One per hub. Nothing is held open, and what is known is read from the disk anew for each request."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self._files = UploadFiles(archive.layout)
        self._busy: WeakValueDictionary[str, Upload] = WeakValueDictionary()
        self._unfinished = Unfinished()
        self._known = False
        self._counting = asyncio.Lock()
        archive.chores.append(self.tidy)

    async def create(
        self, owner: str, album: Album, length: int | None, metadata: Mapping[str, str], author: str
    ) -> Record:
        """Begin an upload of `length` bytes (None: not known yet); its id is that of the photo it will be.

        MalformedInput for metadata that cannot be, TooLarge and NoSpace like a photo, TooManyUploads.
        """
        said_in(metadata)
        if length == 0:
            raise BrokenPhoto("This photo is empty: it has no byte.")
        await self._know()
        async with self._counting:
            self._count(owner)
            await self._archive.room_for(album, length or 0)
            now = self._clock.now()
            record = Record(
                id=self._archive.new_id(),
                album=album.name,
                owner=owner,
                author=author,
                length=length,
                metadata=tus.metadata_header(metadata),
                created=now,
                expires=now + self._archive.options.keep_uploads,
            )
            try:
                await self._archive.disk.run(self._files.begin, record)
            except OSError as error:
                raise storage_error(error) from error
            self._begun(record, album, 0)
            return record

    async def find(self, upload_id: str, owners: Collection[str]) -> Upload:
        """The upload, if one of these began it; UnknownUpload."""
        record = await self._archive.disk.run(self._files.read, upload_id)
        if record is None or record.owner not in owners or record.expires <= self._clock.now():
            raise UnknownUpload
        await self._know()
        return self._of(record)

    async def tidy(self) -> None:
        """End what has expired."""
        await self._know()
        now = self._clock.now()
        for record in await self._archive.disk.run(lambda: list(self._files.every())):
            if record.expires <= now:
                try:
                    await self._of(record).end("Its upload was not finished in time.")
                except OnlookerError as error:
                    log.error("an upload that has expired cannot be deleted yet: %s", error)

    def _of(self, record: Record) -> Upload:
        upload = self._busy.get(record.id)
        if upload is None:
            upload = self._busy[record.id] = Upload(self._archive, self._files, record, self._unfinished)
        return upload

    def _count(self, owner: str) -> None:
        owners = list(self._unfinished.owners.values())
        if len(owners) >= MOST_UNFINISHED or owners.count(owner) >= MOST_UNFINISHED_EACH:
            raise TooManyUploads("There are too many unfinished uploads. Finish some, or send photos in one piece.")

    def _begun(self, record: Record, album: Album, here: int) -> None:
        self._unfinished.owners[record.id] = record.owner
        self._archive.reserved.promise(record.id, album.id, record.length or here, here)

    async def _know(self) -> None:
        """Count what a hub before this one left unfinished, once."""
        async with self._counting:
            if self._known:
                return
            for record, here in await self._archive.disk.run(self._left):
                album = self._archive.albums.get(record.album)
                if album is not None:
                    self._begun(record, album, here)
            self._known = True

    def _left(self) -> list[tuple[Record, int]]:
        records = [record for record in self._files.every() if record.done is None]
        return [(record, self._files.size(record.id)) for record in records]
