"""The pages of an album that fill a screen: the show for everybody in the hall, and snap for the phone in the hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import FileResponse, JSONResponse, Response

from onlooker.archive.archive import Archive
from onlooker.errors import UnknownAlbum
from onlooker.web import guests
from onlooker.web.album_pages import unknown_album
from onlooker.web.gate import visitor_of
from onlooker.web.nothing import nothing_here
from onlooker.web.templating import Pages

_READING = ["GET", "HEAD"]
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\Z")
Name = Annotated[str, Path(max_length=64)]
# What each page needs, to be fetched at once and, for snap, to be kept for when there is no network.
SHOW_MODULES = ("page", "feed", "hub-clock", "show-plan", "show-join", "show-awake")
SNAP_MODULES = (
    *("page", "feed", "queue", "queue-lease", "sending", "snap-list", "thumbnail", "lens", "viewfinder"),
    "vendor/tus.min",
)
_LIGHT, _DARK = "#faf8f4", "#0e0f11"  # --paper


def router(archive: Archive, pages: Pages) -> APIRouter:
    """/albums/{album}/show and /snap, and what makes snap an app: its manifest and its service worker."""
    routes = APIRouter(include_in_schema=False)

    def page(request: Request, name: str, template: str, **more: Any) -> Response:
        visitor = visitor_of(request.scope)
        try:
            plan = archive.album(name).plan
        except UnknownAlbum:
            return unknown_album(pages, request, name)
        guest = guests.is_guest(visitor)
        return pages.render(request, template, album=name, plan=plan, guest=guest, visitor=visitor, **more)

    @routes.api_route("/albums/{album}/show", methods=_READING)
    async def show(request: Request, album: Name) -> Response:
        build = _build(pages, ["show.js", "show.css", *(f"{module}.js" for module in SHOW_MODULES)])
        return page(request, album, "show.html", modules=SHOW_MODULES, build=build)

    @routes.api_route("/albums/{album}/snap", methods=_READING)
    async def snap(request: Request, album: Name) -> Response:
        if not guests.may_upload(visitor_of(request.scope), album):
            return nothing_here(request.scope, pages)
        return page(request, album, "snap.html", modules=SNAP_MODULES)

    @routes.api_route("/manifest.webmanifest", methods=_READING)
    async def manifest(request: Request, album: Annotated[str, Query(max_length=64)] = "") -> Response:
        """Public, so it tells nothing: the album's name is the one that was asked with."""
        root = request.scope["root_path"]
        named = _NAME.match(album) is not None
        start = f"{root}/albums/{quote(album)}/snap" if named else f"{root}/"
        icons = [
            ("icon-192.png", "192x192", "image/png", "any"),
            ("icon-512.png", "512x512", "image/png", "any"),
            ("maskable-512.png", "512x512", "image/png", "maskable"),
            ("icon.svg", "any", "image/svg+xml", "any"),
        ]
        about = {
            "name": f"Onlooker: {album}" if named else "Onlooker",
            "short_name": "Snap" if named else "Onlooker",
            "description": "Send photos to the album. They stay on the phone until they are safe.",
            "id": start,
            "start_url": start,
            "scope": f"{root}/",
            "display": "standalone",
            "background_color": _DARK,
            "theme_color": _DARK,
            "categories": ["photo"],
            "icons": [
                {"src": f"{root}/static/icons/{name}", "sizes": sizes, "type": kind, "purpose": purpose}
                for name, sizes, kind, purpose in icons
            ],
        }
        return JSONResponse(about, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})

    @routes.api_route("/sw.js", methods=_READING)
    async def service_worker(request: Request) -> Response:
        headers = {"Service-Worker-Allowed": f"{request.scope['root_path']}/", "Cache-Control": "no-cache"}
        return FileResponse(pages.static_folder / "sw.js", media_type="text/javascript", headers=headers)

    return routes


def _build(pages: Pages, names: Iterable[str]) -> str:
    """Changes when one of these files does: a screen that runs for days then loads itself anew."""
    return "".join(pages.hash(name)[:6] for name in names)
