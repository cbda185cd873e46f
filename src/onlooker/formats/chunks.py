"""The rows of chunks that PNG, WebP and HEIC or AVIF files are made of: where each begins and ends, without copying.

PNG: length, name, body, CRC (ISO/IEC 15948). WebP: name, length, body, padded to even (RIFF). HEIC and AVIF: length
with the head counted in, name, body (ISO/IEC 14496-12). A chunk that reaches beyond the end means that the file was cut
off.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

from onlooker.errors import MalformedInput

Buffer = bytes | bytearray | mmap.mmap

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
CUT_OFF = "This {kind} was cut off: it ends before its picture does. Send it again."

_MAX_CHUNKS = 500_000  # a large PNG has some ten thousand


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its head begins at `start`, its body is `body` to `end`, the next chunk's head is at `next`."""

    name: bytes
    start: int
    body: int
    end: int
    next: int


def cut_off(kind: str) -> MalformedInput:
    """The error for a file that is shorter than it says."""
    return MalformedInput(CUT_OFF.format(kind=kind))


def png(data: Buffer) -> Iterator[Chunk]:
    """The chunks of a PNG, IEND the last; what stands behind that is not looked at."""
    at = len(PNG_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if at + 12 > len(data):
            raise cut_off("PNG")
        body = at + 8
        end = body + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            raise cut_off("PNG")
        chunk = Chunk(bytes(data[at + 4 : body]), at, body, end, end + 4)
        yield chunk
        if chunk.name == b"IEND":
            return
        at = chunk.next
    raise MalformedInput("This PNG has too many chunks.")


def riff_end(data: Buffer) -> int:
    """Where the RIFF chunk of a WebP ends."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise cut_off("WebP")
    return end


def riff(data: Buffer, start: int, end: int) -> Iterator[Chunk]:
    """The chunks between two places of a WebP."""
    at = start
    for _ in range(_MAX_CHUNKS):
        if at >= end:
            return
        body = at + 8
        stop = body + int.from_bytes(data[at + 4 : body], "little")
        if body > end or stop > end:
            raise MalformedInput("This WebP is damaged: a chunk reaches beyond its end.")
        # The last padding byte is left out by some.
        chunk = Chunk(bytes(data[at : at + 4]), at, body, stop, min(stop + (stop - body) % 2, end))
        yield chunk
        at = chunk.next
    raise MalformedInput("This WebP has too many chunks.")


def boxes(data: Buffer, start: int, end: int) -> Iterator[Chunk]:
    """The boxes between two places of a HEIC or AVIF."""
    at = start
    for _ in range(_MAX_CHUNKS):
        if at >= end:
            return
        body = at + 8
        size = int.from_bytes(data[at : at + 4], "big")
        name = bytes(data[at + 4 : body])
        if size == 1:
            size, body = int.from_bytes(data[body : body + 8], "big"), body + 8
        elif size == 0:
            size = end - at
        stop = at + size
        if body > end or stop > end:
            raise cut_off("photo")
        if stop < body:
            raise MalformedInput("This photo is damaged: a box is smaller than its head.")
        yield Chunk(name, at, body, stop, stop)
        at = stop
    raise MalformedInput("This photo has too many boxes.")
