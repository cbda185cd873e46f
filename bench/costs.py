"""Where a server's CPU goes, by function and by thread: for `bench.server --profile`."""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COSTLIEST = 60


def install(report: Path) -> Callable[[], object]:
    """Profile this thread and all that start from now on; what is returned writes a table to `report`.

    By the clock of each thread's CPU, so that waiting for the disk or for the lock of the interpreter costs nothing;
    the profiler makes small Python functions look dearer than they are, and what C does in one call cheaper.
    """
    profiles: list[cProfile.Profile] = []
    ended: list[tuple[str, float]] = []

    def begin(*event: Any) -> None:
        # As a thread's first event: takes the place of this very hook.
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        profile.enable()

    def save() -> None:
        text = io.StringIO()
        for thread in threading.enumerate():
            if thread.ident is not None:
                spent = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
                ended.append((thread.name, spent))
        for name, spent in sorted(ended, key=lambda one: -one[1]):
            print(f"{spent:8.2f} s  {name}", file=text)
        tables = pstats.Stats(*profiles, stream=text)
        for order in ("tottime", "cumulative"):
            tables.sort_stats(order).print_stats(COSTLIEST)
        report.write_text(text.getvalue())

    threading.setprofile(begin)
    sys.setprofile(begin)
    return save
