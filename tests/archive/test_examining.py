"""What a file is: upright at a small size whatever its kind and colours, and a sentence where it is damaged."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, JpegImagePlugin

from onlooker.archive import examining
from onlooker.archive.examining import PREVIEW, Examined, examine, scale
from onlooker.errors import BrokenPhoto, StorageError, WrongType
from onlooker.formats.photo import PhotoType
from onlooker.simulation.pictures import exif as simulated_exif
from tests.formats.photos import KINDS, exif, photo, pixels

MOST = 10_000_000
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (250, 250, 250)


def examined(tmp_path: Path, data: bytes) -> Examined:
    path = tmp_path / "one.part"
    path.write_bytes(data)
    return examine(path, MOST)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def corners(width: int = 96, height: int = 64) -> Image.Image:
    """Red, green, blue and white, from the top left in reading order."""
    picture = Image.new("RGB", (width, height))
    for number, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        x, y = number % 2 * width // 2, number // 2 * height // 2
        picture.paste(colour, (x, y, x + width // 2, y + height // 2))
    return picture


def seen(picture: Image.Image) -> list[str]:
    """The colours at the four corners."""
    picture = picture.convert("RGB")
    names = {RED: "red", GREEN: "green", BLUE: "blue", WHITE: "white"}
    places = [(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    found = [picture.getpixel((int(picture.width * x), int(picture.height * y))) for x, y in places]
    return [
        min(names.items(), key=lambda one: sum(abs(a - b) for a, b in zip(one[0], pixel, strict=True)))[1]  # type: ignore[arg-type]
        for pixel in found
    ]


UPRIGHT = {
    1: ["red", "green", "blue", "white"],
    2: ["green", "red", "white", "blue"],
    3: ["white", "blue", "green", "red"],
    4: ["blue", "white", "red", "green"],
    5: ["red", "blue", "green", "white"],
    6: ["blue", "red", "white", "green"],
    7: ["white", "green", "blue", "red"],
    8: ["green", "white", "red", "blue"],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_upright_as_the_photo_says(tmp_path: Path, form: str, orientation: int) -> None:
    """A HEIC's and an AVIF's turn is a property of the picture: their encoders make one of EXIF's orientation."""
    one = examined(tmp_path, encoded(corners(), form, exif=exif(orientation).tobytes(), quality=95))
    assert seen(one.preview) == UPRIGHT[orientation]
    assert one.preview.size == (one.facts.width, one.facts.height)
    assert one.preview.size == ((64, 96) if orientation >= 5 else (96, 64))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_pixels_is_left_in_the_preview(tmp_path: Path, kind: PhotoType) -> None:
    one = examined(tmp_path, photo(kind))
    assert one.type is kind
    assert one.preview.info == {}
    assert one.preview.mode == "RGB"


def test_a_jpeg_is_decoded_at_an_eighth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[tuple[int, int]] = []
    load = JpegImagePlugin.JpegImageFile.load

    def watched(self: JpegImagePlugin.JpegImageFile) -> Any:
        decoded.append(self.size)
        return load(self)

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", watched)
    data = encoded(pixels(2800, 2560), "JPEG")
    one = examined(tmp_path, data)
    assert set(decoded) == {(350, 320)}
    assert one.preview.size == (350, 320)
    assert (one.facts.width, one.facts.height) == (2800, 2560)
    # A photo with a second picture behind it, as phones write them.
    decoded.clear()
    examined(tmp_path, encoded(pixels(2800, 2560), "MPO", save_all=True, append_images=[pixels(64, 64)]))
    assert set(decoded) == {(350, 320)}


