"""Looking at the newest photo of an album, always at the same address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.renditions import SIZES
from onlooker.errors import UnknownPhoto
from onlooker.events import wire
from onlooker.media import Photo
from onlooker.outputs.photos import disposition, neutral_name, rendition
from onlooker.outputs.sending import Version, send_file

USUAL = 1440

Name = Annotated[str, Path(description="The album's name.")]
Width = Annotated[int, Query(ge=1, le=65_535, description="About how large, in pixels; the nearest size is given")]


def router(archive: Archive) -> APIRouter:
    """`/albums/{album}/latest.jpg` and `/beam`."""
    routes = APIRouter(tags=["photos"])
    newest: dict[int, tuple[int, Photo]] = {}  # by album: the event up to which it is so, and the photo

    async def latest(request: Request, album: Album, width: int) -> Response:
        seq = album.feed.last_seq
        known = newest.get(album.id)
        if known is None or known[0] != seq:  # so that many who ask again and again ask the database once
            known = newest[album.id] = seq, await _newest(archive, album)
        photo = known[1]
        size = min(SIZES, key=lambda size: abs(size - width))
        version = Version(f'"{photo.sha256.hex()}-{size}-jpg"', photo.added_at // 1_000_000)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": disposition("inline", neutral_name(photo, "jpg")),
            "X-Photo": photo.id,
            "X-Taken": wire.instant(photo.taken_at, photo.taken_offset),
        }
        if version.tagged(request.headers):
            return Response(status_code=304, headers={**headers, **version.headers()})
        file = await rendition(archive, photo, size, "jpg")
        return await send_file(request, file.read, await file.size(), version, headers, "image/jpeg")

    @routes.api_route("/albums/{album}/latest.jpg", methods=["GET", "HEAD"], response_class=Response)
    async def of_album(request: Request, album: Name, width: Width = USUAL) -> Response:
        """The newest photo that is shown, upright; X-Photo and X-Taken say which. 404 while there is none."""
        return await latest(request, archive.album(album), width)

    @routes.api_route("/beam", methods=["GET", "HEAD"], response_class=Response)
    async def of_first_album(request: Request, width: Width = USUAL) -> Response:
        """The newest photo of the hub's first album."""
        first = next(iter(archive.albums.values()), None)
        if first is None:
            raise HTTPException(404, "This hub has no album yet.")
        return await latest(request, first, width)

    return routes


async def _newest(archive: Archive, album: Album) -> Photo:
    try:
        return await archive.newest(album)
    except UnknownPhoto:
        raise HTTPException(404, f"There is no photo in the album “{album.plan.title}” yet.") from None
