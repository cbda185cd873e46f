"""Live JPEG on the wire: one table of streams, each whole, byte by byte and with trailing data; hostile bytes."""

from __future__ import annotations

import itertools
import re
import tracemalloc
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats.multipart import CONTENT_TYPE, PREAMBLE, MultipartReader, Part, boundary_of, part
from tests.formats.pictures import picture, with_thumbnail

A, B, C = picture(seed=1), with_thumbnail(seed=2), picture(seed=3, progressive=True)
PICTURES = [A, B, C]


def ours(data: bytes, sequence: int = 7) -> bytes:
    return part(data, camera="yard", captured=1_700_000_000.25, sequence=sequence, state="live")


def stream(delimiter: bytes, *, end: bytes = b"\r\n", length: bytes | None = b"%d", skew: int = 0) -> bytes:
    """Three parts as a camera of that habit writes them; `skew` is by how much its lengths are wrong."""
    out = b""
    for data in PICTURES:
        head = delimiter + end + b"Content-type: image/jpeg" + end
        if length is not None:
            head += b"Content-Length: " + length % (len(data) + skew) + end
        out += head + end + data + end
    return out


@dataclass(frozen=True)
class Case:
    """A stream, what its Content-Type announced, and the pictures it holds."""

    wire: bytes
    boundary: bytes | None
    pictures: tuple[bytes, ...] = (A, B, C)


