"""Amounts: what the reader takes, the schema takes too, and nothing breaks it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from onlooker.config import amounts
from onlooker.errors import ConfigError
from onlooker.formats import byte_size, duration

TYPES: dict[str, TypeAdapter[Any]] = {
    "size": TypeAdapter(amounts.Size),
    "size or none": TypeAdapter(amounts.SizeOrNone),
    "pixels": TypeAdapter(amounts.SomePixels),
    "span": TypeAdapter(amounts.Span),
}


def fits(kind: str, text: str) -> bool:
    """Whether the schema that editors check by takes the text."""
    (texts, *_) = TYPES[kind].json_schema()["anyOf"]
    return re.search(texts["pattern"], text) is not None


@given(st.integers(1, 10**12 - 1))
def test_pixels_as_a_number(count: int) -> None:
    assert amounts.pixels(str(count)) == count
    assert amounts.pixels(f" {count}\n") == count


@given(st.decimals(0, 999_999, places=6))
def test_pixels_in_millions(millions: Decimal) -> None:
    assert amounts.pixels(f"{millions}MP") == millions * 1_000_000


@given(st.text(alphabet="0123456789.MPmp GBd", max_size=12) | st.text(max_size=8))
def test_what_is_taken_the_schema_takes(text: str) -> None:
    for kind, adapter in TYPES.items():
        try:
            adapter.validate_python(text)
        except ValidationError:
            continue
        assert fits(kind, text), kind


@given(st.integers(0, 10**17))
def test_what_is_shown_can_be_written(size: int) -> None:
    assert fits("size", byte_size.shown(size))
    assert fits("span", duration.shown(size / 1e9))


@pytest.mark.parametrize("text", ["", "MP", "-1", "1,5MP", "1e9", "64 M", "٦٤", "1234567MP", "1.5"])
def test_no_pixels(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        amounts.pixels(text)
    assert f"“{text}” is not a number of pixels" in str(caught.value)
    assert text == "1.5" or not fits("pixels", text) or text == "1234567MP"


@pytest.mark.parametrize("value", ["", 0, "0", "0GB"])
def test_no_quota(value: object) -> None:
    assert TYPES["size or none"].validate_python(value) == 0
