"""The pages of albums: all of them as cards, and one with its photos."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.errors import UnknownAlbum
from onlooker.events import wire
from onlooker.formats import byte_size
from onlooker.media import PhotoState
from onlooker.web import guests
from onlooker.web.gate import visitor_of
from onlooker.web.nothing import nothing_here
from onlooker.web.templating import Pages

_READING = ["GET", "HEAD"]
_WITHOUT_SCRIPTS = 48  # photos that a browser without scripts shows


@dataclass(frozen=True, slots=True)
class Card:
    """An album among all. `cover` is the URL of its newest photo, or None where there is none."""

    album: Album
    cover: str | None
    size: str


def router(archive: Archive, pages: Pages) -> APIRouter:
    """/albums and /albums/{album}."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/albums", methods=_READING)
    async def albums(request: Request) -> Response:
        cards = [await _card(archive, album, request.scope["root_path"]) for album in archive.albums.values()]
        return pages.render(request, "albums.html", cards=cards, visitor=visitor_of(request.scope))

    @routes.api_route("/albums/{name}", methods=_READING)
    async def album(request: Request, name: str, state: str = "shown") -> Response:
        try:
            found = archive.album(name)
        except UnknownAlbum:
            return unknown_album(pages, request, name)
        visitor = visitor_of(request.scope)
        may = {"upload": guests.may_upload(visitor, name), "edit": guests.may_edit(visitor, name)}
        chosen = PhotoState(state) if may["edit"] and state in list(PhotoState) else PhotoState.SHOWN
        root_path = request.scope["root_path"]
        newest = await archive.page(found, [chosen], None, _WITHOUT_SCRIPTS)
        return pages.render(
            request,
            "album.html",
            album=found,
            may=may,
            waits=may["edit"] and (found.plan.approve or await _waits(archive, found)),
            state=chosen.value,
            size=byte_size.shown(found.size),
            newest=[wire.photo_json(photo, root_path) for photo in newest],
            here=f"{root_path}/albums/{quote(name, safe='')}",
            guest=guests.is_guest(visitor),
            visitor=visitor,
        )

    return routes


def unknown_album(pages: Pages, request: Request, name: str) -> Response:
    """404, said to a person; a guest, who has no other album to go back to, learns that the link leads nowhere."""
    if guests.is_guest(visitor_of(request.scope)):
        return nothing_here(request.scope, pages)
    return pages.render(request, "unknown.html", status_code=404, name=name, kind="album")


async def _waits(archive: Archive, album: Album) -> bool:
    """Whether photos still wait from when the album wanted them approved."""
    return bool(await archive.page(album, [PhotoState.WAITING], None, 1))


async def _card(archive: Archive, album: Album, root_path: str) -> Card:
    newest = await archive.page(album, [PhotoState.SHOWN], None, 1)
    cover = wire.photo_json(newest[0], root_path)["thumbnail"] if newest else None
    return Card(album, cover, byte_size.shown(album.size))
