"""What many viewers need in memory, and what those who never read do to the others."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench.hub import Hub, bench_camera
from bench.load import Drain, Seen
from bench.result import Result

MANY = 5000
VIEWERS, STALLED, RATE = 1000, 100, 15
WINDOW = 6.0  # seconds
ROUNDS = 3  # in turns; the quietest counts, for other programs can only make a frame older


def memory() -> Iterator[Result]:
    """(c) Memory per viewer at 5,000 viewers."""
    with Hub(bench_camera(1_000, 2)) as hub:
        # A first visit loads what every connection shares, and is not charged to the viewers.
        with hub.viewers(100) as drain:
            drain.settle()
        empty = hub.resident()
        with hub.viewers(MANY) as drain:
            drain.settle(3)
            each = (hub.resident() - empty) / MANY
    yield Result(
        "c",
        f"memory per viewer at {MANY:,} viewers",
        f"{each / 1000:.1f} kB",
        "4 kB",
        each <= 4000,
        "growth of the resident set",
    )


def stalled() -> Iterator[Result]:
    """(d) 1,000 viewers of whom 100 never read: what the others notice."""
    calm: list[Seen] = []
    mixed: list[Seen] = []
    growth: list[int] = []
    with Hub(bench_camera(50_000, RATE)) as hub:
        for _ in range(ROUNDS):
            with hub.viewers(VIEWERS) as drain:
                calm.append(watch(drain))
            with hub.viewers(VIEWERS, stalled=STALLED) as drain:
                drain.settle()
                before = hub.resident()
                mixed.append(watch(drain))
                growth.append(hub.resident() - before)
    without, with_them = min(s.p99 for s in calm), min(s.p99 for s in mixed)
    grown = max(growth)
    yield Result(
        "d",
        f"age of a frame at its viewer, p99, with {STALLED} of {VIEWERS:,} viewers stalled, against none stalled",
        f"{with_them / without:.2f}×",
        "1.1×",
        with_them <= 1.1 * without,
        f"{with_them:.1f} ms against {without:.1f} ms (p50 {min(s.p50 for s in mixed):.1f} ms "
        f"against {min(s.p50 for s in calm):.1f} ms); "
        f"memory grew by {grown / 1000:.0f} kB in {WINDOW:g} s",
    )


def watch(drain: Drain) -> Seen:
    """The ages over one steady window."""
    drain.settle()
    time.sleep(WINDOW)
    return drain.seen()
