"""Whether the archive keeps what it promises: every row has its bytes, every file its row, every log its numbers.

`examined` looks at everything and yields what it finds, one finding at a time, so that memory stays bounded. It takes a
consistent look at the rows and a fresh one before it accuses a file, so a hub may run meanwhile. A finding that can be
put right brings the way to do it; only a caller that holds the archive (`opening.hold`) may call that.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sqlalchemy import Connection, Engine

from onlooker.archive.layout import Layout
from onlooker.archive.opening import DATABASE
from onlooker.archive.recovery import put_right
from onlooker.db import audit, camera_log, garbage, photos
from onlooker.db import log as event_log
from onlooker.db.numbering import Numbered
from onlooker.events.wire import instant
from onlooker.media import EventKind, Photo, PhotoState

T = TypeVar("T")

BATCH = 500
MOST = 5_000  # findings of one kind among the rows; more than that says nothing new
BLOCK = 1 << 20  # bytes read at once
_YOUNG = 3600.0  # seconds in which a running hub may still be writing a file
_LEFTOVER = re.compile(r"\.(.+)\.[0-9a-f]{8}")
_RENDITION = re.compile(r"([0-9a-f]{64})-[0-9]{2,4}\.(?:webp|jpg)")
_FOLDERS = ("archive", "incoming", "renditions")
_TELLS = {
    PhotoState.SHOWN: EventKind.UPDATED,
    PhotoState.WAITING: EventKind.WAITING,
    PhotoState.HIDDEN: EventKind.HIDDEN,
    PhotoState.DELETED: EventKind.DELETED,
}


class Weight(StrEnum):
    """How bad a finding is."""

    PROBLEM = "problem"  # a promise is broken
    PENDING = "pending"  # what a crash may leave; a hub puts it right by itself
    UNKNOWN = "unknown"  # not ours: nobody touches it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `text` says what, of which photo, and what to do; `mend` puts it right."""

    weight: Weight
    kind: str
    text: str
    album: str = ""
    photo: str = ""
    path: str = ""
    mend: Callable[[], object] | None = None


Progress = Callable[[int], None]  # so many more bytes are read


