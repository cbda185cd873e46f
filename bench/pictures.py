"""Photos as phones send them: baseline JPEG with date, device and a small picture in EXIF, each with its own bytes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from onlooker.simulation.pictures import exif

SCENES = 8  # different pictures; the photos of one scene differ in their date
QUALITY = 88
GRAIN = 4.5  # standard deviation, of 255
BEGIN = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=1)))


def write_photos(folder: Path, count: int, width: int, height: int, grain: float = GRAIN) -> int:
    """Write so many photos to the folder; gives their mean size in bytes."""
    for number in range(count):
        (folder / f"{number:05}.jpg").write_bytes(picture(width, height, number, grain))
    return sum(file.stat().st_size for file in folder.iterdir()) // count


def picture(width: int, height: int, number: int, grain: float = GRAIN) -> bytes:
    """Photo `number`: taken so many seconds after the first."""
    about = exif(BEGIN + timedelta(seconds=number), thumbnail(width, height, number % SCENES, grain), number)
    plain = scene(width, height, number % SCENES, grain)
    return plain[:2] + b"\xff\xe1" + (len(about) + 2).to_bytes(2, "big") + about + plain[2:]


@cache
def thumbnail(width: int, height: int, seed: int, grain: float) -> bytes:
    """The small picture that the photos of a scene carry, as those of phones do."""
    small = Image.open(BytesIO(scene(width, height, seed, grain)))
    small.thumbnail((160, 160))
    out = BytesIO()
    small.save(out, "JPEG", quality=70)
    return out.getvalue()


@cache
def scene(width: int, height: int, seed: int, grain: float) -> bytes:
    """Large soft shapes with fine grain on them: about as many bytes a pixel as a photo has."""
    random = np.random.default_rng(seed)
    shapes = Image.fromarray(random.integers(20, 230, (12, 16, 3), np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    pixels = np.clip(np.asarray(shapes) + random.normal(0, grain, (height, width, 1)), 0, 255).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
