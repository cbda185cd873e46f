"""A whole album in one file: its length known before, its names unique, and cut short rather than wrong."""

from __future__ import annotations

import asyncio
import io
import subprocess
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from onlooker.archive import handing_out
from onlooker.archive.renditions import Renditions
from onlooker.errors import MalformedInput
from onlooker.formats.photo import PhotoType
from onlooker.media import Photo, PhotoState
from onlooker.outputs import album_zip, sending
from tests.archive.scene import picture
from tests.formats.photos import KINDS, SECRET, photo
from tests.outputs.exhibition import GUEST, Exhibition, exhibition
from tests.web.conftest import Serve

TAKEN = "2026-11-21T14:03:02+01:00"
ALL = "/albums/party/all.zip"


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Exhibition]:
    async with exhibition(tmp_path / "data") as one:
        yield one


@pytest.fixture
async def address(there: Exhibition, serve: Serve) -> str:
    return await serve(there.app)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CHUNK", 100)
    monkeypatch.setattr(album_zip, "CHUNK", 100)


async def fetched(client: aiohttp.ClientSession, url: str, **headers: str) -> bytes:
    async with client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()}) as answer:
        assert answer.status == 200
        body = await answer.read()
        assert answer.headers["Content-Length"] == str(len(body))
        return body


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.mark.usefixtures("small_pieces")
async def test_everything_oldest_first_byte_for_byte(
    there: Exhibition, address: str, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    for number, taken in enumerate([TAKEN, "2020-01-01T00:00:00Z", TAKEN, TAKEN]):
        await there.hang(picture(number), taken)
    async with client.head(address + ALL) as head:
        assert head.status == 200
    async with client.get(address + ALL, headers={"Range": "bytes=0-9"}) as answer:
        data = await answer.read()
        assert answer.status == 200  # no parts of it are to be had
        assert answer.headers["Content-Length"] == head.headers["Content-Length"] == str(len(data))
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Accept-Ranges"] == "none"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="party.zip"')
    assert list(contents(data).items()) == [
        ("2026_11_21/14_03_02.jpg", picture(0)),
        ("2020_01_01/00_00_00.jpg", picture(1)),
        ("2026_11_21/14_03_02-2.jpg", picture(2)),
        ("2026_11_21/14_03_02-3.jpg", picture(3)),
    ]
    (tmp_path / "all.zip").write_bytes(data)
    await asyncio.to_thread(subprocess.run, ["unzip", "-q", "all.zip"], cwd=tmp_path, check=True)
    when = (tmp_path / "2026_11_21" / "14_03_02.jpg").stat().st_mtime
    assert datetime.fromtimestamp(when, UTC) == datetime.fromisoformat(TAKEN)


async def test_guests_get_them_without_personal_data(
    there: Exhibition, address: str, client: aiohttp.ClientSession
) -> None:
    for kind in KINDS:
        await there.hang(photo(kind), TAKEN)
    mine = contents(await fetched(client, address + ALL))
    theirs = contents(await fetched(client, address + ALL, **GUEST))
    assert list(mine.values()) == [photo(kind) for kind in KINDS]
    assert list(mine) == list(theirs)
    for name, data in theirs.items():
        assert SECRET.encode() not in data
        assert len(data) == len(mine[name])


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_stripped_is_a_smaller_picture_in_its_place(
    there: Exhibition,
    address: str,
    client: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    kind: PhotoType,
) -> None:
    def fails(data: bytes, kind: PhotoType) -> bytes:
        raise MalformedInput("no idea")

    data = photo(kind, xmp=b"<x:xmpmeta>" + bytes(20_000) + SECRET.encode())
    await there.hang(data, TAKEN)
    await there.hang(picture(1), TAKEN)
    monkeypatch.setattr(handing_out, "stripped", fails)
    files = contents(await fetched(client, address + ALL, **GUEST))
    name = next(iter(files))
    assert name == f"2026_11_21/14_03_02.{'jpeg' if len(kind.extension) == 4 else 'jpg'}"
    assert SECRET.encode() not in files[name]
    assert Image.open(io.BytesIO(files[name])).format == "JPEG"
    assert len(files[name]) == len(data)


async def test_only_what_is_shown_and_chosen(there: Exhibition, address: str, client: aiohttp.ClientSession) -> None:
    photos = [await there.hang(picture(number), TAKEN) for number in range(5)]
    await there.archive.change(there.scene.album, photos[1].id, state=PhotoState.HIDDEN)
    await there.archive.change(there.scene.album, photos[2].id, state=PhotoState.DELETED)
    assert list(contents(await fetched(client, address + ALL)).values()) == [picture(0), picture(3), picture(4)]
    chosen = ",".join([photos[4].id, photos[1].id, "nobody", photos[0].id, photos[4].id])
    assert list(contents(await fetched(client, f"{address}{ALL}?photos={chosen}")).values()) == [picture(0), picture(4)]
    for wrong in (f"photos={photos[1].id}", "photos=nobody"):
        async with client.get(f"{address}{ALL}?{wrong}") as answer:
            assert answer.status == 404
    async with client.get(f"{address}{ALL}?photos={','.join(map(str, range(501)))}") as answer:
        assert answer.status == 422
        assert answer.content_type == "application/problem+json"


async def test_another_albums_photo_is_not_to_be_had_here(
    there: Exhibition, address: str, client: aiohttp.ClientSession
) -> None:
    one = await there.hang(picture(0), TAKEN)
    for url in (f"/albums/other/all.zip?photos={one.id}", "/albums/other/all.zip"):
        async with client.get(address + url) as answer:
            assert answer.status == 404


async def test_an_empty_album(address: str, client: aiohttp.ClientSession) -> None:
    async with client.get(address + ALL) as answer:
        assert answer.status == 404
        assert "Party" in (await answer.json())["detail"]


async def test_what_is_known_to_be_missing_is_left_out(
    there: Exhibition, address: str, client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    photos = [await there.hang(picture(number), TAKEN) for number in range(4)]
    there.file(photos[0]).unlink()
    there.file(photos[2]).write_bytes(b"short")
    assert list(contents(await fetched(client, address + ALL)).values()) == [picture(1), picture(3)]
    assert caplog.text.count("is left out") == 2


@pytest.mark.parametrize("guest", [False, True])
@pytest.mark.parametrize("how", ["bytes", "gone"])
async def test_it_is_cut_short_rather_than_wrong(
    there: Exhibition,
    address: str,
    client: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    guest: bool,
    how: str,
) -> None:
    photos = [await there.hang(picture(number), TAKEN) for number in range(3)]
    place = there.file(photos[1])
    really = album_zip._named

    def then(found: list[Photo]) -> object:
        """What happens between the list and the file's turn."""
        if how == "gone":
            place.unlink()
        else:
            place.write_bytes(b"x" * len(picture(1)))
        return really(found)

    monkeypatch.setattr(album_zip, "_named", then)
    async with client.get(address + ALL, headers=GUEST if guest else {}) as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    assert photos[1].path in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.usefixtures("small_pieces")
async def test_a_photo_deleted_meanwhile_is_still_in_it(
    there: Exhibition, address: str, client: aiohttp.ClientSession
) -> None:
    photos = [await there.hang(picture(number), TAKEN) for number in range(3)]
    async with client.get(address + ALL) as answer:
        await there.archive.change(there.scene.album, photos[2].id, state=PhotoState.DELETED)
        assert list(contents(await answer.read()).values()) == [picture(0), picture(1), picture(2)]


@pytest.mark.usefixtures("small_pieces")
async def test_who_takes_one_piece_costs_one_piece(there: Exhibition) -> None:
    for number in range(3):
        await there.hang(picture(number), TAKEN)
    packing = album_zip._Packing(there.archive)
    stream = packing.stream(await packing.packed(there.scene.album, []), guest=False)
    assert len(await anext(stream)) < 200
    assert len(await anext(stream)) == 100
    assert packing.running == 1
    await stream.aclose()  # type: ignore[attr-defined]
    assert packing.running == 0


async def test_not_too_many_at_once(
    there: Exhibition, address: str, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await there.hang(picture(0), TAKEN)
    monkeypatch.setattr(album_zip, "MOST_AT_ONCE", 0)
    async with client.get(address + ALL) as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"]
    async with client.head(address + ALL) as answer:
        assert answer.status == 200


async def test_no_smaller_picture_fits(
    there: Exhibition,
    address: str,
    client: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(data: bytes, kind: PhotoType) -> bytes:
        raise MalformedInput("no idea")

    await there.hang(photo(PhotoType.WEBP, xmp=b""), TAKEN)
    monkeypatch.setattr(handing_out, "stripped", fails)
    get = Renditions.get

    async def padded(self: Renditions, one: Photo, size: int, form: str) -> Path:
        path = await get(self, one, size, form)
        await asyncio.to_thread(path.write_bytes, path.read_bytes().ljust(one.size + 1, b"\0"))
        return path

    monkeypatch.setattr(Renditions, "get", padded)
    async with client.get(address + ALL, headers=GUEST) as answer:
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    assert "no smaller picture of it fits" in caplog.text
