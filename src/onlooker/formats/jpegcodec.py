"""JPEG pixels: bytes to an RGB array and back, and from YUV planes, by libjpeg-turbo.

The header of a JPEG (its size, its segments) is not decoded here; this is for who needs the pixels.
"""

from __future__ import annotations

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from onlooker.errors import MalformedInput

Pixels = NDArray[np.uint8]

# A JPEG of a few kilobytes can claim 65,500 × 65,500 pixels; no camera we show needs more than this many.
MAX_PIXELS = 120_000_000


def decode_rgb(data: bytes, *, min_width: int = 0) -> Pixels:
    """The picture as (height, width, 3) bytes, red first, whatever its subsampling; MalformedInput if it is none.

    With `min_width` the picture comes in the smallest size that libjpeg can scale to while it decodes (eighths of the
    original) that is still at least that wide. That costs about half of decoding it whole.
    """
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data, min_width=min_width)
        if width * height > MAX_PIXELS:
            raise MalformedInput(f"The JPEG is {width}×{height} pixels; at most {MAX_PIXELS:,} are decoded.")
        if colours == "CMYK":
            raise MalformedInput("The JPEG is made for printing (CMYK); a picture in colour or grey is needed.")
        return _decode(data, min_width, strict=True)
    except ValueError as error:
        if "extraneous bytes" not in str(error):
            raise MalformedInput(f"The picture is not a whole JPEG: {error}.") from error
    # Many webcams pad their pictures inside; nothing of the picture is missing then.
    try:
        return _decode(data, min_width, strict=False)
    except ValueError as error:
        raise MalformedInput(f"The picture is not a whole JPEG: {error}.") from error


def encode_rgb(pixels: Pixels, *, quality: int = 80) -> bytes:
    """A JPEG of (height, width, 3) bytes, red first."""
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality, "RGB", "420", fastdct=True))


def encode_planes(y: Pixels, u: Pixels, v: Pixels, *, quality: int = 80) -> bytes:
    """A JPEG of full-range BT.601 planes; the size of `u` and `v` against `y` says how the colour is subsampled."""
    return bytes(simplejpeg.encode_jpeg_yuv_planes(y, u, v, quality, fastdct=True))


def _decode(data: bytes, min_width: int, *, strict: bool) -> Pixels:
    pixels: Pixels = simplejpeg.decode_jpeg(data, "RGB", min_width=min_width, strict=strict)
    return pixels
