"""Where the archive's files lie, so that people find them and a crash leaves no stray one behind.

archive/party/2026_11_21/14_03_02.jpg   photos, by album and local time
incoming/<id>.part                      a photo on its way in, or committed and about to be moved to its place
incoming/<id>.json                      what is known of an upload that can be resumed
renditions/ab/<sha256>-320.webp         smaller pictures; can be made again at any time
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from onlooker.disk import flush_file, flush_folder, make_folders
from onlooker.media import Photo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds: in every zone a date of the calendar.
_FIRST, _LAST = ((datetime(*day, tzinfo=UTC) - _EPOCH).total_seconds() for day in ((1, 1, 3), (9999, 12, 29)))
_TRIES = 3  # an emptied folder may be deleted just before a photo goes there


class PlaceTaken(FileExistsError):
    """A file that is not ours lies where a photo should go; it is never overwritten."""

    def __init__(self, place: Path) -> None:
        super().__init__(errno.EEXIST, "a file that is not ours lies there", str(place))


class Layout:
    """The folders under the hub's data folder."""

    def __init__(self, data: Path, template: str) -> None:
        self.archive = data / "archive"
        self.incoming = data / "incoming"
        self.renditions = data / "renditions"
        self.unfinished = self.renditions / ".unfinished"  # what is being written
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
        part = self.part(photo.id)  # first: until the photo is there, its place may hold something else
        return part if part.exists() else self.place(photo.path)

    def free_path(
        self, album: str, taken_at: int, offset: int | None, extension: str, beginning: Callable[[str], Collection[str]]
    ) -> str:
        """A path that neither a row nor a file has: the template's, or with a number behind it.

        `beginning` gives the paths of the rows that begin with a text.
        """
        stem = self._stem(album, taken_at, offset)
        taken = beginning(stem)
        names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
        paths = (f"{name}.{extension}" for name in names)
        return next(path for path in paths if path not in taken and not os.path.lexists(self.place(path)))

    def settle(self, photo: Photo) -> None:
        """Move a committed photo's bytes to its place; again after a crash, it does no harm. OSError if it fails.

        PlaceTaken if a file that is not ours came there meanwhile. The name is claimed with an empty file first, so
        that nobody's file can slip in between looking and moving; an empty file is the only one that is replaced.
        """
        part, place = self.part(photo.id), self.place(photo.path)
        if not part.exists():
            return
        if not _claim(place):
            if not holds(place, photo):
                raise PlaceTaken(place)
            # It was copied there before a crash: the part goes once the copy is sure to stay.
            flush_file(place)
            flush_folder(place.parent)
            part.unlink()
            return
        try:
            _move(part, place)
        except BaseException:
            _unclaim(place)
            raise

    def delete(self, path: str) -> None:
        """Delete the file of a photo whose row is gone, and the folders that this empties; blocks."""
        place = self.place(path)
        place.unlink(missing_ok=True)
        for folder in place.relative_to(self.archive).parents[:-1]:
            try:
                (self.archive / folder).rmdir()
            except OSError:  # not empty
                break

    def _stem(self, album: str, taken_at: int, offset: int | None) -> str:
        moment = _EPOCH + timedelta(seconds=min(max(taken_at // 1_000_000, _FIRST), _LAST))
        # The clock on the wall where it was taken, if that is known, else where the hub is.
        moment = moment.astimezone() if offset is None else moment + timedelta(minutes=offset)
        return moment.strftime(self._template.replace("{album}", album))


def holds(place: Path, photo: Photo) -> bool:
    """Whether this file has the photo's bytes; reads it all."""
    if not place.is_file() or place.stat().st_size != photo.size:
        return False
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest() == photo.sha256


def _claim(place: Path) -> bool:
    """Make sure that the file is there and empty; False if there is something else."""
    for attempt in range(_TRIES):
        make_folders(place.parent)
        try:
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            return True
        except FileExistsError:  # perhaps our own claim, from before a crash
            there = os.lstat(place)
            return stat.S_ISREG(there.st_mode) and there.st_size == 0
        except FileNotFoundError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _unclaim(place: Path) -> None:
    if place.exists() and place.stat().st_size == 0:
        place.unlink()


def _move(part: Path, place: Path) -> None:
    try:
        os.replace(part, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(part, place)
        part.unlink()


def _copy(part: Path, place: Path) -> None:
    """To another file system: whole and on the disk there before it is gone here."""
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(part, beside)
        flush_file(beside)
        os.replace(beside, place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    flush_folder(place.parent)
