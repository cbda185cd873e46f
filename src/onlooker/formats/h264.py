"""H.264 in annex B as a phone sends it: whether bytes are one whole access unit, and how large its picture is.

An access unit (ITU-T H.264, annex B) is a row of NAL units, each behind a start code 00 00 01. Their payloads have a 03
put in after two zeros (“emulation prevention”), so a start code stands nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onlooker.errors import MalformedInput

_START = re.compile(rb"\x00\x00\x01")
_MOST_UNITS = 1024  # slices of one picture and what stands before them; encoders make a handful
_LONGEST_SPS = 1024
_NOT_KEY, _KEY, _SPS, _PPS = 1, 5, 7, 8
_PICTURES = frozenset(range(_NOT_KEY, _KEY + 1))
# Profiles whose SPS says how colours are sampled (7.3.2.1.1).
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """What stands in an access unit. `size` is that of its SPS, None where it has none."""

    key: bool  # it has an IDR picture with its parameter sets: decoding can start here
    size: tuple[int, int] | None


def access_unit(data: bytes) -> AccessUnit:
    """Look through one access unit; MalformedInput if it is none, or a key picture lacks its parameter sets."""
    kinds: set[int] = set()
    size: tuple[int, int] | None = None
    for begin, end in _units(data):
        head = data[begin]
        kind = head & 0x1F
        if head & 0x80:
            raise MalformedInput("This H.264 is damaged: a NAL unit starts with a bit that is forbidden.")
        if kind == _SPS:
            size = sps_size(data[begin:end])
        kinds.add(kind)
    if not kinds & _PICTURES:
        raise MalformedInput("This H.264 has no picture in it.")
    if _KEY in kinds and not {_SPS, _PPS} <= kinds:
        raise MalformedInput("A key picture of H.264 comes with its parameter sets (SPS and PPS).")
    return AccessUnit(_KEY in kinds, size)


def sps_size(unit: bytes) -> tuple[int, int]:
    """(width, height) as displayed, of a sequence parameter set; MalformedInput if it does not say."""
    if len(unit) > _LONGEST_SPS:
        raise MalformedInput("This H.264 is damaged: its sequence parameter set is too long.")
    bits = _Bits(unit[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.take(8)
    bits.take(16)  # constraints, level
    bits.unsigned()  # the set's id
    separate, chroma = False, 1
    if profile in _WITH_CHROMA:
        chroma = bits.unsigned()
        if chroma > 3:
            raise MalformedInput("This H.264 is damaged: it names a colour format that there is not.")
        separate = chroma == 3 and bits.flag()
        bits.unsigned(), bits.unsigned()  # bit depths
        bits.take(1)
        if bits.flag():
            _pass_scaling(bits, 8 if chroma != 3 else 12)
    bits.unsigned()  # log2_max_frame_num
    _pass_order(bits)
    bits.unsigned()  # reference frames
    bits.take(1)
    columns, rows = bits.unsigned() + 1, bits.unsigned() + 1
    fields = 1 if bits.flag() else 2
    if fields == 2:
        bits.take(1)
    bits.take(1)
    left, right, top, bottom = (bits.unsigned() for _ in range(4)) if bits.flag() else (0, 0, 0, 0)
    across = 2 if chroma in (1, 2) and not separate else 1
    down = fields * (2 if chroma == 1 and not separate else 1)
    width = 16 * columns - across * (left + right)
    height = 16 * rows * fields - down * (top + bottom)
    if width <= 0 or height <= 0:
        raise MalformedInput("This H.264 is damaged: nothing of its picture is to be seen.")
    return width, height


def _units(data: bytes) -> list[tuple[int, int]]:
    """Where each NAL unit begins and ends, start codes and the zeros around them left out."""
    starts: list[tuple[int, int]] = []
    for found in _START.finditer(data):
        starts.append(found.span())
        if len(starts) > _MOST_UNITS:
            raise MalformedInput(f"This H.264 has more than {_MOST_UNITS} NAL units in one picture.")
    if not starts or data[: starts[0][0]].strip(b"\0"):
        raise MalformedInput("These bytes are not H.264 in annex B: they do not start with a start code.")
    ends = [start for start, _ in starts[1:]] + [len(data)]
    units: list[tuple[int, int]] = []
    for (_, begin), end in zip(starts, ends, strict=True):
        if begin >= end or not data[begin:end].rstrip(b"\0"):
            raise MalformedInput("This H.264 is damaged: a NAL unit is empty.")
        units.append((begin, end))
    return units


def _pass_order(bits: _Bits) -> None:
    """Go past how pictures are put in order (pic_order_cnt_type and what belongs to it)."""
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.unsigned(), bits.unsigned()
        for _ in range(min(bits.unsigned(), 256)):
            bits.unsigned()


def _pass_scaling(bits: _Bits, lists: int) -> None:
    for index in range(lists):
        if not bits.flag():
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last


class _Bits:
    """Reads numbers of any length from bytes; MalformedInput at their end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise MalformedInput("This H.264 is damaged: its sequence parameter set is cut short.")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.take(1) == 1

    def unsigned(self) -> int:
        """An Exp-Golomb number (9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise MalformedInput("This H.264 is damaged: a number in its sequence parameter set is too large.")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)
