"""A real archive in a folder, without HTTP, at a time that a test turns by hand."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Connection, text

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.archive.opening import DATABASE, opened
from onlooker.archive.options import AlbumPlan, ArchiveOptions
from onlooker.archive.receiving import receive
from onlooker.archive.renditions import FORMATS, SMALLEST
from onlooker.clock import ManualClock
from onlooker.db.opening import open_engine
from onlooker.media import Photo

DAY = 86_400.0


def picture(number: int) -> bytes:
    """A JPEG that no other number gives."""
    file = io.BytesIO()
    Image.new("RGB", (48, 32), (number % 256, number // 256 % 256, 90)).save(file, "JPEG", comment=f"{number}".encode())
    return file.getvalue()


async def whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


class Calendar(ManualClock):
    """A clock whose date is set by hand, without the seconds between."""

    def jump(self, seconds: float) -> None:
        self._start += seconds


@dataclass
class Scene:
    archive: Archive
    clock: Calendar

    @property
    def album(self) -> Album:
        return self.archive.album("party")

    async def send(self, number: int, *, taken: str = "") -> Photo:
        said = Said(taken_at=datetime.fromisoformat(taken) if taken else None)
        return (await receive(self.archive, self.album, whole(picture(number)), said)).photo


def options(data: Path, **changed: Any) -> ArchiveOptions:
    return replace(ArchiveOptions(data, reserve=0), **changed)


@asynccontextmanager
async def scene(data: Path, clock: Calendar | None = None, **changed: Any) -> AsyncIterator[Scene]:
    """The archive of this folder with one album."""
    clock = clock or Calendar()
    async with opened(options(data, **changed), clock) as archive:
        await archive.apply([AlbumPlan("party", "Party")])
        yield Scene(archive, clock)


async def kept(data: Path, *numbers: int) -> list[Photo]:
    """Photos of an archive that is closed again, with their smallest pictures, for which there was time."""
    async with scene(data) as there:
        photos = [await there.send(number) for number in numbers]
        for photo in photos:
            for form in FORMATS:
                await there.archive.renditions.get(photo, SMALLEST, form)
        return photos


def files(folder: Path) -> list[str]:
    """Every file below the folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def sql(data: Path, statement: str, **values: Any) -> list[Any]:
    """Do something to the rows behind everybody's back."""
    engine = open_engine(data / DATABASE)
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []
    finally:
        engine.dispose()


def rows(connection: Connection, statement: str) -> list[Any]:
    return list(connection.execute(text(statement)))
