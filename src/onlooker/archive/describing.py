"""From what is known of a photo that came in (the file, the sender, the clock) to the photo that is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from onlooker.archive.examining import Examined
from onlooker.errors import MalformedInput
from onlooker.media import Photo, PhotoState

LONGEST_CAPTION, LONGEST_NAME = 2_000, 120  # characters
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(frozen=True, slots=True)
class Said:
    """What the sender says about a photo.

    `taken_at` is used where the photo itself does not say, `sha256` is checked.
    """

    filename: str = ""
    caption: str = ""
    author: str = ""
    taken_at: datetime | None = None
    sha256: bytes | None = None


def said_in(fields: Mapping[str, str]) -> Said:
    """What the fields of a form, or the metadata of an upload, say about a photo; MalformedInput."""
    sha256 = fields.get("sha256", "").strip()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise MalformedInput("“sha256” has to be 64 hexadecimal digits.")
    return Said(
        filename=fields.get("filename", ""),
        caption=fields.get("caption", ""),
        author=fields.get("author", ""),
        taken_at=_moment(fields.get("taken_at", "").strip()),
        sha256=bytes.fromhex(sha256) if sha256 else None,
    )


def described(
    photo_id: str, album: str, state: PhotoState, kind: str, examined: Examined, said: Said, now: int
) -> Photo:
    """The photo, still without its place in the album and in the archive's folder."""
    facts = examined.facts
    taken_at, offset, source = taken(facts.taken, said.taken_at, now)
    return Photo(
        id=photo_id,
        album=album,
        kind=kind,
        state=state,
        path="",
        sha256=examined.sha256,
        size=examined.size,
        type=examined.type.mime,
        width=facts.width,
        height=facts.height,
        thumbhash=examined.thumbhash,
        added_at=now,
        shown_at=now if state is PhotoState.SHOWN else None,
        taken_at=taken_at,
        taken_offset=offset,
        taken_from=source,
        caption=clean(said.caption, LONGEST_CAPTION),
        author=line(said.author, LONGEST_NAME),
        filename=line(said.filename, LONGEST_NAME),
        device=facts.device,
        latitude=facts.latitude,
        longitude=facts.longitude,
        altitude=facts.altitude,
        panorama=facts.panorama,
        gpano=facts.gpano,
    )


def taken(exif: datetime | None, client: datetime | None, arrival: int) -> tuple[int, int | None, str]:
    """When it was taken (microseconds), the offset from UTC in minutes where it is known, and who says so."""
    said, source = (exif, "exif") if exif is not None else (client, "client")
    if said is None:
        return arrival, None, "arrival"
    if said.tzinfo is None:  # a clock on the wall, taken for one of the hub's own time zone
        return _microseconds(said.astimezone(UTC)), None, source
    offset = said.utcoffset()
    return _microseconds(said), round(offset.total_seconds() / 60) if offset is not None else None, source


def clean(text: str, longest: int) -> str:
    """What people wrote, without control characters, and not endless."""
    return "".join(one for one in text if one.isprintable() or one == "\n").strip()[:longest]


def line(text: str, longest: int) -> str:
    """The same on one line."""
    return clean(" ".join(text.split()), longest)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)  # the first and the last days of the calendar have none
    except (ValueError, OverflowError):
        raise MalformedInput("“taken_at” has to be a date and time like 2026-11-21T14:03:02+01:00.") from None
    return moment


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
