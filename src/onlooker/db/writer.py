"""The one writer: a thread that commits all changes that wait, together, with one flush to the disk.

While a commit is flushed, the next changes gather; so many uploads at once cost hardly more flushes than one. A change
sees the changes before it in the same transaction. One that breaks it is left out, and the others are written without
it; if the commit fails, all of its changes fail, and none has happened as far as anybody is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from onlooker.db.failures import storage_error
from onlooker.disk import flush_folder
from onlooker.disk import storage_error as disk_error
from onlooker.errors import StorageError, TooMany

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_WAITING = 4096
MOST_TOGETHER = 256  # changes in one transaction


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """Something to be written.

    `apply` runs in the transaction, and a second time if another change breaks that; it is undone if it raises.
    `folders` are flushed before the commit, so that the files in them are found after a power cut. `settle` runs right
    after the commit, still in the writer's thread and in the order of the commits. `tell` then runs
    on the event loop, in the same order, before anybody who awaits the change goes on.
    """

    apply: Callable[[Connection], T]
    folders: Iterable[Path] = ()
    settle: Callable[[T], None] | None = None
    tell: Callable[[T], None] | None = None


class _Waiting:
    """A change, and who waits for it."""

    __slots__ = ("change", "error", "future", "loop", "result")

    def __init__(self, change: Change[Any], loop: asyncio.AbstractEventLoop) -> None:
        self.change = change
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """In the writer's thread, which outlives whatever happens here: the change stands."""
        try:
            if self.change.settle is not None:
                self.change.settle(self.result)
        except Exception:
            log.exception("what was committed could not be settled")

    def finish(self) -> None:
        """On the event loop: tell, then let the one who waits go on."""
        try:
            if self.error is None and self.change.tell is not None:
                self.change.tell(self.result)
        except Exception as error:
            log.exception("what was committed could not be told")
            self.error = error
        if self.future.done():  # nobody waits any more; the change stands all the same
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Takes changes from event loops; `commits` and `changes` count what it did."""

    def __init__(self, engine: Engine) -> None:
        self.commits = 0
        self.changes = 0
        self._engine = engine
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="onlooker-writer", daemon=True)
        self._thread.start()

    async def write(self, change: Change[T]) -> T:
        """What `change.apply` gave, once it is on the disk.

        What `apply` raises comes out here; StorageError or NoSpace when the commit fails, TooMany when too much waits.
        Cancelling the caller does not undo the change.
        """
        if self._closed:
            raise StorageError("The hub is stopping; nothing more is stored.")
        if self._queue.qsize() >= MOST_WAITING:
            raise TooMany("Too much waits to be written to the disk. Try again in a moment.")
        waiting = _Waiting(change, asyncio.get_running_loop())
        self._queue.put(waiting)
        result: T = await waiting.future
        return result

    async def close(self) -> None:
        """Write what waits, then end the thread; may be called again."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        with self._engine.connect() as connection:
            writing = connection.execution_options(writes=True)
            last = False
            while not last:
                batch: list[_Waiting] = []
                last = self._gather(batch)
                if batch:
                    self._commit(writing, batch)

    def _gather(self, batch: list[_Waiting]) -> bool:
        """Wait for one change and take those that wait behind it; True if the writer was closed."""
        one = self._queue.get()
        while one is not None:
            batch.append(one)
            if len(batch) == MOST_TOGETHER:
                return False
            try:
                one = self._queue.get_nowait()
            except queue.Empty:
                return False
        return True

    def _commit(self, connection: Connection, batch: list[_Waiting]) -> None:
        """All in one transaction; each in its own if one of them, but not the storage, breaks that."""
        try:
            self._transact(connection, batch)
        except Exception as error:
            if len(batch) > 1 and not _is_storages(error):
                for one in batch:
                    self._commit(connection, [one])
                return
            for one in batch:
                one.error = _failure(error)
        else:
            self.commits += 1
            self.changes += len(batch)
            for one in batch:
                one.settle()
        self._answer(batch)

    def _transact(self, connection: Connection, batch: list[_Waiting]) -> None:
        with connection.begin():
            for one in batch:
                one.result = one.change.apply(connection)
            for folder in {folder for one in batch for folder in one.change.folders}:
                flush_folder(folder)

    def _answer(self, batch: list[_Waiting]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        for one in batch:
            loops.setdefault(one.loop, []).append(one)
        for loop, mine in loops.items():
            with contextlib.suppress(RuntimeError):  # that loop has ended, and with it whoever waited
                loop.call_soon_threadsafe(_finish, mine)


def _finish(batch: list[_Waiting]) -> None:
    for one in batch:
        one.finish()


def _is_storages(error: Exception) -> bool:
    """Whether the disk or the database failed, and not a change."""
    return isinstance(error, OSError | DBAPIError) and not isinstance(error, IntegrityError)


def _failure(error: Exception) -> Exception:
    if isinstance(error, OSError):
        return disk_error(error)
    return storage_error(error) if isinstance(error, DBAPIError) and _is_storages(error) else error
