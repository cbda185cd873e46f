"""Event streams: one table drives writer and reader, each case whole, byte by byte and with trailing data."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats.sse import Message, Reader, comment, message


@dataclass(frozen=True)
class Case:
    """Bytes of a stream and the messages in it."""

    wire: bytes
    messages: tuple[Message, ...]


CASES = {
    "ours": Case(
        message("one", event="complete", id="e.1") + comment() + message("two\nlines\r\nof\rit", id="e.2"),
        (Message("one", "complete", "e.1"), Message("two\nlines\nof\nit", "message", "e.2")),
    ),
    "ours, retry and nothing else": Case(message("", retry=2000), (Message(""),)),
    "our signals move no id": Case(
        message("1", id="e.1") + message("2", event="presence"),
        (Message("1", id="e.1"), Message("2", "presence", "e.1")),
    ),
    "byte order mark": Case(b"\xef\xbb\xbfdata: a\n\n", (Message("a"),)),
    "CRLF": Case(b"event: x\r\ndata: a\r\n\r\n", (Message("a", "x"),)),
    "CR": Case(b"event: x\rdata: a\r\rdata: b\r\r", (Message("a", "x"), Message("b"))),
    "mixed line ends": Case(b"data: a\r\ndata: b\rdata: c\n\r\n", (Message("a\nb\nc"),)),
    "no space, two spaces": Case(b"data:a\ndata:  b\n\n", (Message("a\n b"),)),
    "field without a colon": Case(b"data\ndata\n\n", (Message("\n"),)),
    "no data, no message": Case(b"event: x\nid: 1\n\ndata: a\n\n", (Message("a", "message", "1"),)),
    "id with NUL is ignored": Case(b"id: 1\0\ndata: a\n\n", (Message("a"),)),
    "empty id resets": Case(b"id: 1\ndata: a\n\nid\ndata: b\n\n", (Message("a", id="1"), Message("b"))),
    "unknown fields and comments": Case(b": hello\nfoo: bar\ndata: a\n:\n\n", (Message("a"),)),
    "unfinished": Case(b"data: a\n\ndata: b\n", (Message("a"),)),
    "letters": Case("data: Grüße 🎉\n\n".encode(), (Message("Grüße 🎉"),)),
    "not UTF-8": Case(b"data: \xff\n\n", (Message("\ufffd"),)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
class TestEveryCase:
    def test_whole(self, case: Case) -> None:
        assert tuple(Reader().feed(case.wire)) == case.messages

    def test_byte_by_byte(self, case: Case) -> None:
        reader = Reader()
        assert tuple(found for byte in case.wire for found in reader.feed(bytes((byte,)))) == case.messages

    def test_trailing_data(self, case: Case) -> None:
        assert tuple(Reader().feed(case.wire + b": more\nevent: later\ndata: x")) == case.messages


@given(st.sampled_from(sorted(CASES)), st.data())
def test_any_split(name: str, draw: st.DataObject) -> None:
    wire = CASES[name].wire
    cuts = sorted(draw.draw(st.sets(st.integers(0, len(wire)), max_size=6)))
    reader = Reader()
    found = [m for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True) for m in reader.feed(wire[a:b])]
    assert tuple(found) == CASES[name].messages


@given(
    st.lists(
        st.tuples(st.text(max_size=20), st.sampled_from(["", "complete"]), st.sampled_from(["", "e.9"])), max_size=4
    )
)
def test_what_we_write_we_read(messages: list[tuple[str, str, str]]) -> None:
    wire = b"".join(message(data, event=event, id=id) for data, event, id in messages)
    found = Reader().feed(wire)
    assert [one.data for one in found] == [
        data.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n") for data, _, _ in messages
    ]
    assert [one.event for one in found] == [event or "message" for _, event, _ in messages]


def test_retry() -> None:
    reader = Reader()
    reader.feed(b"retry: 2000\nretry: x\nretry: -1\n\n")
    assert reader.retry == 2000


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_unfit_names(text: str) -> None:
    with pytest.raises(ValueError, match="line ends"):
        message("x", event=text)
    with pytest.raises(ValueError, match="line ends"):
        message("x", id=text)
    with pytest.raises(ValueError, match="milliseconds"):
        message("x", retry=-1)


@pytest.mark.parametrize("line", [b"data: " + b"x" * 100 + b"\n", b"event: x\n", b"x" * 50, b": no end "])
def test_a_message_without_end(line: bytes) -> None:
    reader = Reader(max_message=1000)
    with pytest.raises(MalformedInput, match="1000 bytes"):
        list(map(reader.feed, [line] * 1000))


def test_many_messages_at_once_are_no_long_message() -> None:
    assert len(Reader(max_message=100).feed(b"data: " + b"x" * 20 + b"\n\n" + b"data: a\n\n" * 500)) == 501
