"""Photos to hand to strangers: place, dates, names, devices and texts taken out, the picture's own bytes untouched.

Nothing is encoded again and no byte moves: what is metadata is overwritten where it stands, so that the length stays
and the places that are written down inside a HEIC still hold. Each kind works from what is known to be picture:
anything else is overwritten, and a file that is not understood is refused, never handed back as it is.
"""

from __future__ import annotations

from onlooker.errors import MalformedInput
from onlooker.formats.photo import PhotoType, sniff
from onlooker.formats.strip_heif import strip_heif
from onlooker.formats.strip_jpeg import strip_jpeg
from onlooker.formats.strip_png import strip_png
from onlooker.formats.strip_webp import strip_webp

_STRIPPERS = {
    PhotoType.JPEG: strip_jpeg,
    PhotoType.PNG: strip_png,
    PhotoType.WEBP: strip_webp,
    PhotoType.HEIC: strip_heif,
    PhotoType.AVIF: strip_heif,
}


def stripped(data: bytes, kind: PhotoType) -> bytes:
    """The same photo without personal metadata: as long, and of the same pixels.

    What remains is what it takes to show it: orientation, colour profile, animation, and GPano of a panorama.
    MalformedInput if these bytes are not of that kind or not understood.
    """
    if sniff(data) is not kind:
        raise MalformedInput(f"This file is not the {kind.name} that it was taken for.")
    out = bytearray(data)
    _STRIPPERS[kind](out)
    return bytes(out)
