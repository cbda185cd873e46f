"""The bytes of one photo on their way to the disk.

Written and flushed in threads, gathered so that few trips are needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from onlooker.disk import storage_error
from onlooker.live.workers import Workers

T = TypeVar("T")

GATHER = 1 << 18  # bytes held in memory before they are written


class Arrival:
    """A file that grows at its end. What is not flushed may be gone after a crash; one task at a time may use it.

    `size` counts what was given to `write` and what the file held before. Every method raises StorageError or NoSpace
    when the disk refuses; what was flushed before is still there then.
    """

    def __init__(self, path: Path, disk: Workers, size: int = 0) -> None:
        self.path = path
        self.size = size
        self._disk = disk
        self._written = size
        self._flushed = size
        self._waiting: list[bytes] = []
        self._gathered = 0
        self._running: asyncio.Future[Any] | None = None

    async def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._waiting.append(data)
        self._gathered += len(data)
        self.size += len(data)
        if self._gathered >= GATHER:
            await self._run(self._append, self._take(), False)

    async def flush(self) -> None:
        """Everything that was written is on the disk when this returns."""
        await self._run(self._append, self._take(), True)

    async def truncate(self, size: int) -> None:
        """Forget the bytes behind `size`, whether they were written or not."""
        self._take()
        self.size = size
        await self._run(self._shorten, size)

    async def delete(self) -> None:
        """Take the file away; not an error if there is none."""
        self._take()
        await self._run(self._unlink)

    async def settled(self) -> None:
        """Wait for the thread that may still write for a caller who was cancelled."""
        if self._running is not None:
            await asyncio.wait([self._running])

    def _take(self) -> list[bytes]:
        waiting, self._waiting, self._gathered = self._waiting, [], 0
        return waiting

    async def _run(self, work: Callable[..., T], *args: object) -> T:
        """In a thread, to the end, even if the caller is cancelled: the next one must not meet it half-way."""
        await self.settled()
        running = asyncio.ensure_future(self._disk.run(work, *args))
        running.add_done_callback(_looked_at)
        self._running = running
        try:
            return await asyncio.shield(running)
        except OSError as error:
            self.size = self._written
            raise storage_error(error) from error

    def _append(self, chunks: list[bytes], flush: bool) -> None:
        # Opened anew each time: an upload that pauses for days holds no file open.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            os.lseek(descriptor, self._written, os.SEEK_SET)
            for chunk in chunks:
                view = memoryview(chunk)
                while view:
                    sent = os.write(descriptor, view)
                    self._written += sent
                    view = view[sent:]
            if flush:
                self._flush(descriptor)
        finally:
            os.close(descriptor)

    def _flush(self, descriptor: int) -> None:
        try:
            os.fsync(descriptor)
        except OSError:
            # The system may take what it failed to write for written now: only writing it again would help.
            self._written = self._flushed
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, self._flushed)
            raise
        self._flushed = self._written

    def _shorten(self, size: int) -> None:
        self._written = size
        self._flushed = min(size, self._flushed)
        os.truncate(self.path, size)

    def _unlink(self) -> None:
        self._written = self._flushed = 0
        self.path.unlink(missing_ok=True)


def _looked_at(done: asyncio.Future[Any]) -> None:
    """The failure of work whose caller was cancelled is nobody's: the next caller meets the same disk."""
    if not done.cancelled():
        done.exception()
