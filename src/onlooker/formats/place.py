"""Where a photo was taken, from its GPS tags; nonsense is no place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from onlooker.formats.tiff import Value

_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _ALTITUDE_REF, _ALTITUDE = range(1, 7)
_BELOW = (1, 3)  # below the sea's level, or below the ellipsoid
_LOWEST, _HIGHEST = -11_000.0, 100_000.0


@dataclass(frozen=True, slots=True)
class Place:
    """Degrees (south and west negative) and metres."""

    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None


def place(gps: Mapping[int, Value]) -> Place:
    """The place that these tags give. Latitude and longitude come both or not at all."""
    latitude = _degrees(gps.get(_LATITUDE), gps.get(_LATITUDE_REF), "NS", 90)
    longitude = _degrees(gps.get(_LONGITUDE), gps.get(_LONGITUDE_REF), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return Place()  # 0, 0 is what cameras write that have no fix
    return Place(latitude, longitude, _altitude(gps))


def numbers(value: Value | None) -> list[float] | None:
    """A tag's rationals; None if it has none or one is not a number."""
    if not isinstance(value, tuple) or not value:
        return None
    found = []
    for pair in value:
        if not isinstance(pair, tuple) or pair[1] == 0:
            return None
        found.append(pair[0] / pair[1])
    return found


def _degrees(value: Value | None, reference: Value | None, directions: str, limit: int) -> float | None:
    parts = numbers(value)
    direction = reference.strip().upper()[:1] if isinstance(reference, str) else ""
    if not parts or len(parts) > 3 or min(parts) < 0 or not direction or direction not in directions:
        return None
    degrees = math.fsum(part / (60.0**power) for power, part in enumerate(parts))
    if degrees > limit or any(part >= 60.001 for part in parts[1:]):
        return None
    return -degrees if direction == directions[1] else degrees


def _altitude(gps: Mapping[int, Value]) -> float | None:
    parts = numbers(gps.get(_ALTITUDE))
    if not parts:
        return None
    reference = gps.get(_ALTITUDE_REF)
    below = isinstance(reference, tuple) and reference[0] in _BELOW
    altitude = -parts[0] if below else parts[0]
    return altitude if _LOWEST <= altitude <= _HIGHEST else None
