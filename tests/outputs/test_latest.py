"""The newest photo of an album, at one address, for whatever cannot follow its events."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from onlooker.media import PhotoState
from tests.formats.photos import exif, pixels
from tests.outputs.exhibition import Exhibition, exhibition
from tests.web.conftest import Serve


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Exhibition]:
    async with exhibition(tmp_path) as one:
        yield one


@pytest.fixture
async def address(there: Exhibition, serve: Serve) -> str:
    return await serve(there.app)


def jpeg(number: int, orientation: int = 1, width: int = 900, height: int = 600) -> bytes:
    file = io.BytesIO()
    pixels(width, height).save(file, "JPEG", exif=exif(orientation).tobytes(), quality=50 + number)
    return file.getvalue()


@pytest.mark.parametrize("path", ["/albums/party/latest.jpg", "/beam"])
async def test_the_newest_that_is_shown(
    there: Exhibition, address: str, client: aiohttp.ClientSession, path: str
) -> None:
    first = await there.hang(jpeg(1), "2026-11-21T14:03:02+01:00")
    second = await there.hang(jpeg(2, orientation=6), "2020-01-01T00:00:00Z")  # newest is what came last
    for expected in (second, first):
        for method in ("GET", "HEAD"):
            async with client.request(method, address + path) as answer:
                body = await answer.read()
                assert answer.status == 200
                assert answer.content_type == "image/jpeg"
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["X-Photo"] == expected.id
                assert "Last-Modified" in answer.headers
                assert bool(body) == (method == "GET")
        async with client.get(address + path) as answer:
            picture = Image.open(io.BytesIO(await answer.read()))
            assert picture.size == ((600, 900) if expected is second else (900, 600))
            assert not dict(picture.getexif())
        await there.archive.change(there.scene.album, second.id, state=PhotoState.HIDDEN)
    async with client.get(address + path) as answer:
        assert answer.headers["X-Taken"] == "2026-11-21T14:03:02+01:00"


@pytest.mark.parametrize(
    ("width", "shorter"), [(1, 320), (320, 320), (800, 320), (900, 1440), (1900, 2160), (60_000, 2160)]
)
async def test_about_as_large_as_asked(
    there: Exhibition, address: str, client: aiohttp.ClientSession, width: int, shorter: int
) -> None:
    await there.hang(jpeg(1, width=2400, height=2300))
    async with client.get(f"{address}/beam?width={width}") as answer:
        assert min(Image.open(io.BytesIO(await answer.read())).size) == shorter


async def test_an_empty_album(there: Exhibition, address: str, client: aiohttp.ClientSession) -> None:
    for path in ("/albums/party/latest.jpg", "/beam", "/albums/none/latest.jpg"):
        async with client.get(address + path) as answer:
            assert answer.status == 404
            assert answer.content_type == "application/problem+json"
    await there.archive.apply([])
    async with client.get(f"{address}/beam") as answer:
        assert answer.status == 404


async def test_many_who_ask_again_and_again_cost_one_look(
    there: Exhibition, address: str, client: aiohttp.ClientSession
) -> None:
    await there.hang(jpeg(1))
    async with client.get(f"{address}/beam") as answer:
        tag = answer.headers["ETag"]
    reads = there.archive.database.reads
    for _ in range(5):
        async with client.get(f"{address}/beam", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
    assert there.archive.database.reads == reads
    await there.hang(jpeg(2))
    async with client.get(f"{address}/beam", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 200
