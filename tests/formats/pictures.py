"""Small real JPEGs for the tests of the formats, each kind made once."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image

THUMBNAIL_HEAD = b"\xff\xe1"


@cache
def picture(width: int = 64, height: int = 48, *, seed: int = 1, **options: object) -> bytes:
    """A JPEG of noise, so that its coded data holds stuffed bytes; `options` go to the encoder."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **{"quality": 90, **options})
    return out.getvalue()


@cache
def with_thumbnail(seed: int = 1) -> bytes:
    """A JPEG with a whole JPEG inside its first segment, as cameras with EXIF write it."""
    inner, outer = picture(16, 16, seed=seed), picture(seed=seed)
    body = b"Exif\0\0" + inner
    return outer[:2] + THUMBNAIL_HEAD + (len(body) + 2).to_bytes(2, "big") + body + outer[2:]
