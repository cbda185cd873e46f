"""H.264 in annex B: what libx264 makes is read, what is cut, empty or hostile is refused and never more."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats import h264


def coded(width: int, height: int, count: int = 3, profile: str = "baseline", pixels: str = "yuv420p") -> list[bytes]:
    """So many access units in annex B, the first a key picture with its parameter sets."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, pixels
    context.time_base = Fraction(1, 25)
    context.options = {"tune": "zerolatency", "preset": "ultrafast", "profile": profile, "x264-params": "annexb=1"}
    units: list[bytes] = []
    for index in range(count):
        picture = np.full((height, width, 3), 40 * index, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)
        frame.pts = index
        units += [bytes(packet) for packet in context.encode(frame)]
    return units


@pytest.mark.parametrize("size", [(16, 16), (640, 360), (360, 640), (1920, 1080), (322, 182), (130, 98)])
@pytest.mark.parametrize(("profile", "pixels"), [("baseline", "yuv420p"), ("high", "yuv420p"), ("high444", "yuv444p")])
def test_the_size_is_what_the_encoder_was_given(size: tuple[int, int], profile: str, pixels: str) -> None:
    key, *others = coded(*size, profile=profile, pixels=pixels)
    assert h264.access_unit(key) == h264.AccessUnit(True, size)
    assert [h264.access_unit(unit) for unit in others] == [h264.AccessUnit(False, None)] * 2


def test_scaling_lists_are_passed() -> None:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt, context.time_base = 720, 486, "yuv420p", Fraction(1, 25)
    context.options = {"tune": "zerolatency", "profile": "high", "x264-params": "cqm=jvt:annexb=1"}
    frame = av.VideoFrame(720, 486, "yuv420p")
    frame.pts = 0
    [packet] = context.encode(frame)
    assert h264.access_unit(bytes(packet)).size == (720, 486)


def test_a_key_picture_without_its_parameter_sets_is_refused() -> None:
    [key] = coded(64, 48, 1)
    at = key.index(b"\x00\x00\x01\x65")
    with pytest.raises(MalformedInput, match="parameter sets"):
        h264.access_unit(b"\x00" + key[at:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x01",
        b"\x00\x00\x00\x01\x00\x00",
        b"\x41\x9a\x00",
        b"x\x00\x00\x01\x41\x9a",
        b"\x00\x00\x01\xc1\x9a",
        b"\x00\x00\x01\x67\x42",
        b"\x00\x00\x01\x09\xf0",
        b"\x00\x00\x01\x41\x9a" * 2000,
        b"\x00\x00\x01\x67" + b"\x42" * 2000 + b"\x00\x00\x01\x41\x9a",
        b"\x00\x00\x01\x67\x42\x00\x1e" + b"\x00" * 40 + b"\x00\x00\x01\x41\x9a",
    ],
)
def test_what_is_no_access_unit_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        h264.access_unit(data)


@given(st.binary(max_size=300))
def test_anything_is_read_or_refused(data: bytes) -> None:
    for start in (b"", b"\x00\x00\x01", b"\x00\x00\x01\x67", b"\x00\x00\x01\x67\x64\x00\x1f"):
        try:
            unit = h264.access_unit(start + data)
        except MalformedInput:
            continue
        assert unit.size is None or min(unit.size) > 0


@given(st.data())
def test_a_damaged_picture_is_read_or_refused(data: st.DataObject) -> None:
    key = bytearray(KEY)
    for _ in range(data.draw(st.integers(1, 4))):
        key[data.draw(st.integers(0, min(len(key), 60) - 1))] = data.draw(st.integers(0, 255))
    try:
        unit = h264.access_unit(bytes(key))
    except MalformedInput:
        return
    assert unit.size is None or min(unit.size) > 0


KEY = coded(322, 182, 1, "high")[0]
