"""What is kept of uploads that can be resumed: beside `<id>.part` a `<id>.json` that says what it is to become."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from onlooker.archive.layout import Layout
from onlooker.disk import flush_folder
from onlooker.formats import photo
from onlooker.private_file import write_private

log = logging.getLogger(__name__)

_ID = re.compile(r"[a-z2-7]{26}\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """An upload. `id` is that of the photo it becomes; instants are seconds since 1970.

    `metadata` is the sender's, as tus writes it. Bytes behind `verified`, where it is a number, came in a request whose
    checksum was not compared yet. `done` is the photo that has its bytes now: its own id, or that of an older one.
    """

    id: str
    album: str
    owner: str
    author: str
    length: int | None
    metadata: str
    created: float
    expires: float
    verified: int | None = None
    done: str | None = None


class UploadFiles:
    """Reads and writes them; every method blocks."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def begin(self, record: Record) -> None:
        """Make both files. The empty part comes first, so that a record never lacks one before its photo is kept."""
        self._layout.part(record.id).touch(0o600)
        self.write(record)

    def write(self, record: Record) -> None:
        """Replace what is known of the upload; on the disk when this returns."""
        write_private(self._path(record.id), json.dumps(asdict(record)).encode())

    def read(self, upload_id: str) -> Record | None:
        """What is known of the upload; None if there is none, or nothing that can be read."""
        if not _ID.match(upload_id):
            return None
        try:
            return Record(**json.loads(self._path(upload_id).read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            log.error("%s cannot be read and is passed over: %s", self._path(upload_id), error)
            return None

    def every(self) -> Iterator[Record]:
        """All that is known."""
        for path in sorted(self._layout.incoming.glob("*.json")):
            record = self.read(path.stem)
            if record is not None:
                yield record

    def standing(self, record: Record) -> tuple[int, bytes] | None:
        """How many bytes of it are on the disk for sure, and its first ones; None if there is no part any more."""
        part = self._layout.part(record.id)
        try:
            with part.open("r+b") as file:
                head = file.read(photo.HEAD)
                size = file.seek(0, os.SEEK_END)
                if record.verified is not None and record.verified < size:
                    size = record.verified
                    file.truncate(size)
                os.fsync(file.fileno())
                return size, head[:size]
        except FileNotFoundError:
            return None

    def size(self, upload_id: str) -> int:
        """Bytes of the part, flushed or not."""
        part = self._layout.part(upload_id)
        return part.stat().st_size if part.exists() else 0

    def forget(self, upload_id: str) -> None:
        """Delete the record. Its part then belongs to nobody, and goes at the next start if nobody deletes it now."""
        self._path(upload_id).unlink(missing_ok=True)
        flush_folder(self._layout.incoming)

    def drop_part(self, upload_id: str) -> None:
        """Delete the part."""
        self._layout.part(upload_id).unlink(missing_ok=True)

    def _path(self, upload_id: str) -> Path:
        return self._layout.part(upload_id).with_suffix(".json")
