"""One photo sent in one request: received, kept, and told from its first bytes on; or nothing of it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive, Kept
from onlooker.archive.describing import Said
from onlooker.archive.incoming import Incoming
from onlooker.archive.sending import Sending


async def receive(
    archive: Archive,
    album: Album,
    chunks: AsyncIterator[bytes],
    said: Said | Callable[[], Said],
    *,
    length: int | None = None,
    kind: str = "upload",
) -> Kept:
    """Take in the photo whose bytes `chunks` gives; `length` is what the sender announced, if it did.

    `said` may be asked late: in a form, what is said about a photo can stand behind it. PhotoRefused, StorageError or
    Interrupted say why it is not kept; then nothing of it is, and those who were told that it is coming are told that
    it is not.
    """
    await archive.room_for(album, length or 0)
    incoming = Incoming(archive, album, archive.new_id())
    try:
        with archive.turn():
            async for chunk in Sending(chunks):
                await incoming.take(chunk, _now(said).author)
        kept = await incoming.keep(_now(said), kind)
        if not kept.new:
            await incoming.drop()
        return kept
    except BaseException as error:
        await asyncio.shield(incoming.give_up(error))
        raise


def _now(said: Said | Callable[[], Said]) -> Said:
    return said if isinstance(said, Said) else said()
