"""A camera's pictures are taken into an album as they are, or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from onlooker.archive import sending
from onlooker.archive.shooting import take_in
from onlooker.devices import Taken
from onlooker.errors import BrokenPhoto, DeviceAway, Interrupted, WrongType
from tests.archive.scene import files, picture, scene
from tests.archive.sending import in_chunks

GPANO = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:ProjectionType="equirectangular" '
    b'GPano:PoseHeadingDegrees="41.5"/></rdf:RDF></x:xmpmeta>'
)


def around() -> bytes:
    """A picture as a 360° camera stores it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Acme", "Eye 3"
    file = io.BytesIO()
    Image.new("RGB", (256, 128), (90, 120, 80)).save(file, "JPEG", exif=exif, xmp=GPANO)
    return file.getvalue()


async def test_the_original_is_kept_byte_for_byte(tmp_path: Path) -> None:
    data = around()
    heard: list[float | None] = []
    async with scene(tmp_path) as there:
        kept = await take_in(
            there.archive,
            there.album,
            Taken("R0010042.JPG", len(data), in_chunks(data, 1000)),
            heard.append,
            author="anna",
        )
        photo = kept.photo
        assert kept.new
        assert (photo.kind, photo.filename, photo.author) == ("snapshot", "R0010042.JPG", "anna")
        assert (photo.device, photo.panorama) == ("Acme Eye 3", True)
        assert photo.gpano["PoseHeadingDegrees"] == 41.5
        assert photo.sha256 == hashlib.sha256(data).digest()
        assert there.archive.layout.find(photo).read_bytes() == data
    assert heard[0] == 0.0
    assert heard[-1] == 1.0
    assert heard == sorted(heard)  # type: ignore[type-var]


async def test_what_the_album_has_is_not_added_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        first = await there.send(1)
        kept = await take_in(
            there.archive, there.album, Taken("R1.JPG", None, in_chunks(picture(1), 100)), lambda _: None
        )
        assert (kept.new, kept.photo.id) == (False, first.id)


async def test_nobody_knows_how_much_comes_where_the_camera_does_not_say(tmp_path: Path) -> None:
    heard: list[float | None] = []
    async with scene(tmp_path) as there:
        taken = Taken("R1.JPG", None, in_chunks(picture(2), 100))
        assert (await take_in(there.archive, there.album, taken, heard.append)).new
    assert heard == [None]


@pytest.mark.parametrize(
    ("size", "error", "told"), [(100_000, Interrupted, "broke off"), (20, BrokenPhoto, "more of “R1.JPG”")]
)
async def test_less_or_more_than_announced_is_not_kept(
    tmp_path: Path, size: int, error: type[Exception], told: str
) -> None:
    async with scene(tmp_path) as there:
        with pytest.raises(error, match=told):
            await take_in(there.archive, there.album, Taken("R1.JPG", size, in_chunks(picture(3), 100)), lambda _: None)
        assert there.album.shown == 0
    assert files(tmp_path / "incoming") == []


async def test_a_film_is_no_photo(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        film = Taken("R1.MP4", None, in_chunks(b"\0\0\0\x18ftypmp42" + bytes(400), 100))
        with pytest.raises(WrongType):
            await take_in(there.archive, there.album, film, lambda _: None)


async def test_a_camera_that_breaks_off_or_falls_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone() -> AsyncIterator[bytes]:
        yield picture(4)[:300]
        raise DeviceAway("The camera is gone.")

    async def silent() -> AsyncIterator[bytes]:
        yield picture(4)[:300]
        await asyncio.Event().wait()

    monkeypatch.setattr(sending, "PATIENCE", 0.05)
    async with scene(tmp_path) as there:
        for chunks, told in [(gone(), "is gone"), (silent(), "stopped in the middle of “R1.JPG”")]:
            with pytest.raises(DeviceAway, match=told):
                await take_in(there.archive, there.album, Taken("R1.JPG", 5000, chunks), lambda _: None)
        assert there.album.shown == 0
    assert files(tmp_path / "incoming") == []
