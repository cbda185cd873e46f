"""ThumbHash: some 25 bytes that a page turns into a blurred picture while the real one is on its way.

The format is Evan Wallace's (https://evanw.github.io/thumbhash/): the average colour and the lowest frequencies of a
cosine transform of brightness, two colour differences and, where there is any, transparency.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MAX_SIDE = 100
"""Pixels: larger pictures are scaled down first, the hash would not be better for them."""

_NOISE = 1e-9  # what is left by the arithmetic where nothing is

_Plane = NDArray[np.float64]


def thumbhash(rgba: NDArray[np.uint8]) -> bytes:
    """The hash of a picture of height × width × 4, colours not multiplied by alpha; ValueError above 100 × 100."""
    if rgba.ndim != 3 or rgba.shape[2] != 4 or not 0 < min(rgba.shape[:2]) <= max(rgba.shape[:2]) <= MAX_SIDE:
        raise ValueError(f"ThumbHash takes RGBA pictures of at most {MAX_SIDE} × {MAX_SIDE} pixels, not {rgba.shape}")
    height, width = rgba.shape[:2]
    has_alpha = bool((rgba[..., 3] < 255).any())
    red, green, blue, alpha = _over_average(rgba) if has_alpha else _planes(rgba)

    longest = max(width, height)
    limit = 5 if has_alpha else 7  # fewer frequencies of brightness leave room for those of alpha
    lx, ly = (max(1, _rounded(limit * side / longest)) for side in (width, height))
    brightness = _channel((red + green + blue) / 3, max(3, lx), max(3, ly))
    yellow_blue = _channel((red + green) / 2 - blue, 3, 3)
    red_green = _channel(red - green, 3, 3)

    landscape = width > height
    head24 = (
        _rounded(63 * brightness.average)
        | _rounded(31.5 + 31.5 * yellow_blue.average) << 6
        | _rounded(31.5 + 31.5 * red_green.average) << 12
        | _rounded(31 * brightness.scale) << 18
        | has_alpha << 23
    )
    head16 = (
        (ly if landscape else lx)
        | _rounded(63 * yellow_blue.scale) << 3
        | _rounded(63 * red_green.scale) << 9
        | landscape << 15
    )
    out = bytearray(head24.to_bytes(3, "little") + head16.to_bytes(2, "little"))
    channels = [brightness, yellow_blue, red_green]
    if has_alpha:
        opacity = _channel(alpha, 5, 5)
        out.append(_rounded(15 * opacity.average) | _rounded(15 * opacity.scale) << 4)
        channels.append(opacity)
    return bytes(out) + _nibbles([factor for channel in channels for factor in channel.factors])


def _planes(rgba: NDArray[np.uint8]) -> tuple[_Plane, _Plane, _Plane, _Plane]:
    """Red, green, blue and alpha, 0 to 1."""
    red, green, blue, alpha = rgba.transpose(2, 0, 1) / 255.0
    return red, green, blue, alpha


def _over_average(rgba: NDArray[np.uint8]) -> tuple[_Plane, _Plane, _Plane, _Plane]:
    """The same; where it is transparent, the average colour shows through."""
    *colours, alpha = _planes(rgba)
    total = alpha.sum()
    covered = [plane * alpha for plane in colours]
    red, green, blue = (plane + (plane.sum() / total if total else 0.0) * (1 - alpha) for plane in covered)
    return red, green, blue, alpha


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel's cosine transform: its average, and its other factors as 0 to 1 around 0.5, `scale` taken out."""

    average: float
    scale: float
    factors: list[float]


def _channel(plane: _Plane, nx: int, ny: int) -> _Channel:
    height, width = plane.shape
    transform = _waves(ny, height) @ plane @ _waves(nx, width).T / (width * height)
    # Only the triangle of low frequencies is kept, row by row.
    kept = [float(transform[y, x]) for y in range(ny) for x in range(nx) if x * ny < nx * (ny - y)]
    average, factors = kept[0], kept[1:]
    scale = max((abs(factor) for factor in factors), default=0.0)
    if scale < _NOISE:  # a flat plane
        return _Channel(average, 0.0, [0.0] * len(factors))
    # A factor of zero stands halfway between two values: noise must not choose, or machines would disagree.
    factors = [0.0 if abs(factor) < _NOISE else factor for factor in factors]
    return _Channel(average, scale, [0.5 + 0.5 / scale * factor for factor in factors])


@lru_cache(64)
def _waves(count: int, length: int) -> _Plane:
    """The lowest frequencies along a side of so many pixels; most photos have one of a few shapes."""
    waves: _Plane = np.cos(np.pi / length * np.outer(np.arange(count), np.arange(length) + 0.5))
    return waves


def _nibbles(factors: list[float]) -> bytes:
    """Four bits each, the first of a pair in the low ones."""
    values = [_rounded(15 * factor) for factor in factors]
    values += [0] * (len(values) % 2)
    return bytes(low | high << 4 for low, high in zip(values[::2], values[1::2], strict=True))


def _rounded(value: float) -> int:
    """To the nearest, halves upwards: Python's own `round` takes halves to the even neighbour."""
    return int(np.floor(value + 0.5))
