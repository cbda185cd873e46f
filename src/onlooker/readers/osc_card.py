"""What an OSC camera has stored: listed, and handed out byte for byte."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import urlsplit

from onlooker.devices import CardFile, CardPage, Taken
from onlooker.errors import CannotDo
from onlooker.formats import jpeg, osc
from onlooker.readers.osc import Link, OscCamera, Question
from onlooker.readers.osc_wire import Body

_MAX_PAGE = 100
_MAX_THUMBNAIL = 1024 * 1024
_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "insp": "image/jpeg", "dng": "image/x-adobe-dng"}


class OscCard:
    """The pictures on one camera.

    A file's id holds its path on the camera alone: the host in a camera's own URLs is the one that it believes to have,
    which need not be the one where it was reached, and must not lead us anywhere else.
    """

    def __init__(self, camera: OscCamera) -> None:
        self._camera = camera

    async def files(self, after: str | None, limit: int) -> CardPage:
        """Newest first."""
        count = max(1, min(limit, _MAX_PAGE))
        return await self._camera.leveled(
            lambda link: self._images(after, count) if link.level == 1 else self._files(link, after, count)
        )

    async def _files(self, link: Link, after: str | None, count: int) -> CardPage:
        start = _position(after)
        asked: dict[str, object] = {"fileType": "image", "startPosition": start, "entryCount": count, "maxThumbSize": 0}
        if link.info.is_theta:
            asked["_detail"] = True  # of which they think differently when nothing is said
        found = osc.listing((await self._camera.wire.execute("camera.listFiles", asked)).results)
        end = start + len(found.entries)
        more = bool(found.entries) and (end < found.total if found.total is not None else len(found.entries) == count)
        return CardPage(_shown(found), str(end) if more else None, found.total)

    async def _images(self, after: str | None, count: int) -> CardPage:
        asked: dict[str, object] = {"entryCount": count, "includeThumb": False}
        if after:
            asked["continuationToken"] = after
        found = osc.listing((await self._camera.wire.execute("camera.listImages", asked)).results)
        return CardPage(
            _shown(found), found.continuation if found.entries and found.continuation else None, found.total
        )

    @asynccontextmanager
    async def fetch(self, file_id: str) -> AsyncIterator[Taken]:
        """One of them, by its id."""
        async with self.stored(_address(file_id, self._camera.name)) as taken:
            yield taken

    @asynccontextmanager
    async def stored(self, address: str) -> AsyncIterator[Taken]:
        """The file at a URL (level 1: a path) that the camera named."""
        async with self._body(address, thumbnail=False) as body:
            yield Taken(osc.file_name(address), body.length, body.chunks())

    async def thumbnail(self, file_id: str) -> bytes:
        """A small JPEG of one of them."""
        async with self._body(_address(file_id, self._camera.name), thumbnail=True) as body:
            data = await body.read(_MAX_THUMBNAIL)
        if not jpeg.is_jpeg(data):
            raise CannotDo(f"{self._camera.name} has no small picture of this file.")
        return data

    def _body(self, address: str, *, thumbnail: bool) -> AbstractAsyncContextManager[Body]:
        def question(link: Link) -> Question:
            if link.level == 1:
                kind = "thumb" if thumbnail else "full"
                return Question.command("camera.getImage", {"fileUri": address, "_type": kind})
            path = _path(address, self._camera.name)
            return Question("GET", path + ("&" if "?" in path else "?") + "type=thumb" if thumbnail else path)

        return self._camera.body(question)


def _shown(found: osc.Listing) -> tuple[CardFile, ...]:
    return tuple(
        CardFile(
            id=urlsafe_b64encode(_local(entry.address).encode()).decode().rstrip("="),
            name=entry.name,
            size=entry.size,
            type=_TYPES.get(entry.name.rpartition(".")[2].lower(), "application/octet-stream"),
            taken=entry.taken,
            width=entry.width,
            height=entry.height,
        )
        for entry in found.entries
    )


def _local(address: str) -> str:
    """A URL without its host; a path as it is."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if not parts.scheme:
        return address
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _address(file_id: str, camera: str) -> str:
    try:
        address = urlsafe_b64decode(file_id + "=" * (-len(file_id) % 4)).decode()
    except ValueError:
        address = ""
    if not address or not address.isprintable():
        raise CannotDo(f"{camera} has no such file.")
    return address


def _path(address: str, camera: str) -> str:
    """Where to ask the camera for a file: never for anything but a file."""
    path = _local(address)
    path = path if path.startswith("/") else f"/{path}"
    if path.startswith(("//", "/osc/")) or "/../" in path or not path.isascii() or " " in path:
        raise CannotDo(f"{camera} has no such file.")
    return path


def _position(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isdecimal() or len(after) > 9:
        raise CannotDo("There is no such page of this camera's pictures.")
    return int(after)
