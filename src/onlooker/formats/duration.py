"""Spans of time as people write them: “30d”, “1h30m”, “500ms”."""

from __future__ import annotations

import re

from onlooker.errors import ConfigError

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_ORDER = tuple(_UNITS)
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_PART = re.compile(rf"({_NUMBER})\s*(ms|[wdhms])\s*", re.IGNORECASE)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.IGNORECASE)
_LONGEST = 100 * 366 * _UNITS["d"]


def parsed(text: str) -> float:
    """Seconds; ConfigError says how a duration is written. Units come from the largest to the smallest, each once."""
    stripped = text.strip()
    parts = [(float(number), unit.lower()) for number, unit in _PART.findall(stripped)]
    places = [_ORDER.index(unit) for _, unit in parts]
    if not _DURATION.fullmatch(stripped) or places != sorted(set(places)):
        raise ConfigError(f"“{text}” is not a duration. Write it as in “30d”, “12h”, “1h30m”, “5s” or “500ms”.")
    seconds = sum(number * _UNITS[unit] for number, unit in parts)
    if seconds > _LONGEST:
        raise ConfigError(f"“{text}” is more than a hundred years.")
    return seconds


def shown(seconds: float) -> str:
    """As it would be written, to the millisecond: “1h30m”, “0s”."""
    rest = round(max(0.0, seconds) * 1000)
    parts = []
    for unit, length in _UNITS.items():
        count, rest = divmod(rest, round(length * 1000)) if unit != "w" else (0, rest)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
