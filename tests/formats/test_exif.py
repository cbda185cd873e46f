"""What a photo says about itself: every kind and turn, real phones' photos, nonsense and damage."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from onlooker.errors import MalformedInput
from onlooker.formats import exif, tiff, xmp
from onlooker.formats.exif import PhotoFacts, TooManyPixels
from onlooker.formats.photo import PhotoType
from onlooker.formats.place import Place, place
from tests.formats.photos import GPANO, KINDS, box, photo, pixels, png_chunk, real

LIMIT = 10_000_000
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def read(data: bytes) -> PhotoFacts:
    return exif.read(data, max_pixels=LIMIT)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", [None, *range(1, 9)])
def test_every_turn_is_what_pillow_shows(kind: PhotoType, orientation: int | None) -> None:
    data = photo(kind, orientation=orientation)
    with Image.open(io.BytesIO(data)) as image:
        shown = ImageOps.exif_transpose(image)
    facts = read(data)
    assert (facts.width, facts.height) == shown.size
    assert facts.pixels == 64 * 48
    assert facts.orientation == (1 if kind is PhotoType.HEIC else orientation or 1)
    # Wherever it was turned, by the library or by us, red grows to the right of the stored picture just once.
    stored = ImageOps.exif_transpose(_turned(orientation))
    assert _close(shown.convert("RGB"), stored)


def _turned(orientation: int | None) -> Image.Image:
    out = io.BytesIO()
    tags = Image.Exif()
    tags[0x0112] = orientation or 1
    pixels().save(out, "PNG", exif=tags)
    return Image.open(out)


def _decode(data: bytes, *, max_pixels: int) -> None:
    exif.read(data, max_pixels=max_pixels)
    with Image.open(io.BytesIO(data)) as image:
        image.load()


def _close(one: Image.Image, other: Image.Image) -> bool:
    places = [(x, y) for x in (4, one.width - 5) for y in (4, one.height - 5)]
    colours = [(one.getpixel(at), other.getpixel(at)) for at in places]
    return all(abs(a - b) < 40 for left, right in colours for a, b in zip(left, right, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_everything_a_phone_writes(kind: PhotoType) -> None:
    facts = read(photo(kind))
    assert facts.type is kind
    assert facts.taken == datetime(2026, 11, 21, 14, 3, 2, 250_000, timezone(timedelta(hours=1)))
    assert (facts.latitude, facts.longitude, facts.altitude) == pytest.approx((47.375, 8.535, 408.5))
    assert facts.device == "Apple iPhone PLANTED-SECRET"
    assert facts.panorama
    assert facts.gpano == {
        "ProjectionType": "equirectangular",
        "FullPanoWidthPixels": 5376,
        "PoseHeadingDegrees": 271.5,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_from_a_file(kind: PhotoType, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(photo(kind))
    assert exif.read(path, max_pixels=LIMIT) == read(photo(kind))
    assert exif.is_whole(path)
    path.write_bytes(b"")
    with pytest.raises(MalformedInput):
        exif.read(path, max_pixels=LIMIT)


class TestTags:
    """What the tags may say, through a PNG's eXIf chunk, which any encoder can be given."""

    @staticmethod
    def facts(
        picture: dict[int, Any] | None = None,
        taken: dict[int, Any] | None = None,
        gps: dict[int, Any] | None = None,
    ) -> PhotoFacts:
        tags = Image.Exif()
        tags.update(picture or {})
        tags.get_ifd(0x8769).update(taken or {})
        tags.get_ifd(0x8825).update(gps or {})
        out = io.BytesIO()
        pixels(8, 4).save(out, "PNG", exif=tags.tobytes())
        return read(out.getvalue())

    @pytest.mark.parametrize(
        ("make", "model", "device"),
        [
            ("Apple", "iPhone 15", "Apple iPhone 15"),
            ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
            ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
            ("samsung\0\0", " SM-G991B ", "samsung SM-G991B"),
            ("a\x1b[31m\nb\x7f", "c", "a [31m b c"),
            ("", "Pixel", "Pixel"),
            ("Google", "", "Google"),
            ("", "", ""),
            ("x" * 200, "y", "x" * 120),
        ],
    )
    def test_device(self, make: str, model: str, device: str) -> None:
        assert self.facts({0x010F: make, 0x0110: model}).device == device

    @pytest.mark.parametrize(
        ("tags", "taken"),
        [
            ({0x9003: "2026:11:21 14:03:02"}, datetime(2026, 11, 21, 14, 3, 2)),
            ({0x9003: "2026-11-21T14:03:02", 0x9291: "123"}, datetime(2026, 11, 21, 14, 3, 2, 123_000)),
            ({0x9003: "2026:11:21 14:03:02", 0x9291: "x"}, datetime(2026, 11, 21, 14, 3, 2)),
            ({0x9003: "0000:00:00 00:00:00", 0x9004: "2026:11:21 14:03:02"}, datetime(2026, 11, 21, 14, 3, 2)),
            ({0x9003: "2026:11:21 14:03:02", 0x9011: "Z"}, datetime(2026, 11, 21, 14, 3, 2, tzinfo=UTC)),
            (
                {0x9003: "2026:11:21 14:03:02", 0x9010: "-09:30"},
                datetime(2026, 11, 21, 14, 3, 2, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
            ),
            ({0x9003: "2026:11:21 14:03:02", 0x9011: "+99:00"}, datetime(2026, 11, 21, 14, 3, 2)),
            ({0x9003: "2026:11:21 14:03:02", 0x9011: "   :  "}, datetime(2026, 11, 21, 14, 3, 2)),
            ({0x9003: "1904:01:01 00:00:00"}, None),
            ({0x9003: "1970:01:01 00:00:00"}, None),
            ({0x9003: "9999:12:31 23:59:59"}, None),
            ({0x9003: "2026:13:21 14:03:02"}, None),
            ({0x9003: "2026:11:21 14:03:61"}, None),
            ({0x9003: "    :  :     :  :  "}, None),
            ({0x9003: "yesterday"}, None),
            ({0x9003: 7}, None),
            ({}, None),
        ],
    )
    def test_taken(self, tags: dict[int, Any], taken: datetime | None) -> None:
        found = self.facts(taken=tags).taken
        assert found == taken
        assert taken is None or (found is not None and found.utcoffset() == taken.utcoffset())

    @pytest.mark.parametrize(
        ("time", "day", "offset"),
        [
            ((13.0, 3.0, 2.0), "2026:11:21", timedelta(hours=1)),
            ((13.0, 2.0, 0.0), "2026:11:21", timedelta(hours=1)),
            ((8.0, 18.0, 2.0), "2026:11:21", timedelta(hours=5, minutes=45)),
            ((1.0, 3.0, 2.0), "2026:11:22", timedelta(hours=-11)),
            ((12.0, 50.0, 2.0), "2026:11:21", None),  # an old fix
            ((13.0, 3.0, 2.0), "2026:11:01", None),
            ((13.0, 3.0, 2.0), "", None),
            ((25.0, 3.0, 99.0), "2026:11:21", None),
        ],
    )
    def test_gps_time_gives_the_offset(self, time: tuple[float, ...], day: str, offset: timedelta | None) -> None:
        found = self.facts(taken={0x9003: "2026:11:21 14:03:02"}, gps={7: time, 29: day}).taken
        assert found is not None
        assert found.utcoffset() == offset

    @pytest.mark.parametrize(
        ("gps", "where"),
        [
            ({1: "S", 2: (33.0, 51.5, 0.0), 3: "W", 4: (151.0, 12.0, 36.0)}, (-33.858333, -151.21)),
            ({1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, (None, None)),
            ({1: "N", 2: (47.0, 0.0, 0.0), 3: "E", 4: (181.0, 0.0, 0.0)}, (None, None)),
            ({1: "N", 2: (47.0, 75.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, (None, None)),
            ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, (None, None)),
            ({2: (47.0, 0.0, 0.0), 4: (8.0, 0.0, 0.0)}, (None, None)),
            ({1: "X", 2: (47.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, (None, None)),
            ({1: "N", 2: (47.0, 0.0, 0.0)}, (None, None)),
        ],
    )
    def test_place(self, gps: dict[int, Any], where: tuple[float | None, float | None]) -> None:
        facts = self.facts(gps=gps)
        assert (facts.latitude, facts.longitude) == pytest.approx(where)

    def test_a_rational_of_nothing_is_no_place(self) -> None:
        tags = tiff.Tags(gps={1: "N", 2: ((0, 0), (0, 0), (0, 0)), 3: "E", 4: ((8, 1), (0, 1), (0, 1))})
        assert place(tags.gps) == place({1: "N", 2: "47", 3: "E", 4: (8,)}) == Place()

    @pytest.mark.parametrize(("reference", "altitude"), [(b"\0", 20.0), (b"\1", -20.0)])
    def test_altitude(self, reference: bytes, altitude: float) -> None:
        gps = {1: "N", 2: (47.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0), 5: reference, 6: 20.0}
        assert self.facts(gps=gps).altitude == altitude
        assert self.facts(gps={**gps, 6: 900_000.0}).altitude is None


class TestGpano:
    def test_as_elements_and_attributes(self) -> None:
        assert xmp.gpano(GPANO)["PoseHeadingDegrees"] == 271.5
        assert xmp.gpano(GPANO + b"\0\0  \n") == xmp.gpano(GPANO)

    def test_written_is_read(self) -> None:
        properties = xmp.gpano(GPANO)
        assert xmp.gpano(xmp.packet(properties)) == properties
        assert xmp.gpano(xmp.packet({})) == {}

    @pytest.mark.parametrize(
        "packet",
        [
            b"",
            b"not xml",
            GPANO[:-10],
            b'<!DOCTYPE x [<!ENTITY a "equirectangular">]>' + GPANO,
            b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + GPANO,
            '<!DOCTYPE x [<!ENTITY a "equirectangular">]>'.encode("utf-16") + GPANO.decode().encode("utf-16-le"),
            GPANO.replace(b"http://ns.google.com", b"http://ns.gooogle.com"),
            GPANO + b" " * 2_000_000 + b"<",
        ],
    )
    def test_not_read(self, packet: bytes) -> None:
        assert xmp.gpano(packet) == {}

    def test_entities_are_not_expanded(self) -> None:
        laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(20))
        packet = f"<!DOCTYPE x [{laughs}]>".encode() + GPANO.replace(b"271.5", b"&a19;")
        assert xmp.gpano(packet) == {}

    @pytest.mark.parametrize("value", ["nan", "inf", "1e99", "x", "", "1;DROP"])
    def test_nonsense(self, value: str) -> None:
        assert "PoseHeadingDegrees" not in xmp.gpano(GPANO.replace(b"271.5", value.encode()))

    def test_words_are_known_ones(self) -> None:
        properties = xmp.gpano(GPANO.replace(b"equirectangular", b"somewhere-secret"))
        assert "ProjectionType" not in properties
        assert not xmp.is_panorama(properties)

    def test_compressed_in_a_png(self) -> None:
        body = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(GPANO)
        data = photo(PhotoType.PNG, xmp=b"<x/>")
        plain = data.index(b"iTXt", data.index(b"iTXt") + 4) - 4
        assert read(data[:plain] + png_chunk(b"iTXt", body) + data[plain:]).panorama


class TestLimits:
    @pytest.mark.parametrize("kind", KINDS)
    def test_too_many_pixels(self, kind: PhotoType) -> None:
        exif.read(photo(kind, orientation=1), max_pixels=64 * 64)
        with pytest.raises(TooManyPixels, match=r"× .* pixels.*3,071 pixels"):
            exif.read(photo(kind, orientation=1), max_pixels=3071)

    def test_a_bomb(self) -> None:
        header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 6, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(1000)))
        with pytest.raises(TooManyPixels, match="10000 × 10000"):
            read(data + png_chunk(b"IEND", b""))

    @pytest.mark.parametrize("kind", [PhotoType.HEIC, PhotoType.AVIF])
    def test_a_small_picture_cut_out_of_a_bomb(self, kind: PhotoType) -> None:
        data = photo(kind)
        at = data.index(b"ispe") + 8
        with pytest.raises(TooManyPixels, match="30000 × 30000"):
            read(data[:at] + struct.pack(">II", 30_000, 30_000) + data[at + 8 :])

    @pytest.mark.parametrize("size", [(400, 300), (301, 17)])
    @pytest.mark.parametrize("kind", [PhotoType.HEIC, PhotoType.AVIF])
    def test_a_file_that_says_it_is_smaller(self, kind: PhotoType, size: tuple[int, int]) -> None:
        """AVIF is looked into; HEIC's library looks itself, before it decodes."""
        out = io.BytesIO()
        pixels(*size).save(out, "HEIF" if kind is PhotoType.HEIC else "AVIF")
        assert (read(out.getvalue()).width, read(out.getvalue()).height) == size
        at = out.getvalue().index(b"ispe") + 8
        coded = out.getvalue()[at : at + 8]
        lie = out.getvalue().replace(coded, struct.pack(">II", 16, 16))
        if kind is PhotoType.AVIF:
            with pytest.raises(TooManyPixels, match=f"{size[0]} × {size[1]}"):
                exif.read(lie, max_pixels=1000)
        with pytest.raises((MalformedInput, RuntimeError, OSError)):
            _decode(lie, max_pixels=1000)

    def test_a_moving_avif(self) -> None:
        out = io.BytesIO()
        pixels().save(out, "AVIF", save_all=True, append_images=[pixels().rotate(180)])
        with pytest.raises(MalformedInput, match="moving"):
            read(out.getvalue())

    @pytest.mark.parametrize("data", [b"", b"hello", b"GIF89a" + bytes(20), b"<svg/>", b"\xff\xd8\xff", b"RIFF"])
    def test_no_photo(self, data: bytes) -> None:
        with pytest.raises(MalformedInput):
            read(data)
        with pytest.raises(MalformedInput):
            exif.is_whole(data)

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("other", KINDS)
    def test_one_kind_in_the_clothes_of_another(self, kind: PhotoType, other: PhotoType) -> None:
        if kind is other:
            return
        disguised = photo(kind)[:16] + photo(other)[16:]
        with pytest.raises(MalformedInput):
            read(disguised)

    def test_an_avif_that_says_heic(self) -> None:
        with pytest.raises(MalformedInput, match="HEIC"):
            read(photo(PhotoType.AVIF).replace(b"avif", b"heic", 2))
        with pytest.raises(MalformedInput, match="AVIF"):
            read(photo(PhotoType.HEIC).replace(b"heic", b"avif", 2))


class TestWhole:
    @pytest.mark.parametrize("kind", KINDS)
    def test_whole(self, kind: PhotoType) -> None:
        assert exif.is_whole(photo(kind))

    @pytest.mark.parametrize("kind", KINDS)
    def test_cut_off(self, kind: PhotoType) -> None:
        out = io.BytesIO()
        pixels().save(out, "HEIF" if kind is PhotoType.HEIC else kind.name)
        data = out.getvalue()
        assert exif.is_whole(data)
        for length in (len(data) - 1, len(data) - 20, len(data) * 2 // 3, len(data) // 2):
            with pytest.raises(MalformedInput, match="cut off"):
                exif.is_whole(data[:length])

    def test_a_film_behind_a_jpeg(self) -> None:
        assert exif.is_whole(photo(PhotoType.JPEG) + box(b"mdat", bytes(100)))

    @pytest.mark.parametrize("kind", [PhotoType.HEIC, PhotoType.AVIF])
    def test_cut_between_boxes(self, kind: PhotoType) -> None:
        data = photo(kind)
        with pytest.raises(MalformedInput, match="cut off"):
            exif.is_whole(data[: data.index(b"mdat") - 4])
        with pytest.raises(MalformedInput, match="cut off"):
            exif.is_whole(data[: data.index(b"meta") - 4])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage(kind: PhotoType, draw: st.DataObject) -> None:
    data = bytearray(photo(kind))
    for at in draw.draw(st.lists(st.integers(0, 8 * len(data) - 1), max_size=4)):
        data[at // 8] ^= 1 << at % 8
    cut = bytes(data[: draw.draw(st.integers(0, len(data)))] if draw.draw(st.booleans()) else data)
    for call in (read, exif.is_whole):
        with contextlib.suppress(MalformedInput):
            call(cut)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_exif(blob: bytes) -> None:
    for start in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        tags = tiff.tags(start + blob)
        facts = exif._facts(PhotoType.JPEG, exif._Raw(3, 2, start + blob, blob))
        assert facts.orientation == tags.orientation or tags.orientation is None


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_exif_keeps_the_picture(draw: st.DataObject) -> None:
    data = bytearray(photo(PhotoType.JPEG))
    start = data.index(b"Exif\0\0") + 6
    for at in draw.draw(st.lists(st.integers(start, start + 300), min_size=1, max_size=10)):
        data[at] = draw.draw(st.integers(0, 255))
    facts = read(bytes(data))
    assert facts.pixels == 64 * 48


@pytest.mark.peers
class TestRealPhotos:
    def test_iphone(self) -> None:
        facts = read(real("jpeg-exif/test/IMG_0001.JPG"))
        assert (facts.width, facts.height, facts.orientation) == (2448, 2448, 6)
        assert facts.device == "Apple iPhone 6 Plus"
        # The photo names no offset; its GPS time does.
        assert facts.taken == datetime(2016, 3, 24, 14, 49, 51, 308_000, timezone(timedelta(hours=8)))
        assert (facts.latitude, facts.longitude) == pytest.approx((40.004086, 116.484781), abs=1e-6)
        assert facts.altitude == pytest.approx(38.645, abs=1e-3)

    @pytest.mark.parametrize(
        ("name", "size", "orientation", "device"),
        [
            ("exif/test/right.jpg", (480, 640), 8, ""),
            ("exif/test/down-mirrored.jpg", (480, 640), 4, ""),
            ("exif/test/short-ascii-II.jpg", (4208, 3120), 1, "XIAOMI MI3"),
            ("exif/test/evil1.jpg", (640, 480), 1, "Canon PowerShot S400"),
            ("exif/test/test1.jpg", (180, 135), 1, "Apple iPhone 4S"),
            ("exif-js/example/DSCN0614_small.jpg", (400, 300), 1, "NIKON E4600"),
        ],
    )
    def test_others(self, name: str, size: tuple[int, int], orientation: int, device: str) -> None:
        facts = exif.read(real(name), max_pixels=30_000_000)
        assert (facts.width, facts.height, facts.orientation, facts.device) == (*size, orientation, device)
        assert exif.is_whole(real(name))

    def test_the_largest_is_quick_to_read(self) -> None:
        data = real("exif/test/sony-alpha-6000.jpg")
        assert exif.is_whole(data)
        assert exif.read(data, max_pixels=30_000_000).device == "SONY ILCE-6000"
        with pytest.raises(MalformedInput, match="cut off"):
            exif.is_whole(data[: len(data) // 2])


def test_stray_bytes_between_segments_are_passed_over_as_decoders_do() -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    data = out.getvalue()
    second = data.index(b"\xff\xdb")
    strayed = data[:second] + b"\0\0stray" + data[second:]
    assert Image.open(io.BytesIO(strayed)).convert("RGB").size == (40, 30)
    facts = exif.read(strayed, max_pixels=10_000)
    assert (facts.width, facts.height) == (40, 30)
    assert exif.is_whole(strayed)
