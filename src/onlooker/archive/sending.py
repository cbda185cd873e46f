"""The bytes of one request as they come: waited for, but not for ever, and stopped when a newer request takes over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from onlooker.errors import Superseded, TooSlow

PATIENCE = 60.0  # seconds without a byte until the sender is given up


class Sending:
    """Iterate over it for the bytes. TooSlow when none come; Superseded once `stop` was called."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._stopped = False
        self._waiting: asyncio.Timeout | None = None

    def stop(self) -> None:
        """Wait for no more bytes. One whose socket is dead would be waited for in vain."""
        if self._stopped:
            return
        self._stopped = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self._stopped:
            try:
                async with asyncio.timeout(PATIENCE) as self._waiting:
                    chunk = await anext(self._chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if not self._stopped:
                    raise TooSlow(f"No byte arrived for {PATIENCE:g} seconds. Send the photo again.") from None
                break
            finally:
                self._waiting = None
            if chunk:
                yield chunk
        raise Superseded("A newer request goes on with this upload; this one was ended.")
