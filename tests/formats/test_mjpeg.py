"""Pictures of Motion JPEG streams become JPEGs that stand alone."""

from __future__ import annotations

import numpy as np
import pytest

from onlooker.errors import MalformedInput
from onlooker.formats import jpegcodec, mjpeg

PIXELS = np.random.default_rng(7).integers(0, 255, (48, 64, 3), np.uint8)
WHOLE = jpegcodec.encode_rgb(PIXELS)


def without_tables(data: bytes) -> bytes:
    """As many webcams send it: no Huffman tables."""
    out, at = data[:2], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] != 0xC4:
            out += data[at:end]
        at = end
    return out + data[at:]


def test_a_whole_picture_is_not_even_copied() -> None:
    assert mjpeg.complete(WHOLE) is WHOLE


def test_missing_tables_are_the_standard_ones() -> None:
    bare = without_tables(WHOLE)
    assert b"\xff\xc4" not in bare
    assert b"\xff\xc4" in mjpeg.complete(bare)
    np.testing.assert_array_equal(jpegcodec.decode_rgb(mjpeg.complete(bare)), jpegcodec.decode_rgb(WHOLE))


def test_padding_behind_is_cut() -> None:
    assert mjpeg.complete(WHOLE + bytes(100)) == WHOLE


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", WHOLE[:-2], WHOLE[: len(WHOLE) // 2], b"\0" * 99], ids=range(5))
def test_half_a_picture_is_none(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        mjpeg.complete(data)
