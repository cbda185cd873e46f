"""text/event-stream, the wire of an album's events: a writer for our viewers, a reader for `simulate` and the tests.

WHATWG HTML, section 9.2: lines that end with LF, CRLF or CR; an empty line ends a message; “: …” is a comment.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from onlooker.errors import MalformedInput

CONTENT_TYPE = "text/event-stream; charset=utf-8"
MAX_MESSAGE = 1024 * 1024

_NEWLINE = re.compile(r"\r\n|\n|\r")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_UNFIT = re.compile(r"[\r\n\0]")


def message(data: str, *, event: str = "", id: str = "", retry: int | None = None) -> bytes:
    """The bytes of one message; `retry` is in milliseconds. ValueError where `event` or `id` holds CR, LF or NUL."""
    if _UNFIT.search(event) or _UNFIT.search(id):
        raise ValueError("an event's name and id cannot hold line ends or NUL")
    if retry is not None and retry < 0:
        raise ValueError("retry is a number of milliseconds")
    lines = [f"id: {id}"] if id else []
    if event:
        lines.append(f"event: {event}")
    if retry is not None:
        lines.append(f"retry: {retry}")
    lines += [f"data: {line}" for line in _NEWLINE.split(data)]
    return ("\n".join(lines) + "\n\n").encode("utf-8")


def comment() -> bytes:
    """A line that readers pass over; it keeps a silent connection open."""
    return b": \n\n"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a browser would dispatch it; `id` is the last one seen, also by an earlier message."""

    data: str
    event: str = "message"
    id: str = ""


class Reader:
    """Takes messages out of a stream of bytes; `feed` may be given any split of it.

    Memory is bounded: a message of more than `max_message` bytes raises MalformedInput. `retry` is the last one that
    the stream asked for, in milliseconds.
    """

    def __init__(self, *, max_message: int = MAX_MESSAGE) -> None:
        self.retry: int | None = None
        self._max_message = max_message
        self._buffer = bytearray()
        self._searched = 0  # no line ends in so many bytes of the buffer
        self._at_start = True
        self._after_return = False  # the last line ended with a CR: an LF that follows belongs to it
        self._held = 0  # bytes in the lines of the message that is being read
        self._data: list[str] = []
        self._event = ""
        self._id = ""

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete, in order."""
        self._buffer += data
        if self._at_start and not self._pass_bom():
            return []
        messages: list[Message] = []
        start = 0
        for end in _LINE_END.finditer(bytes(self._buffer), self._searched):
            line = bytes(self._buffer[start : end.start()])
            # A CR that ended a line may have its LF here, in the next bytes: that is no second line.
            belongs_to_last = self._after_return and end[0] == b"\n" and not line and start == 0
            start, self._after_return = end.end(), end[0] == b"\r"
            if not belongs_to_last:
                self._take(line, messages)
        del self._buffer[:start]
        self._searched = len(self._buffer)
        self._after_return = self._after_return and not self._buffer
        self._bound(len(self._buffer))
        return messages

    def _pass_bom(self) -> bool:
        """Go behind a byte order mark; False while it may still be one."""
        if len(self._buffer) < len(codecs.BOM_UTF8) and codecs.BOM_UTF8.startswith(self._buffer):
            return False
        self._at_start = False
        if self._buffer.startswith(codecs.BOM_UTF8):
            del self._buffer[: len(codecs.BOM_UTF8)]
        return True

    def _take(self, line: bytes, messages: list[Message]) -> None:
        if not line:
            self._dispatch(messages)
            return
        self._held += len(line)
        self._bound(0)
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdecimal() and len(value) < 10:
            self.retry = int(value)

    def _dispatch(self, messages: list[Message]) -> None:
        if self._data:
            messages.append(Message("\n".join(self._data), self._event or "message", self._id))
        self._data, self._event, self._held = [], "", 0

    def _bound(self, waiting: int) -> None:
        if self._held + waiting > self._max_message:
            raise MalformedInput(f"A message of the event stream has more than {self._max_message} bytes.")
