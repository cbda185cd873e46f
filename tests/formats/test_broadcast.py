"""The messages of a broadcast: as docs/broadcast.md has them, each looked through."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats import broadcast
from onlooker.formats.broadcast import Codec, Shot
from tests.formats.test_h264 import coded

JPEG = simplejpeg.encode_jpeg(np.zeros((24, 32, 3), np.uint8))
KEY, DELTA = coded(64, 48, 2)


def head(
    version: int = 1, codec: int = 1, flags: int = 1, zero: int = 0, sequence: int = 7, size: tuple[int, int] = (32, 24)
) -> bytes:
    return struct.pack(">BBBBIQHH", version, codec, flags, zero, sequence, 1_500_000, *size)


def test_a_jpeg() -> None:
    assert broadcast.parsed(head() + JPEG) == Shot(Codec.JPEG, True, 7, 1.5, 32, 24, JPEG)


def test_pictures_of_h264_have_the_size_that_the_picture_says() -> None:
    shot = broadcast.parsed(head(codec=2, size=(1, 1)) + KEY)
    assert (shot.codec, shot.key, shot.width, shot.height) == (Codec.H264, True, 64, 48)
    shot = broadcast.parsed(head(codec=2, flags=0, size=(64, 48)) + DELTA)
    assert (shot.key, shot.width, shot.height) == (False, 64, 48)


@pytest.mark.parametrize(
    "shot", [Shot(Codec.JPEG, True, 9, 2.25, 32, 24, JPEG), Shot(Codec.H264, True, 1, 0, 64, 48, KEY)]
)
def test_a_message_is_read_as_it_was_written(shot: Shot) -> None:
    assert broadcast.parsed(broadcast.message(shot)) == shot


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", "too short"),
        (head(), "too short"),
        (head(version=2) + JPEG, "version"),
        (head(flags=3) + JPEG, "version"),
        (head(codec=3) + JPEG, "number 3"),
        (head(flags=0) + JPEG, "agree"),
        (head(codec=2, flags=0) + KEY, "agree"),
        (head(codec=2) + DELTA, "agree"),
        (head() + JPEG[:-5], "cut short"),
        (head() + JPEG + b"x", "behind the end"),
        (head() + KEY, "FFD8FF"),
        (head(codec=2) + JPEG, "start code"),
        (head(codec=2, flags=0, size=(0, 48)) + DELTA, "cannot be shown"),
        (head(codec=2, flags=0, size=(65535, 65535)) + DELTA, "cannot be shown"),
        (head() + bytes(broadcast.LARGEST + 1), "too large"),
    ],
)
def test_what_does_not_fit_is_refused(message: bytes, said: str) -> None:
    with pytest.raises(MalformedInput, match=said):
        broadcast.parsed(message)


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(data: bytes) -> None:
    for start in (b"", head(), head(codec=2), head(codec=2, flags=0)):
        try:
            shot = broadcast.parsed(start + data)
        except MalformedInput:
            continue
        assert 0 < shot.width * shot.height <= broadcast.MOST_PIXELS
