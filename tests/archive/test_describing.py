"""Who says when a photo was taken, and what is left of what people write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from onlooker.archive.describing import clean, taken

NOON = datetime(2026, 11, 21, 12, 0, 0, 250_000)
ARRIVAL = 1_790_000_000_000_000


def microseconds(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def test_the_photo_itself_is_believed_first() -> None:
    there = NOON.replace(tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    assert taken(there, NOON.replace(tzinfo=UTC), ARRIVAL) == (microseconds(there), -210, "exif")


def test_a_photo_without_an_offset_was_taken_by_the_hubs_clock() -> None:
    at, offset, source = taken(NOON, None, ARRIVAL)
    assert (at, offset, source) == (microseconds(NOON.astimezone()), None, "exif")


def test_then_the_client_then_the_arrival() -> None:
    said = NOON.replace(tzinfo=timezone(timedelta(hours=2)))
    assert taken(None, said, ARRIVAL) == (microseconds(said), 120, "client")
    assert taken(None, None, ARRIVAL) == (ARRIVAL, None, "arrival")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  At the sea ", "At the sea"),
        ("two\nlines", "two\nlines"),
        ("bell\x07 and\x00 \x1b[31mred", "bell and [31mred"),
        ("right\u202eleft", "rightleft"),
        ("Zoë 🌊", "Zoë 🌊"),
        ("x" * 3000, "x" * 2000),
    ],
)
def test_what_people_write_holds_no_control_characters(written: str, kept: str) -> None:
    assert clean(written, 2000) == kept
