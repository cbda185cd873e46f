"""The end and the size of JPEGs: every encoder's shapes, cut anywhere, damaged anywhere."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from onlooker.errors import MalformedInput
from onlooker.formats import jpeg
from tests.formats.pictures import picture, with_thumbnail

PLAIN = picture()
SHAPES = {
    "baseline": PLAIN,
    "progressive, many scans": picture(progressive=True),
    "restart markers": picture(restart_marker_blocks=1),
    "grey": picture(restart_marker_rows=1, subsampling=0),
    "thumbnail inside": with_thumbnail(),
    "fill bytes before a marker": PLAIN[:2] + b"\xff\xff" + PLAIN[2:],
    "comment that holds an end": PLAIN[:2] + b"\xff\xfe\x00\x06\xff\xd9\xff\xd8" + PLAIN[2:],
    "large": picture(1280, 720),
}


@pytest.mark.parametrize("data", SHAPES.values(), ids=SHAPES)
class TestEveryShape:
    def test_whole(self, data: bytes) -> None:
        assert jpeg.is_jpeg(data)
        assert jpeg.end(data) == len(data)

    def test_with_trailing_data(self, data: bytes) -> None:
        for trailing in (b"\r\n--frame\r\n", data, b"\xff\xd9", b"\0" * 9):
            assert jpeg.end(data + trailing) == len(data)

    def test_dimensions_are_what_a_decoder_says(self, data: bytes) -> None:
        with Image.open(io.BytesIO(data)) as image:
            assert jpeg.dimensions(data) == image.size

    def test_cut_short(self, data: bytes) -> None:
        for length in (0, 1, 2, 3, len(data) // 2, len(data) - 1):
            with pytest.raises(MalformedInput):
                jpeg.end(data[:length])


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "large"])
def test_byte_by_byte(name: str) -> None:
    data = SHAPES[name]
    walk, buffer = jpeg.Walk(), bytearray()
    ends = []
    for byte in data:
        buffer.append(byte)
        ends.append(walk.on(buffer))
    assert ends[-1] == len(data)
    assert not any(ends[:-1])


@given(st.sampled_from([name for name in SHAPES if name != "large"]), st.data())
def test_any_split(name: str, draw: st.DataObject) -> None:
    data = SHAPES[name]
    cuts = sorted(draw.draw(st.sets(st.integers(1, len(data) - 1), max_size=8)))
    walk = jpeg.Walk()
    assert all(walk.on(data[:cut]) is None for cut in cuts)
    assert walk.on(data + b"more") == len(data)


def test_dimensions_need_no_more_than_the_head() -> None:
    data = SHAPES["large"]
    assert jpeg.dimensions(data[:1000]) == (1280, 720)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\x00\xff\xd9",
        b"\xff\xd8\xff\x42\x00\x02\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x01\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x02 \xff\xd9",
        PLAIN.replace(b"\xff\xc0\x00\x11\x08\x00\x30\x00\x40", b"\xff\xc0\x00\x11\x08\x00\x00\x00\x40"),
    ],
)
def test_not_a_picture(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        jpeg.end(data)
    with pytest.raises(MalformedInput):
        jpeg.dimensions(data)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_hostile_bytes_end_or_are_refused(junk: bytes, at: int) -> None:
    data = PLAIN[:at] + junk + PLAIN[at:]
    for call in (jpeg.end, jpeg.dimensions):
        with contextlib.suppress(MalformedInput):
            call(data)
