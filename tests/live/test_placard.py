"""The picture of a lost camera: dark, of the size asked for, with words in it."""

from __future__ import annotations

import numpy as np
import pytest

from onlooker.formats import jpegcodec
from onlooker.live import placard

WORDS = {"title": "Café", "text": "No live video since 14:03:05", "detail": "It did not answer."}


def bright_share(data: bytes) -> float:
    """How much of the picture is as bright as the words."""
    return float((jpegcodec.decode_rgb(data).min(axis=2) > 200).mean())


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (640, 480), (480, 640), (160, 120), (33, 17)])
def test_it_has_the_size_asked_for(width: int, height: int) -> None:
    data = placard.draw(None, **WORDS, width=width, height=height)
    assert jpegcodec.decode_rgb(data).shape == (height, width, 3)


def test_the_words_stand_in_it() -> None:
    empty = placard.draw(None, title="", text="", detail="")
    assert bright_share(empty) == 0
    assert bright_share(placard.draw(None, **WORDS)) > 0.003


def test_a_bright_last_picture_is_dimmed_and_shines_through() -> None:
    white = jpegcodec.encode_rgb(np.full((480, 640, 3), 255, np.uint8))
    dimmed = jpegcodec.decode_rgb(placard.draw(white, title="", text="", detail=""))
    plain = jpegcodec.decode_rgb(placard.draw(None, title="", text="", detail=""))
    assert plain.mean() + 30 < dimmed.mean() < 150


def test_a_last_picture_that_is_damaged_does_no_harm() -> None:
    assert placard.draw(b"\xff\xd8 damaged", **WORDS) == placard.draw(None, **WORDS)


def test_very_long_words_are_cut() -> None:
    data = placard.draw(None, title="porch " * 50, text="long " * 90, detail="reason " * 300)
    assert jpegcodec.decode_rgb(data).shape == (720, 1280, 3)
