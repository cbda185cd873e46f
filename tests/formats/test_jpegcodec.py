"""JPEG pixels: every subsampling, scaled decoding, and damage."""

from __future__ import annotations

import numpy as np
import pytest
import simplejpeg

from onlooker.errors import MalformedInput
from onlooker.formats import jpegcodec

ORANGE = (240, 130, 20)


def jpeg(width: int = 321, height: int = 241, subsampling: str = "420") -> bytes:
    if subsampling == "Gray":
        return bytes(simplejpeg.encode_jpeg(np.full((height, width, 1), 90, np.uint8), 90, "GRAY", "Gray"))
    return bytes(simplejpeg.encode_jpeg(np.full((height, width, 3), ORANGE, np.uint8), 90, "RGB", subsampling))


@pytest.mark.parametrize("subsampling", ["420", "422", "444", "440", "411"])
def test_every_subsampling_gives_its_colours(subsampling: str) -> None:
    pixels = jpegcodec.decode_rgb(jpeg(subsampling=subsampling))
    assert pixels.shape == (241, 321, 3)
    assert np.abs(pixels.astype(int) - ORANGE).max() <= 4


def test_grey_comes_as_red_green_and_blue() -> None:
    pixels = jpegcodec.decode_rgb(jpeg(subsampling="Gray"))
    assert pixels.shape == (241, 321, 3)
    assert np.abs(pixels.astype(int) - 90).max() <= 2


def test_a_smaller_picture_is_still_wide_enough() -> None:
    assert jpegcodec.decode_rgb(jpeg(640, 480), min_width=300).shape == (240, 320, 3)
    assert jpegcodec.decode_rgb(jpeg(640, 480), min_width=5000).shape == (480, 640, 3)


def test_what_was_encoded_comes_back() -> None:
    pixels = np.full((48, 64, 3), ORANGE, np.uint8)
    assert np.abs(jpegcodec.decode_rgb(jpegcodec.encode_rgb(pixels)).astype(int) - ORANGE).max() <= 4


def test_planes_are_full_range() -> None:
    half = np.full((24, 32), 128, np.uint8)
    for level in (0, 255):
        data = jpegcodec.encode_planes(np.full((48, 64), level, np.uint8), half, half)
        assert np.abs(jpegcodec.decode_rgb(data).astype(int) - level).max() <= 1


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\xff\xd8\xff\xd9", jpeg()[:600], jpeg()[:-2]], ids=range(5))
def test_damage_is_malformed_input(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        jpegcodec.decode_rgb(data)


def test_padding_inside_is_forgiven() -> None:
    data = jpeg()
    assert jpegcodec.decode_rgb(data[:-2] + b"\x01\x02\x03" + data[-2:]).shape == (241, 321, 3)


def test_a_small_file_cannot_ask_for_all_memory() -> None:
    data = jpeg()
    at = data.index(b"\xff\xc0") + 5
    with pytest.raises(MalformedInput, match="65000×65000"):
        jpegcodec.decode_rgb(data[:at] + (65000).to_bytes(2, "big") * 2 + data[at + 4 :])
