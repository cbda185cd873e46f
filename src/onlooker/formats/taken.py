"""When a photo was taken, from its EXIF tags; nonsense is no time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from onlooker.formats.place import numbers
from onlooker.formats.tiff import Tags, Value

_DATE = re.compile(r"(\d{4})[:/-](\d{1,2})[:/-](\d{1,2})[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?.*", re.DOTALL)
_DAY = re.compile(r"(\d{4})[:/-](\d{1,2})[:/-](\d{1,2})")
_OFFSET = re.compile(r"(?:([+-])(\d{1,2}):?(\d{2})|Z)")
_GPS_TIME, _GPS_DAY = 7, 29

# A photo can be a scan of an old one, but 1904, 1970 and their like are clocks that were never set.
_FIRST_YEAR, _LAST_YEAR = 1905, 2100
_UNSET = frozenset((datetime(1970, 1, 1), datetime(1980, 1, 1)))

# Offsets in use are multiples of half an hour, but for these. GPS time may be a little older than the photo.
_ODD_OFFSETS = (345, 525, 765, 825)
_OFFSETS = sorted({*range(-12 * 60, 14 * 60 + 1, 30), *_ODD_OFFSETS})
_GPS_AGE = timedelta(seconds=90)


def taken(tags: Tags) -> datetime | None:
    """DateTimeOriginal, else DateTimeDigitized, else DateTime; with a time zone where the photo tells one."""
    for table, date, fraction, offset in (
        (tags.exif, 0x9003, 0x9291, 0x9011),
        (tags.exif, 0x9004, 0x9292, 0x9012),
        (tags.picture, 0x0132, 0x9290, 0x9010),
    ):
        local = _local(table.get(date), tags.exif.get(fraction))
        if local is None:
            continue
        zone = _zone(tags.exif.get(offset)) or _zone(tags.exif.get(0x9010)) or _zone_of_gps(local, tags.gps)
        return local.replace(tzinfo=zone)
    return None


def _local(value: Value | None, fraction: Value | None) -> datetime | None:
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        local = datetime(*(int(part) for part in found.groups()[:6]))  # type: ignore[arg-type]
    except ValueError:
        return None
    if not _FIRST_YEAR <= local.year <= _LAST_YEAR or local in _UNSET:
        return None
    digits = found[7] or (fraction.strip() if isinstance(fraction, str) else "")
    if digits.isascii() and digits.isdecimal():
        local = local.replace(microsecond=int(digits[:6].ljust(6, "0")))
    return local


def _zone(value: Value | None) -> timezone | None:
    found = _OFFSET.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    if found[1] is None:
        return UTC
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > 14 * 60 or int(found[3]) > 59:
        return None
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _zone_of_gps(local: datetime, gps: Mapping[int, Value]) -> timezone | None:
    """The offset between the camera's time and GPS time, which is UTC; None if it is none that a zone could have."""
    day, parts = gps.get(_GPS_DAY), numbers(gps.get(_GPS_TIME))
    found = _DAY.fullmatch(day.strip()) if isinstance(day, str) else None
    if found is None or not parts or len(parts) != 3 or not all(0 <= part < 60.001 for part in parts):
        return None
    try:
        utc = datetime(int(found[1]), int(found[2]), int(found[3])) + timedelta(
            hours=parts[0], minutes=parts[1], seconds=parts[2]
        )
    except (ValueError, OverflowError):
        return None
    difference = local - utc
    nearest = min((timedelta(minutes=offset) for offset in _OFFSETS), key=lambda offset: abs(difference - offset))
    return timezone(nearest) if abs(difference - nearest) <= _GPS_AGE else None