class Check:
    """One look at an archive. `running`: a hub works with it, so what is young is not accused."""

    def __init__(self, engine: Engine, data: Path, layout: Layout, *, running: bool, progress: Progress) -> None:
        self.photos, self.bytes, self.uploads = 0, 0, 0  # what was looked at
        self._engine = engine
        self._data = data
        self._layout = layout
        self._running = running
        self._progress = progress

    def total_bytes(self) -> int:
        """How many bytes of photos there are to read."""
        return self._read(audit.totals)[1]

    def findings(self) -> Iterator[Finding]:
        """Everything, in an order in which mending one thing helps the next."""
        broken = self._read(audit.damage)
        for said in broken:
            yield _problem("database", f"The database is damaged: {said}. Restore it from a backup.")
        if broken:
            return
        yield from self._folders()
        yield from self._incoming()
        yield from self._garbage()
        yield from self._rows()
        yield from self._files()
        yield from self._strays()
        yield from self._renditions()

    def _folders(self) -> Iterator[Finding]:
        for folder in (self._data, *(self._data / name for name in _FOLDERS)):
            if not folder.is_dir():
                yield _problem("folder", f"{folder} is missing. The hub makes it when it starts.", mend=folder.mkdir)
            elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                yield _problem("folder", f"{folder} cannot be read and written by this user. Change its permissions.")
        database = self._data / DATABASE
        if sys.platform != "win32" and database.stat().st_mode & 0o077:
            said = f"{database} can be read by other users, and it says where photos were taken."
            yield _problem("folder", f"{said} Change its permissions to 0600.", mend=partial(database.chmod, 0o600))

    def _incoming(self) -> Iterator[Finding]:
        for path in sorted(self._layout.incoming.iterdir() if self._layout.incoming.is_dir() else ()):
            if path.suffix == ".part":
                yield from self._part(path)
            elif path.suffix == ".json" and not path.name.startswith("."):
                yield from self._sidecar(path)
            elif _LEFTOVER.fullmatch(path.name):
                yield from self._leftover(path)
            else:
                yield _stranger(f"incoming/{path.name}")

    def _part(self, path: Path) -> Iterator[Finding]:
        photo = self._read(partial(photos.anywhere, photo_id=path.stem))
        name = f"incoming/{path.name}"
        if self._running or (photo is None and path.with_suffix(".json").exists()):
            self.uploads += photo is None
        elif photo is not None:
            said = f"{photo.path} is still in incoming/. The hub moves it to its place when it starts."
            yield _pending("unplaced", said, photo, mend=partial(put_right, self._engine, self._layout, path))
        else:
            yield Finding(
                Weight.PENDING,
                "torso",
                f"{name} was never finished. The hub deletes it when it starts.",
                path=name,
                mend=partial(put_right, self._engine, self._layout, path),
            )

    def _sidecar(self, path: Path) -> Iterator[Finding]:
        try:
            readable = isinstance(json.loads(path.read_bytes()), dict)
        except FileNotFoundError:
            return  # finished meanwhile
        except (OSError, ValueError):
            readable = False
        if not readable:
            said = (
                f"incoming/{path.name} cannot be read: its upload cannot be resumed. Delete it; the sender starts anew."
            )
            yield _problem("sidecar", said, path=f"incoming/{path.name}", mend=path.unlink)

    def _garbage(self) -> Iterator[Finding]:
        for path in self._read(audit.doomed):
            said = f"{path} is a photo's, and on the list of files to be deleted."
            mend = self._writing(partial(garbage.strike, paths=[path]))
            yield _problem("garbage", f"{said} Stop the hub and repair.", path=path, mend=mend)
        last = ""
        while not self._running and (paths := self._read(partial(garbage.listed, limit=BATCH, after=last))):
            last = paths[-1]
            for path in paths:
                said = f"{path} is deleted, and its file goes when the hub tidies."
                yield Finding(Weight.PENDING, "garbage", said, path=path, mend=partial(self._sweep, path))

    def _sweep(self, path: str) -> None:
        self._layout.delete(path)
        self._writing(partial(garbage.strike, paths=[path]))()

    def _rows(self) -> Iterator[Finding]:
        # Each question is one statement, so it is answered for one moment; and what one mends, the next sees mended.
        yield from self._numbers(event_log.LOG, album=True)
        yield from self._numbers(camera_log.LOG, album=False)
        for one in self._read(partial(_first, audit.disagreements)):
            yield _problem(
                "untold",
                f"{one.album}: {one.path} is {one.state}, but its events do not say so. Stop the hub and repair: it "
                "tells.",
                album=one.album,
                photo=one.photo_id,
                path=one.path,
                mend=self._writing(partial(_tell, one=one)),
            )
        for album, place, times in self._read(partial(_first, audit.unfit_places)):
            said = f"{times} photos have the place {place}, of which there is one, or none."
            yield _problem("place", f"{album}: {said} Lists may skip one of them; nothing is lost.", album=album)

    def _numbers(self, log: Numbered, *, album: bool) -> Iterator[Finding]:
        for end in self._read(log.wrong_ends):
            said = f"{end.owner}: the newest event has number {end.newest}, but {end.last_seq} were counted."
            short = end.newest < end.last_seq
            work = partial(log.forget_before, seq=end.last_seq + 1) if short else log.count_last
            yield _problem(
                "counter",
                f"{said} Stop the hub and repair{': who follows is told to reload' if short else ''}.",
                album=end.owner if album else "",
                mend=self._writing(partial(work, owner_id=end.owner_id)),
            )
        for gap in self._read(partial(_first, log.gaps)):
            said = f"{gap.owner}: events {gap.before + 1} to {gap.seq - 1} are missing."
            yield _problem(
                "gap",
                f"{said} Stop the hub and repair: who has not seen them is told to reload.",
                album=gap.owner if album else "",
                mend=self._writing(partial(log.forget_before, owner_id=gap.owner_id, seq=gap.seq)),
            )

    def _files(self) -> Iterator[Finding]:
        last = ""
        while batch := self._read(partial(_page, after=last)):
            last = batch[-1].id
            for photo in batch:
                self.photos += 1
                yield from self._file(photo)

    def _file(self, photo: Photo) -> Iterator[Finding]:
        if len(photo.sha256) != 32 or not _inside(photo.path):
            said = f"{photo.album}: the row of photo {photo.id} makes no sense. Restore the database from a backup."
            yield _problem("row", said, album=photo.album, photo=photo.id)
            return
        wrong = self._compared(photo)
        if wrong and (now := self._read(partial(photos.anywhere, photo_id=photo.id))) is not None:
            wrong = self._compared(now)  # it may have been moved, or deleted, between two looks
            if wrong:
                when = instant(now.added_at)[:19].replace("T", " ")
                said = f"{now.album}: {now.path} {wrong} (photo {now.id}, arrived {when} UTC)."
                yield _problem(
                    "missing" if wrong == "is missing" else "damaged",
                    f"{said} Put the file back from a backup, or delete the photo.",
                    album=now.album,
                    photo=now.id,
                    path=now.path,
                )

    def _compared(self, photo: Photo) -> str:
        """What is wrong with the file; empty if nothing."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._layout.find(photo).open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    size += len(block)
                    self._progress(len(block))
        except FileNotFoundError:
            return "is missing"
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        self.bytes += size
        if size != photo.size:
            return f"is damaged: it has {size} bytes instead of {photo.size}"
        return "" if digest.digest() == photo.sha256 else "is damaged: its bytes are not those that were sent"

    def _strays(self) -> Iterator[Finding]:
        """Files in archive/ that no row and no list knows."""
        files = _walk(self._layout.archive)
        while batch := list(islice(files, BATCH)):
            names = {path.relative_to(self._layout.archive).as_posix(): path for path in batch}
            known = self._read(partial(audit.known_paths, paths=list(names)))
            for name in sorted(names.keys() - known):
                path = names[name]
                left = _LEFTOVER.fullmatch(path.name)
                whole = str(PurePosixPath(name).with_name(left[1])) if left else ""
                if left and self._read(partial(audit.known_paths, paths=[whole])):
                    yield from self._leftover(path)
                elif os.path.lexists(path) and name not in self._read(partial(audit.known_paths, paths=[name])):
                    yield _stranger(f"archive/{name}")

    def _renditions(self) -> Iterator[Finding]:
        files = _walk(self._layout.renditions)
        while batch := list(islice(files, BATCH)):
            digests = {path: bytes.fromhex(found[1]) for path in batch if (found := _RENDITION.fullmatch(path.name))}
            known = self._read(partial(audit.known_digests, digests=list(digests.values())))
            for path in batch:
                name = path.relative_to(self._data).as_posix()
                if path.parent == self._layout.unfinished or _LEFTOVER.fullmatch(path.name):
                    yield from self._leftover(path)
                elif path not in digests:
                    yield _stranger(name)
                elif digests[path] not in known:
                    if not self._young(path):
                        said = f"{name} belongs to a photo that is gone. Repairing deletes it."
                        yield Finding(Weight.PENDING, "rendition", said, path=name, mend=path.unlink)
                elif path.exists() and path.stat().st_size == 0:
                    said = f"{name} is empty. Repairing deletes it; it is made again when somebody looks."
                    yield _problem("rendition", said, path=name, mend=path.unlink)

    def _leftover(self, path: Path) -> Iterator[Finding]:
        if not self._young(path):
            name = path.relative_to(self._data).as_posix()
            said = f"{name} was left by a crash. Repairing deletes it."
            yield Finding(Weight.PENDING, "leftover", said, path=name, mend=path.unlink)

    def _young(self, path: Path) -> bool:
        """Whether a running hub may be at work with it, or be done with it by now."""
        try:
            changed = path.lstat().st_mtime
        except FileNotFoundError:
            return True
        return self._running and time.time() - changed < _YOUNG

    def _read(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)

    def _writing(self, work: Callable[[Connection], object]) -> Callable[[], None]:
        def write() -> None:
            with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                work(connection)

        return write


def _first(query: Callable[[Connection], Iterator[T]], connection: Connection) -> list[T]:
    return list(islice(query(connection), MOST))


def _page(connection: Connection, after: str) -> list[Photo]:
    return photos.behind(connection, after, BATCH)


def _tell(connection: Connection, one: audit.Disagreement) -> None:
    event_log.append(
        connection, one.album_id, _TELLS[PhotoState(one.state)], one.photo_id, round(time.time() * 1_000_000)
    )


def _inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path


def _walk(folder: Path) -> Iterator[Path]:
    """Every file and link below, without following links; what cannot be read is passed over."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(root) / name for name in sorted(names))


def _problem(
    kind: str, text: str, *, album: str = "", photo: str = "", path: str = "", mend: Callable[[], object] | None = None
) -> Finding:
    return Finding(Weight.PROBLEM, kind, text, album, photo, path, mend)


def _pending(kind: str, text: str, photo: Photo, *, mend: Callable[[], object]) -> Finding:
    return Finding(Weight.PENDING, kind, text, photo.album, photo.id, photo.path, mend)


def _stranger(name: str) -> Finding:
    return Finding(Weight.UNKNOWN, "unknown", f"{name} is not known here. Nobody touches it.", path=name)
