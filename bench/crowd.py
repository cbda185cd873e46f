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
ROUNDS = 10  # of a calm and a stalled window
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

    The 900 that read stay connected all the time; the 100 that do not come and go, so that calm windows and stalled
    ones lie side by side. The p99 of one window hangs on its one or two latest frames, and whatever else runs on the
    machine makes frames late; so medians over many windows are compared, and calm windows with each other as well:
    where every second calm window differs from the rest by more than the mark, the measurement decides nothing and says
    so.
    """
    calm: list[Seen] = []
    mixed: list[Seen] = []
    growth: list[int] = []
    with Hub(bench_camera(50_000, RATE)) as hub, hub.viewers(VIEWERS - STALLED) as readers:
        readers.settle()
        for _ in range(ROUNDS):
            calm.append(watch(readers))
            with hub.viewers(STALLED, stalled=STALLED) as others:
                others.settle(1)
                before = hub.resident()
                mixed.append(watch(readers))
                growth.append(hub.resident() - before)
    ratio = p99(mixed) / p99(calm)
    halves = p99(calm[::2]), p99(calm[1::2])
    noise = max(halves) / min(halves)
    quiet = noise <= MARK
    said = "" if quiet else "UNDECIDED, the machine is too busy: "
    yield Result(
        "d",
        f"age of a frame at its viewer, p99, with {STALLED} of {VIEWERS:,} viewers stalled, against none stalled",
        f"{ratio:.2f}×",
        f"{MARK:g}×",
        ratio <= MARK if quiet else None,
        f"{said}p99 {p99(mixed):.1f} ms ({spread(mixed)}) against {p99(calm):.1f} ms ({spread(calm)}), "
        f"calm against calm {noise:.2f}×; p50 {median(s.p50 for s in mixed):.1f} against "
        f"{median(s.p50 for s in calm):.1f} ms; memory grew by {max(growth) / 1000:.0f} kB in {WINDOW:g} s",
    )


def watch(drain: Drain) -> Seen:
    """The ages over one window that begins now."""
    drain.say("reset")
    time.sleep(WINDOW)
    return drain.seen()


def p99(windows: list[Seen]) -> float:
    """The median of the windows' p99, in milliseconds."""
    return median(window.p99 for window in windows)


def spread(windows: list[Seen]) -> str:
    """The least and the most p99 of a window."""
    return f"{min(w.p99 for w in windows):.1f} to {max(w.p99 for w in windows):.1f}"
