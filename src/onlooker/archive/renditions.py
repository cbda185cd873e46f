"""Smaller pictures of a photo: upright, without metadata, made once, off the event loop, and kept as files."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from onlooker.archive.examining import upright
from onlooker.archive.layout import Layout
from onlooker.disk import storage_error
from onlooker.errors import BrokenPhoto, MalformedInput, OnlookerError, TooMany
from onlooker.live.workers import Workers
from onlooker.media import Photo

log = logging.getLogger(__name__)

SIZES = (320, 1440, 2160)  # pixels of the shorter side, at most
FORMATS = {"webp": "image/webp", "jpg": "image/jpeg"}
SMALLEST = SIZES[0]
LONGEST = 6  # the longer side is at most so many times the size: a panorama stays one
MOST_WAITING = 64
_QUALITY = {"webp": 80, "jpg": 84}
_LARGEST_PROFILE = 65_536  # bytes


class Renditions:
    """Makes them on demand, each only once however many ask, and the smallest ones on arrival."""

    def __init__(self, layout: Layout, workers: Workers) -> None:
        self._layout = layout
        self._workers = workers
        self._making: dict[Path, asyncio.Task[None]] = {}

    def path(self, photo: Photo, size: int, form: str) -> Path:
        """Where a rendition lies, or will."""
        digest = photo.sha256.hex()
        return self._layout.renditions / digest[:2] / f"{digest}-{size}.{form}"

    async def get(self, photo: Photo, size: int, form: str) -> Path:
        """The file of a rendition, made if it is not there; TooMany when too many wait, BrokenPhoto, StorageError."""
        path = self.path(photo, size, form)
        if not await asyncio.to_thread(path.exists):
            original = self._layout.find(photo)
            await asyncio.shield(self._make(path, lambda: _render(original, size, form, path)))
        return path

    def prepare(self, photo: Photo, preview: Image.Image) -> None:
        """Make the smallest ones in the background, out of the picture that was decoded anyway."""
        for form in FORMATS:
            path = self.path(photo, SMALLEST, form)
            try:
                self._make(path, lambda path=path, form=form: _save(preview, SMALLEST, form, path))  # type: ignore[misc]
            except TooMany:
                return  # made when somebody asks

    async def drop(self, photo: Photo) -> None:
        """Delete those of a photo whose bytes are gone."""
        paths = [self.path(photo, size, form) for size in SIZES for form in FORMATS]
        await asyncio.to_thread(_unlink, paths)

    async def close(self) -> None:
        """Wait for what is being made."""
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    def _make(self, path: Path, work: Callable[[], None]) -> asyncio.Task[None]:
        task = self._making.get(path)
        if task is None:
            if len(self._making) >= MOST_WAITING:
                raise TooMany("Too many pictures are being made smaller just now. Try again in a moment.")
            task = self._making[path] = asyncio.create_task(self._run(path, work), name="rendition")
            task.add_done_callback(_noted)
        return task

    async def _run(self, path: Path, work: Callable[[], None]) -> None:
        try:
            await self._workers.run(work)
        except OSError as error:
            raise storage_error(error) from error
        except MalformedInput as error:
            raise BrokenPhoto(f"This photo cannot be shown: {error}") from error
        finally:
            del self._making[path]


def _noted(task: asyncio.Task[None]) -> None:
    """Whoever asked gets the error; one made on arrival has nobody who asked."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("a rendition could not be made: %s", error, exc_info=not isinstance(error, OnlookerError))


def _render(original: Path, size: int, form: str, path: Path) -> None:
    _save(upright(original, size), size, form, path)


def _save(picture: Image.Image, size: int, form: str, path: Path) -> None:
    """Write beside and rename; not flushed: it can be made again."""
    ratio = min(size / min(picture.size), size * LONGEST / max(picture.size), 1.0)
    profile = _profile(picture)
    picture = _in_colours(picture, form)
    picture.info.clear()  # Pillow would write comments and the like again
    if ratio < 1:
        wanted = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
        picture = picture.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0)
    path.parent.mkdir(exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("wb") as file:
            if form == "webp":
                picture.save(file, "WEBP", quality=_QUALITY[form], method=2, icc_profile=profile)
            else:
                picture.save(file, "JPEG", quality=_QUALITY[form], optimize=True, icc_profile=profile)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _profile(picture: Image.Image) -> bytes | None:
    """The colour profile, where colours would be wrong without it; it says nothing about a person or a place."""
    profile = picture.info.get("icc_profile")
    if not isinstance(profile, bytes) or picture.mode not in ("RGB", "RGBA") or len(profile) > _LARGEST_PROFILE:
        return None
    return None if b"sRGB" in profile or b"s\0R\0G\0B" in profile else profile


def _in_colours(picture: Image.Image, form: str) -> Image.Image:
    """As the format can hold it; what is see-through becomes white where it cannot."""
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    if not clear:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    if form == "webp":
        return layered
    ground = Image.new("RGBA", layered.size, "white")
    ground.alpha_composite(layered)
    return ground.convert("RGB")


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
