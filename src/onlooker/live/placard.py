"""The honest picture of a camera that gives none: its last one, dimmed and blurred, under words that say since when."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from onlooker.errors import MalformedInput
from onlooker.formats import jpegcodec
from onlooker.formats.lettering import drawable, font, wrapped

_NIGHT = (17, 21, 28)
_DUSK = (34, 41, 54)
_WORDS = (244, 246, 250)
_QUIET = (176, 186, 201)
_AMBER = (245, 178, 76)
_DIMMED = 0.62  # how much of the night lies over the last picture


def draw(last: bytes | None, *, title: str, text: str, detail: str, width: int = 1280, height: int = 720) -> bytes:
    """A JPEG of `width` × `height`: the camera's `title`, the `text` that matters, large, and the `detail` below it.

    `last` is the camera's last JPEG; without one, or with one that cannot be read, the ground is plain.
    """
    picture = _ground(last, width, height)
    pencil = ImageDraw.Draw(picture)
    unit = min(width, height * 16 / 9) / 32  # all measures follow the picture's size
    margin = 2 * unit
    room = width - 2 * margin

    head, body, foot = drawable(title), drawable(text), drawable(detail)
    title_font, text_font, detail_font = font(1.05 * unit, head), font(2.1 * unit, body), font(0.95 * unit, foot)
    rows = [(row, text_font, _WORDS, 2.6 * unit) for row in wrapped(body, text_font, room, 2)]
    rows += [(row, detail_font, _QUIET, 1.4 * unit) for row in wrapped(foot, detail_font, room, 3)]
    gap = 0.7 * unit  # between the words that matter and the reason
    top = (height - sum(row[3] for row in rows) - gap) / 2

    pencil.rounded_rectangle((margin, top - unit, margin + 2.4 * unit, top - 0.8 * unit), 0.1 * unit, fill=_AMBER)
    for row, face, colour, line in rows:
        if face is detail_font and gap:
            top, gap = top + gap, 0.0
        pencil.text((margin, top), row, font=face, fill=colour)
        top += line
    if head:
        radius = 0.28 * unit
        middle = height - margin
        pencil.ellipse((margin, middle - radius, margin + 2 * radius, middle + radius), fill=_AMBER)
        name = wrapped(head, title_font, room - unit, 1)
        pencil.text((margin + unit, middle), "".join(name), font=title_font, fill=_WORDS, anchor="lm")
    return jpegcodec.encode_rgb(np.asarray(picture), quality=82)


def _ground(last: bytes | None, width: int, height: int) -> Image.Image:
    """What stands behind the words, `width` × `height`."""
    shade = Image.linear_gradient("L").resize((width, height))
    night = Image.composite(Image.new("RGB", (width, height), _NIGHT), Image.new("RGB", (width, height), _DUSK), shade)
    if last is None:
        return night
    try:
        pixels = jpegcodec.decode_rgb(last, min_width=width // 2)
    except MalformedInput:
        return night
    # Blurred at a quarter of the size: the same look for a sixteenth of the work, and nobody takes it for live.
    small = _covering(Image.fromarray(pixels), max(2, width // 4), max(2, height // 4))
    blurred = small.filter(ImageFilter.GaussianBlur(max(1.0, width / 640))).resize((width, height))
    return Image.blend(blurred, night, _DIMMED)


def _covering(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture scaled and cut so that it fills the size."""
    factor = max(width / picture.width, height / picture.height)
    wide, high = max(width, round(picture.width * factor)), max(height, round(picture.height * factor))
    left, top = (wide - width) // 2, (high - height) // 2
    return picture.resize((wide, high)).crop((left, top, left + width, top + height))
