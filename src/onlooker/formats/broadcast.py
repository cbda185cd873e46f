"""The messages of a broadcast: what a page that sends a phone's camera puts before each picture (docs/broadcast.md).

Twenty bytes, big-endian: version, codec, flags, a zero, sequence (4), microseconds on the sender's own clock (8), width
(2), height (2); then the picture.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from onlooker.errors import MalformedInput
from onlooker.formats import h264, jpeg

VERSION = 1
LARGEST = 4 << 20  # bytes of one picture
MOST_PIXELS = 7680 * 4320

_HEAD = struct.Struct(">BBBxIQHH")
_KEY_FLAG = 1


class Codec(IntEnum):
    """How a picture is coded."""

    JPEG = 1
    H264 = 2  # annex B, one access unit; a key picture with its SPS and PPS


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture on its way. `timestamp` is in seconds on the sender's own clock; sizes are the picture's own."""

    codec: Codec
    key: bool
    sequence: int
    timestamp: float
    width: int
    height: int
    data: bytes


def parsed(message: bytes) -> Shot:
    """The picture in this message, looked through; MalformedInput says what is wrong with it."""
    if len(message) <= _HEAD.size:
        raise MalformedInput("This message is too short for a picture.")
    if len(message) > _HEAD.size + LARGEST:
        raise MalformedInput(f"This picture is too large; {LARGEST >> 20} MiB are allowed.")
    version, number, flags, sequence, microseconds, width, height = _HEAD.unpack_from(message)
    if version != VERSION or flags & ~_KEY_FLAG:
        raise MalformedInput("This message is of another version; reload the page that sends.")
    data = message[_HEAD.size :]
    if number == Codec.JPEG:
        key, size = True, jpeg_size(data)
    elif number == Codec.H264:
        unit = h264.access_unit(data)
        key, size = unit.key, unit.size or (width, height)
    else:
        raise MalformedInput(f"No coding has the number {number}: 1 is JPEG, 2 is H.264.")
    if key != bool(flags & _KEY_FLAG):
        raise MalformedInput("The message and its picture do not agree on whether it is a key picture.")
    check_size(*size)
    return Shot(Codec(number), key, sequence, microseconds / 1e6, *size, data)


def message(shot: Shot) -> bytes:
    """The bytes of a message; `parsed` turned round."""
    head = _HEAD.pack(
        VERSION, shot.codec, shot.key * _KEY_FLAG, shot.sequence, round(shot.timestamp * 1e6), shot.width, shot.height
    )
    return head + shot.data


def jpeg_size(data: bytes) -> tuple[int, int]:
    """(width, height) of bytes that are one whole JPEG and nothing else; MalformedInput."""
    if jpeg.end(data) != len(data):
        raise MalformedInput("There is something behind the end of this JPEG.")
    size = jpeg.dimensions(data)
    check_size(*size)
    return size


def check_size(width: int, height: int) -> None:
    """MalformedInput where a picture has no size, or too many pixels to be shown."""
    if not 0 < width * height <= MOST_PIXELS:
        raise MalformedInput(
            f"A picture of {width} × {height} pixels cannot be shown; {MOST_PIXELS} pixels are allowed."
        )
