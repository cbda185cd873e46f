"""`[archive]`: values as people write them become what the archive needs, or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from onlooker.archive.options import ArchiveOptions
from onlooker.config import ArchiveSettings, Invocation
from onlooker.config.loading import parse
from onlooker.errors import ConfigError

FILE = Invocation(Path("onlooker.toml"))
DAY = 86_400.0


def archive(text: str, **environ: str) -> ArchiveSettings:
    return parse(f"[archive]\n{text}\n", FILE, environ, {}).archive


def test_the_defaults_are_those_of_the_archive(tmp_path: Path) -> None:
    for text in ("", "[archive]\n"):
        assert parse(text, FILE, {}, {}).archive.options(tmp_path) == ArchiveOptions(tmp_path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('max_photo = "250MB"', {"max_photo": 250_000_000}),
        ('max_photo = " 12 mib "', {"max_photo": 12 * 1024 * 1024}),
        ("max_photo = 5000", {"max_photo": 5000}),
        ('max_pixels = "64MP"', {"max_pixels": 64_000_000}),
        ('max_pixels = "12.5 mp"', {"max_pixels": 12_500_000}),
        ('max_pixels = "1000"', {"max_pixels": 1000}),
        ("max_pixels = 108000000", {"max_pixels": 108_000_000}),
        ("reserve = 0", {"reserve": 0}),
        ('reserve = "1.5GB"', {"reserve": 1_500_000_000}),
        ('reserve = "${RESERVE}"', {"reserve": 7_000_000}),
        ('keep_deleted = "0s"', {"keep_deleted": 0.0}),
        ('keep_deleted = "1w"', {"keep_deleted": 7 * DAY}),
        ('keep_events = "1d12h"', {"keep_events": 1.5 * DAY}),
        ('keep_uploads = "500ms"', {"keep_uploads": 0.5}),
        ('files = "  %Y/{album}-%j  "', {"files": "%Y/{album}-%j"}),
    ],
)
def test_a_value_as_people_write_it(tmp_path: Path, written: str, meant: dict[str, float | str]) -> None:
    options = archive(written, RESERVE="7MB").options(tmp_path)
    assert options == ArchiveOptions(tmp_path, **meant)  # type: ignore[arg-type]


NO_SIZE = "is not an amount of bytes. Write it as in “500MB”, “200GB” or “1.5TB”."
NO_DURATION = "is not a duration. Write it as in “30d”, “12h”, “1h30m”, “5s” or “500ms”."
NO_PIXELS = "is not a number of pixels. Write it as in “64MP”, or as a whole number."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('max_photo = "20G"', f"max_photo: “20G” {NO_SIZE}"),
        ("max_photo = true", f"max_photo: “true” {NO_SIZE}"),
        ("max_photo = -1", f"max_photo: “-1” {NO_SIZE}"),
        ('max_photo = "0MB"', "max_photo: “0MB” is too little. It takes more than 0, as in “100MB”."),
        ('max_photo = "9300000000GB"', "max_photo: “9300000000GB” is more than any disk holds."),
        ('max_pixels = "64"\nreserve = ["1GB"]', f"reserve: “['1GB']” {NO_SIZE}"),
        ('max_pixels = "64MB"', f"max_pixels: “64MB” {NO_PIXELS}"),
        ("max_pixels = 1.5", f"max_pixels: “1.5” {NO_PIXELS}"),
        ("max_pixels = nan", f"max_pixels: “nan” {NO_PIXELS}"),
        ("max_pixels = 0", "max_pixels: “0” is too little. It takes more than 0, as in “64MP”."),
        ('reserve = "${SECRET}"', f"reserve: “${{SECRET}}” {NO_SIZE}"),
        ("keep_deleted = 30", f"keep_deleted: “30” {NO_DURATION}"),
        ('keep_deleted = "30 days"', f"keep_deleted: “30 days” {NO_DURATION}"),
        ('keep_deleted = "101000d"', "keep_deleted: “101000d” is more than a hundred years."),
        ('keep_events = "0d"', "keep_events: “0d” is too little. It takes more than 0, as in “7d”."),
        ('keep_uploads = "0s"', "keep_uploads: “0s” is too little. It takes more than 0, as in “7d”."),
        ("files = 3", "files: “3” is not allowed. It takes text"),
        (
            "max_foto = 1",
            "max_foto: unknown key; did you mean “max_photo”? "
            "Allowed: files, keep_deleted, keep_events, keep_uploads, max_photo, max_pixels, reserve",
        ),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(written: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        archive(written, SECRET="hunter2")
    assert str(caught.value) == f"onlooker.toml: archive.{said}"


def test_something_else_than_a_table() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("archive = 3\n", FILE, {}, {})
    assert str(caught.value) == "onlooker.toml: archive: is not a table. Write [archive] and its keys below it"
