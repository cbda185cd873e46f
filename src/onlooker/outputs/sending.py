"""Sends stored bytes as fast as the other side takes them: whole, in part, or not at all where it has them already."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from onlooker.errors import OnlookerError
from onlooker.formats import byte_range
from onlooker.outputs.connection import cut, disconnected

log = logging.getLogger(__name__)

CHUNK = 256 << 10  # bytes read at once, and held for a receiver that is slow
PATIENCE = 120.0  # seconds until a receiver that takes nothing is given up

Read = Callable[[int, int], Awaitable[bytes]]  # (start, size) -> exactly these bytes


@dataclass(frozen=True, slots=True)
class Version:
    """Which bytes an address gives: a strong entity tag, and when they came to be (seconds since 1970)."""

    tag: str
    modified: int

    def headers(self) -> dict[str, str]:
        """As a response says it."""
        return {"ETag": self.tag, "Last-Modified": formatdate(self.modified, usegmt=True)}

    def known(self, headers: Headers) -> bool:
        """Whether whoever sent these headers has these bytes."""
        if "if-none-match" in headers:
            return self.tagged(headers)
        since = _instant(headers.get("if-modified-since", ""))
        return since is not None and self.modified <= since

    def tagged(self, headers: Headers) -> bool:
        """The same by tag alone: where an address gives now these bytes, now older ones."""
        tags = headers.get("if-none-match", "")
        return tags.strip() == "*" or self.tag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]

    def still(self, if_range: str | None) -> bool:
        """Whether the rest that is asked for belongs to what was sent before."""
        return if_range is None or if_range.strip() in (self.tag, formatdate(self.modified, usegmt=True))


async def send_file(
    request: Request, read: Read, size: int, version: Version, headers: Mapping[str, str], media_type: str
) -> Response:
    """The response that gives these bytes or the part of them that is asked for; what `read` raises, before it."""
    span = range(size)
    status = 200
    about = {**version.headers(), **headers, "Accept-Ranges": "bytes"}
    asked = request.headers.get("range")
    # A range means something only for GET (RFC 9110, 14.2).
    if asked is not None and request.method == "GET" and version.still(request.headers.get("if-range")):
        try:
            part = byte_range.wanted(asked, size)
        except byte_range.NotSatisfiable as error:
            raise HTTPException(416, str(error), {"Content-Range": f"bytes */{size}"}) from None
        if part is not None:
            span, status = part, 206
            about["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    if request.method == "HEAD":
        return Sending(_nothing(), size, about, media_type)
    first = await read(span.start, min(CHUNK, len(span)))
    return Sending(_pieces(read, span, first), len(span), about, media_type, status)


class Sending(Response):
    """A response of known length whose chunks are asked for when the receiver has taken those before.

    If they fail, or the receiver takes nothing for long, the connection ends: too short, so that nobody takes what
    came for all of it.
    """

    def __init__(
        self, chunks: AsyncIterator[bytes], size: int, headers: Mapping[str, str], media_type: str, status: int = 200
    ) -> None:
        super().__init__(None, status, {**headers, "Content-Length": str(size)}, media_type)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        gone = asyncio.create_task(disconnected(receive), name="receiver")
        sending = asyncio.create_task(self._send(scope, send), name="sending")
        try:
            await asyncio.wait((gone, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, sending):
                task.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)

    async def _send(self, scope: Scope, send: Send) -> None:
        try:
            async with aclosing(self._chunks):  # type: ignore[type-var]
                async for chunk in self._chunks:
                    async with asyncio.timeout(PATIENCE):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            log.info("%s: the receiver took nothing for %g seconds and was given up", scope["path"], PATIENCE)
            cut(scope)
        except OnlookerError as error:
            log.error("%s: ended too early: %s", scope["path"], error)
            cut(scope)
        except Exception:
            log.exception("%s: ended too early", scope["path"])
            cut(scope)


async def _pieces(read: Read, span: range, first: bytes) -> AsyncIterator[bytes]:
    yield first
    for start in range(span.start + len(first), span.stop, CHUNK):
        yield await read(start, min(CHUNK, span.stop - start))


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


def _instant(date: str) -> float | None:
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(date).timestamp()
    return None
