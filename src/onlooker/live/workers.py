"""The threads that decode and encode, so that the event loop never does."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A pool of as many threads as there are processors, shared by all cameras.

    Its queue is bounded by its callers: every camera waits for one piece of work before it hands in the next. With
    `in_background` the threads give way to all others, where the system can do that for a thread (Linux).
    """

    def __init__(self, threads: int | None = None, *, in_background: bool = False) -> None:
        self._pool = ThreadPoolExecutor(
            threads or max(2, os.cpu_count() or 2),
            thread_name_prefix="onlooker-worker",
            initializer=_give_way if in_background else None,
        )

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a thread and give its result."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: work(*args, **kwargs))

    def close(self) -> None:
        """Take no more work; what runs now ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _give_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 15)