def test_the_preview_is_large_enough_and_not_much_larger(tmp_path: Path) -> None:
    for size in ((1600, 1200), (5000, 330), (330, 5000), (640, 640), (1281, 961)):
        one = examined(tmp_path, encoded(pixels(*size), "PNG", compress_level=1))
        assert min(one.preview.size) >= min(min(size), PREVIEW, 1920 * min(size) // max(size))
        assert min(one.preview.size) <= 3 * PREVIEW
        assert one.preview.width / one.preview.height == pytest.approx(size[0] / size[1], rel=0.02)


def alpha(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def palette_with_a_hole() -> bytes:
    picture = Image.new("P", (60, 40), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    picture.paste(0, (0, 0, 30, 40))
    return encoded(picture, "PNG", transparency=0)


def test_colours_of_every_sort(tmp_path: Path) -> None:
    ramp = Image.fromarray(np.linspace(0, 65535, 60 * 40, dtype=np.uint16).reshape(40, 60))
    cases: dict[str, tuple[bytes, str, tuple[int, ...]]] = {
        "16 bits of grey": (encoded(ramp, "PNG"), "RGB", (127, 127, 127)),
        "8 bits of grey": (encoded(Image.new("L", (60, 40), 100), "PNG"), "RGB", (100, 100, 100)),
        "1 bit": (encoded(Image.new("1", (60, 40), 1), "PNG"), "RGB", (255, 255, 255)),
        "grey and alpha": (encoded(Image.new("LA", (60, 40), (90, 40)), "PNG"), "RGBA", (90, 90, 90, 40)),
        "palette": (encoded(Image.new("P", (60, 40), 3), "PNG"), "RGB", (3, 3, 3)),
        "palette with a hole": (palette_with_a_hole(), "RGBA", (10, 200, 30, 255)),
        "one colour is clear": (encoded(Image.new("RGB", (60, 40), RED), "PNG", transparency=RED), "RGBA", (*RED, 0)),
        "CMYK": (encoded(Image.new("CMYK", (60, 40), (0, 255, 255, 0)), "JPEG", quality=95), "RGB", (254, 0, 0)),
        "grey JPEG": (encoded(Image.new("L", (60, 40), 100), "JPEG"), "RGB", (100, 100, 100)),
    }
    for name, (data, mode, colour) in cases.items():
        preview = examined(tmp_path, data).preview
        assert preview.mode == mode, name
        found = preview.getpixel((30, 20))
        assert isinstance(found, tuple)
        assert found == pytest.approx(colour, abs=4), name
    hole = examined(tmp_path, palette_with_a_hole()).preview.getpixel((10, 10))
    assert isinstance(hole, tuple)
    assert hole[3] == 0


def test_16_bits_with_colours_and_bands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is brought to other colours band by band is the same as all at once."""
    data = encoded(alpha(pixels(1500, 1301)), "PNG", compress_level=1)
    whole = examined(tmp_path, data).preview
    monkeypatch.setattr(examining, "_BAND", 4000)
    assert examined(tmp_path, data).preview.tobytes() == whole.tobytes()


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_of_a_moving_one_the_first_picture(tmp_path: Path, form: str) -> None:
    first, second = corners(), Image.new("RGB", (96, 64), "black")
    one = examined(tmp_path, encoded(first, form, save_all=True, append_images=[second], duration=100, lossless=True))
    assert seen(one.preview) == UPRIGHT[1]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 2), (1999, 17)])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_odd_sizes(tmp_path: Path, form: str, size: tuple[int, int]) -> None:
    one = examined(tmp_path, encoded(Image.new("RGB", size, RED), form))
    assert (one.facts.width, one.facts.height) == size
    assert min(one.preview.size) >= 1
    assert one.thumbhash


def p3() -> bytes:
    """A profile that is not sRGB's: as such it has to be kept."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes().replace(b"sRGB", b"mine")


def test_a_profile_is_kept_only_where_it_matters(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert examined(tmp_path, encoded(corners(), "JPEG", icc_profile=p3())).preview.info == {"icc_profile": p3()}
    for data in (
        encoded(corners(), "JPEG", icc_profile=srgb),
        encoded(corners(), "JPEG", icc_profile=p3() + bytes(70_000)),
        encoded(corners().convert("L"), "JPEG", icc_profile=p3()),
        encoded(corners().convert("CMYK"), "JPEG", icc_profile=p3()),
    ):
        assert examined(tmp_path, data).preview.info == {}


def test_scale() -> None:
    assert scale((4000, 3000), 320) == pytest.approx(320 / 3000)
    assert scale((8000, 1000), 320) == pytest.approx(1920 / 8000)
    assert scale((300, 200), 320) == 1
    assert scale((1, 60_000), 320) == pytest.approx(1920 / 60_000)


def test_an_exif_that_cannot_be_written_again_is_no_damage(tmp_path: Path) -> None:
    """Pillow's own turning writes the EXIF anew, and fails at values that it could read."""
    odd = exif(6, extra={0x9999: b"?" * 10}).tobytes()
    at = odd.index(b"\x99\x99") if b"\x99\x99" in odd else 0
    assert at
    one = examined(tmp_path, encoded(corners(), "JPEG", exif=odd[: at + 2] + b"\xff\xff" + odd[at + 4 :], quality=95))
    assert seen(one.preview) == UPRIGHT[6]


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_pixels_are_refused_in_words_that_name_no_file(tmp_path: Path, kind: PhotoType) -> None:
    data = bytearray(photo(kind))
    mark = {PhotoType.JPEG: b"\xff\xc4", PhotoType.PNG: b"IDAT", PhotoType.WEBP: b"VP8 "}.get(kind, b"mdat")
    start = data.index(mark) + len(mark)
    data[start + 4 : start + 60] = bytes(56)
    with pytest.raises(BrokenPhoto) as caught:
        examined(tmp_path, bytes(data))
    assert str(tmp_path) not in str(caught.value)
    assert "one.part" not in str(caught.value)


def test_no_photo_and_no_file(tmp_path: Path) -> None:
    for data in (b"", b"GIF89a" + bytes(100), encoded(corners(), "GIF"), encoded(corners(), "TIFF"), b"%PDF-1.7"):
        with pytest.raises(WrongType):
            examined(tmp_path, data)
    with pytest.raises(StorageError):
        examine(tmp_path / "gone", MOST)


def test_more_pixels_than_allowed(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(encoded(Image.new("1", (4000, 2501)), "PNG"))
    with pytest.raises(BrokenPhoto, match="4000 × 2501 pixels"):
        examine(tmp_path / "one", MOST)


def as_a_phone(picture: Image.Image, small: bytes, orientation: int = 1) -> bytes:
    """A JPEG that carries `small` beside it, as phones' photos do."""
    about = simulated_exif(datetime(2026, 11, 21, 12, tzinfo=UTC), small, 1)
    turned = about.replace(struct.pack("<HHIHxx", 0x0112, 3, 1, 1), struct.pack("<HHIHxx", 0x0112, 3, 1, orientation))
    assert orientation == 1 or turned != about
    return encoded(picture, "JPEG", exif=turned, quality=92)


def thumbnail(picture: Image.Image) -> bytes:
    small = picture.copy()
    small.thumbnail((160, 160))
    return encoded(small, "JPEG")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_that_carries_a_small_picture_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orientation: int
) -> None:
    picture = corners(960, 640)
    whole = examined(tmp_path, encoded(picture, "JPEG", exif=exif(orientation).tobytes(), quality=92))

    def refuse(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(examining, "decoded", refuse)
    found = examined(tmp_path, as_a_phone(picture, thumbnail(picture), orientation))
    assert found.preview is None
    assert (found.facts.width, found.facts.height) == (whole.facts.width, whole.facts.height)
    # The same tiny picture, turned the same way: its bytes differ at most where rounding does.
    assert len(found.thumbhash) == len(whole.thumbhash)
    nibbles = [[half for byte in one.thumbhash[5:] for half in (byte >> 4, byte & 15)] for one in (found, whole)]
    assert max(abs(a - b) for a, b in zip(*nibbles, strict=True)) <= 1


@pytest.mark.parametrize(
    "small",
    [
        b"",
        b"\xff\xd8\xff\xe0 nonsense",
        thumbnail(corners(160, 160)),  # with another shape: bars around it, or another picture
        encoded(corners(12, 8), "JPEG"),
        encoded(corners(1200, 800), "JPEG", quality=20),
    ],
    ids=["none", "damaged", "another shape", "too small", "too large"],
)
def test_a_small_picture_that_is_not_believed(tmp_path: Path, small: bytes) -> None:
    found = examined(tmp_path, as_a_phone(corners(960, 640), small))
    assert found.preview is not None
    assert seen(found.preview) == UPRIGHT[1]
