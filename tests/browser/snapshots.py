"""Photos as guests of a party might take them: drawn, each different, upright and across."""

from __future__ import annotations

import io
from functools import cache
from random import Random

from PIL import Image

from tests.browser import scenery

SHAPES = ((1280, 720), (540, 720), (960, 720), (720, 720), (1080, 720), (480, 720), (1280, 426))


@cache
def scene(name: str, seed: int) -> Image.Image:
    return scenery.landscape(scenery.SCENES[name], Random(f"{name} {seed}"))


@cache
def snapshot(number: int) -> bytes:
    """The JPEG of that number: always the same bytes, no two alike."""
    chance = Random(number)
    names = list(scenery.SCENES)
    whole = scene(names[number % len(names)], number // len(names) % 3)
    width, height = SHAPES[chance.randrange(len(SHAPES))]
    left = chance.randint(0, whole.width - width)
    photo = whole.crop((left, (whole.height - height) // 2, left + width, (whole.height + height) // 2))
    return _jpeg(photo, number)


@cache
def swatch(number: int) -> bytes:
    """A small photo of one colour, for where thousands are needed."""
    chance = Random(number)
    colour = tuple(chance.randint(40, 220) for _ in range(3))
    return _jpeg(Image.new("RGB", (chance.choice([60, 45, 80]), 60), colour), number)


def _jpeg(photo: Image.Image, number: int) -> bytes:
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=88, comment=f"{number}".encode())
    return out.getvalue()
