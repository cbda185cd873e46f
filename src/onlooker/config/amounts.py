"""Sizes, pixels and durations as values of keys: written as people write them, refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, WithJsonSchema

from onlooker.errors import ConfigError
from onlooker.formats import byte_size, duration

_Amount = TypeVar("_Amount", int, float)

_PIXELS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*MP|([0-9]{1,12})", re.IGNORECASE)
_SIZE_PATTERN = r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgGtTpP]?[iI]?[bB])?\s*$"
_PIXELS_PATTERN = r"^\s*[0-9]+(\.[0-9]+)?\s*([mM][pP])?\s*$"
_DURATION_PATTERN = r"^\s*([0-9]+(\.[0-9]+)?\s*([wWdDhHmMsS]|[mM][sS])\s*)+$"


def pixels(text: str) -> int:
    """How many pixels; “64MP” are 64 million. ConfigError says how they are written."""
    found = _PIXELS.fullmatch(text.strip())
    if found is None:
        raise ConfigError(f"“{text}” is not a number of pixels. Write it as in “64MP”, or as a whole number.")
    return int(Decimal(found[1]) * 1_000_000) if found[1] else int(found[2])


def _reader(parsed: Callable[[str], _Amount], *, least: _Amount, example: str) -> Callable[[object], _Amount]:
    def read(value: object) -> _Amount:
        try:
            amount = parsed(str(value))
        except ConfigError as error:
            raise ValueError(str(error)) from None
        if amount < least:
            raise ValueError(f"“{value}” is too little. It takes more than 0, as in “{example}”.")
        return amount

    return read


def _text_or_number(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern}, {"type": "integer", "minimum": 0}]})


Size = Annotated[
    int, BeforeValidator(_reader(byte_size.parsed, least=0, example="500MB")), _text_or_number(_SIZE_PATTERN)
]
SomeSize = Annotated[
    int, BeforeValidator(_reader(byte_size.parsed, least=1, example="100MB")), _text_or_number(_SIZE_PATTERN)
]
SizeOrNone = Annotated[
    int,
    BeforeValidator(_reader(lambda text: byte_size.parsed(text or "0"), least=0, example="20GB")),
    _text_or_number(rf"^$|{_SIZE_PATTERN}"),
]
SomePixels = Annotated[int, BeforeValidator(_reader(pixels, least=1, example="64MP")), _text_or_number(_PIXELS_PATTERN)]
_Durations = WithJsonSchema({"anyOf": [{"type": "string", "pattern": _DURATION_PATTERN}]})
Span = Annotated[float, BeforeValidator(_reader(duration.parsed, least=0.0, example="30d")), _Durations]
SomeSpan = Annotated[float, BeforeValidator(_reader(duration.parsed, least=0.001, example="7d")), _Durations]
