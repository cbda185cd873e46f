"""How large the pictures in AV1 data are: an AVIF may say that its picture is small and hold one that is huge.

AV1 Bitstream & Decoding Process Specification, 5.3 (OBU) and 5.5 (sequence header). HEVC needs no such look: libheif
itself refuses to decode what is larger than the file says.
"""

from __future__ import annotations

from collections.abc import Iterator

from onlooker.errors import MalformedInput

_SEQUENCE_HEADER = 1
_MAX_UNITS = 10_000


def coded_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of the largest picture that each sequence header in this data allows."""
    at = 0
    for _ in range(_MAX_UNITS):
        if at >= len(data):
            return
        head = data[at]
        at += 2 if head & 4 else 1
        size, at = _leb128(data, at) if head & 2 else (len(data) - at, at)
        if at + size > len(data):
            raise MalformedInput("This AVIF is damaged: a part of its picture reaches beyond the end.")
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            yield _largest(_Bits(data[at : at + size]))
        at += size
    raise MalformedInput("This AVIF has too many parts.")


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number in seven bits a byte, and where it ends."""
    value = 0
    for place, byte in enumerate(data[at : at + 8]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise MalformedInput("This AVIF is damaged: a length in its picture has no end.")


class _Bits:
    """Reads numbers of any count of bits, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data[:512], "big"), 8 * len(data[:512])

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise MalformedInput("This AVIF is damaged: its picture's header ends too early.")
        return self._value >> self._left & ((1 << count) - 1)


def _largest(bits: _Bits) -> tuple[int, int]:
    bits.take(4)  # profile, still picture
    if bits.take(1):  # the short header of a still picture
        bits.take(5)
    else:
        if bits.take(1):
            raise MalformedInput("This AVIF's picture is coded as a film, which is not understood.")
        delays = bits.take(1)
        for _ in range(bits.take(5) + 1):
            bits.take(12)
            if bits.take(5) > 7:
                bits.take(1)
            if delays and bits.take(1):
                bits.take(4)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return bits.take(width_bits) + 1, bits.take(height_bits) + 1
