"""Photos without metadata: the same pixels and length, and no trace of what was planted, whatever the damage."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from onlooker.errors import MalformedInput
from onlooker.formats import exif
from onlooker.formats.photo import PhotoType
from onlooker.formats.stripping import stripped
from tests.formats.photos import GPANO, KINDS, SECRET, box, photo, pixels, png_chunk, real, srgb

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

# What a phone writes beside the planted text: names, dates, and the place's degrees, minutes and seconds.
PLACES = tuple(struct.pack(order + "6I", 47, 1, 22, 1, 30, 1) for order in "<>")
TRACES = (SECRET.encode(), b"iPhone", b"Apple", b"2026:11", b"http://ns.adobe.com/xmp/extension/", *PLACES)


def shown(data: bytes) -> Image.Image:
    """What a viewer sees: decoded and turned."""
    with Image.open(io.BytesIO(data)) as image:
        return ImageOps.exif_transpose(image)


def texts(data: bytes) -> Iterator[bytes]:
    """The bytes, and everything compressed in them."""
    yield data
    at = data.find(b"\x78")
    while at >= 0:
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[at:], 100_000)
        at = data.find(b"\x78", at + 1)


def traces(data: bytes) -> list[bytes]:
    return [trace for text in texts(data) for trace in TRACES if trace in text]


@pytest.mark.parametrize("kind", KINDS)
def test_the_planted_photo_holds_it_all(kind: PhotoType) -> None:
    data = photo(kind)
    assert data.count(SECRET.encode()) >= 5
    assert any(place in data for place in PLACES)
    assert exif.read(data, max_pixels=10**6).latitude is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [None, *range(1, 9)])
def test_the_same_picture_without_metadata(kind: PhotoType, orientation: int | None) -> None:
    data = photo(kind, orientation=orientation)
    out = stripped(data, kind)
    assert len(out) == len(data)
    assert traces(out) == []
    before, after = shown(data), shown(out)
    assert after.size == before.size
    assert after.tobytes() == before.tobytes()
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    was, facts = (exif.read(file, max_pixels=10**6) for file in (data, out))
    assert (facts.width, facts.height, facts.orientation) == (was.width, was.height, was.orientation)
    assert (facts.taken, facts.latitude, facts.longitude, facts.altitude, facts.device) == (None, None, None, None, "")
    assert facts.gpano == was.gpano != {}
    assert exif.is_whole(out)
    assert stripped(out, kind) == out


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_panorama_no_xmp_is_left(kind: PhotoType) -> None:
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{SECRET}</x:xmpmeta>'.encode()
    out = stripped(photo(kind, xmp=xmp), kind)
    assert traces(out) == []
    with Image.open(io.BytesIO(out)) as image:
        assert image.getxmp().get("xmpmeta", "") in ("", None)
        assert shown(out).tobytes() == shown(photo(kind, xmp=xmp)).tobytes()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not PhotoType.JPEG])
def test_transparency_stays(kind: PhotoType) -> None:
    data = photo(kind, alpha=True)
    out = stripped(data, kind)
    assert shown(out).getpixel((0, 0))[3] == 128  # type: ignore[index]
    assert shown(out).tobytes() == shown(data).tobytes()
    assert traces(out) == []


class TestJpeg:
    @pytest.mark.parametrize(
        "options",
        [
            {"progressive": True},
            {"quality": 100, "subsampling": 0},
            {"restart_marker_blocks": 1},
            {"icc_profile": srgb() * 40},  # in several segments
            {"optimize": True},
        ],
    )
    def test_every_encoding(self, options: dict[str, object]) -> None:
        out = io.BytesIO()
        if "icc_profile" in options:
            profile = srgb() * 40
            options = {"icc_profile": len(profile).to_bytes(4, "big") + profile[4:]}
        pixels(300, 200).save(out, "JPEG", comment=SECRET, exif=b"Exif\0\0MM\0*" + SECRET.encode(), **options)
        data = out.getvalue()
        done = stripped(data, PhotoType.JPEG)
        assert traces(done) == []
        assert shown(done).tobytes() == shown(data).tobytes()
        assert shown(done).info.get("icc_profile") == shown(data).info.get("icc_profile")

    @pytest.mark.parametrize("mode", ["CMYK", "L"])
    def test_adobe_and_grey(self, mode: str) -> None:
        out = io.BytesIO()
        pixels().convert(mode).save(out, "JPEG", comment=SECRET)
        done = stripped(out.getvalue(), PhotoType.JPEG)
        assert shown(done).tobytes() == shown(out.getvalue()).tobytes()
        assert traces(done) == []

    def test_a_second_picture_is_gone(self) -> None:
        out = io.BytesIO()
        pixels().save(out, "MPO", save_all=True, append_images=[pixels(32, 32)], exif=photo_exif())
        done = stripped(out.getvalue(), PhotoType.JPEG)
        assert done.count(b"\xff\xd8\xff") == 1
        assert traces(done) == []
        assert shown(done).size == shown(out.getvalue()).size

    def test_a_comment_between_scans(self) -> None:
        out = io.BytesIO()
        pixels().save(out, "JPEG", progressive=True)
        data = out.getvalue()
        at = data.index(b"\xff\xc4", data.index(b"\xff\xda"))
        body = SECRET.encode()
        done = stripped(data[:at] + b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body + data[at:], PhotoType.JPEG)
        assert traces(done) == []
        assert shown(done).tobytes() == shown(data).tobytes()

    @pytest.mark.parametrize("code", [b"\xdb", b"\xc4", b"\xdd", b"\xda", b"\xc0"])
    def test_a_table_that_swallows_is_refused(self, code: bytes) -> None:
        data = photo(PhotoType.JPEG)
        body = SECRET.encode() * 3
        segment = b"\xff" + code + (len(body) + 2).to_bytes(2, "big") + body
        with pytest.raises(MalformedInput):
            stripped(data[:2] + segment + data[2:], PhotoType.JPEG)


def photo_exif() -> bytes:
    with Image.open(io.BytesIO(photo(PhotoType.WEBP, orientation=6))) as image:
        return b"Exif\0\0" + image.info["exif"].removeprefix(b"Exif\0\0")


class TestPng:
    def test_animation_stays(self) -> None:
        out = io.BytesIO()
        pixels().save(out, "PNG", save_all=True, append_images=[pixels().rotate(180)], duration=100)
        data = out.getvalue()
        done = stripped(data[:33] + png_chunk(b"tEXt", b"a\0" + SECRET.encode()) + data[33:], PhotoType.PNG)
        with Image.open(io.BytesIO(done)) as image:
            image.seek(1)
            assert image.n_frames == 2
        assert traces(done) == []

    def test_a_palette_stays(self) -> None:
        out = io.BytesIO()
        pixels().quantize(16).save(out, "PNG", transparency=3)
        assert stripped(out.getvalue(), PhotoType.PNG) == out.getvalue()

    @pytest.mark.parametrize(
        "chunk",
        [
            png_chunk(b"CgBI", SECRET.encode()),
            png_chunk(b"PLTE", SECRET.encode() * 100),
            png_chunk(b"pHYs", bytes(9))[:-1] + b"\xff",
        ],
    )
    def test_refused(self, chunk: bytes) -> None:
        data = photo(PhotoType.PNG)
        with pytest.raises(MalformedInput):
            stripped(data[:33] + chunk + data[33:], PhotoType.PNG)

    def test_a_known_chunk_of_unknown_length(self) -> None:
        data = photo(PhotoType.PNG)
        assert traces(stripped(data[:33] + png_chunk(b"gAMA", SECRET.encode()) + data[33:], PhotoType.PNG)) == []


class TestWebp:
    def test_animation_stays(self) -> None:
        out = io.BytesIO()
        pixels().save(
            out, "WEBP", save_all=True, append_images=[pixels().rotate(180)], duration=100, exif=photo_exif(), xmp=GPANO
        )
        done = stripped(out.getvalue(), PhotoType.WEBP)
        with Image.open(io.BytesIO(done)) as image, Image.open(io.BytesIO(out.getvalue())) as before:
            assert image.n_frames == 2  # type: ignore[attr-defined]
            for frame in (0, 1):
                image.seek(frame)
                before.seek(frame)
                assert image.tobytes() == before.tobytes()
        assert traces(done) == []

    def test_flags_say_what_is_left(self) -> None:
        data = photo(PhotoType.WEBP, orientation=None, xmp=b"<x/>")
        assert data[20] & 0x0C == 0x0C
        assert stripped(data, PhotoType.WEBP)[20] & 0x0C == 0
        assert stripped(photo(PhotoType.WEBP), PhotoType.WEBP)[20] & 0x0C == 0x0C

    def test_hidden_metadata_is_refused(self) -> None:
        data = photo(PhotoType.WEBP).replace(b"EXIF", b"VP8 ")
        with pytest.raises(MalformedInput):
            stripped(data, PhotoType.WEBP)

    def test_a_plain_one(self) -> None:
        out = io.BytesIO()
        pixels().save(out, "WEBP")
        assert stripped(out.getvalue(), PhotoType.WEBP) == out.getvalue()


class TestHeif:
    @pytest.mark.parametrize("kind", [PhotoType.HEIC, PhotoType.AVIF])
    def test_unlisted_bytes_go(self, kind: PhotoType) -> None:
        """An item that is not what it was, or an extent that points elsewhere, leaves nothing behind."""
        data = photo(kind)
        done = stripped(data.replace(b"infe\x02\0\0\0\0\x02\0\0Exif", b"infe\x02\0\0\0\0\x02\0\0Fxif"), kind)
        assert traces(done) == []
        assert shown(done).tobytes() == shown(data).tobytes()

    def test_several_pictures(self) -> None:
        file = pillow_heif.HeifFile()
        for image in (pixels(256, 200), pixels(64, 64)):
            image.info |= {"exif": photo_exif(), "xmp": GPANO}
            file.add_from_pillow(image)
        out = io.BytesIO()
        file.save(out, quality=60)
        data = out.getvalue()
        assert traces(data)
        done = stripped(data, PhotoType.HEIC)
        assert traces(done) == []
        for before, after in zip(pillow_heif.open_heif(data), pillow_heif.open_heif(done), strict=True):
            assert np.array_equal(np.asarray(before), np.asarray(after))

    def test_tiles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A phone's large picture: many tiles, and a grid among the meta box's own bytes that puts them together."""
        monkeypatch.setattr(pillow_heif.options, "GRID_TILE_SIZE", 128)
        out = io.BytesIO()
        pixels(500, 300).save(out, "HEIF", exif=photo_exif(), xmp=GPANO)
        data = out.getvalue()
        assert b"idat" in data
        done = stripped(data, PhotoType.HEIC)
        assert traces(data) != []
        assert traces(done) == []
        assert shown(done).tobytes() == shown(data).tobytes()
        facts = exif.read(done, max_pixels=150_000)
        assert (facts.width, facts.height) == (300, 500)
        assert exif.is_whole(done)

    @pytest.mark.parametrize("kind", [PhotoType.HEIC, PhotoType.AVIF])
    def test_a_moving_picture_is_refused(self, kind: PhotoType) -> None:
        with pytest.raises(MalformedInput, match="moving"):
            stripped(photo(kind) + box(b"moov", b"x"), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_another_kind_is_refused(kind: PhotoType) -> None:
    for other in KINDS:
        if other is not kind:
            with pytest.raises(MalformedInput, match=kind.name):
                stripped(photo(other), kind)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_never_lets_metadata_through(kind: PhotoType, draw: st.DataObject) -> None:
    data = bytearray(photo(kind))
    for at in draw.draw(st.lists(st.integers(0, 8 * len(data) - 1), min_size=1, max_size=3)):
        data[at // 8] ^= 1 << at % 8
    cut = bytes(data[: draw.draw(st.integers(0, len(data)))] if draw.draw(st.booleans()) else data)
    try:
        out = stripped(cut, kind)
    except MalformedInput:
        return
    assert len(out) == len(cut)
    assert SECRET.encode()[2:-2] not in out


@pytest.mark.parametrize("kind", KINDS)
def test_one_wrong_bit_anywhere_in_the_structure(kind: PhotoType) -> None:
    data = photo(kind)
    for at in range(0, 8 * len(data), 7):
        broken = bytearray(data)
        broken[at // 8] ^= 1 << at % 8
        try:
            out = stripped(bytes(broken), kind)
        except MalformedInput:
            continue
        assert SECRET.encode()[2:-2] not in out, (at // 8, at % 8)


@pytest.mark.peers
@pytest.mark.parametrize(
    "name",
    [
        "jpeg-exif/test/IMG_0001.JPG",
        "exif/test/test1.jpg",
        "exif/test/short-ascii-II.jpg",
        "exif/test/right.jpg",
        "exif/test/evil1.jpg",
        "exif-js/example/Bush-dog.jpg",
    ],
)
def test_real_photos(name: str) -> None:
    data = real(name)
    done = stripped(data, PhotoType.JPEG)
    was, facts = (exif.read(file, max_pixels=30_000_000) for file in (data, done))
    assert (facts.width, facts.height, facts.orientation) == (was.width, was.height, was.orientation)
    assert (facts.taken, facts.latitude, facts.device) == (None, None, "")
    assert shown(done).tobytes() == shown(data).tobytes()
    assert not was.device or was.device.split()[0].encode() not in done
    with Image.open(io.BytesIO(done)) as image:
        assert set(image.getexif()) <= {0x0112}
        assert "photoshop" not in image.info
        assert "comment" not in image.info


def test_the_eyes_of_these_tests() -> None:
    assert traces(b"x" + SECRET.encode())
    assert traces(zlib.compress(SECRET.encode()))
    assert not traces(b"x")
