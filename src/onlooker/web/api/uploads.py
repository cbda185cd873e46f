"""Uploads that can be resumed, in the API: tus 1.0 (https://tus.io/protocols/resumable-upload)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.upload import Standing, Upload
from onlooker.archive.upload_files import Record
from onlooker.archive.uploads import Uploads
from onlooker.errors import MalformedInput, OnlookerError, Superseded, UnknownAlbum, UnknownUpload
from onlooker.formats import tus
from onlooker.web import guests
from onlooker.web.gate import visitor_of
from onlooker.web.photo_bodies import author_of, body_of, length_of
from onlooker.web.problems import described, problem, problem_of
from onlooker.web.visitor import Visitor

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
_BYTES = "application/offset+octet-stream"

Id = Annotated[str, Path(description="The upload's id, which is that of the photo it becomes.", max_length=64)]


class _TusRoute(APIRoute):
    """What holds for every request: the protocol's version goes both ways, and errors carry what tus wants of them."""

    max_size: int

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                refusal = problem(412, f"This is tus {VERSION}. Send “Tus-Resumable: {VERSION}”.")
                return _told(refusal, {"Tus-Version": VERSION})
            try:
                return _told(await handle(request), {})
            except OnlookerError as error:
                refusal = problem_of(error)
                if refusal.status_code == 413:
                    return _told(refusal, {"Tus-Max-Size": str(self.max_size)})
                # A request that was stopped ends with its connection: its sender may be sending still.
                return _told(refusal, {"Connection": "close"} if isinstance(error, Superseded) else {})

        return answer


def router(archive: Archive, uploads: Uploads) -> APIRouter:
    """/api/v1/uploads and each upload under it."""

    class Route(_TusRoute):
        max_size = archive.options.max_photo

    routes = APIRouter(prefix="/api/v1/uploads", tags=["uploads"], route_class=Route)
    wrong: dict[int | str, dict[str, Any]] = {
        400: described("A header cannot be read, or the connection ended too early."),
        412: described("Not this version of tus."),
    }
    unknown: dict[int | str, dict[str, Any]] = {**wrong, 404: described("There is no such upload, or it has expired.")}
    refused: dict[int | str, dict[str, Any]] = {
        413: described("More bytes than a photo may have, or than were announced."),
        415: described("This is not a kind of picture that is taken, or not the Content-Type of tus."),
        422: described("The photo is damaged, cut off, empty, or has too many pixels. The upload is over."),
        507: described("The disk or the album is full."),
    }

    @routes.options("", summary="What is possible", status_code=204)
    @routes.options("/{upload}", include_in_schema=False, status_code=204)
    async def possible() -> Response:
        """The version, the extensions and the limits."""
        return Response(
            status_code=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(archive.options.max_photo),
                "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUM_ALGORITHMS),
            },
        )

    @routes.post("", summary="Begin an upload", status_code=201, responses={**wrong, **refused})
    async def create(request: Request) -> Response:
        """`Upload-Length` or `Upload-Defer-Length: 1`; `Upload-Metadata` with any of album, filename, filetype, sha256
        (in hexadecimal, checked), taken_at, caption and author. The first bytes may come along."""
        if "upload-concat" in request.headers:
            raise MalformedInput("Uploads cannot be concatenated here.")
        visitor = visitor_of(request.scope)
        metadata = tus.metadata(request.headers.get("upload-metadata", ""))
        into, owner = _album_for(visitor, archive, metadata.get("album", ""))
        length = _length_of_upload(request)
        with_bytes = length_of(request) != 0 and _has_body(request)
        if with_bytes and not _bytes_follow(request):
            return _not_bytes()
        checksum = _checksum(request)
        record = await uploads.create(owner, into, length, metadata, author_of(request, metadata.get("author", "")))
        headers = {"Location": f"{request.scope['root_path']}/api/v1/uploads/{record.id}", **_expires(record)}
        if not with_bytes:
            return Response(status_code=201, headers={**headers, "Upload-Offset": "0"})
        upload = await uploads.find(record.id, {owner})
        standing = await upload.append(0, body_of(request), size=length_of(request), checksum=checksum)
        return Response(status_code=201, headers={**headers, **_offset(standing)})

    @routes.head("/{upload}", summary="How far is it?", responses=unknown)
    async def head(request: Request, upload: Id) -> Response:
        """`Upload-Offset`: so many bytes are safe. `Onlooker-Photo`, once it is a photo: the id of that."""
        standing = await (await _found(request, upload)).standing()
        record = standing.record
        length = {"Upload-Defer-Length": "1"} if record.length is None else {"Upload-Length": str(record.length)}
        metadata = {"Upload-Metadata": record.metadata} if record.metadata else {}
        return Response(headers={"Cache-Control": "no-store", **_offset(standing), **length, **metadata})

    @routes.patch("/{upload}", summary="Send more of it", status_code=204, responses={**unknown, **refused})
    async def patch(request: Request, upload: Id) -> Response:
        """Bytes at `Upload-Offset`, with an `Upload-Checksum` (sha1 or sha256) if you like: 460 if they differ, 409 at
        another offset than that of the upload. `Onlooker-Photo` comes with the answer to the last ones."""
        if not _bytes_follow(request):
            return _not_bytes()
        offset = tus.offset(request.headers.get("upload-offset", ""))
        length = request.headers.get("upload-length")
        standing = await (await _found(request, upload)).append(
            offset,
            body_of(request),
            size=length_of(request),
            length=tus.length(length) if length is not None else None,
            checksum=_checksum(request),
        )
        return Response(status_code=204, headers=_offset(standing))

    @routes.delete("/{upload}", summary="Give it up", status_code=204, responses=unknown)
    async def delete(request: Request, upload: Id) -> Response:
        """What came is deleted; a photo that is complete stays."""
        await (await _found(request, upload)).end("Its sender gave it up.")
        return Response(status_code=204)

    @routes.post("/{upload}", include_in_schema=False)
    async def overridden(request: Request, upload: Id) -> Response:
        """For clients that can only POST: `X-HTTP-Method-Override` names the method."""
        methods = {"PATCH": patch, "HEAD": head, "DELETE": delete}
        method = methods.get(request.headers.get("x-http-method-override", "").upper())
        if method is None:
            return problem(405, "POST is not possible here. To send more of an upload, use PATCH.")
        return await method(request, upload)

    async def _found(request: Request, upload: str) -> Upload:
        return await uploads.find(upload, _owners(visitor_of(request.scope)))

    return routes