CUT = A[: len(A) // 2]
CASES = {
    "our own": Case(PREAMBLE + ours(A) + ours(B) + ours(C), b"frame"),
    "plain": Case(stream(b"--frame") + b"--frame--\r\n", b"frame"),
    "no lengths": Case(stream(b"--frame", length=None), b"frame"),
    "line feeds only": Case(stream(b"--frame", end=b"\n"), b"frame"),
    "line feeds only, no lengths": Case(stream(b"--frame", end=b"\n", length=None), b"frame"),
    "padded length (motion)": Case(stream(b"--BoundaryString", length=b"%9d"), b"BoundaryString"),
    "boundary announced with its dashes": Case(stream(b"--myboundary"), b"--myboundary"),
    "two dashes too many": Case(stream(b"----myboundary"), b"--myboundary"),
    "no dashes of its own (OSC)": Case(stream(b"---osclivepreview---"), b'"---osclivepreview---"'),
    "no boundary announced (ffmpeg)": Case(stream(b"--ffmpeg"), None),
    "no boundary announced, no lengths": Case(stream(b"--ffmpeg", length=None), None),
    "another boundary announced": Case(stream(b"--real", length=None), b"lie"),
    "bare JPEGs": Case(A + B + C, None),
    "bare JPEGs, boundary announced": Case(A + B + C, b"frame"),
    "preamble": Case(b"This is a stream of pictures.\r\n\r\n" + stream(b"--frame"), b"frame"),
    "binary garbage between": Case(
        b"\0\xff\xd8garbage".join([b"", *(b"\r\n--frame\r\n\r\n" + p for p in PICTURES)]), b"frame"
    ),
    "closing delimiter after each": Case(stream(b"--frame--\r\n--frame"), b"frame"),
    "lengths too small": Case(stream(b"--frame", skew=-30), b"frame"),
    "lengths that count the line end": Case(stream(b"--frame", skew=2), b"frame"),
    "lengths too large": Case(stream(b"--frame", skew=90) + b" " * 200, b"frame"),
    "lengths of nothing": Case(re.sub(rb"(Length: )\d+", rb"\g<1>0", stream(b"--frame")), b"frame"),
    "lengths ten times too large": Case(stream(b"--frame", length=b"%d0") + b"--frame\r\n", b"frame"),
    "lengths beyond all sense": Case(stream(b"--frame", length=b"%d99999999"), b"frame"),
    "lengths that are no number": Case(stream(b"--frame", length=b"-%d"), b"frame"),
    "lengths in another notation": Case(stream(b"--frame", length=b"0x%x"), b"frame"),
    "no blank line": Case(b"".join(b"--frame\r\n" + p for p in PICTURES), b"frame"),
    "no line before the delimiter": Case(b"".join(b"--frame\r\n\r\n" + p for p in PICTURES), b"frame"),
    "padded with zeros": Case(
        b"".join(b"--frame\r\nContent-Length: %d\r\n\r\n" % (len(p) + 40) + p + b"\0" * 40 + b"\r\n" for p in PICTURES),
        b"frame",
    ),
    "never FFD9, lengths right": Case(
        b"--frame\r\n"
        + b"".join(b"Content-Length: %d\r\n\r\n%b\r\n--frame\r\n" % (len(p) - 2, p[:-2]) for p in (A, B)),
        b"frame",
        (A[:-2], B[:-2]),
    ),
    "a picture cut short": Case(b"--frame\r\n\r\n" + CUT + b"\r\n" + stream(b"--frame", length=None), b"frame"),
    "a picture cut short, no boundary known": Case(CUT + stream(b"!", length=None), None),
    "a picture cut in its thumbnail": Case(
        b"--frame\r\n\r\n" + B[:500] + b"\r\n" + stream(b"--frame", length=None), b"frame"
    ),
    "other parts between": Case(
        b"--frame\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n" + stream(b"--frame"), b"frame"
    ),
    "empty part first": Case(
        b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n\r\n" + stream(b"--frame"), b"frame"
    ),
}


def read(case: Case, *pieces: bytes) -> list[Part]:
    reader = MultipartReader(case.boundary)
    return [found for piece in pieces for found in reader.feed(piece)]


def feed_many(reader: MultipartReader, piece: bytes) -> None:
    for _ in range(1000):
        reader.feed(piece)


def bodies(parts: list[Part]) -> list[bytes]:
    return [found.body for found in parts]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
class TestEveryStream:
    def test_whole(self, case: Case) -> None:
        assert bodies(read(case, case.wire)) == [*case.pictures]

    def test_byte_by_byte(self, case: Case) -> None:
        assert bodies(read(case, *(case.wire[i : i + 1] for i in range(len(case.wire))))) == [*case.pictures]

    def test_with_trailing_data(self, case: Case) -> None:
        trailing = b"\r\n--frame\r\nContent-Length: 9999\r\n\r\n" + C[:40]
        assert bodies(read(case, case.wire + trailing)) == [*case.pictures]

    def test_twice(self, case: Case) -> None:
        assert bodies(read(case, case.wire + b"\r\n" + case.wire)) == [*case.pictures, *case.pictures]


@given(st.sampled_from(sorted(CASES)), st.data())
def test_any_split(name: str, draw: st.DataObject) -> None:
    case = CASES[name]
    cuts = [0, *sorted(draw.draw(st.sets(st.integers(1, len(case.wire)), max_size=12))), len(case.wire)]
    pieces = [case.wire[start:stop] for start, stop in itertools.pairwise(cuts)]
    assert bodies(read(case, *pieces)) == [*case.pictures]


def test_what_we_write_is_exactly_this() -> None:
    assert CONTENT_TYPE == "multipart/x-mixed-replace;boundary=frame"
    assert PREAMBLE + ours(A, 42) == (
        b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: " + str(len(A)).encode() + b"\r\nX-Camera: yard\r\n"
        b"X-Timestamp: 1700000000.250000\r\nX-Sequence: 42\r\nX-State: live\r\n\r\n" + A + b"\r\n--frame\r\n"
    )


@given(st.lists(st.tuples(st.sampled_from(PICTURES), st.floats(0, 4e9), st.integers(0, 2**40)), max_size=5))
def test_what_we_write_we_read(frames: list[tuple[bytes, float, int]]) -> None:
    wire = PREAMBLE + b"".join(
        part(data, camera="yard", captured=at, sequence=number, state="lost") for data, at, number in frames
    )
    found = MultipartReader(boundary_of(CONTENT_TYPE)).feed(wire)
    assert bodies(found) == [data for data, _, _ in frames]
    for got, (data, at, number) in zip(found, frames, strict=True):
        assert got.headers == {
            "content-type": "image/jpeg",
            "content-length": str(len(data)),
            "x-camera": "yard",
            "x-timestamp": f"{at:.6f}",
            "x-sequence": str(number),
            "x-state": "lost",
        }


def test_a_picture_is_handed_on_before_the_next_delimiter() -> None:
    for wire in (stream(b"--frame"), stream(b"--frame", length=None)):
        up_to_its_end = wire.index(A) + len(A)
        assert bodies(MultipartReader(b"frame").feed(wire[:up_to_its_end])) == [A]


def test_headers_of_the_part_after_a_broken_one_are_its_own() -> None:
    wire = b"--frame\r\nX-Sequence: 1\r\n\r\n" + CUT + b"\r\n--frame\r\nX-Sequence: 2\r\n\r\n" + B
    assert [found.headers for found in MultipartReader(None).feed(wire)] == [{"x-sequence": "2"}]


def test_within_part() -> None:
    reader = MultipartReader(b"frame")
    reader.feed(PREAMBLE)
    assert not reader.within_part
    reader.feed(A[:100])
    assert reader.within_part
    reader.feed(A[100:])
    assert not reader.within_part


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace;boundary=frame", b"frame"),
        ("multipart/x-mixed-replace; boundary=--BoundaryString", b"--BoundaryString"),
        ('multipart/x-mixed-replace; boundary="---osclivepreview---"', b"---osclivepreview---"),
        ("multipart/x-mixed-replace; charset=x; Boundary = a b ;x=y", b"a b"),
        ("multipart/x-mixed-replace", None),
        ("multipart/x-mixed-replace; boundary=", None),
        ("", None),
    ],
)
def test_boundary_of(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary


MARKERS = [
    b"\xff\xd8\xff",
    b"\xff\xd9",
    b"\r\n--frame\r\n",
    b"Content-Length: 70\r\n\r\n",
    b"\n\n",
    A,
    B[:300],
    C[-300:],
]


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(MARKERS)), max_size=40), st.booleans())
def test_hostile_bytes(pieces: list[bytes], known: bool) -> None:
    """Whatever comes, in whatever split: no crash, and the same parts out of every split."""
    case = Case(b"".join(pieces), b"frame" if known else None)
    try:
        found = read(case, *pieces)
    except MalformedInput:
        return
    assert all(got.body.startswith(b"\xff\xd8\xff") for got in found)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5))
