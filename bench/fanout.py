"""What a delivered frame costs, against a C loop that does only the writes; and how fast a frame leaves."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.hub import Hub, bench_camera
from bench.load import Drain, Limit, Program
from bench.result import Result

VIEWERS, RATE = 1000, 15
WINDOW = 6.0  # seconds
ROUNDS = 2  # each of limit and server, in turns


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU per delivered frame, for whoever wrote it and for the load client; the share that arrived."""

    writer: float
    client: float
    delivered: float


def big() -> Iterator[Result]:
    """(a) 1,000 viewers × 15 fps × 50 kB."""
    yield compare("a", 50_000, 1.6)


def small() -> Iterator[Result]:
    """(b) The same with messages of 1 kB."""
    yield compare("b", 1_000, 2.0)


def compare(letter: str, size: int, at_most: float) -> Result:
    """Measure limit and server in turns and take the median of each."""
    limits, servers = [], []
    for _ in range(ROUNDS):
        with Limit(RATE, size) as limit, Drain(limit.port, "/", "-", VIEWERS) as drain:
            limits.append(cost(limit, drain))
        with Hub(bench_camera(size, RATE)) as hub, hub.viewers(VIEWERS) as drain:
            servers.append(cost(hub, drain))
    limit_cost, server_cost = median(c.writer for c in limits), median(c.writer for c in servers)
    client_cost = median(c.client for c in servers)
    least, least_c = min(c.delivered for c in servers), min(c.delivered for c in limits)
    ratio = server_cost / limit_cost
    return Result(
        letter,
        f"server CPU per {size / 1000:g} kB frame, {VIEWERS:,} viewers × {RATE} fps, against the C loop",
        f"{ratio:.2f}×",
        f"{at_most:g}×",
        ratio <= at_most,
        f"{server_cost:.1f} µs against {limit_cost:.1f} µs, the load client {client_cost:.1f} µs; "
        f"delivered {least:.1%} of the frames (C loop {least_c:.1%})",
    )


def cost(writer: Program, drain: Drain) -> Cost:
    """Measure over one steady window."""
    drain.settle()
    before, cpu, client, start = drain.seen(), writer.cpu(), drain.cpu(), time.monotonic()
    time.sleep(WINDOW)
    after, cpu, client, spent = drain.seen(), writer.cpu() - cpu, drain.cpu() - client, time.monotonic() - start
    frames = (after.bytes - before.bytes) / after.part_size
    return Cost(1e6 * cpu / frames, 1e6 * client / frames, frames / (spent * RATE * VIEWERS))


def latency() -> Iterator[Result]:
    """(f) From a frame's arrival to the last byte of it that the kernel took for any of 1,000 viewers."""
    with tempfile.TemporaryDirectory(prefix="onlooker-bench-") as folder:
        times = Path(folder) / "times.json"
        with Hub(bench_camera(50_000, RATE), reports={"frames": times}) as hub, hub.viewers(VIEWERS) as drain:
            drain.settle(10)
        seconds = sorted(json.loads(times.read_text())[3 * RATE :])
    p50, p99 = (1000 * seconds[int(len(seconds) * share)] for share in (0.5, 0.99))
    yield Result(
        "f",
        f"arrival of a 50 kB frame to its last byte in the kernel, {VIEWERS:,} viewers: p50, p99",
        f"{p50:.1f} ms, {p99:.1f} ms",
        "–",
        None,
        f"{len(seconds)} frames; that is {1000 * p50 / VIEWERS:.1f} µs a viewer at p50",
    )
