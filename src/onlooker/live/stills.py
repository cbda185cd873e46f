"""Stills: the newest picture of a camera in any size, made once for all who ask at the same moment."""

from __future__ import annotations

import asyncio

from onlooker.live.coder import render_alone
from onlooker.live.renditions import Renditions
from onlooker.live.status import Rendition
from onlooker.live.workers import Workers
from onlooker.media import Frame, Media


class Stills:
    """Takes what is there already where it can: the camera's own JPEG, or what a channel has just encoded.

    Of coded video nobody watches, only the last key frame is decoded.
    """

    def __init__(self, renditions: Renditions, workers: Workers) -> None:
        self._renditions = renditions
        self._workers = workers
        self._made: dict[int, tuple[Media, asyncio.Task[Frame | None]]] = {}

    async def take(self, rendition: Rendition) -> Frame | None:
        """The newest picture of this width; None if there is none yet. SourceRefused for a codec that is not known."""
        renditions = self._renditions
        for channel in renditions.watched():
            if channel.rendition.width == rendition.width and not channel.rendition.fps and channel.frame is not None:
                return channel.frame
        if renditions.frame is not None and not 0 < rendition.width < renditions.width:
            return renditions.frame
        media = renditions.frame or renditions.group.key
        return None if media is None else await self._make(media, rendition)

    async def _make(self, media: Media, rendition: Rendition) -> Frame | None:
        made = self._made.get(rendition.width)
        if made is None or made[0] is not media:
            if len(self._made) >= 8:
                self._made.clear()
            work = asyncio.create_task(self._workers.run(render_alone, media, Rendition(rendition.width)))
            self._made[rendition.width] = made = (media, work)
        # Shielded: one who goes away does not take the picture from the others who wait for it.
        return await asyncio.shield(made[1])

    def clear(self) -> None:
        """The connection ended: what was made is old."""
        self._made.clear()
