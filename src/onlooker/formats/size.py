"""Picture sizes as people write them: “1280x720”."""

from __future__ import annotations

import re

from onlooker.errors import ConfigError

_SIZE = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})", re.IGNORECASE)
_SMALLEST, _LARGEST = 16, 8192


def parsed(text: str) -> tuple[int, int]:
    """(width, height) in pixels; ConfigError says how a size is written and how large it may be."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"“{text}” is not a size. Write width and height in pixels, as in “1280x720”.")
    width, height = int(found[1]), int(found[2])
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST <= height <= _LARGEST):
        raise ConfigError(f"A size of {width}x{height} is not possible: each side is {_SMALLEST} to {_LARGEST} pixels.")
    return width, height
