"""The photos of an album in the API: send, list, check, change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse, Response

from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.db import photos
from onlooker.errors import MalformedInput, TooLarge, UnknownAlbum, UnknownPhoto
from onlooker.events import wire
from onlooker.media import Photo, PhotoState
from onlooker.web import guests
from onlooker.web.gate import visitor_of
from onlooker.web.photo_bodies import answer, author_of, body_of, receive_body
from onlooker.web.problems import described

Name = Annotated[str, Path(description="The album's name.")]
MOST_CHECKED = 5_000
_LARGEST_CHECK = 512 * 1024  # bytes
Id = Annotated[str, Path(description="The photo's id.", max_length=64)]


class PhotoFacts(BaseModel):
    """A photo."""

    id: str = Field(description="Its id: 26 letters and digits, random.")
    key: str = Field(description="`images/<id>.jpg`: what viewers know it by from the moment its upload starts.")
    album: str = Field(description="The album's name.")
    kind: str = Field(description="`upload`, `snapshot` or `closeup`.")
    state: PhotoState = Field(description="`shown`, `waiting` (for approval), `hidden` or `deleted`.")
    url: str = Field(description="A JPEG of it that fits a screen, upright, without metadata.")
    thumbnail: str = Field(description="A small WebP of it.")
    original: str = Field(description="The bytes that were sent; guests get them without place and personal data.")
    sha256: str = Field(description="Of the original, in hexadecimal: the receipt.")
    size: int = Field(description="Bytes of the original.")
    type: str = Field(description="The original's media type, by its content.")
    width: int = Field(description="Pixels, as displayed.")
    height: int = Field(description="Pixels, as displayed.")
    thumbhash: str = Field(description="A tiny picture of it (ThumbHash), base64.")
    taken_at: datetime = Field(description="When it was taken.")
    taken_from: str = Field(description="Who says so: `exif`, `client` or, where nobody does, its `arrival`.")
    added_at: datetime = Field(description="When it arrived.")
    show_at: datetime = Field(description="When all screens show it.")
    caption: str
    author: str = Field(description="Who sent it; may be empty.")
    device: str = Field(description="Make and model of the camera; may be empty.")
    panorama: bool = Field(description="Whether it is a 360° picture.")
    order: int = Field(description="Its place in the album; the newest has the largest.")


class Place(BaseModel):
    """Where on earth a photo was taken, in degrees."""

    latitude: float
    longitude: float


class PhotoDetails(PhotoFacts):
    """Everything known of a photo; place and filename only for users with an account."""

    gpano: dict[str, str | float] = Field(description="How a 360° picture lies on its sphere: GPano, as in the photo.")
    place: Place | None = Field(description="Where it was taken, if the photo says so.")
    filename: str = Field(description="The sender's name for it.")


class PhotoPage(BaseModel):
    """Photos, newest first."""

    position: str = Field(description="Where the album's events stood before this was listed: follow from here.")
    photos: list[PhotoFacts]
    next: str | None = Field(description="For `before`, to list on; null at the end.")


class Change(BaseModel):
    """What to change of a photo."""

    caption: str | None = Field(None, max_length=2000)
    state: PhotoState | None = Field(None, description="`shown` (also: approve, undo), `hidden` or `deleted`.")


class Check(BaseModel):
    """Which photos to look for."""

    sha256: list[Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]] = Field(
        max_length=MOST_CHECKED, description="Of their bytes, in hexadecimal."
    )


class Found(BaseModel):
    """Whether an album has a photo."""

    sha256: str
    have: bool = Field(description="Whether its bytes are there: sending them again adds nothing.")
    id: str | None = Field(description="Its id; null if it is not there, and for guests.")
    state: PhotoState | None = Field(description="Its state; null if it is not there, and for guests.")


class Checked(BaseModel):
    """What the album has."""

    items: list[Found]


def router(archive: Archive) -> APIRouter:
    """/api/v1/albums/{album}/photos and each photo under it."""
    routes = APIRouter(prefix="/api/v1/albums/{album}/photos", tags=["photos"])
    unknown: dict[int | str, dict[str, Any]] = {404: described("There is no such album or photo.")}

    @routes.get("", summary="List photos", response_model=PhotoPage, responses=unknown)
    async def listed(
        request: Request,
        album: Name,
        before: Annotated[int | None, Query(ge=0, description="Only photos whose `order` is below this")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 60,
        state: PhotoState = PhotoState.SHOWN,
    ) -> Response:
        """Photos, newest first, page by page; guests see only those that are shown."""
        listed_from = archive.album(album)
        position = listed_from.feed.position  # before the list: what happens meanwhile is told twice rather than never
        if state is not PhotoState.SHOWN and not guests.may_edit(visitor_of(request.scope), album):
            raise UnknownPhoto
        found = await archive.page(listed_from, [state], before, limit)
        root_path = request.scope["root_path"]
        return JSONResponse(
            {
                "position": str(position),
                "photos": [wire.photo_json(photo, root_path) for photo in found],
                "next": str(found[-1].place) if len(found) == limit else None,
            },
            headers={"Cache-Control": "private, no-cache"},
        )

    @routes.post(
        "",
        summary="Send a photo",
        response_model=PhotoFacts,
        status_code=201,
        responses={
            **unknown,
            200: {"description": "These bytes are a photo of the album already: that one.", "model": PhotoFacts},
            400: described("The bytes are not those that were announced."),
            413: described("The photo is too large."),
            415: described("This is not a kind of picture that is taken."),
            422: described("The photo is damaged, cut off, empty, or has too many pixels."),
            507: described("The disk or the album is full."),
        },
    )
    async def send(
        request: Request,
        album: Name,
        caption: Annotated[str, Query(max_length=2000)] = "",
        taken_at: Annotated[datetime | None, Query(description="Used where the photo does not say")] = None,
        author: Annotated[str, Query(max_length=120, description="For guests; users send under their name")] = "",
        content_digest: Annotated[str, Header(description="Of the body, RFC 9530: `sha-256=:…:`; checked")] = "",
    ) -> Response:
        """The photo as the raw body, or as the one file of a form with the fields `caption`, `taken_at` and `author`.

        Answered once it is safe on the disk: 201 with its `sha256` as receipt.
        """
        into = archive.album(album)
        said = Said(caption=caption, author=author_of(request, author), taken_at=taken_at)
        return answer(request, await receive_body(archive, into, request, said))

    @routes.post(
        "/check",
        summary="Ask which photos are there",
        response_model=Checked,
        responses={**unknown, 413: described("Too many at once.")},
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": Check.model_json_schema()}}}},
    )
    async def check(request: Request, album: Name) -> Response:
        """Which of these bytes the album has already, so that nobody sends them again; in the order of the question."""
        asked = archive.album(album)
        visitor = visitor_of(request.scope)
        if not guests.may_upload(visitor, album):
            raise UnknownAlbum(album)
        wanted = await _wanted_digests(request)
        found = await archive.database.read(lambda connection: photos.known(connection, asked.id, wanted))
        by_digest = {photo.sha256: photo for photo in found}
        tell = guests.may_edit(visitor, album)  # a guest does not learn which ones were hidden or deleted
        return JSONResponse({"items": [_checked(one, by_digest.get(one), tell=tell) for one in wanted]})

    @routes.get("/{photo}", summary="One photo", response_model=PhotoDetails, responses=unknown)
    async def one(request: Request, album: Name, photo: Id) -> Response:
        """Everything known of a photo; guests do not learn where it was taken."""
        found = await archive.photo(archive.album(album), photo)
        return JSONResponse(_details(found, request), headers={"Cache-Control": "private, no-cache"})

    @routes.patch("/{photo}", summary="Change a photo", response_model=PhotoDetails, responses=unknown)
    async def change(request: Request, album: Name, photo: Id, wanted: Change) -> Response:
        """Caption, approve, hide, delete, or undo that."""
        if wanted.state is PhotoState.WAITING:
            raise MalformedInput("A photo cannot be sent back to wait; hide it instead.")
        changed = await archive.change(archive.album(album), photo, state=wanted.state, caption=wanted.caption)
        return JSONResponse(_details(changed, request))

    @routes.delete("/{photo}", summary="Delete a photo", response_model=PhotoDetails, responses=unknown)
    async def delete(request: Request, album: Name, photo: Id) -> Response:
        """Into the trash: it is gone for everybody at once, and can be shown again for a while."""
        deleted = await archive.change(archive.album(album), photo, state=PhotoState.DELETED)
        return JSONResponse(_details(deleted, request))

    return routes


async def _wanted_digests(request: Request) -> list[bytes]:
    body = bytearray()
    async for chunk in body_of(request):
        body += chunk
        if len(body) > _LARGEST_CHECK:
            raise TooLarge(f"This is too much to check at once; ask for at most {MOST_CHECKED} photos.")
    try:
        wanted = Check.model_validate_json(bytes(body))
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None
    return [bytes.fromhex(one) for one in wanted.sha256]


def _checked(sha256: bytes, photo: Photo | None, *, tell: bool) -> dict[str, Any]:
    told = photo if tell else None
    return {
        "sha256": sha256.hex(),
        "have": photo is not None,
        "id": told.id if told else None,
        "state": told.state.value if told else None,
    }


def _details(photo: Photo, request: Request) -> dict[str, Any]:
    about = {**wire.photo_json(photo, request.scope["root_path"]), "gpano": dict(photo.gpano)}
    if not guests.may_edit(visitor_of(request.scope), photo.album):
        if photo.state is not PhotoState.SHOWN:
            raise UnknownPhoto
        return about
    known = photo.latitude is not None and photo.longitude is not None
    place = {"latitude": photo.latitude, "longitude": photo.longitude} if known else None
    return {**about, "place": place, "filename": photo.filename}
