"""GPano, the part of XMP that says how a photo is a panorama: read from a packet, and written alone into a new one.

https://developers.google.com/streetview/spherical-metadata. The packet is XML from strangers: it is read by expat event
by event, and one with a document type declaration (where entities are declared) is not read at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.parsers import expat

Gpano = Mapping[str, str | float | int]

_NAMESPACE = "http://ns.google.com/photos/1.0/panorama/"
_MAX_PACKET = 1024 * 1024
_INTEGERS = frozenset(
    (
        "CroppedAreaImageWidthPixels",
        "CroppedAreaImageHeightPixels",
        "CroppedAreaLeftPixels",
        "CroppedAreaTopPixels",
        "FullPanoWidthPixels",
        "FullPanoHeightPixels",
        "SourcePhotosCount",
    )
)
_NUMBERS = frozenset(
    (
        "PoseHeadingDegrees",
        "PosePitchDegrees",
        "PoseRollDegrees",
        "InitialViewHeadingDegrees",
        "InitialViewPitchDegrees",
        "InitialViewRollDegrees",
        "InitialHorizontalFOVDegrees",
        "InitialVerticalFOVDegrees",
        "InitialCameraDolly",
    )
)
# Free text could carry anything into a stripped photo: only the words that the specification and cameras use.
_WORDS = {
    "ProjectionType": frozenset(("equirectangular", "cylindrical", "rectilinear", "fisheye")),
    "UsePanoramaViewer": frozenset(("True", "False", "true", "false")),
}
_NAMES = _INTEGERS | _NUMBERS | _WORDS.keys()


def gpano(packet: bytes) -> dict[str, str | float | int]:
    """The GPano properties by name, written as attributes or as elements; empty where the packet cannot be read."""
    if not 0 < len(packet) <= _MAX_PACKET:
        return {}
    reading = _Reading()
    try:
        reading.parser.Parse(packet.rstrip(b"\0 \r\n\t"), True)
    except (expat.ExpatError, _Declared, ValueError):
        return {}
    return {name: value for name, text in reading.texts.items() if (value := _value(name, text)) is not None}


def is_panorama(properties: Gpano) -> bool:
    """Whether a viewer should open it as a panorama."""
    uses_viewer = str(properties.get("UsePanoramaViewer", "True")).lower() == "true"
    return properties.get("ProjectionType") in ("equirectangular", "cylindrical") and uses_viewer


def packet(properties: Gpano) -> bytes:
    """The smallest packet that holds these properties and nothing else."""
    attributes = "".join(f' p:{name}="{value}"' for name, value in sorted(properties.items()) if name in _NAMES)
    if not attributes:
        return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:p="{_NAMESPACE}"{attributes}/></rdf:RDF></x:xmpmeta>'
    ).encode("ascii")


class _Declared(Exception):
    """The packet has a document type declaration."""


class _Reading:
    """What expat has met so far: the texts of GPano's attributes and elements."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._open: str | None = None
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: object) -> None:
        raise _Declared

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        for key, value in attributes.items():
            if known := _known(key):
                self.texts.setdefault(known, value[:100])
        self._open = _known(name)

    def _end(self, _: str) -> None:
        self._open = None

    def _text(self, text: str) -> None:
        if self._open is not None:
            self.texts[self._open] = (self.texts.get(self._open, "") + text)[:100]


def _known(name: str) -> str | None:
    namespace, _, local = name.partition(" ")
    return local if namespace == _NAMESPACE and local in _NAMES else None


def _value(name: str, text: str) -> str | float | int | None:
    stripped = text.strip()
    if name in _WORDS:
        return stripped if stripped in _WORDS[name] else None
    try:
        number = float(stripped)
    except ValueError:
        return None
    if not math.isfinite(number) or abs(number) > 1e7:
        return None
    return int(number) if name in _INTEGERS else number
