"""Follow the configuration while running: a good edit is applied within two seconds, a broken one is only reported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from watchfiles import awatch

from onlooker.config.loading import Invocation, Settings
from onlooker.errors import OnlookerError

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
SETTLE = 0.2
SETTLE_TRIES = 4

Apply = Callable[[Settings], Awaitable[None]]
_Signature = tuple[tuple[int, int, int] | None, ...]


async def watch(invocation: Invocation, apply: Apply, current: Settings) -> None:
    """Call `apply` with the new settings after each good edit, until cancelled.

    `current` is what is applied already. The folder is watched, not the file, because editors replace files; and the
    files are looked at every second as well, because network drives tell nothing. A file that is removed changes
    nothing: a half-finished save must not take the cameras away.
    """
    seen: _Signature | None = None  # so that an edit made before this started is not missed
    async for _ in _ticks(invocation.path.parent):
        if await asyncio.to_thread(_signature, invocation) == seen:
            continue
        seen = await _settled(invocation)
        current = await _reload(invocation, apply, current)


async def _reload(invocation: Invocation, apply: Apply, current: Settings) -> Settings:
    try:
        if not await asyncio.to_thread(invocation.path.exists):
            if current.cameras or current.albums:
                log.warning("%s is gone; cameras and albums stay as they were", invocation.path)
            return current
        new = await asyncio.to_thread(invocation.load)
        if _needs_restart(new) != _needs_restart(current):
            log.warning("%s: a change outside of [cameras] and [albums] takes effect at the next start", new.path)
        if (new.cameras, new.albums) != (current.cameras, current.albums):
            await apply(new)
            log.info("%s: applied", new.path, extra={"cameras": len(new.cameras), "albums": len(new.album_plans())})
        return new
    except OnlookerError as error:
        for line in str(error).splitlines():
            log.error("%s", line)
        log.error("%s has an error; the configuration stays as it was", invocation.path)
        return current


def _needs_restart(settings: Settings) -> tuple[object, ...]:
    return settings.server, settings.archive, settings.stream_login


async def _ticks(folder: Path) -> AsyncIterator[None]:
    """One tick at once, one after each change in the folder, and one a second."""
    yield None
    try:
        ticks = awatch(
            folder, recursive=False, debounce=200, rust_timeout=int(LOOK_EVERY * 1000), yield_on_timeout=True
        )
        async for _ in ticks:
            yield None
    except (OSError, RuntimeError) as error:
        log.warning("%s cannot be watched, so it is looked at every second: %s", folder, error)
    while True:
        await asyncio.sleep(LOOK_EVERY)
        yield None


async def _settled(invocation: Invocation) -> _Signature:
    """The files' signature once it stops changing: a save in progress is waited for, but not for ever."""
    before = await asyncio.to_thread(_signature, invocation)
    for _ in range(SETTLE_TRIES):
        await asyncio.sleep(SETTLE)
        now = await asyncio.to_thread(_signature, invocation)
        if now == before:
            break
        before = now
    return before


def _signature(invocation: Invocation) -> _Signature:
    def of(path: Path) -> tuple[int, int, int] | None:
        try:
            facts = path.stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

    return of(invocation.path), of(invocation.env_path)
