"""An album with photos behind the real routers; a header says that a visitor is a guest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import Scope

from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.archive.receiving import receive
from onlooker.archive.renditions import FORMATS, SMALLEST
from onlooker.media import Photo
from onlooker.outputs import album_zip, latest, photos
from onlooker.web import problems
from tests.archive.scene import Scene, scene, whole

GUEST = {"X-Guest": "yes"}


@dataclass
class Exhibition:
    scene: Scene
    app: FastAPI

    @property
    def archive(self) -> Archive:
        return self.scene.archive

    async def hang(self, data: bytes, taken: str = "2026-11-21T14:03:02+01:00", filename: str = "") -> Photo:
        said = Said(filename=filename, taken_at=datetime.fromisoformat(taken))
        kept = await receive(self.archive, self.scene.album, whole(data), said)
        for form in FORMATS:
            await self.archive.renditions.get(kept.photo, SMALLEST, form)
        return kept.photo

    def file(self, photo: Photo) -> Path:
        return self.archive.layout.place(photo.path)


def is_guest(scope: Scope) -> bool:
    return "x-guest" in Headers(scope=scope)


@asynccontextmanager
async def exhibition(data: Path) -> AsyncIterator[Exhibition]:
    async with scene(data) as there:
        app = FastAPI()
        problems.install(app)
        for routes in (
            latest.router(there.archive),
            photos.router(there.archive, is_guest),
            album_zip.router(there.archive, is_guest),
        ):
            app.include_router(routes)
        yield Exhibition(there, app)


def folder(photo: Photo) -> str:
    return f"/albums/party/i/{photo.sha256.hex()}"
