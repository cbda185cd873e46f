"""The test card: any size, something moves, the number can be told apart."""

from __future__ import annotations

import numpy as np
import pytest

from onlooker.formats import jpegcodec
from onlooker.readers.card import Card

NOON = 1_800_000_000.0


def pixels(card: Card, now: float, number: int = 1) -> np.ndarray:
    return np.asarray(card.picture(now, number)).astype(int)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (640, 480), (480, 640), (16, 16), (33, 17)])
def test_any_size(width: int, height: int) -> None:
    assert jpegcodec.decode_rgb(Card("garden", width, height).jpeg(NOON, 1)).shape == (height, width, 3)


def test_the_disc_moves_and_the_rest_stays() -> None:
    card = Card("garden", 640, 360)
    before, after = pixels(card, NOON), pixels(card, NOON + 1)
    changed = np.abs(before - after).max(axis=2) > 20
    assert changed[int(360 * 0.6) : int(360 * 0.85)].any()
    assert not changed[:40].any()


def test_the_time_and_the_number_are_drawn() -> None:
    card = Card("garden", 640, 360)
    assert (pixels(card, NOON, 1) != pixels(card, NOON, 2)).any()
    assert (pixels(card, NOON)[60:200] != pixels(card, NOON + 0.5)[60:200]).any()


def test_the_name_chooses_the_colour() -> None:
    assert (pixels(Card("garden", 64, 48), NOON) != pixels(Card("porch", 64, 48), NOON)).any()
