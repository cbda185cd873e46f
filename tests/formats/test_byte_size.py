"""Amounts of bytes as people write and read them."""

from __future__ import annotations

import pytest

from onlooker.errors import ConfigError
from onlooker.formats import byte_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1234", 1234),
        ("12 B", 12),
        ("500kB", 500_000),
        ("500KB", 500_000),
        ("3.5MB", 3_500_000),
        ("200GB", 200 * 10**9),
        (" 2 TB ", 2 * 10**12),
        ("1KiB", 1024),
        ("1.5 MiB", 1_572_864),
        ("1gib", 2**30),
        ("1TiB", 2**40),
    ],
)
def test_parsed(text: str, size: int) -> None:
    assert byte_size.parsed(text) == size


@pytest.mark.parametrize(
    "text", ["", "GB", "-1GB", "1,5GB", "1 G B", "1e9", "5 apples", "٣GB", "99999999PB", "nan", "1G"]
)
def test_not_parsed(text: str) -> None:
    with pytest.raises(ConfigError, match=r"200GB|disk"):
        byte_size.parsed(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3_141_592, "3.1 MB"),
        (9_960_000, "10 MB"),
        (31_415_926, "31 MB"),
        (999_600, "1.0 MB"),
        (200 * 10**9, "200 GB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_shown(size: int, text: str) -> None:
    assert byte_size.shown(size) == text
