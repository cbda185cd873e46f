"""Smaller pictures of a photo: upright, without metadata, made once, off the event loop, and kept as files."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
from collections import deque
from collections.abc import Mapping
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


def sweep(layout: Layout) -> None:
    """Delete what a crash left half written; blocks. Before anything is made."""
    for leftover in layout.unfinished.glob("*"):
        leftover.unlink(missing_ok=True)


class Renditions:
    """Makes them on demand, each only once however many ask; and the smallest ones on arrival, when there is time."""

    def __init__(self, layout: Layout, workers: Workers) -> None:
        self._layout = layout
        self._workers = workers
        self._background = Workers(1, in_background=True)
        self._making: dict[Path, asyncio.Task[None]] = {}
        self._arrived: deque[tuple[Photo, Image.Image | None]] = deque()
        self._preparing: asyncio.Task[None] | None = None

    def path(self, photo: Photo, size: int, form: str) -> Path:
        """Where a rendition lies, or will."""
        digest = photo.sha256.hex()
        return self._layout.renditions / digest[:2] / f"{digest}-{size}.{form}"

    async def get(self, photo: Photo, size: int, form: str) -> Path:
        """The file of a rendition, made if it is not there; TooMany when too many wait, BrokenPhoto, StorageError."""
        path = self.path(photo, size, form)
        if not await asyncio.to_thread(_is_there, path):
            task = self._making.get(path)
            if task is None:
                if len(self._making) >= MOST_WAITING:
                    raise TooMany("Too many pictures are being made smaller just now. Try again in a moment.")
                task = self._make({form: path}, photo, size, None, self._workers)
            await asyncio.shield(task)
        return path

    def prepare(self, photo: Photo, preview: Image.Image | None) -> None:
        """Make the smallest ones in the background, out of `preview` if it is there.

        Where too many photos arrive for that, the rest is made when somebody asks.
        """
        if len(self._arrived) < MOST_WAITING:
            self._arrived.append((photo, preview))
            if self._preparing is None or self._preparing.done():
                self._preparing = asyncio.create_task(self._prepare(), name="smallest renditions")

    async def drop(self, photo: Photo) -> None:
        """Delete those of a photo whose bytes are gone."""
        paths = [self.path(photo, size, form) for size in SIZES for form in FORMATS]
        if making := [self._making[path] for path in paths if path in self._making]:
            await asyncio.wait(making)
        await asyncio.to_thread(_unlink, paths)

    async def close(self) -> None:
        """Wait for what is being made; what only waits is made another time."""
        self._arrived.clear()
        tasks = [*self._making.values(), *([self._preparing] if self._preparing else [])]
        await asyncio.gather(*tasks, return_exceptions=True)
        self._background.close()

    async def _prepare(self) -> None:
        while self._arrived:
            photo, preview = self._arrived.popleft()
            paths = {form: self.path(photo, SMALLEST, form) for form in FORMATS}
            wanted = {form: path for form, path in paths.items() if path not in self._making}
            if wanted:
                await asyncio.wait([self._make(wanted, photo, SMALLEST, preview, self._background)])

    def _make(
        self, paths: Mapping[str, Path], photo: Photo, size: int, preview: Image.Image | None, workers: Workers
    ) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(paths, photo, size, preview, workers), name="rendition")
        task.add_done_callback(_noted)
        self._making.update(dict.fromkeys(paths.values(), task))
        return task

    async def _run(
        self, paths: Mapping[str, Path], photo: Photo, size: int, preview: Image.Image | None, workers: Workers
    ) -> None:
        try:
            await workers.run(self._render, paths, photo, size, preview)
        except OSError as error:
            raise storage_error(error) from error
        except MalformedInput as error:
            raise BrokenPhoto(f"This photo cannot be shown: {error}") from error
        finally:
            for path in paths.values():
                del self._making[path]

    def _render(self, paths: Mapping[str, Path], photo: Photo, size: int, preview: Image.Image | None) -> None:
        missing = {form: path for form, path in paths.items() if not _is_there(path)}
        if not missing:  # made between the look of whoever asked and now
            return
        if preview is None:
            preview = at(lambda: self._layout.find(photo), lambda original: _decoded(original, size))
        picture = _sized(preview, size)
        for form, path in missing.items():
            self._save(picture, form, path)

    def _save(self, picture: Image.Image, form: str, path: Path) -> None:
        """Write beside and rename; not flushed: it can be made again."""
        profile = picture.info.get("icc_profile")
        unfinished = self._layout.unfinished / f"{secrets.token_hex(4)}-{path.name}"
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


def _is_there(path: Path) -> bool:
    """Whether it was made; an empty file is what a power cut left of one."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _decoded(original: Path, size: int) -> Image.Image:
    return decoded(original, exif.read(original, max_pixels=sys.maxsize), size)


def _sized(picture: Image.Image, size: int) -> Image.Image:
    ratio = scale(picture.size, size)
    if ratio == 1:
        return picture
    wanted = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
    return picture.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0)


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
