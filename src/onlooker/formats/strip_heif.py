"""The metadata of a HEIC or AVIF, overwritten in place: see `stripping`."""

from __future__ import annotations

from onlooker.errors import MalformedInput
from onlooker.formats import heif, tiff, xmp
from onlooker.formats.blanking import blank, padded, xmp_alone
from onlooker.formats.chunks import Chunk, boxes

# Items that are pictures or say how pictures make one; every other one is metadata.
_PICTURES = frozenset(
    (b"hvc1", b"hev1", b"lhv1", b"av01", b"avc1", b"vvc1", b"unci", b"mski", b"grid", b"iden", b"iovl", b"tmap")
)
_META_KEPT = frozenset((b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"grpl"))
_PROPERTIES_KEPT = frozenset(
    (
        *(b"hvcC", b"lhvC", b"av1C", b"avcC", b"vvcC", b"uncC", b"cmpd", b"oinf", b"tols", b"lsel", b"a1op", b"a1lx"),
        *(b"ispe", b"pixi", b"colr", b"pasp", b"clap", b"irot", b"imir", b"auxC", b"rloc", b"iscl", b"rref"),
        *(b"clli", b"mdcv", b"cclv", b"amve", b"reve", b"ndwt", b"free", b"skip"),
    )
)
_FREE = b"free"
_DATA_INFORMATION = 36  # bytes of a dinf that says no more than “in this file”
_HANDLER_HEAD = 24


def strip_heif(out: bytearray) -> None:
    """Overwrite every byte that no picture owns: texts, names, unknown boxes, and films behind the picture."""
    data = bytes(out)
    parsed = heif.parsed(data)
    pictures = [item for item in parsed.items if item.kind in _PICTURES]
    if not pictures:
        raise MalformedInput("This photo is damaged: there is no picture in it.")
    for box in parsed.top:
        if box.name in (b"moov", b"moof"):
            raise MalformedInput("This photo is a moving one, whose metadata cannot be taken out.")
        if box.name == b"mdat":
            _blank_but(out, data, box, pictures)
        elif box.name not in (b"ftyp", b"meta"):
            _free(out, box)
    for box in parsed.meta:
        _strip_meta(out, data, box, pictures)
    for item in parsed.items:
        out[item.name[0] : item.name[1]] = b" " * (item.name[1] - item.name[0])
        if item.kind not in _PICTURES:
            _strip_item(out, data, item)


def _strip_meta(out: bytearray, data: bytes, box: Chunk, pictures: list[heif.Item]) -> None:
    if box.name == b"idat":
        _blank_but(out, data, box, pictures)
    elif box.name == b"hdlr":
        blank(out, min(box.body + _HANDLER_HEAD, box.end), box.end)
    elif box.name == b"iprp":
        _strip_properties(out, data, box)
    elif box.name not in _META_KEPT and not (box.name == b"dinf" and box.end - box.start <= _DATA_INFORMATION):
        _free(out, box)


def _strip_properties(out: bytearray, data: bytes, box: Chunk) -> None:
    """Properties that are not known give way to free space: the others are counted by their place."""
    for container in boxes(data, box.body, box.end):
        if container.name == b"ipco":
            for entry in boxes(data, container.body, container.end):
                if entry.name not in _PROPERTIES_KEPT or entry.name in (_FREE, b"skip"):
                    _free(out, entry)
        elif container.name != b"ipma":
            _free(out, container)


def _strip_item(out: bytearray, data: bytes, item: heif.Item) -> None:
    """What a reader of this item still finds is well-formed: EXIF or XMP that says nothing, or GPano alone."""
    old = heif.content(data, item)
    content = bytes(len(old))
    if item.kind == b"Exif":
        # Four bytes say where the TIFF begins. Orientation is a property of the picture here, not EXIF's business.
        content = padded(bytes(4) + tiff.minimal(None), len(old), b"\0") or content
    elif item.kind == b"mime" and item.content_type == b"application/rdf+xml":
        content = xmp_alone(old, len(old)) or padded(xmp.packet({}), len(old), b" ") or content
    for begin, end in item.extents:
        out[begin:end] = content[: end - begin]
        content = content[end - begin :]


def _blank_but(out: bytearray, data: bytes, box: Chunk, pictures: list[heif.Item]) -> None:
    """Zero a box's body where no picture is."""
    blank(out, box.body, box.end)
    for item in pictures:
        for begin, end in item.extents:
            begin, end = max(begin, box.body), min(end, box.end)
            if begin < end:
                out[begin:end] = data[begin:end]


def _free(out: bytearray, box: Chunk) -> None:
    out[box.start + 4 : box.start + 8] = _FREE
    blank(out, box.body, box.end)
