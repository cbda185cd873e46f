"""ONVIF's SOAP answers: bytes in, a small tree out, within bounds whatever a camera sends; a fault is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from onlooker.errors import MalformedInput

MAX_DEPTH = 64
MAX_ELEMENTS = 50_000  # a recorder with 64 channels answers with some 10,000
_MAX_CONTENT = 16 * 1024  # of one element; the rest is not kept
_MAX_TEXT = 300


@dataclass(slots=True)
class Node:
    """An element. `name` is “{namespace}local”; cameras mix up namespaces, so it is looked for by local names."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)  # by local name
    children: list[Node] = field(default_factory=list)
    content: str = ""

    @property
    def local(self) -> str:
        return _local(self.name)

    def all(self, *path: str) -> Iterator[Node]:
        """Every element at this path of local names."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.local == path[0]:
                yield from child.all(*path[1:])

    def find(self, *path: str) -> Node | None:
        """The first element at this path."""
        return next(self.all(*path), None)

    def text(self, *path: str) -> str:
        """Its text without surroundings, "" where there is no such element."""
        found = self.find(*path)
        return found.content.strip() if found is not None else ""

    def said(self, *path: str) -> str:
        """Its text made fit to be shown: short, on one line, printable."""
        return printable(self.text(*path))

    def number(self, *path: str) -> float | None:
        """Its text as a finite number, None where it is none."""
        try:
            number = float(self.text(*path))
        except ValueError:
            return None
        return number if abs(number) < 1e12 else None


@dataclass(frozen=True, slots=True)
class Fault:
    """The camera says no. `codes` are local names from the general to the particular, like Sender, NotAuthorized."""

    codes: tuple[str, ...]
    reason: str

    @property
    def unauthorized(self) -> bool:
        """Whether it is about who asks."""
        words = "".join((*self.codes, self.reason)).lower().replace(" ", "")
        return any(word in words for word in ("notauthorized", "failedauthentication", "unauthorized"))

    @property
    def unsupported(self) -> bool:
        """Whether the camera has no such function at all."""
        return any(code in ("ActionNotSupported", "OptionalActionNotImplemented") for code in self.codes)


def answer(data: bytes) -> Node | Fault:
    """What the SOAP body holds, an element without children where it is empty; MalformedInput if this is no SOAP."""
    envelope = tree(data)
    body = envelope.find("Body")
    if envelope.local != "Envelope" or body is None:
        raise MalformedInput("It is no SOAP answer.")
    content = body.children[0] if body.children else Node("")
    return _fault(content) if content.local == "Fault" else content


def tree(data: bytes) -> Node:
    """The XML as it is; MalformedInput if it is broken, declares entities, or is too deep or too large."""
    try:
        return _Builder(None, "}").build(data)
    except expat.ExpatError:
        # Some cameras write names in an encoding that they do not declare, some use prefixes that they do not.
        try:
            return _Builder("utf-8", None).build(data.decode("utf-8", "replace").encode())
        except expat.ExpatError as error:
            raise MalformedInput(f"It is no XML: {expat.errors.messages.get(error.code, 'broken')}.") from None


def printable(text: str) -> str:
    """Short, on one line, without control characters."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:_MAX_TEXT]


class _Builder:
    def __init__(self, encoding: str | None, separator: str | None) -> None:
        self._root = Node("")
        self._open = [self._root]
        self._count = 0
        self._parser = parser = expat.ParserCreate(encoding, separator)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def build(self, data: bytes) -> Node:
        try:
            self._parser.Parse(data, True)
        except (ValueError, LookupError):  # an encoding that Python does not know, or one that is none
            raise MalformedInput("It is XML in an unknown encoding.") from None
        return self._root.children[0]

    def _doctype(self, *_: object) -> None:
        raise MalformedInput("It declares a document type, which no SOAP answer may.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise MalformedInput("It is too deep or too large.")
        node = Node(_braced(name), {_local(key): value for key, value in attributes.items()})
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        node = self._open[-1]
        # In pieces, wherever the camera puts a comment: adding up megabytes of them would take minutes.
        if len(node.content) < _MAX_CONTENT:
            node.content += text


def _braced(name: str) -> str:
    return "{" + name if "}" in name else name.rpartition(":")[2]


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def _fault(fault: Node) -> Fault:
    codes = []
    code = fault.find("Code")
    while code is not None:
        codes.append(code.text("Value"))
        code = code.find("Subcode")
    codes.append(fault.text("faultcode"))
    reason = fault.said("Reason", "Text") or fault.said("faultstring")
    return Fault(tuple(printable(code.rpartition(":")[2]) for code in codes if code), reason)
