"""ThumbHash: the reference encoder's hashes, and a decoder that finds the picture again."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from onlooker.formats.thumbhash import thumbhash


def pattern(width: int, height: int, *, alpha: bool = False) -> NDArray[np.uint8]:
    """A picture of integer arithmetic alone, the same in every language, and without symmetry.

    A symmetric one has factors of exactly zero, which the noise of anybody's floating point rounds up or down.
    """
    y, x = np.mgrid[0:height, 0:width]
    red, green, blue = (x * x * 3 + y * 5) % 251, 200 * y * y // (height * height) + x % 50, (x * y * 7 + x * 3) % 241
    opacity = 255 * (x * x + y) // (width * width + height) if alpha else np.full_like(x, 255)
    return np.stack([red, green, blue, opacity], axis=-1).astype(np.uint8)


# Computed from the same pictures with the author's own JavaScript (npm: thumbhash 0.1.1).
REFERENCE = [
    (100, 75, False, "m0cKLZR2dnhwh3d6d2eHiIeAifhn"),
    (75, 100, False, "m0cKLRRnh3B3p4dnd3d4eHiAifln"),
    (100, 100, True, "nDeGFQY1l4bAhmp4d5fAifZjkIeHeId4eA=="),
    (41, 99, True, "3DeGEgY1h8CmdniHwIn3U5CHh3iIeIc="),
    (100, 10, False, "WkcKKZB1ZWZwh5d3p4B6+Fc="),
    (5, 7, False, "y9cJJQ6Dh5CImIh4iIh4iI83SvhY"),
    (97, 31, True, "nEeGEoY1l4bAhnmnwIn3U5CHh4eHd4c="),
]


@pytest.mark.parametrize(("width", "height", "alpha", "text"), REFERENCE)
def test_the_reference_encoder_agrees(width: int, height: int, alpha: bool, text: str) -> None:
    assert base64.b64encode(thumbhash(pattern(width, height, alpha=alpha))).decode() == text


def decoded(data: bytes) -> tuple[NDArray[np.float64], float]:
    """The picture (32 × 32 × RGBA, 0 to 1) and the aspect ratio that a page makes of a hash."""
    head24, head16 = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    averages = [(head24 & 63) / 63, (head24 >> 6 & 63) / 31.5 - 1, (head24 >> 12 & 63) / 31.5 - 1]
    scales = [(head24 >> 18 & 31) / 31, (head16 >> 3 & 63) / 63, (head16 >> 9 & 63) / 63]
    has_alpha, landscape = bool(head24 >> 23), bool(head16 >> 15)
    lx = (5 if has_alpha else 7) if landscape else head16 & 7
    ly = head16 & 7 if landscape else (5 if has_alpha else 7)
    sizes = [(max(3, lx), max(3, ly)), (3, 3), (3, 3)]
    start = 5
    if has_alpha:
        averages.append((data[5] & 15) / 15)
        scales.append((data[5] >> 4) / 15)
        sizes.append((5, 5))
        start = 6
    nibbles = iter([half for byte in data[start:] for half in (byte & 15, byte >> 4)])
    place = (np.arange(32) + 0.5) / 32
    planes = []
    for average, scale, (nx, ny) in zip(averages, scales, sizes, strict=True):
        plane = np.full((32, 32), average)
        for v in range(ny):
            for u in range(1 if v == 0 else 0, nx):
                if u * ny < nx * (ny - v):
                    factor = (next(nibbles) / 7.5 - 1) * scale
                    weight = 4 if u and v else 2
                    plane += weight * factor * np.outer(np.cos(np.pi * v * place), np.cos(np.pi * u * place))
        planes.append(plane)
    brightness, yellow_blue, red_green = planes[:3]
    blue = brightness - 2 / 3 * yellow_blue
    red = (3 * brightness - blue + red_green) / 2
    alpha = planes[3] if has_alpha else np.ones((32, 32))
    picture = np.clip(np.stack([red, red - red_green, blue, alpha], axis=-1), 0, 1)
    return picture, lx / ly


def test_a_decoder_finds_the_picture_again() -> None:
    y, x = np.mgrid[0:96, 0:96] / 96
    rgba = np.stack([x, y, 1 - x, np.ones_like(x)], axis=-1)
    picture, ratio = decoded(thumbhash((255 * rgba).astype(np.uint8)))
    small = rgba.reshape(32, 3, 32, 3, 4).mean(axis=(1, 3))
    assert np.abs(picture - small).mean() < 0.06
    assert ratio == 1


def test_transparency() -> None:
    rgba = np.zeros((50, 100, 4), np.uint8)
    rgba[:, 50:] = (255, 0, 0, 255)
    picture, ratio = decoded(thumbhash(rgba))
    assert picture[:, :8, 3].mean() < 0.25
    assert picture[:, 24:, 3].mean() > 0.75
    assert picture[:, 24:, 0].mean() > 0.85
    assert ratio > 1.5


def test_wholly_transparent() -> None:
    assert decoded(thumbhash(np.zeros((9, 9, 4), np.uint8)))[0][..., 3].max() == 0


@pytest.mark.parametrize("shape", [(101, 10, 4), (10, 101, 4), (10, 10, 3), (0, 10, 4), (10, 10)])
def test_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="100 × 100"):
        thumbhash(np.zeros(shape, np.uint8))


@settings(max_examples=50)
@given(st.integers(1, 100), st.integers(1, 100), st.integers(0, 2**32 - 1), st.booleans())
def test_any_picture_has_a_short_hash(width: int, height: int, seed: int, opaque: bool) -> None:
    rgba = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    if opaque:
        rgba[..., 3] = 255
    assert 10 <= len(thumbhash(rgba)) <= 30
