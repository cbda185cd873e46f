"""A photo in a form, as pages and curl -F send it: read as it comes, never put aside, with everything bounded."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from onlooker.errors import BrokenPhoto, MalformedInput, WrongDigest

OVERHEAD = 64 * 1024
"""How many bytes longer than its photo a form may be."""

_MOST_PARTS = 20
_LONGEST_FIELD = 8 * 1024  # bytes
_LONGEST_HEADER = 4 * 1024
_PHOTO_NAMES = frozenset({"photo", "file"})


class PhotoForm:
    """Iterate over it for the bytes of its one file; then `fields` and `filename` are whole.

    Fields may stand before the file and behind it. MalformedInput when it is no such form, or is cut off; BrokenPhoto
    when it has no file; WrongDigest at its end, when its bytes are not those of `sha256` (None: any).
    """

    def __init__(self, content_type: str, chunks: AsyncIterator[bytes], sha256: bytes | None = None) -> None:
        self.fields: dict[str, str] = {}
        self.filename = ""
        self._chunks = chunks
        self._sha256 = sha256
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""  # of the header that is being read
        self._field = ""  # what part it is
        self._text = b""
        self._in_file = self._had_file = self._over = False
        self._parts = 0
        self._bytes: list[bytes] = []
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise MalformedInput("This form does not say where its parts end: its Content-Type has no boundary.")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_begin": self._on_header_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
                max_header_count=10,
                max_header_size=_LONGEST_HEADER,
            )
        except FormParserError:
            raise _unreadable() from None
        self._parser.logger.disabled = True  # what is wrong is said to the sender

    async def __aiter__(self) -> AsyncIterator[bytes]:
        digest = hashlib.sha256() if self._sha256 is not None else None
        async for chunk in self._chunks:
            if digest is not None:
                digest.update(chunk)
            try:
                self._parser.write(chunk)
            except FormParserError:
                raise _unreadable() from None
            for piece in self._bytes:
                yield piece
            self._bytes = []
        if not self._over:
            raise MalformedInput("This form ends in its middle. Send it again.")
        if digest is not None and digest.digest() != self._sha256:
            raise WrongDigest("The bytes that arrived are not those that were announced. Send the photo again.")
        if not self._had_file:
            raise BrokenPhoto("There is no photo in this form. Send it as a file, in a part named “photo”.")

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise MalformedInput(f"This form has more than {_MOST_PARTS} parts.")
        self._headers = {}

    def _on_header_begin(self) -> None:
        self._name = self._value = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._name.lower()] = self._value

    def _on_headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if kind != b"form-data":
            raise _unreadable()
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        self._text = b""
        self._in_file = b"filename" in options or self._field in _PHOTO_NAMES
        if self._in_file:
            if self._had_file:
                raise MalformedInput("This form has two files. Send one photo at a time.")
            self._had_file = True
            self.filename = options.get(b"filename", b"").decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._bytes.append(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _LONGEST_FIELD:
            raise MalformedInput(f"A field of this form has more than {_LONGEST_FIELD} bytes.")

    def _on_part_end(self) -> None:
        if not self._in_file:
            self.fields[self._field] = self._text.decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._over = True


def _unreadable() -> MalformedInput:
    return MalformedInput("This form cannot be read: it is no proper multipart/form-data.")
