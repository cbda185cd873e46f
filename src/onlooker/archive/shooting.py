"""A picture that a camera has stored, on its way into an album: the original, byte for byte."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive, Kept
from onlooker.archive.describing import Said
from onlooker.archive.receiving import receive
from onlooker.devices import Progress, Taken
from onlooker.errors import BrokenPhoto, DeviceAway, Interrupted, TooSlow

KIND = "snapshot"


async def take_in(archive: Archive, album: Album, taken: Taken, progress: Progress, *, author: str = "") -> Kept:
    """Keep it in the album under the camera's name for it; `author` is who took it, if one of us did.

    `progress` hears how much of it has come. DeviceError where the camera breaks off, else what `receive` raises.
    """
    said = Said(filename=taken.name, author=author)
    try:
        async with aclosing(_counted(taken, progress)) as chunks:
            return await receive(archive, album, chunks, said, length=taken.size, kind=KIND)
    except TooSlow as error:
        raise DeviceAway(f"The camera stopped in the middle of “{taken.name}”. Try again in a moment.") from error


async def _counted(taken: Taken, progress: Progress) -> AsyncGenerator[bytes]:
    came = 0
    progress(0.0 if taken.size else None)
    async for chunk in taken.chunks:
        came += len(chunk)
        if taken.size is not None and came > taken.size:
            raise BrokenPhoto(f"The camera sends more of “{taken.name}” than it announced; nothing was kept.")
        if taken.size:
            progress(came / taken.size)
        yield chunk
    if taken.size is not None and came < taken.size:
        raise Interrupted(f"The camera broke off after {came:,} of {taken.size:,} bytes of “{taken.name}”. Try again.")
