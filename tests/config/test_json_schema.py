"""The schema that editors check by says what is read, default by default."""

from __future__ import annotations

import re
from typing import Any

import pytest

from onlooker.config import ArchiveSettings, schema
from onlooker.config.albums import AlbumOptions


def properties(table: str) -> dict[str, Any]:
    found = schema()["properties"][table]
    one: dict[str, Any] = found["additionalProperties"] if table == "albums" else found
    made: dict[str, Any] = one["properties"]
    return made


def takes(value: dict[str, Any], written: object) -> bool:
    """Whether one of the alternatives takes what was written: enough of JSON Schema for these tables."""
    for one in value.get("anyOf", [value]):
        match one["type"], written:
            case "string", str(text) if re.search(one.get("pattern", ""), text):
                return True
            case "boolean", bool():
                return True
            case "integer", int(number) if not isinstance(number, bool) and number >= one.get("minimum", number):
                return True
    return False


def test_the_defaults_are_written_as_people_write_them() -> None:
    archive = properties("archive")
    assert {name: one["default"] for name, one in archive.items()} == {
        "files": "{album}/%Y_%m_%d/%H_%M_%S",
        "max_photo": "100MB",
        "max_pixels": "64MP",
        "reserve": "500MB",
        "keep_deleted": "30d",
        "keep_events": "90d",
        "keep_uploads": "7d",
    }
    assert all(takes(one, one["default"]) for table in ("archive", "albums") for one in properties(table).values())


@pytest.mark.parametrize(
    ("table", "key", "written"),
    [
        ("archive", "max_photo", 5000),
        ("archive", "max_photo", "1.5 GiB"),
        ("archive", "max_photo", "${SIZE}"),
        ("archive", "max_pixels", "12 MP"),
        ("archive", "keep_events", "1h 30m"),
        ("archive", "keep_events", "${TIME:-1d}"),
        ("albums", "quota", ""),
        ("albums", "quota", "20GB"),
        ("albums", "approve", "${APPROVE}"),
    ],
)
def test_the_schema_takes(table: str, key: str, written: object) -> None:
    assert takes(properties(table)[key], written)


@pytest.mark.parametrize(
    ("table", "key", "written"),
    [
        ("archive", "max_photo", "20G"),
        ("archive", "max_photo", True),
        ("archive", "max_photo", -1),
        ("archive", "max_pixels", "64MB"),
        ("archive", "keep_events", 30),
        ("archive", "keep_events", "30 days"),
        ("albums", "quota", "lots"),
        ("albums", "approve", "perhaps"),
    ],
)
def test_the_schema_refuses_what_is_refused(table: str, key: str, written: object) -> None:
    assert not takes(properties(table)[key], written)
    model = ArchiveSettings if table == "archive" else AlbumOptions
    with pytest.raises(ValueError, match=key):
        model.model_validate({key: written})


def test_every_key_of_an_album_is_said() -> None:
    albums = schema()["properties"]["albums"]
    assert albums["propertyNames"] == schema()["properties"]["cameras"]["propertyNames"]
    assert not albums["additionalProperties"]["additionalProperties"]
    assert all(one["description"] for table in ("archive", "albums") for one in properties(table).values())
