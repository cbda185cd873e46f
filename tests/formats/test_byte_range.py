"""Range headers: what the standard says of each, and never a byte that is not there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.formats.byte_range import NotSatisfiable, wanted

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", range(0, 1)),
        ("bytes=0-499", range(0, 500)),
        ("bytes=500-", range(500, 1000)),
        ("bytes=-1", range(999, 1000)),
        ("bytes=-5000", range(0, 1000)),
        ("bytes=999-5000", range(999, 1000)),
        ("Bytes=0-1", range(0, 2)),
        ("bytes= 0-1 , 2-3 ", range(0, 4)),
        ("bytes=2-3,0-1", range(0, 4)),
        ("bytes=0-9,5-19", range(0, 20)),
        ("bytes=0-9,5000-", range(0, 10)),
        ("bytes=0-9,,10-19", range(0, 20)),
        ("bytes=0-999999999999999999", range(0, 1000)),
    ],
)
def test_satisfiable(header: str, expected: range) -> None:
    assert wanted(header, SIZE) == expected


@pytest.mark.parametrize(
    "header",
    [
        *("", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=--1", "bytes=1", "bytes=a-b", "bytes=1-x", "bytes=9-1"),
        *("items=0-1", "seconds=0-1", "bytes:0-1", "bytes 0-1", "bytes=0-1;2-3", "bytes=+0-1", "bytes=1_0-20"),
        *("bytes=٠-١", "bytes=0-1,9-1", "bytes=0-9999999999999999999", "bytes=" + "0-1," * 500),
    ],
)
def test_passed_over(header: str) -> None:
    assert wanted(header, SIZE) is None


def test_spans_apart_are_answered_with_everything() -> None:
    assert wanted("bytes=0-1,5-6", SIZE) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-2000", "bytes=-0", "bytes=1000-,2000-"])
def test_nothing_of_it_is_there(header: str) -> None:
    with pytest.raises(NotSatisfiable) as caught:
        wanted(header, SIZE)
    assert caught.value.size == SIZE


@given(
    st.one_of(st.text(), st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}(,[0-9]{0,4}-[0-9]{0,4}){0,4}")),
    st.integers(1, 5000),
)
def test_whatever_is_asked(header: str, size: int) -> None:
    try:
        span = wanted(header, size)
    except NotSatisfiable:
        return
    assert span is None or (0 <= span.start < span.stop <= size and span.step == 1)


@given(st.integers(1, 5000), st.data())
def test_what_is_there_can_be_had(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, 2 * size))
    assert wanted(f"bytes={first}-{last}", size) == range(first, min(last + 1, size))
    assert wanted(f"bytes={first}-", size) == range(first, size)
    assert wanted(f"bytes=-{first + 1}", size) == range(size - first - 1, size)