def _told(response: Response, headers: Mapping[str, str]) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    response.headers.update(headers)
    return response


def _album_for(visitor: Visitor | None, archive: Archive, name: str) -> tuple[Album, str]:
    """The album that is named (else the one a guest may add to, else the first), and who the upload will belong to."""
    name = name or guests.upload_album(visitor) or next(iter(archive.albums), "")
    if visitor is None or not guests.may_upload(visitor, name):
        raise UnknownAlbum(name)
    grants = [grant for grant in visitor.grants if (grant.kind, grant.name, grant.upload) == ("album", name, True)]
    return archive.album(name), _share(grants[0].share_id) if guests.is_guest(visitor) else _user(visitor.name)


def _owners(visitor: Visitor | None) -> set[str]:
    if visitor is None:
        raise UnknownUpload
    if guests.is_guest(visitor):
        return {_share(grant.share_id) for grant in visitor.grants if grant.kind == "album" and grant.upload}
    return {_user(visitor.name)}


def _share(share_id: str) -> str:
    return f"share:{share_id}"


def _user(name: str) -> str:
    return f"user:{name}"


def _length_of_upload(request: Request) -> int | None:
    length, deferred = request.headers.get("upload-length"), request.headers.get("upload-defer-length")
    if (length is None) == (deferred is None) or deferred not in (None, "1"):
        raise MalformedInput("Send either “Upload-Length” or “Upload-Defer-Length: 1”.")
    return tus.length(length) if length is not None else None


def _has_body(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


def _bytes_follow(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _BYTES


def _not_bytes() -> Response:
    return problem(415, f"The bytes of an upload are sent with “Content-Type: {_BYTES}”.")


def _checksum(request: Request) -> tuple[str, bytes] | None:
    header = request.headers.get("upload-checksum")
    return tus.checksum(header) if header is not None else None


def _expires(record: Record) -> dict[str, str]:
    return {"Upload-Expires": formatdate(record.expires, usegmt=True)}


def _offset(standing: Standing) -> dict[str, str]:
    photo = {"Onlooker-Photo": standing.photo} if standing.photo is not None else {}
    return {"Upload-Offset": str(standing.offset), **_expires(standing.record), **photo}
