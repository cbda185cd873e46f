"""The items of a HEIC or AVIF file: which bytes are pictures and which are metadata (ISO/IEC 14496-12, 23008-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from onlooker.errors import MalformedInput
from onlooker.formats.chunks import Buffer, Chunk, boxes

_MAX_ITEMS = 20_000  # a picture of many tiles has some hundreds
_MAX_EXTENTS = 100_000
_MAX_TOP = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its type (“hvc1”, “Exif”, “mime”, …), its content type if it is “mime”, and where its bytes stand."""

    number: int
    kind: bytes
    content_type: bytes
    name: tuple[int, int]
    extents: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Heif:
    """The boxes of a file: at the top, and inside its meta box; and its items."""

    top: tuple[Chunk, ...]
    meta: tuple[Chunk, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Info:
    kind: bytes
    content_type: bytes
    name: tuple[int, int]


def parsed(data: Buffer) -> Heif:
    """The structure of a file; MalformedInput if it is cut off or not understood."""
    top = tuple(boxes(data, 0, len(data)))
    if len(top) > _MAX_TOP:
        raise MalformedInput("This photo has too many boxes.")
    metas = [box for box in top if box.name == b"meta"]
    if not metas:
        raise MalformedInput("This photo was cut off, or is damaged: it does not say where its picture is.")
    if len(metas) > 1:
        raise MalformedInput("This photo is damaged: it has two tables of contents.")
    meta = tuple(boxes(data, metas[0].body + 4, metas[0].end))
    infos = _infos(data, _only(meta, b"iinf"))
    places = _places(data, _only(meta, b"iloc"), next((box for box in meta if box.name == b"idat"), None))
    if places.keys() - infos.keys():
        raise MalformedInput("This photo is damaged: it has a part that is not in its table of contents.")
    if sum(end - begin for extents in places.values() for begin, end in extents) > 2 * len(data):
        raise MalformedInput("This photo is damaged: its parts lie over each other.")
    items = tuple(
        Item(number, info.kind, info.content_type, info.name, tuple(places.get(number, ())))
        for number, info in infos.items()
    )
    return Heif(top, meta, items)


def _only(meta: tuple[Chunk, ...], name: bytes) -> Chunk:
    found = [box for box in meta if box.name == name]
    if len(found) != 1:
        raise MalformedInput(f"This photo is damaged: it has {len(found)} “{name.decode('ascii')}” boxes.")
    return found[0]


class _Numbers:
    """Reads big-endian numbers of a box, one after the other."""

    def __init__(self, data: Buffer, at: int, end: int) -> None:
        self._data, self.at, self._end = data, at, end

    def take(self, size: int) -> int:
        if self.at + size > self._end:
            raise MalformedInput("This photo is damaged: a table of it ends too early.")
        self.at += size
        return int.from_bytes(self._data[self.at - size : self.at], "big")


def _infos(data: Buffer, box: Chunk) -> dict[int, _Info]:
    numbers = _Numbers(data, box.body, box.end)
    version = numbers.take(4) >> 24
    count = numbers.take(2 if version == 0 else 4)
    entries = [entry for entry in boxes(data, numbers.at, box.end) if entry.name == b"infe"]
    if count != len(entries) or count > _MAX_ITEMS:
        raise MalformedInput("This photo is damaged: its table of contents does not add up.")
    return dict(_info(data, entry) for entry in entries)


def _info(data: Buffer, entry: Chunk) -> tuple[int, _Info]:
    numbers = _Numbers(data, entry.body, entry.end)
    version = numbers.take(4) >> 24
    if version not in (2, 3):
        raise MalformedInput("This photo's table of contents has a form that is not understood.")
    number = numbers.take(2 if version == 2 else 4)
    numbers.take(2)  # protection
    kind = numbers.take(4).to_bytes(4, "big")
    rest = bytes(data[numbers.at : entry.end])
    name, _, after = rest.partition(b"\0")
    content_type = after.split(b"\0", 1)[0] if kind == b"mime" else b""
    return number, _Info(kind, content_type, (numbers.at, numbers.at + len(name)))


def _places(data: Buffer, box: Chunk, idat: Chunk | None) -> dict[int, list[tuple[int, int]]]:
    """Where each item's bytes stand in the file."""
    numbers = _Numbers(data, box.body, box.end)
    version = numbers.take(4) >> 24
    if version > 2:
        raise MalformedInput("This photo's table of places has a form that is not understood.")
    sizes = numbers.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    if not {offset_size, length_size, base_size, index_size} <= {0, 4, 8}:
        raise MalformedInput("This photo is damaged: its table of places does not add up.")
    places: dict[int, list[tuple[int, int]]] = {}
    total = 0
    for _ in range(numbers.take(4 if version == 2 else 2)):
        number = numbers.take(4 if version == 2 else 2)
        method = numbers.take(2) & 15 if version else 0
        source = numbers.take(2)
        base = numbers.take(base_size)
        count = numbers.take(2)
        total += count
        if number in places or total > _MAX_EXTENTS:
            raise MalformedInput("This photo is damaged: its table of places does not add up.")
        if source or method > 1 or (method and idat is None):
            raise MalformedInput("This photo keeps its picture in a way that is not understood.")
        start, end = (idat.body, idat.end) if method and idat else (0, len(data))
        places[number] = []
        for _ in range(count):
            numbers.take(index_size)
            begin = start + base + numbers.take(offset_size)
            length = numbers.take(length_size)
            stop = begin + length if length else end
            if begin > stop or stop > end:
                raise MalformedInput("This photo was cut off: it ends before its picture does. Send it again.")
            places[number].append((begin, stop))
    return places


def content(data: Buffer, item: Item) -> bytes:
    """An item's bytes."""
    return b"".join(bytes(data[begin:end]) for begin, end in item.extents)


def sizes(data: Buffer, parsed: Heif) -> Iterator[tuple[int, int]]:
    """Width and height of every picture and tile in the file, as coded."""
    for box in parsed.meta:
        if box.name != b"iprp":
            continue
        for container in (found for found in boxes(data, box.body, box.end) if found.name == b"ipco"):
            for entry in boxes(data, container.body, container.end):
                if entry.name == b"ispe" and entry.end - entry.body >= 12:
                    size = bytes(data[entry.body + 4 : entry.body + 12])
                    yield int.from_bytes(size[:4], "big"), int.from_bytes(size[4:], "big")