def test_garbage_between_pictures_loses_none(garbage: list[bytes]) -> None:
    clean = [junk.replace(b"\xff", b"").replace(b":", b"").replace(b"-", b"") for junk in garbage]
    assert bodies(MultipartReader(b"frame").feed(b"".join(junk + A for junk in clean))) == [A] * len(clean)


def test_garbage_without_end_is_refused_and_not_kept() -> None:
    reader = MultipartReader(None, max_part=1_000_000)
    tracemalloc.start()
    with pytest.raises(MalformedInput, match="No picture within"):
        feed_many(reader, b"garbage!" * 1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000


def test_a_picture_without_end_is_refused() -> None:
    reader = MultipartReader(None, max_part=100_000)
    reader.feed(A[:-2])
    with pytest.raises(MalformedInput, match="more than 100000 bytes"):
        feed_many(reader, b"\0" * 1000)


@pytest.mark.parametrize("head", [b"", b"--frame\r\nContent-Length: 10000000\r\n\r\n", b"--frame\r\n\r\n"])
def test_a_large_part_in_small_pieces_takes_linear_time(head: bytes) -> None:
    """10,000 pieces of 10 MB: searching from the start each time would look at 50 GB, past the test's limit."""
    at = A.rindex(b"\xff\xda")
    scan = at + 2 + int.from_bytes(A[at + 2 : at + 4], "big")
    filler = b"\x01\x02\xff\x00" * 256
    count = 10_000
    reader = MultipartReader(b"frame", max_part=20_000_000)
    assert reader.feed(head + A[:scan]) == []
    for _ in range(count):
        assert reader.feed(filler) == []
    (found,) = reader.feed(b"\xff\xd9" + b"\0" * 10)
    assert len(found.body) == scan + count * len(filler) + 2


def test_starts_without_pictures_are_given_up() -> None:
    """A stream made to cost as much as it can: a start of a picture every few bytes."""
    reader = MultipartReader(b"frame")
    with pytest.raises(MalformedInput, match="1000 broken pictures"):
        reader.feed(b"\xff\xd8\xff\x00\n\n" * 1_000_000)


def test_broken_pictures_among_good_ones_are_forgiven() -> None:
    broken = b"\xff\xd8\xff\x00\n\n"
    reader = MultipartReader(b"frame")
    for _ in range(3):
        assert bodies(reader.feed(broken * 900 + A)) == [A]


def test_what_came_before_malformed_bytes_is_handed_out() -> None:
    reader = MultipartReader(b"frame")
    assert bodies(reader.feed(A + b"\xff\xd8\xff\x00" * 1001)) == [A]
    for _ in range(2):
        with pytest.raises(MalformedInput):
            reader.feed(A)
