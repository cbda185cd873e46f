"""Looking at photos: each in a few sizes, and as it was sent."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from onlooker.archive.archive import Archive
from onlooker.archive.handing_out import CannotStrip, StoredFile
from onlooker.archive.renditions import FORMATS, SIZES
from onlooker.errors import BrokenPhoto, StorageError, UnknownPhoto
from onlooker.events import wire
from onlooker.formats import digest
from onlooker.media import Photo, PhotoState
from onlooker.outputs.sending import Version, send_file

log = logging.getLogger(__name__)

IsGuest = Callable[[Scope], bool]

KEPT = "private, max-age=31536000, immutable"  # these bytes never change, and everybody who may see the album may
# In an album that is open to everybody: browsers keep it, caches in between ask again soon whether it is still shown.
KEPT_BY_ALL = "public, max-age=31536000, s-maxage=600, immutable"
ASKED_AGAIN = "private, no-cache"  # who may see it, or which bytes they get, may change

Name = Annotated[str, Path(description="The album's name.")]
Sha256 = Annotated[str, Path(description="Of the photo's original, in hexadecimal.")]
Download = Annotated[str | None, Query(description="Given, with or without a value: to be saved, not shown")]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# In every time zone a date of the calendar, and of four digits.
_FIRST, _LAST = datetime(1000, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_SIZES = {str(size): size for size in SIZES}


def router(archive: Archive, is_guest: IsGuest) -> APIRouter:
    """`/albums/{album}/i/{sha256}/…`. Guests see only what is shown, and originals without personal data."""
    routes = APIRouter(prefix="/albums/{album}/i/{sha256}", tags=["photos"])

    async def visible(request: Request, album: str, sha256: str) -> Photo:
        found = archive.album(album)
        if not _DIGEST.fullmatch(sha256):
            raise UnknownPhoto
        photo = await archive.photo_of(found, bytes.fromhex(sha256))
        if photo.state is not PhotoState.SHOWN and is_guest(request.scope):
            raise UnknownPhoto
        return photo

    # Before the next one, whose pattern it fits too.
    @routes.api_route("/original.{extension}", methods=["GET", "HEAD"], response_class=Response)
    async def original(
        request: Request, album: Name, sha256: Sha256, extension: str, download: Download = None
    ) -> Response:
        """The photo byte for byte; for guests without place, dates, names and devices, its picture untouched."""
        photo = await visible(request, album, sha256)
        if extension != wire.extension(photo.type):
            raise UnknownPhoto
        guest = is_guest(request.scope)
        version = Version(f'"{sha256}-stripped"' if guest else f'"{sha256}"', _second(photo.added_at))
        headers = _headers(photo, extension, ASKED_AGAIN, "inline" if download is None else "attachment")
        if version.known(request.headers):
            return Response(status_code=304, headers={**headers, **version.headers()})
        if guest:
            data = await _stripped(archive, photo)

            async def read(start: int, size: int) -> bytes:
                return data[start : start + size]

            return await send_file(request, read, len(data), version, headers, photo.type)
        file = await archive.originals.whole(photo)
        headers["Repr-Digest"] = digest.content_digest(photo.sha256)
        return await send_file(request, file.read, photo.size, version, headers, photo.type)

    @routes.api_route("/{size}.{form}", methods=["GET", "HEAD"], response_class=Response)
    async def smaller(request: Request, album: Name, sha256: Sha256, size: str, form: str) -> Response:
        """The photo upright and without metadata, its shorter side 320, 1440 or 2160 pixels at most: webp or jpg."""
        if size not in _SIZES or form not in FORMATS:
            raise HTTPException(404)
        photo = await visible(request, album, sha256)
        version = Version(f'"{sha256}-{size}-{form}"', _second(photo.added_at))
        public = archive.album(album).plan.public
        kept = ASKED_AGAIN if photo.state is not PhotoState.SHOWN else KEPT_BY_ALL if public else KEPT
        headers = _headers(photo, form, kept, "inline")
        if version.known(request.headers):
            return Response(status_code=304, headers={**headers, **version.headers()})
        file = await rendition(archive, photo, _SIZES[size], form)
        return await send_file(request, file.read, await file.size(), version, headers, FORMATS[form])

    return routes


async def rendition(archive: Archive, photo: Photo, size: int, form: str) -> StoredFile:
    """A smaller picture, made now if it was not before; TooMany, StorageError."""
    try:
        path = await archive.renditions.get(photo, size, form)
    except BrokenPhoto as error:  # it was whole when it came
        log.error("%s cannot be handed out: %s", photo.path, error)
        raise StorageError("This photo's file is damaged on the hub's disk; the hub's log says which it is.") from error
    return StoredFile(lambda: path, archive.disk)


def neutral_name(photo: Photo, extension: str) -> str:
    """A file name that says no more than the album and when the photo was taken."""
    return f"{photo.album}-{clock_on_the_wall(photo):%Y-%m-%d-%H-%M-%S}.{extension}"


def clock_on_the_wall(photo: Photo) -> datetime:
    """When it was taken, as a clock there said; as one here, if it is not known where that was."""
    moment = min(max(_EPOCH + timedelta(seconds=_second(photo.taken_at)), _FIRST), _LAST)
    offset = photo.taken_offset
    moment = moment.astimezone() if offset is None else moment + timedelta(minutes=offset)
    return moment.replace(tzinfo=None)


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition that old programs understand as well (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    encoded = f"; filename*=UTF-8''{quote(name, safe='')}" if kind == "attachment" else ""
    return f'{kind}; filename="{plain}"{encoded}'


async def _stripped(archive: Archive, photo: Photo) -> bytes:
    try:
        return await archive.originals.stripped(photo)
    except CannotStrip as error:
        raise HTTPException(422, str(error)) from error


def _headers(photo: Photo, extension: str, cache: str, kind: str) -> dict[str, str]:
    return {
        "Cache-Control": cache,
        "Content-Disposition": disposition(kind, neutral_name(photo, extension)),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _second(microseconds: int) -> int:
    return microseconds // 1_000_000
