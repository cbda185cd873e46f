"""One photo in the body of a request, bare or in a form, handed to the archive with what is said about it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive, Kept
from onlooker.archive.describing import Said, said_in
from onlooker.archive.receiving import receive
from onlooker.errors import Interrupted
from onlooker.events import wire
from onlooker.formats import digest
from onlooker.web import guests
from onlooker.web.gate import visitor_of
from onlooker.web.photo_forms import OVERHEAD, PhotoForm


async def receive_body(archive: Archive, album: Album, request: Request, said: Said) -> Kept:
    """Keep the photo that the request carries; what its form says goes before `said`.

    Content-Digest is checked: it is that of the whole body, as RFC 9530 has it, form or not.
    """
    header = request.headers.get("content-digest", "")
    sha256 = digest.sha256_of(header) if header else None
    length = length_of(request)
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        return await receive(
            archive, album, body_of(request), dataclasses.replace(said, sha256=sha256 or said.sha256), length=length
        )
    form = PhotoForm(content_type, body_of(request), sha256)

    def said_by_then() -> Said:
        fields = {name: value for name, value in form.fields.items() if value}
        told = said_in(fields)
        return Said(
            filename=form.filename,
            caption=told.caption or said.caption,
            author=told.author or said.author,
            taken_at=told.taken_at or said.taken_at,
            sha256=told.sha256 or said.sha256,
        )

    return await receive(
        archive, album, aiter(form), said_by_then, length=max(0, length - OVERHEAD) if length is not None else None
    )


def answer(request: Request, kept: Kept) -> Response:
    """201 for a new photo, 200 for one that was there."""
    about = wire.photo_json(kept.photo, request.scope["root_path"])
    return JSONResponse(about, 201 if kept.new else 200)


def author_of(request: Request, given: str) -> str:
    """Under whose name a photo is sent: a user's own, or what a guest calls themselves."""
    visitor = visitor_of(request.scope)
    return given if visitor is None or guests.is_guest(visitor) else given or visitor.name


def length_of(request: Request) -> int | None:
    """How many bytes the body will have, if the sender says."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


async def body_of(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes; Interrupted if it ends before its end."""
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise Interrupted(
            "The connection ended before everything had arrived. Send the rest, or all of it again."
        ) from None
