"""What many viewers need in memory, and what those who never read do to the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from bench.hub import Hub, bench_camera
from bench.load import Drain, Seen
from bench.result import Result

MANY = 5000
VIEWERS, STALLED, RATE = 1000, 100, 15
WINDOW = 6.0  # seconds
ROUNDS = 5  # of calm, stalled, calm again
MARK = 1.1


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
    """(d) 1,000 viewers of whom 100 never read: what the others notice.

    The p99 of one window hangs on its one or two latest frames, and whatever else runs on the machine makes frames
    late. So each window with stalled viewers is compared with the two calm ones around it, and these with each other:
    where calm differs from calm by more than the mark, the measurement decides nothing and says so.
    """
    ratios: list[float] = []
    control: list[float] = []
    mixed: list[Seen] = []
    growth: list[int] = []
    with Hub(bench_camera(50_000, RATE)) as hub:
        calm = [among(hub)]
        for _ in range(ROUNDS):
            with hub.viewers(VIEWERS, stalled=STALLED) as drain:
                drain.settle()
                before = hub.resident()
                mixed.append(watch(drain))
                growth.append(hub.resident() - before)
            calm.append(among(hub))
            ratios.append(mixed[-1].p99 / ((calm[-2].p99 + calm[-1].p99) / 2))
            control.append(max(calm[-2].p99, calm[-1].p99) / min(calm[-2].p99, calm[-1].p99))
    ratio, noise = median(ratios), median(control)
    quiet = noise <= MARK
    said = "" if quiet else "UNDECIDED, the machine is too busy: "
    yield Result(
        "d",
        f"age of a frame at its viewer, p99, with {STALLED} of {VIEWERS:,} viewers stalled, against none stalled",
        f"{ratio:.2f}×",
        f"{MARK:g}×",
        ratio <= MARK if quiet else None,
        f"{said}rounds {spread(ratios)}×, calm against calm {noise:.2f}× ({spread(control)}×); "
        f"p99 {spread([s.p99 for s in mixed])} ms against {spread([s.p99 for s in calm])} ms, "
        f"p50 {median(s.p50 for s in mixed):.1f} against {median(s.p50 for s in calm):.1f} ms; "
        f"memory grew by {max(growth) / 1000:.0f} kB in {WINDOW:g} s",
    )


def among(hub: Hub) -> Seen:
    """The ages while everybody reads."""
    with hub.viewers(VIEWERS) as drain:
        drain.settle()
        return watch(drain)


def spread(values: list[float]) -> str:
    """The least and the most."""
    return f"{min(values):.2f} to {max(values):.2f}"


def watch(drain: Drain) -> Seen:
    """The ages over one steady window."""
    time.sleep(WINDOW)
    return drain.seen()
