"""Photos as phones send them: baseline JPEG with an EXIF date and device, each with bytes of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

SCENES = 8  # different pictures; the photos of one scene differ in their date
QUALITY = 88
GRAIN = 4.5  # standard deviation, of 255
BEGIN = datetime(2026, 11, 21, 12)
MAKE, MODEL, TAKEN, OFFSET, EXIF = 0x010F, 0x0110, 0x9003, 0x9011, 0x8769  # EXIF 2.32


def write_photos(folder: Path, count: int, width: int, height: int, grain: float = GRAIN) -> int:
    """Write so many photos to the folder; gives their mean size in bytes."""
    for number in range(count):
        (folder / f"{number:05}.jpg").write_bytes(picture(width, height, number, grain))
    return sum(file.stat().st_size for file in folder.iterdir()) // count


def picture(width: int, height: int, number: int, grain: float = GRAIN) -> bytes:
    """Photo `number`: taken so many seconds after the first."""
    about = Image.Exif()
    about[MAKE], about[MODEL] = "Bench", "Onlooker"
    taken = BEGIN + timedelta(seconds=number)
    about.get_ifd(EXIF).update({TAKEN: taken.strftime("%Y:%m:%d %H:%M:%S"), OFFSET: "+01:00"})
    exif = about.tobytes()
    plain = scene(width, height, number % SCENES, grain)
    return plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]


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
