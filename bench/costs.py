"""Where a server's CPU goes, by thread and by function: for `bench.server --threads` and `--functions`."""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

COSTLIEST = 60


def threads(report: Path) -> Callable[[], object]:
    """What is returned writes the seconds of CPU of the threads of each name so far; costs nothing meanwhile."""

    def save() -> None:
        spent: Counter[str] = Counter()
        for thread in threading.enumerate():
            if thread.ident is not None:
                clock = time.pthread_getcpuclockid(thread.ident)
                spent[thread.name.rstrip("0123456789_")] += time.clock_gettime(clock)  # type: ignore[assignment]
        report.write_text(json.dumps(spent))

    return save


def functions(report: Path) -> Callable[[], object]:
    """Profile this thread and all that start from now on; what is returned writes a table.

    By the clock of each thread's CPU, so that waiting for the disk or for the lock of the interpreter costs nothing.
    The profiler makes many small calls look dearer than they are, beside one long call into C.
    """
    profiles: list[cProfile.Profile] = []

    def begin(*event: Any) -> None:
        # As a thread's first event: takes the place of this very hook.
        profile = cProfile.Profile(time.thread_time)
        profiles.append(profile)
        profile.enable()

    def save() -> None:
        text = io.StringIO()
        table = pstats.Stats(*profiles, stream=text)
        for order in ("tottime", "cumulative"):
            table.sort_stats(order).print_stats(COSTLIEST)
        report.write_text(text.getvalue())

    threading.setprofile(begin)
    sys.setprofile(begin)
    return save
