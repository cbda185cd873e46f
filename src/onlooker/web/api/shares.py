"""Share links in the API: who has an account makes, sees and revokes them; for guests there is nothing here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import quote

import segno
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from onlooker.errors import UnknownAlbum, UnknownCamera, UserError
from onlooker.web.problems import described, problem
from onlooker.web.shares import LONGEST_LIFE, LONGEST_TITLE, PICTURES_OF_ITS_OWN, Share, Shares, UnknownShare

Exists = Callable[[Literal["album", "camera"], str], bool]
Receives = Callable[[str], bool]
_KIND = Field(description="What is shared.")
_NAME = Field(description="The name of the album or camera.")


class Wanted(BaseModel):
    """A share to make."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["album", "camera"] = _KIND
    name: str = _NAME
    upload: bool = Field(
        False,
        description="Whether guests may send pictures: photos to an album, their own camera's live to a `push` one.",
    )
    expires_in: int | None = Field(
        None,
        ge=1,
        le=int(LONGEST_LIFE.total_seconds()),
        description="Seconds until it ends; null: it lasts until it is revoked.",
    )
    password: str | None = Field(None, description="What guests have to enter, too; null: the link is enough.")
    title: str = Field("", max_length=LONGEST_TITLE, description="What it is for, for people.")


class Known(BaseModel):
    """A share, without its link: that is shown when it is made, and not kept."""

    id: str = Field(description="What names it, to revoke it.")
    kind: Literal["album", "camera"] = _KIND
    name: str = _NAME
    upload: bool = Field(description="Whether guests may send pictures.")
    title: str = Field(description="What it is for.")
    created: datetime = Field(description="When it was made.")
    expires: datetime | None = Field(description="When it ends; null: when it is revoked.")
    expired: bool = Field(description="Whether it has ended; such ones are kept in the list for a month at least.")
    password: bool = Field(description="Whether guests have to enter a password.")


class Made(Known):
    """A new share with its link."""

    url: str = Field(description="The link. It is shown only now.")
    qr: str = Field(description="The link as a QR code: an SVG picture as a `data:` URL.")


class All(BaseModel):
    """Shares, the newest last."""

    shares: list[Known]


def router(
    shares: Shares, exists: Exists, now: Callable[[], float], receives: Receives = lambda camera: True
) -> APIRouter:
    """/api/v1/shares; `exists` says whether there is such an album or camera, `receives` whether that camera shows what
    is sent to it, `now` is the UTC instant."""
    routes = APIRouter(prefix="/api/v1", tags=["shares"])

    @routes.get("/shares", summary="Every share")
    async def every_share(
        kind: Annotated[Literal["album", "camera"] | None, Query(description="Only of this kind.")] = None,
        name: Annotated[str | None, Query(description="Only of the album or camera of this name.")] = None,
    ) -> All:
        """The shares, the newest last, without their links."""
        return All(shares=[Known.model_validate(_members(share, now())) for share in shares.all(kind, name)])

    @routes.post(
        "/shares",
        summary="Make a share",
        status_code=201,
        responses={404: described("There is no such album or camera."), 409: described("Something is unfit.")},
    )
    async def make(request: Request, wanted: Wanted) -> Made:
        """Make a share; its link is in this answer and nowhere else."""
        if not exists(wanted.kind, wanted.name):
            raise UnknownAlbum(wanted.name) if wanted.kind == "album" else UnknownCamera(wanted.name)
        if wanted.kind == "camera" and wanted.upload and not receives(wanted.name):
            raise UserError(PICTURES_OF_ITS_OWN.format(wanted.name))
        share, token = await asyncio.to_thread(
            shares.add,
            wanted.kind,
            wanted.name,
            upload=wanted.upload,
            lasts=timedelta(seconds=wanted.expires_in) if wanted.expires_in is not None else None,
            password=wanted.password,
            title=wanted.title,
        )
        here = request.url
        url = f"{here.scheme}://{here.netloc}{quote(request.scope['root_path'])}/s/{token}"
        return Made.model_validate({**_members(share, now()), "url": url, "qr": _qr(url)})

    @routes.delete(
        "/shares/{id}",
        summary="Revoke a share",
        status_code=204,
        response_class=Response,
        responses={404: described("There is no such share.")},
    )
    async def revoke(id: Annotated[str, Path(description="The share's id.")]) -> Response:
        """End a share at once: its link and its guests' cookies no longer work."""
        try:
            await asyncio.to_thread(shares.revoke, id)
        except UnknownShare:
            return problem(404, f"There is no share “{id}”; it may have been revoked already.")
        return Response(status_code=204)

    return routes


def _members(share: Share, now: float) -> dict[str, object]:
    kept = share.model_dump(include=set(Known.model_fields) - {"password", "expired"})
    return {**kept, "expired": share.expired(now), "password": share.password is not None}


def _qr(url: str) -> str:
    """White behind it, so that a phone reads it on a dark page, too."""
    code = segno.make(url, error="m", micro=False)
    return str(code.svg_data_uri(scale=4, border=4, light="#fff", omitsize=True))
