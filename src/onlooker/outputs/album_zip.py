"""Taking a whole album home: its originals as one ZIP archive, packed while it is sent."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.handing_out import CannotStrip
from onlooker.archive.renditions import SIZES
from onlooker.db import photos as rows
from onlooker.errors import StorageError, TooMany
from onlooker.events import wire
from onlooker.formats.zip_stream import Entry, ZipStream, length
from onlooker.media import Photo, PhotoState
from onlooker.outputs.photos import IsGuest, clock_on_the_wall, disposition, rendition
from onlooker.outputs.sending import CHUNK, Read, Sending

log = logging.getLogger(__name__)

MOST_CHOSEN = 500
MOST_AT_ONCE = 32
_PAGE = 500

Name = Annotated[str, Path(description="The album's name.")]
Chosen = Annotated[
    str, Query(max_length=MOST_CHOSEN * 32, description="Ids of photos, separated by commas; empty: all")
]


@dataclass(frozen=True, slots=True)
class _Packed:
    """A photo and how it stands in the archive."""

    photo: Photo
    entry: Entry


def router(archive: Archive, is_guest: IsGuest) -> APIRouter:
    """`/albums/{album}/all.zip`."""
    routes = APIRouter(tags=["photos"])
    packing = _Packing(archive)

    @routes.api_route("/albums/{album}/all.zip", methods=["GET", "HEAD"], response_class=Response)
    async def everything(request: Request, album: Name, photos: Chosen = "") -> Response:
        """The originals of all photos that are shown, or of those chosen, oldest first; guests: no personal data."""
        of = archive.album(album)
        chosen = list(dict.fromkeys(one for one in photos.split(",") if one))
        if len(chosen) > MOST_CHOSEN:
            raise HTTPException(422, f"At most {MOST_CHOSEN} photos can be chosen; take the whole album instead.")
        packed = await packing.packed(of, chosen)
        if not packed:
            raise HTTPException(404, f"There is no such photo in the album “{of.plan.title}”.")
        if request.method == "GET" and packing.running >= MOST_AT_ONCE:
            raise TooMany("Too many albums are being downloaded just now. Try again in a few minutes.")
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Disposition": disposition("attachment", f"{of.name}.zip"),
            "Accept-Ranges": "none",
            "X-Accel-Buffering": "no",  # a proxy would take all of it at once, onto its own disk
        }
        size = length(one.entry for one in packed)
        return Sending(packing.stream(packed, is_guest(request.scope)), size, headers, "application/zip")

    return routes


class _Packing:
    """Reads what is to be packed; `running` counts the archives being sent."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.running = 0

    async def packed(self, album: Album, chosen: Sequence[str]) -> list[_Packed]:
        """What is in the archive, oldest first: decided now, whatever happens to the photos while it is sent."""
        photos = await (self._chosen(album, chosen) if chosen else self._all(album))
        there = await self._archive.disk.run(lambda: [photo for photo in photos if self._is_there(photo)])
        return list(_named(there))

    async def stream(self, packed: Iterable[_Packed], guest: bool) -> AsyncIterator[bytes]:
        """The bytes of the archive."""
        self.running += 1
        try:
            stream = ZipStream()
            for one in packed:
                read, entry, crc = await (self._without_personal_data(one) if guest else self._as_it_is(one))
                yield stream.begin(entry, crc)
                sent = 0
                for start in range(0, entry.size, CHUNK):
                    chunk = await read(start, min(CHUNK, entry.size - start))
                    sent = zlib.crc32(chunk, sent)
                    if sent != crc and start + CHUNK >= entry.size:
                        raise StorageError(f"{one.photo.path} changed while it was read.")
                    yield chunk
            yield stream.end()
        finally:
            self.running -= 1

    async def _chosen(self, album: Album, chosen: Sequence[str]) -> list[Photo]:
        found = await self._archive.database.read(lambda connection: rows.by_ids(connection, chosen))
        return sorted(
            (photo for photo in found if photo.album == album.name and photo.state is PhotoState.SHOWN),
            key=lambda photo: photo.place,
        )

    async def _all(self, album: Album) -> list[Photo]:
        found: list[Photo] = []
        while page := await self._archive.page(album, [PhotoState.SHOWN], found[-1].place if found else None, _PAGE):
            found += page
        return found[::-1]

    def _is_there(self, photo: Photo) -> bool:
        path = self._archive.layout.find(photo)
        try:
            size = path.stat().st_size
        except OSError as error:
            log.error("%s is left out of an album's archive: %s", path, error.strerror)
            return False
        if size != photo.size:
            log.error("%s is left out of an album's archive: it has %d bytes, not %d", path, size, photo.size)
        return size == photo.size

    async def _as_it_is(self, one: _Packed) -> tuple[Read, Entry, int]:
        file = self._archive.originals.file(one.photo)

        def look() -> int:
            crc, digest = 0, hashlib.sha256()
            for start in range(0, one.photo.size, CHUNK):
                chunk = file.read_now(start, min(CHUNK, one.photo.size - start))
                crc = zlib.crc32(chunk, crc)
                digest.update(chunk)
            if digest.digest() != one.photo.sha256:
                raise StorageError(f"{one.photo.path} is damaged: its bytes are not those that were stored.")
            return crc

        return file.read, one.entry, await self._archive.disk.run(look)

    async def _without_personal_data(self, one: _Packed) -> tuple[Read, Entry, int]:
        entry = one.entry
        try:
            data = await self._archive.originals.stripped(one.photo)
        except CannotStrip:
            data, entry = await self._smaller(one)

        async def read(start: int, size: int) -> bytes:
            return data[start : start + size]

        return read, entry, await asyncio.to_thread(zlib.crc32, data)

    async def _smaller(self, one: _Packed) -> tuple[bytes, Entry]:
        """The largest rendition that fits the place of the original, whose length is announced already.

        A JPEG may have anything behind its end, and its name can be as long as that of every kind of photo.
        """
        stem, _, extension = one.entry.name.rpartition(".")
        name = f"{stem}.{'jpeg' if len(extension) == 4 else 'jpg'}"
        for size in reversed(SIZES):
            file = await rendition(self._archive, one.photo, size, "jpg")
            if (there := await file.size()) <= one.entry.size:
                data = (await file.read(0, there)).ljust(one.entry.size, b"\0")
                return data, Entry(name, one.entry.size, one.entry.shown, one.entry.modified)
        raise StorageError(f"{one.photo.path} cannot be handed out to guests, and no smaller picture of it fits.")


def _named(photos: Iterable[Photo]) -> Iterable[_Packed]:
    """Names of letters that every system takes, by when the photos were taken; a number makes them unique."""
    count: dict[str, int] = {}
    for photo in photos:
        shown = clock_on_the_wall(photo)
        stem = f"{shown:%Y_%m_%d/%H_%M_%S}"
        count[stem] = number = count.get(stem, 0) + 1
        name = f"{stem}{'' if number == 1 else f'-{number}'}.{wire.extension(photo.type)}"
        yield _Packed(photo, Entry(name, photo.size, shown, photo.taken_at // 1_000_000))
