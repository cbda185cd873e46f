"""Reads a live stream the plain way, sharing no code with Onlooker: what a small client of forty lines would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it stood on the wire; header names in lower case."""

    headers: dict[str, str]
    body: bytes


def read_part(stream: BinaryIO) -> Part:
    """The next part by its Content-Length; AssertionError where the stream is not what it says it is."""
    assert read_line(stream) == b"--frame"
    headers: dict[str, str] = {}
    while line := read_line(stream):
        name, colon, value = line.decode().partition(":")
        assert colon, f"not a header: {line!r}"
        headers[name.strip().lower()] = value.strip()
    length = int(headers["content-length"])
    body = stream.read(length)
    assert len(body) == length, "the stream ended in the middle of a picture"
    assert stream.read(2) == b"\r\n"
    return Part(headers, body)


def read_line(stream: BinaryIO) -> bytes:
    """A line without its CR LF."""
    line = stream.readline(4096)
    assert line.endswith(b"\r\n"), f"the stream ended or a line is too long: {line!r}"
    return line[:-2]


def is_jpeg(data: bytes) -> bool:
    """Whether it begins and ends like a JPEG file."""
    return data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")
