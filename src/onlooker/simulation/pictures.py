"""Photos as phones make them: a large number on a noisy ground, EXIF with date and a thumbnail, realistic sizes."""

from __future__ import annotations

import io
import struct
from datetime import datetime

import numpy as np
from PIL import Image, ImageDraw

from onlooker.formats.lettering import font

_ASCII, _LONG, _SHORT = 2, 4, 3


class Camera:
    """Draws the photos of one run; the same seed gives the same pictures, but for the date in them."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self._size = size
        width, height = size
        chance = np.random.default_rng(seed)
        light = 70 + 60 * np.arange(width)[None, :] / width + 60 * np.arange(height)[:, None] / height
        noise = chance.normal(0, 9, (height, width, 3)).astype(np.float32)
        self._ground = Image.fromarray(np.clip(light[..., None] + noise, 0, 255).astype(np.uint8))

    def shoot(self, number: int, now: datetime) -> bytes:
        """The JPEG of photo `number`; blocks."""
        tint = (number * 37 % 256, number * 59 % 256, number * 83 % 256)
        picture = Image.blend(self._ground, Image.new("RGB", self._size, tint), 0.25)
        draw = ImageDraw.Draw(picture)
        width, height = self._size
        draw.text(
            (width / 2, height / 2), str(number), "white", font(height * 0.5), "mm", stroke_width=3, stroke_fill="black"
        )
        small = picture.reduce(max(1, min(self._size) // 240))
        small.thumbnail((160, 160))
        inner, outer = io.BytesIO(), io.BytesIO()
        small.save(inner, "JPEG", quality=70)
        picture.save(outer, "JPEG", quality=88, exif=exif(now, inner.getvalue(), number))
        return outer.getvalue()


def exif(now: datetime, thumbnail: bytes, number: int, name: str = "Simulated phone") -> bytes:
    """An EXIF block as phones write it: the camera, the date with its offset, and a thumbnail."""
    date = f"{now:%Y:%m:%d %H:%M:%S}".encode() + b"\0"
    zone = now.strftime("%z")
    offset = f"{zone[:3]}:{zone[3:]}".encode() + b"\0"
    model = name.encode("ascii") + b"\0"
    first, inner, second = 8, 8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 2 + 3 * 12 + 4
    values = second + 2 + 3 * 12 + 4
    texts = [(model, values), (date, values + len(model)), (offset, values + len(model) + len(date))]
    at = values + len(model) + len(date) + len(offset)
    return (
        b"Exif\0\0II*\0"
        + struct.pack("<I", first)
        + _directory(
            [(0x0110, _ASCII, len(model), texts[0][1]), (0x0112, _SHORT, 1, 1), (0x8769, _LONG, 1, inner)], second
        )
        + _directory(
            [
                (0x9003, _ASCII, len(date), texts[1][1]),
                (0x9011, _ASCII, len(offset), texts[2][1]),
                (0xA431, _LONG, 1, number),
            ],
            0,
        )
        + _directory([(0x0103, _SHORT, 1, 6), (0x0201, _LONG, 1, at), (0x0202, _LONG, 1, len(thumbnail))], 0)
        + model
        + date
        + offset
        + thumbnail
    )


def _directory(entries: list[tuple[int, int, int, int]], following: int) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)
