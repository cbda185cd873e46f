"""Whether a photo's file is all there, told from its structure and without decoding it: an upload may have been cut."""

from __future__ import annotations

import mmap
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onlooker.errors import MalformedInput
from onlooker.formats import chunks, heif
from onlooker.formats.chunks import Buffer
from onlooker.formats.photo import HEAD, PhotoType, sniff
from onlooker.formats.segments import segments


@contextmanager
def opened(photo: bytes | Path) -> Iterator[tuple[Buffer, PhotoType]]:
    """The bytes of a photo, mapped if it is a file, and its kind; MalformedInput if it is none that we take."""
    if isinstance(photo, bytes):
        yield photo, _kind(photo[:HEAD])
        return
    with photo.open("rb") as file:
        head = file.read(HEAD)
        kind = _kind(head)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped, kind


def _kind(head: bytes) -> PhotoType:
    kind = sniff(head)
    if kind is None:
        raise MalformedInput("This is not a photo that can be taken: send a JPEG, PNG, WebP, HEIC or AVIF.")
    return kind


def is_whole(photo: bytes | Path) -> bool:
    """True; where something is missing, MalformedInput says that the file “was cut off”.

    A JPEG has its end marker (a film of a motion photo may follow it), a PNG its IEND, a WebP and the boxes and items
    of a HEIC or AVIF lie within the file.
    """
    with opened(photo) as (data, kind):
        if kind is PhotoType.JPEG:
            deque(segments(data, lenient=True), maxlen=0)
        elif kind is PhotoType.PNG:
            deque(chunks.png(data), maxlen=0)
        elif kind is PhotoType.WEBP:
            chunks.riff_end(data)
        else:
            heif.parsed(data)
    return True
