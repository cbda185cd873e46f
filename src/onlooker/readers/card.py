"""Draws the test card: all that stands still once, then per frame only a disc on its wave, the time and the number."""

from __future__ import annotations

import colorsys
import math
import time
from zlib import crc32

import numpy as np
from PIL import Image, ImageDraw

from onlooker.formats import jpegcodec
from onlooker.formats.lettering import Font, drawable, font, wrapped

_LAP = 9.0  # seconds in which the disc crosses the picture
_WORDS = (248, 249, 252)
_SMOOTH = 4  # curves are drawn this many times larger, then made smaller

Colour = tuple[int, int, int]


class Card:
    """The card of one name and size; the name chooses its colour. `jpeg` may be called from any thread."""

    def __init__(self, name: str, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._unit = min(width, height * 16 / 9) / 64  # all measures follow the picture's size
        self._hue = crc32(name.encode()) % 360 / 360 if name else 0.58
        self._still = self._draw_still(drawable(name or "Test card"))
        self._disc = self._draw_disc()
        self._large = _Digits(font(7.2 * self._unit))
        self._small = _Digits(font(2.6 * self._unit))

    def jpeg(self, now: float, number: int, quality: int = 85) -> bytes:
        """The card at an instant (UTC seconds; drawn in local time) with the frame's number."""
        return jpegcodec.encode_rgb(np.asarray(self.picture(now, number)), quality=quality)

    def picture(self, now: float, number: int) -> Image.Image:
        """The same as an image."""
        image = self._still.copy()
        x, y = self._on_wave(now % _LAP / _LAP)
        half = self._disc.width / 2
        image.paste(_WORDS, (round(x - half), round(y - half)), self._disc)
        clock = time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now % 1 * 1000):03d}"
        unit = self._unit
        self._large.paste(image, clock, self._width / 2, self._height * 0.36)
        self._small.paste(image, str(number), self._width / 2, self._height * 0.36 + 6.6 * unit)
        return image

    def _tone(self, lightness: float, saturation: float, turn: float = 0.0) -> Colour:
        red, green, blue = colorsys.hls_to_rgb((self._hue + turn) % 1.0, lightness, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    def _on_wave(self, share: float) -> tuple[float, float]:
        """The point of the wave at a share of the picture's width."""
        y = self._height * (0.72 + 0.075 * math.sin(share * 2 * math.pi * 1.5 + 0.6))
        return share * self._width, y

    def _draw_still(self, name: str) -> Image.Image:
        image = self._ground()
        image = Image.alpha_composite(image.convert("RGBA"), self._waves()).convert("RGB")
        pencil = ImageDraw.Draw(image)
        unit, margin = self._unit, 2 * self._unit
        title = font(2.0 * unit, name)
        pencil.text((margin, margin), wrapped(name, title, self._width / 2, 1)[0], font=title, fill=_WORDS, anchor="lt")
        size = f"{self._width} x {self._height}"
        pencil.text(
            (self._width - margin, margin), size, font=font(2.0 * unit), fill=self._tone(0.82, 0.45), anchor="rt"
        )
        self._draw_corners(pencil)
        self._draw_swatches(pencil)
        return image

    def _ground(self) -> Image.Image:
        """A gradient from the upper left to the lower right, in the card's colour and the one beside it."""
        x = np.linspace(0.0, 1.0, self._width, dtype=np.float32)[None, :, None]
        y = np.linspace(0.0, 1.0, self._height, dtype=np.float32)[:, None, None]
        share = 0.35 * x + 0.65 * y
        dark = np.array(self._tone(0.13, 0.55), np.float32)
        light = np.array(self._tone(0.42, 0.48, turn=-0.06), np.float32)
        return Image.fromarray((dark + (light - dark) * share**1.25).astype(np.uint8))

    def _waves(self) -> Image.Image:
        """Three translucent hills, the highest along the disc's way."""
        scale = _SMOOTH if self._width * self._height < 1_000_000 else 2
        layer = Image.new("RGBA", (self._width, self._height))
        for lower, lightness, opacity in ((0.0, 0.62, 46), (0.07, 0.5, 70), (0.14, 0.36, 110)):
            mask = Image.new("L", (self._width * scale, self._height * scale))
            line = [
                (
                    (point := self._on_wave(step / 160))[0] * scale,
                    (point[1] + _sag(step / 160, lower, self._height)) * scale,
                )
                for step in range(161)
            ]
            ImageDraw.Draw(mask).polygon([(0, mask.height), *line, (mask.width, mask.height)], fill=opacity)
            tone = Image.new("RGBA", layer.size, (*self._tone(lightness, 0.6, turn=-0.04), 0))
            tone.putalpha(mask.resize(layer.size, Image.Resampling.BOX))
            layer = Image.alpha_composite(layer, tone)
        return layer

    def _draw_corners(self, pencil: ImageDraw.ImageDraw) -> None:
        """Marks on the very edge: where one is missing, the picture was cut."""
        arm, thick = 1.2 * self._unit, max(1, round(0.12 * self._unit))
        right, bottom = self._width - 1, self._height - 1
        for x, y, across, down in ((0, 0, 1, 1), (right, 0, -1, 1), (0, bottom, 1, -1), (right, bottom, -1, -1)):
            for dx, dy in ((arm, thick - 1), (thick - 1, arm)):
                pencil.rectangle((*_corners(x, x + across * dx, y, y + down * dy),), fill=self._tone(0.82, 0.45))

    def _draw_swatches(self, pencil: ImageDraw.ImageDraw) -> None:
        """Pure colours and greys, by which one sees what coding did to them."""
        colours: list[Colour] = [(255, 255, 255), (235, 220, 40), (40, 205, 215), (60, 200, 80)]
        colours += [(215, 70, 200), (225, 55, 50), (45, 80, 220), (0, 0, 0)]
        colours += [(grey, grey, grey) for grey in (32, 96, 160, 224)]
        side, gap = 1.9 * self._unit, 0.45 * self._unit
        left = (self._width - len(colours) * (side + gap) + gap) / 2
        top = self._height - 2 * self._unit - side
        for index, colour in enumerate(colours):
            x = left + index * (side + gap)
            pencil.rounded_rectangle((x, top, x + side, top + side), 0.35 * self._unit, fill=colour)

    def _draw_disc(self) -> Image.Image:
        """A mask: a solid disc in a soft glow."""
        radius, glow = 1.5 * self._unit, 4.5 * self._unit
        side = max(3, 2 * math.ceil(glow))
        ramp = np.arange(side, dtype=np.float32) - (side - 1) / 2
        distance = np.hypot(ramp[:, None], ramp[None, :])
        solid = np.clip(radius - distance + 0.5, 0, 1)
        halo = 0.38 * np.clip(1 - distance / glow, 0, 1) ** 2
        return Image.fromarray((np.maximum(solid, halo) * 255).astype(np.uint8))


class _Digits:
    """Digits, “:” and “.” as masks, drawn once, set in cells of their own so that the time does not tremble."""

    def __init__(self, face: Font) -> None:
        self._masks: dict[str, Image.Image] = {}
        top, bottom = (round(edge) for edge in face.getbbox("0123456789:.")[1::2])
        for letter in "0123456789:.":
            mask = Image.new("L", (max(1, round(face.getlength(letter))), max(1, bottom + top)))
            ImageDraw.Draw(mask).text((0, 0), letter, font=face, fill=255)
            self._masks[letter] = mask

    def paste(self, image: Image.Image, text: str, middle: float, top: float) -> None:
        masks = [self._masks[letter] for letter in text]
        x = round(middle - sum(mask.width for mask in masks) / 2)
        y = round(top - masks[0].height / 2)
        for mask in masks:
            image.paste(_WORDS, (x, y), mask)
            x += mask.width


def _sag(share: float, lower: float, height: int) -> float:
    """How far a lower hill's line lies below the first one's; the lines do not run side by side."""
    return height * (lower + lower * 0.5 * math.sin(share * 2 * math.pi * 1.1 + lower * 40)) if lower else 0.0


def _corners(x0: float, x1: float, y0: float, y1: float) -> tuple[float, float, float, float]:
    """The corners of a rectangle, upper left first, as Pillow wants them."""
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
