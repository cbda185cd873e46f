"""Where the archive's files lie, so that people find them and a crash leaves no stray one behind.

archive/party/2026_11_21/14_03_02.jpg   photos, by album and local time
incoming/<id>.part                      a photo on its way in, or committed and about to be moved to its place
incoming/<id>.json                      what is known of an upload that can be resumed
renditions/ab/<sha256>-320.webp         smaller pictures; can be made again at any time
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from onlooker.disk import make_folders
from onlooker.media import Photo


class Layout:
    """The folders under the hub's data folder."""

    def __init__(self, data: Path, template: str) -> None:
        self.archive = data / "archive"
        self.incoming = data / "incoming"
        self.renditions = data / "renditions"
        self._template = template

    def prepare(self) -> None:
        """Make the folders; blocks."""
        for folder in (self.archive, self.incoming, self.renditions):
            make_folders(folder)

    def part(self, photo_id: str) -> Path:
        """Where a photo's bytes lie until it has its place."""
        return self.incoming / f"{photo_id}.part"

    def place(self, path: str) -> Path:
        """The file of a photo's `path`."""
        return self.archive / PurePosixPath(path)

    def find(self, photo: Photo) -> Path:
        """The photo's file, also in the moment before it is moved to its place."""
        place = self.place(photo.path)
        part = self.part(photo.id)
        return part if not place.exists() and part.exists() else place

    def free_path(
        self, album: str, taken_at: int, offset: int | None, extension: str, taken: Callable[[str], bool]
    ) -> str:
        """A path that neither a row (`taken`) nor a file has: the template's, or with a number behind it."""
        for path in self._paths(album, taken_at, offset, extension):
            if not taken(path) and not self.place(path).exists():
                return path
        raise AssertionError("unreachable: the numbers do not end")

    def settle(self, photo: Photo) -> None:
        """Move a committed photo's bytes to its place; again after a crash, it does no harm. OSError if it fails."""
        part, place = self.part(photo.id), self.place(photo.path)
        if not part.exists():
            return
        make_folders(place.parent)
        os.replace(part, place)

    def delete(self, paths: Iterable[str]) -> None:
        """Delete files of photos whose rows are gone, and the folders that this empties; blocks."""
        for path in paths:
            place = self.place(path)
            place.unlink(missing_ok=True)
            for folder in place.relative_to(self.archive).parents[:-1]:
                try:
                    (self.archive / folder).rmdir()
                except OSError:  # not empty
                    break

    def _paths(self, album: str, taken_at: int, offset: int | None, extension: str) -> Iterator[str]:
        moment = datetime.fromtimestamp(taken_at // 1_000_000, UTC).astimezone()
        if offset is not None:  # the clock on the wall where it was taken
            moment = datetime.fromtimestamp(taken_at // 1_000_000 + offset * 60, UTC)
        stem = moment.strftime(self._template.replace("{album}", album))
        yield f"{stem}.{extension}"
        for number in itertools.count(2):
            yield f"{stem}-{number}.{extension}"
