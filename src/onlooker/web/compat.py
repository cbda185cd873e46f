"""The URLs of the programs Onlooker replaces, so that what points at them goes on working.

remote-stream and OSCVideoStreamExample: /video_feed/{n} and /video_feed; mjpg-streamer: /?action=stream and
/?action=snapshot; go2rtc: /api/stream.mjpeg?src= and /api/frame.jpeg?src=; OmmShot: POST /upload.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.errors import UnknownAlbum
from onlooker.live.hub import Hub
from onlooker.live.status import ORIGINAL
from onlooker.outputs import mjpeg
from onlooker.outputs.still import still
from onlooker.web import guests
from onlooker.web.gate import visitor_of
from onlooker.web.photo_bodies import answer, author_of, receive_body

_READING = ["GET", "HEAD"]
_ACTION = re.compile(r"(stream|snapshot)(?:_(\d{1,4}))?\Z")
_NO_CACHE = {"Cache-Control": "no-store, no-cache, must-revalidate, max-age=0", "Pragma": "no-cache", "Expires": "0"}


def router(hub: Hub) -> APIRouter:
    """The URLs that have a path of their own; for mjpg-streamer's see `legacy_action`."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/video_feed", methods=_READING)
    async def first_feed() -> Response:
        return _feed(hub, "0")

    @routes.api_route("/video_feed/{number}", methods=_READING)
    async def feed(number: str) -> Response:
        return _feed(hub, number)

    @routes.api_route("/api/stream.mjpeg", methods=_READING)
    async def go2rtc_stream(src: str) -> Response:
        return _uncached(mjpeg.live(hub, [hub.camera(src).name], ORIGINAL))

    @routes.api_route("/api/frame.jpeg", methods=_READING)
    async def go2rtc_frame(src: str) -> Response:
        return _uncached(await still(hub, hub.camera(src).name, ORIGINAL))

    return routes


def phones(archive: Archive) -> APIRouter:
    """Where OmmShot's phones send their photos: the bytes as they are, whatever Content-Type stands over them."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/upload")
    async def upload(request: Request, album: str = "") -> Response:
        into = _album_for(request, archive, album)
        kept = await receive_body(archive, into, request, Said(author=author_of(request, "")))
        if "application/json" in request.headers.get("accept", ""):
            return answer(request, kept)
        return PlainTextResponse("1")

    return routes


async def legacy_action(request: Request, hub: Hub) -> Response | None:
    """What mjpg-streamer answers to /?action=stream and /?action=snapshot (or stream_1 …); None: show the wall."""
    action = _ACTION.match(request.query_params.get("action", ""))
    if action is None:
        return None
    name = _numbered(hub, action[2] or "0")
    if name is None:
        return _not_found()
    if action[1] == "stream":
        return _uncached(mjpeg.live(hub, [name], ORIGINAL))
    return _uncached(await still(hub, name, ORIGINAL))


def _album_for(request: Request, archive: Archive, name: str) -> Album:
    """The album that is named, else the one a guest may add to, else the first."""
    visitor = visitor_of(request.scope)
    name = name or guests.upload_album(visitor) or next(iter(archive.albums), "")
    if not guests.may_upload(visitor, name):
        raise UnknownAlbum(name)
    return archive.album(name)


def _feed(hub: Hub, number: str) -> Response:
    name = _numbered(hub, number)
    return _not_found() if name is None else _uncached(mjpeg.live(hub, [name], ORIGINAL))


def _numbered(hub: Hub, number: str) -> str | None:
    """The camera at this place of the configuration, counted from 0."""
    names = list(hub.cameras)
    if not (number.isascii() and number.isdecimal() and len(number) <= 4):
        return None
    return names[int(number)] if int(number) < len(names) else None


def _not_found() -> Response:
    return JSONResponse({"error": "Camera not found"}, 404)


def _uncached(response: Response) -> Response:
    response.headers.update(_NO_CACHE)
    return response
