"""Smaller pictures: without a trace of the photo's metadata, each made once, and never half there."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from onlooker.archive import renditions
from onlooker.archive.describing import Said
from onlooker.archive.receiving import receive
from onlooker.archive.renditions import FORMATS, MOST_WAITING, SIZES
from onlooker.errors import BrokenPhoto, StorageError, TooMany
from onlooker.formats.photo import PhotoType
from onlooker.media import Photo
from tests.archive.scene import Scene, files, scene, whole
from tests.archive.test_examining import UPRIGHT, corners, encoded, p3, seen
from tests.formats.photos import KINDS, SECRET, exif, photo, pixels


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as one:
        yield one


async def sent(there: Scene, data: bytes) -> Photo:
    return (await receive(there.archive, there.album, whole(data), Said())).photo


async def made(there: Scene, one: Photo, size: int, form: str) -> Image.Image:
    path = await there.archive.renditions.get(one, size, form)
    picture = Image.open(io.BytesIO(path.read_bytes()))
    assert picture.format == {"webp": "WEBP", "jpg": "JPEG"}[form]
    return picture


async def being_made(there: Scene) -> None:
    async with asyncio.timeout(10):
        while not there.archive.renditions._making:  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_in_every_size_without_metadata(there: Scene, kind: PhotoType) -> None:
    data = photo(kind)
    assert SECRET.encode() in data
    one = await sent(there, data)
    for size in SIZES:
        for form in FORMATS:
            picture = await made(there, one, size, form)
            assert picture.size == (one.width, one.height)  # they are never made larger
            assert not dict(picture.getexif())
            assert not {"exif", "xmp", "comment", "icc_profile", "photoshop"} & set(picture.info)
            there_is = there.archive.renditions.path(one, size, form).read_bytes()
            assert not [mark for mark in (SECRET.encode(), b"Exif", b"xmp", b"Apple") if mark in there_is]


@pytest.mark.parametrize("orientation", UPRIGHT)
async def test_upright(there: Scene, orientation: int) -> None:
    data = encoded(corners(900, 600), "JPEG", exif=exif(orientation).tobytes())
    one = await sent(there, data)
    for form in FORMATS:
        for size in (320, 1440):
            picture = await made(there, one, size, form)
            assert seen(picture) == UPRIGHT[orientation]
            assert (picture.width > picture.height) == (orientation < 5)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1600, 1200), {320: (427, 320), 1440: (1600, 1200)}),
        ((8000, 1000), {320: (1920, 240), 1440: (8000, 1000)}),
        ((1, 1), {320: (1, 1), 2160: (1, 1)}),
        ((4000, 1), {320: (1920, 1), 1440: (4000, 1)}),
    ],
)
async def test_sizes(there: Scene, size: tuple[int, int], expected: dict[int, tuple[int, int]]) -> None:
    one = await sent(there, encoded(pixels(*size), "PNG", compress_level=1))
    for wanted, comes in expected.items():
        for form in FORMATS:
            assert (await made(there, one, wanted, form)).size == comes


async def test_what_is_clear_stays_so_or_becomes_white(there: Scene) -> None:
    picture = Image.new("RGBA", (700, 500), (0, 0, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 350, 500))
    one = await sent(there, encoded(picture, "PNG"))
    assert (await made(there, one, 320, "webp")).mode == "RGBA"
    jpeg = await made(there, one, 320, "jpg")
    assert jpeg.mode == "RGB"
    assert jpeg.getpixel((400, 100)) == pytest.approx((255, 255, 255), abs=3)
    assert jpeg.getpixel((50, 100)) == pytest.approx((200, 0, 0), abs=12)


async def test_the_profile_of_other_colours_goes_along(there: Scene) -> None:
    one = await sent(there, encoded(corners(700, 500), "JPEG", icc_profile=p3()))
    for form in FORMATS:
        for size in (320, 1440):
            assert (await made(there, one, size, form)).info["icc_profile"] == p3()


async def test_the_smallest_are_made_on_arrival_from_what_was_decoded_anyway(
    there: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: Any) -> Image.Image:
        raise AssertionError("nobody asked for this")

    monkeypatch.setattr(renditions, "decoded", decoded)
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    await there.archive.renditions.close()
    for form in FORMATS:
        assert there.archive.renditions.path(one, 320, form).exists()
        assert (await made(there, one, 320, form)).size == (411, 320)


async def test_fifty_who_ask_at_once_make_one(there: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    times = []
    really = renditions.decoded

    def counted(*arguments: Any) -> Image.Image:
        times.append(arguments)
        return really(*arguments)

    monkeypatch.setattr(renditions, "decoded", counted)
    paths = await asyncio.gather(*(there.archive.renditions.get(one, 1440, "jpg") for _ in range(50)))
    assert len(set(paths)) == 1
    assert len(times) == 1


async def test_who_goes_away_does_not_take_it_from_the_others(there: Scene) -> None:
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    await there.archive.renditions.close()
    asking = [asyncio.create_task(there.archive.renditions.get(one, 1440, "jpg")) for _ in range(2)]
    await being_made(there)
    asking[0].cancel()
    assert (await asking[1]).exists()
    assert asking[0].cancelled()


async def test_too_many_at_once(there: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    await there.archive.renditions.close()
    monkeypatch.setattr(renditions, "MOST_WAITING", 1)
    asking = asyncio.create_task(there.archive.renditions.get(one, 1440, "jpg"))
    await being_made(there)
    with pytest.raises(TooMany):
        await there.archive.renditions.get(one, 2160, "jpg")
    await asking
    assert (await there.archive.renditions.get(one, 2160, "jpg")).exists()
    assert MOST_WAITING > 1


async def test_a_photo_whose_file_went_bad(there: Scene, caplog: pytest.LogCaptureFixture) -> None:
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    await there.archive.renditions.close()
    place = there.archive.layout.place(one.path)
    place.write_bytes(place.read_bytes()[:500] + bytes(1000))
    with pytest.raises(BrokenPhoto):
        await there.archive.renditions.get(one, 1440, "jpg")
    place.unlink()
    with pytest.raises(StorageError) as caught:
        await there.archive.renditions.get(one, 1440, "jpg")
    assert str(place) in caplog.text
    assert str(place) not in str(caught.value)
    assert not there.archive.renditions.path(one, 1440, "jpg").exists()


@pytest.mark.parametrize("failing", ["save", "replace"])
async def test_nothing_is_left_of_one_that_fails(there: Scene, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    await there.archive.renditions.close()
    before = files(there.archive.layout.renditions)

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Image.Image if failing == "save" else os, failing, refuse)
        with pytest.raises(StorageError):
            await there.archive.renditions.get(one, 1440, "jpg")
    assert files(there.archive.layout.renditions) == before
    assert (await there.archive.renditions.get(one, 1440, "jpg")).exists()


async def test_what_a_crash_left_half_written_goes_at_the_next_start(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        one = await sent(there, encoded(pixels(900, 700), "JPEG"))
        path = await there.archive.renditions.get(one, 1440, "jpg")
    half = tmp_path / "renditions" / ".unfinished" / f"deadbeef-{path.name}"
    half.write_bytes(b"half of it")
    async with scene(tmp_path):
        assert not half.exists()
        assert path.exists()


async def test_drop_takes_them_all_also_the_one_being_made(there: Scene) -> None:
    one = await sent(there, encoded(pixels(900, 700), "JPEG"))
    await there.archive.renditions.close()
    asking = asyncio.create_task(there.archive.renditions.get(one, 1440, "jpg"))
    await being_made(there)
    await there.archive.renditions.drop(one)
    await asking
    assert files(there.archive.layout.renditions) == []
