"""What a simulated Theta sees: a place with a compass and a sun that wanders, as equirectangular pictures.

North is in the middle of the picture when the camera faces north (heading 0), east is to its right; each of the four
directions has a colour of its own, so that a view can be told from another by its colour alone.
"""

from __future__ import annotations

import math
from datetime import datetime
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw
from PIL.Image import Resampling

from onlooker.formats import jpegcodec
from onlooker.formats.lettering import font
from onlooker.simulation.pictures import exif
from onlooker.simulation.theta import metadata

_WIDEST = 2048  # pixels across that are drawn; wider pictures are made larger from these
_LAP = 12.0  # seconds in which the sun goes round
_TONES = {0: (58, 96, 170), 90: (60, 142, 92), 180: (176, 74, 62), 270: (190, 150, 60)}
_MARKS = {0: "N", 45: "NE", 90: "E", 135: "SE", 180: "S", 225: "SW", 270: "W", 315: "NW"}


class Panorama:
    """The place in one size, seen by a camera with this heading (degrees clockwise from north); from any thread."""

    def __init__(self, width: int, height: int, heading: float = 0.0) -> None:
        self.width, self.height = width, height
        self._heading = heading
        self._scene = _scene(width, height, heading)

    def picture(self, seconds: float, number: int) -> Image.Image:
        """What is seen at an instant, with the picture's number in front and behind."""
        image = self._scene.copy()
        pen = ImageDraw.Draw(image)
        unit = self.height / 64
        for direction in (0.0, 180.0):
            self._number(pen, direction, unit, str(number))
        self._sun(pen, seconds % _LAP / _LAP * 360, 2.2 * unit)
        return image

    def jpeg(self, seconds: float, number: int, *, thumbnail: bool = False) -> bytes:
        """The same as JPEG; with a thumbnail in its EXIF if wanted."""
        image = self.picture(seconds, number)
        data = jpegcodec.encode_rgb(np.asarray(image), quality=80)
        if not thumbnail:
            return data
        small = jpegcodec.encode_rgb(np.asarray(image.resize((160, 80), Resampling.BILINEAR)), quality=60)
        return metadata.with_exif(data, exif(datetime.now().astimezone(), small, number, "RICOH THETA"))

    def _at(self, direction: float) -> float:
        return (0.5 + (direction - self._heading) / 360) % 1.0 * self.width

    def _number(self, pen: ImageDraw.ImageDraw, direction: float, unit: float, text: str) -> None:
        face = font(5 * unit)
        half = face.getlength(text) / 2 + unit
        y = self.height * 0.62
        for x in _both_sides(self._at(direction), self.width):
            pen.rounded_rectangle((x - half, y - 3.4 * unit, x + half, y + 3.4 * unit), unit, fill=(16, 20, 28))
            pen.text((x, y), text, fill=(250, 250, 250), font=face, anchor="mm")

    def _sun(self, pen: ImageDraw.ImageDraw, direction: float, radius: float) -> None:
        y = self.height * (0.3 + 0.04 * math.sin(math.radians(direction)))
        for x in _both_sides(self._at(direction), self.width):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 238, 170))


def still(size: tuple[int, int], number: int, taken: datetime, maker: metadata.Maker, heading: float = 0.0) -> bytes:
    """A photo in full resolution, with EXIF and GPano; blocks. The same arguments give the same bytes."""
    width = min(size[0], _WIDEST)
    image = Panorama(width, width // 2, heading).picture(taken.timestamp(), number)
    pixels = np.asarray(image if image.size == size else image.resize(size, Resampling.BILINEAR))
    small = jpegcodec.encode_rgb(np.asarray(image.resize((160, 80), Resampling.BOX)), quality=60)
    data = jpegcodec.encode_rgb(pixels, quality=85)
    return metadata.described(data, metadata.Facts(size, taken, maker, heading), small)


def thumbnail(number: int, taken: datetime, heading: float = 0.0) -> bytes:
    """The small picture of the same photo."""
    return jpegcodec.encode_rgb(np.asarray(Panorama(640, 320, heading).picture(taken.timestamp(), number)), quality=60)


@lru_cache(maxsize=8)
def _scene(width: int, height: int, heading: float) -> Image.Image:
    """All that stands still."""
    image = Image.fromarray(_ground(width, height))
    pen = ImageDraw.Draw(image)
    line = max(1, round(height / 512))
    for step in range(12):
        meridian = round(step / 12 * width)
        pen.line((meridian, 0, meridian, height), fill=(235, 238, 244), width=line)
    for step in range(1, 6):
        y = round(step / 6 * height)
        pen.line((0, y, width, y), fill=(235, 238, 244), width=line * (3 if step == 3 else 1))
    for direction, mark in _MARKS.items():
        face = font(height / (7 if len(mark) == 1 else 14))
        for x in _both_sides((0.5 + direction / 360) % 1.0 * width, width):
            pen.text((x, height * 0.44), mark, fill="white", font=face, anchor="mm", stroke_width=line, stroke_fill=0)
    turned = np.roll(np.asarray(image), -round(heading / 360 * width), axis=1)
    return Image.fromarray(turned)


def _ground(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Each direction's colour, running into its neighbours'; light above, dark below."""
    directions = (np.arange(width, dtype=np.float32) / width - 0.5) * 360 % 360
    near = {angle: np.clip(1 - np.abs((directions - angle + 180) % 360 - 180) / 90, 0, 1) for angle in _TONES}
    row = sum(near[angle][:, None] * np.array(tone, np.float32) for angle, tone in _TONES.items())
    down = np.linspace(1.35, 0.45, height, dtype=np.float32)[:, None, None]
    return np.clip(np.asarray(row)[None] * down, 0, 255).astype(np.uint8)


def _both_sides(x: float, width: int) -> tuple[float, ...]:
    """Where to draw what may stand on the edge: half of it on either side."""
    return (x, x + width) if x < width / 2 else (x, x - width)
