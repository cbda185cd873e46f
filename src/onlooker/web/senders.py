"""Whoever sends live pictures to a camera over one connection: from the first picture until that ends, for whatever
reason."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from enum import Enum
from typing import Any

from starlette.types import Scope

from onlooker.devices import Delivery, Receiving
from onlooker.errors import CannotDo
from onlooker.live.camera import Camera
from onlooker.live.hub import Hub
from onlooker.media import Media
from onlooker.outputs.connection import ADMITTED
from onlooker.web import guests
from onlooker.web.gate import visitor_of


class Ending(Enum):
    """Why a sender's time is over."""

    DONE = "it sent all it wanted to"
    REPLACED = "somebody else sends now"
    WITHDRAWN = "it may not send any more"
    OVER = "it fell silent, or the camera is gone"


def receiving_camera(hub: Hub, name: str) -> Camera:
    """The camera that shows what is sent to it; UnknownCamera, or CannotDo where it has pictures of its own."""
    camera = hub.camera(name)
    if not isinstance(camera.device, Receiving):
        raise CannotDo(f"{camera.title} has pictures of its own; none can be sent to it.")
    return camera


def sender_name(scope: Scope) -> str:
    """What those who watch are told of who sends."""
    visitor = visitor_of(scope)
    return "A guest" if visitor is None or guests.is_guest(visitor) else visitor.name


class Sender:
    """One connection's pictures. Whoever sent before is replaced by the first one, not by the connection."""

    def __init__(self, camera: Camera, scope: Scope) -> None:
        self.camera = camera
        self.delivery: Delivery | None = None
        self._name = sender_name(scope)
        self._ending = Ending.DONE
        self._ended = asyncio.Event()
        self._held = ExitStack()
        self._watching: asyncio.Task[None] | None = None
        if (admitted := scope.get(ADMITTED)) is not None:
            admitted(self)

    def put(self, media: Media) -> None:
        """Show this."""
        if self.delivery is None:
            self.delivery = self._held.enter_context(self.camera.receiving(self._name))
            self._watching = asyncio.create_task(self._watch(self.delivery), name=f"sender to {self.camera.name}")
        self.delivery.put(media)

    def close(self) -> None:
        """It may not send any more: its share was revoked, its account removed."""
        self._end(Ending.WITHDRAWN)

    async def run(self, reading: Coroutine[Any, Any, None]) -> Ending:
        """Until `reading`, which puts what comes, is through, or is cancelled because nothing more is shown."""
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(reading), asyncio.create_task(self._ended.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self._watching is not None:
                tasks.append(self._watching)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            self._held.close()
        if isinstance(results[0], Exception):
            raise results[0]
        return self._ending

    async def _watch(self, delivery: Delivery) -> None:
        await delivery.until_over()
        self._end(Ending.REPLACED if delivery.replaced else Ending.OVER)

    def _end(self, ending: Ending) -> None:
        if not self._ended.is_set():
            self._ending = ending
            self._ended.set()
