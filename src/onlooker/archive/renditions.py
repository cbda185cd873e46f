"""Smaller pictures of a photo: upright, without metadata, made once, off the event loop, and kept as files."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

from onlooker.archive.examining import decoded, scale
from onlooker.archive.handing_out import at
from onlooker.archive.layout import Layout
from onlooker.disk import storage_error
from onlooker.errors import BrokenPhoto, MalformedInput, OnlookerError, TooMany
from onlooker.formats import exif
from onlooker.live.workers import Workers
from onlooker.media import Photo

log = logging.getLogger(__name__)

SIZES = (320, 1440, 2160)  # pixels of the shorter side, at most
FORMATS = {"webp": "image/webp", "jpg": "image/jpeg"}
SMALLEST = SIZES[0]
MOST_WAITING = 64
_QUALITY = {"webp": 80, "jpg": 84}
_UNFINISHED = ".unfinished"  # the folder of what is being written


def sweep(layout: Layout) -> None:
    """Delete what a crash left half written; blocks. Before anything is made."""
    for leftover in (layout.renditions / _UNFINISHED).glob("*"):
        leftover.unlink(missing_ok=True)


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
            await asyncio.shield(self._make(path, partial(self._render, photo, size, form, path)))
        return path

    def prepare(self, photo: Photo, preview: Image.Image) -> None:
        """Make the smallest ones in the background, out of the picture that was decoded anyway."""
        for form in FORMATS:
            path = self.path(photo, SMALLEST, form)
            try:
                self._make(path, partial(self._save, preview, SMALLEST, form, path))
            except TooMany:
                return  # made when somebody asks

    async def drop(self, photo: Photo) -> None:
        """Delete those of a photo whose bytes are gone."""
        paths = [self.path(photo, size, form) for size in SIZES for form in FORMATS]
        if making := [self._making[path] for path in paths if path in self._making]:
            await asyncio.wait(making)
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

    def _render(self, photo: Photo, size: int, form: str, path: Path) -> None:
        if path.exists():  # made between the look of whoever asked and now
            return

        def decode(original: Path) -> Image.Image:
            return decoded(original, exif.read(original, max_pixels=sys.maxsize), size)

        self._save(at(lambda: self._layout.find(photo), decode), size, form, path)

    def _save(self, picture: Image.Image, size: int, form: str, path: Path) -> None:
        """Write beside and rename; not flushed: it can be made again."""
        ratio = scale(picture.size, size)
        profile = picture.info.get("icc_profile")
        if ratio < 1:
            wanted = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
            picture = picture.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0)
        unfinished = self._layout.renditions / _UNFINISHED / f"{secrets.token_hex(4)}-{path.name}"
        for folder in (unfinished.parent, path.parent):
            folder.mkdir(exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                if form == "webp":
                    picture.save(file, "WEBP", quality=_QUALITY[form], method=2, icc_profile=profile)
                else:
                    _opaque(picture).save(file, "JPEG", quality=_QUALITY[form], optimize=True, icc_profile=profile)
            os.replace(unfinished, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise


def _noted(task: asyncio.Task[None]) -> None:
    """Whoever asked gets the error; one made on arrival has nobody who asked."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("a rendition could not be made: %s", error, exc_info=not isinstance(error, OnlookerError))


def _opaque(picture: Image.Image) -> Image.Image:
    """What is see-through becomes white."""
    if picture.mode == "RGB":
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
