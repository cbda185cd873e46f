"""A simulated Theta in a thread of its own, beside a program that has its own event loop or none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from onlooker.simulation.theta.camera import Nature
from onlooker.simulation.theta.models import Model
from onlooker.simulation.theta.server import simulated

_PATIENCE = 10.0  # seconds for it to end


@dataclass(frozen=True, slots=True)
class _Handle:
    address: str
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


@contextmanager
def beside(model: Model, nature: Nature | None = None) -> Iterator[str]:
    """A camera on a port of this machine that nobody uses, until the end of the block; gives its host and port."""
    began: Future[_Handle] = Future()
    # A daemon: whatever becomes of the program, the camera does not keep it alive.
    thread = threading.Thread(target=_run, args=(model, nature, began), name="simulated Theta", daemon=True)
    thread.start()
    try:
        handle = began.result()
    except Exception:
        thread.join(_PATIENCE)
        raise
    try:
        yield handle.address
    finally:
        handle.loop.call_soon_threadsafe(handle.stop.set)
        thread.join(_PATIENCE)


def _run(model: Model, nature: Nature | None, began: Future[_Handle]) -> None:
    try:
        asyncio.run(_serve(model, nature, began))
    except Exception as error:
        if began.done():
            raise
        began.set_exception(error)


async def _serve(model: Model, nature: Nature | None, began: Future[_Handle]) -> None:
    stop = asyncio.Event()
    async with simulated(model, nature=nature) as theta:
        began.set_result(_Handle(theta.address, asyncio.get_running_loop(), stop))
        await stop.wait()
