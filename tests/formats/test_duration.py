"""Spans of time as people write and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import ConfigError
from onlooker.formats import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30d", 30 * 86_400),
        ("12h", 43_200),
        ("90m", 5_400),
        ("5s", 5),
        ("500ms", 0.5),
        ("1h30m", 5_400),
        ("1d 12h", 129_600),
        ("2W", 14 * 86_400),
        ("1.5h", 5_400),
        (" 0s ", 0),
    ],
)
def test_parsed(text: str, seconds: float) -> None:
    assert duration.parsed(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "h", "-5s", "30m1h", "1h1h", "1y", "5 apples", "5s!", "٣s", "999999999w"])
def test_not_parsed(text: str) -> None:
    with pytest.raises(ConfigError, match=r"1h30m|hundred years"):
        duration.parsed(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.5, "500ms"), (5, "5s"), (5_400, "1h30m"), (30 * 86_400, "30d"), (90_061, "1d1h1m1s")],
)
def test_shown(seconds: float, text: str) -> None:
    assert duration.shown(seconds) == text


@given(st.integers(0, 10**10))
def test_what_is_shown_can_be_written(milliseconds: int) -> None:
    assert duration.parsed(duration.shown(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)
