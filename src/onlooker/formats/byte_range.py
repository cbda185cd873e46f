"""Which bytes of a file a Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re

from onlooker.errors import OnlookerError

_HEADER = re.compile(r"bytes=([0-9\-, \t]+)", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")
_LONGEST = 1_000  # characters


class NotSatisfiable(OnlookerError):
    """The file has none of the bytes that were asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(f"None of these bytes are there: there are {size}.")
        self.size = size


def wanted(header: str, size: int) -> range | None:
    """The bytes to send, or None for all of them; NotSatisfiable.

    A header that cannot be read is passed over, as the standard has it. So is one that asks for several spans, unless
    together they are one: nobody needs pieces of a photo that lie apart, and all of it is always a right answer.
    """
    match = _HEADER.fullmatch(header) if len(header) <= _LONGEST else None
    spans = [] if match is None else [_span(text.strip(" \t"), size) for text in match[1].split(",") if text.strip()]
    if not spans or None in spans:
        return None
    there = sorted((span for span in spans if span), key=lambda span: span.start)
    if not there:
        raise NotSatisfiable(size)
    start, stop = there[0].start, there[0].stop
    for span in there[1:]:
        if span.start > stop:
            return None
        stop = max(stop, span.stop)
    return range(start, stop)


def _span(text: str, size: int) -> range | None:
    """One span, empty if it lies outside the file; None if it is none."""
    match = _SPAN.fullmatch(text)
    if match is None or text == "-":
        return None
    first, last = match[1], match[2]
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)
