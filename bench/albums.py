"""What an album's events cost beside nginx with nchan, and what happens when everybody comes back at once."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from bench.album import CONFIG, MARKER, Album
from bench.hub import Hub
from bench.load import CLIENT_CORE, BenchError, Onlookers, Program, Told, on_core
from bench.nchan import Nchan
from bench.result import Result
from onlooker.events.wire import compact

VIEWERS = 5000
RATE, SECONDS = 10, 8
ROUNDS = 2  # each of hub and nchan, in turns
MISSED = 10  # events that everybody who returns has missed
CPU_MARK = 1.5
PATIENCE = 60.0  # seconds until every viewer must have everything

Watch = Callable[[int], Onlookers]
Publish = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fanout:
    """Microseconds of CPU a delivered event, of the server and of the load client; bytes a viewer; milliseconds from
    asking for an event, and from its commit where that is known, to the last viewer who has it; events a second.
    """

    server: float
    client: float
    memory: float
    asked: list[float]
    committed: list[float]
    rate: float


@dataclass(frozen=True, slots=True)
class Return:
    """Seconds from the first connection to the last event at the last viewer; CPU seconds of server and client."""

    took: float
    server: float
    client: float
    reads: int


def watching() -> Iterator[Result]:
    """(g) 5,000 viewers on one album, beside nginx with nchan."""
    hubs: list[Fanout] = []
    nchans: list[Fanout] = []
    for _ in range(ROUNDS):
        fanout, data = through_hub()
        hubs.append(fanout)
        nchans.append(through_nchan(data))
    server, other = median(f.server for f in hubs), median(f.server for f in nchans)
    client = median(f.client for f in hubs)
    rates = [min(f.rate for f in several) for several in (hubs, nchans)]
    ratio = server / other
    yield Result(
        "g",
        f"server CPU per delivered event, {VIEWERS:,} viewers of one album, against nginx with nchan",
        f"{ratio:.2f}×",
        f"{CPU_MARK:g}×",
        ratio <= CPU_MARK,
        f"{server:.1f} µs ({spread([f.server for f in hubs])}) against {other:.1f} µs "
        f"({spread([f.server for f in nchans])}), the load client {client:.1f} µs; {len(data.encode()):,} bytes of "
        f"data, {rates[0]:.1f} and {rates[1]:.1f} of {RATE} events a second, every viewer every one once and in "
        "order; the hub's share includes changing, committing and flushing a row for each event",
    )
    server, other = median(f.memory for f in hubs), median(f.memory for f in nchans)
    yield Result(
        "g",
        f"memory per viewer at {VIEWERS:,} viewers of one album, against nginx with nchan",
        f"{server / other:.2f}×",
        "1×",
        server < other,
        f"{server / 1000:.1f} kB against {other / 1000:.1f} kB: growth of the resident set, of nginx that of its "
        "worker with the shared memory that the worker touched; what nginx sets aside at its start is not counted",
    )
    from_commit, from_request = (pooled(several) for several in ([f.committed for f in hubs], [f.asked for f in hubs]))
    others = pooled([f.asked for f in nchans])
    yield Result(
        "g",
        f"commit of an event to the last of {VIEWERS:,} viewers: p50, p99",
        percentiles(from_commit),
        "–",
        None,
        f"{len(from_commit)} events, {rates[0]:.1f} a second; from the request that makes the event "
        f"{percentiles(from_request)}, nchan {percentiles(others)}",
    )


def returning() -> Iterator[Result]:
    """(h) 5,000 viewers come back at once, each ten events behind."""
    hubs: list[Return] = []
    nchans: list[Return] = []
    for _ in range(ROUNDS):
        back, data = return_to_hub()
        hubs.append(back)
        nchans.append(return_to_nchan(data))
    reads = max(r.reads for r in hubs)
    yield Result(
        "h",
        f"database reads while {VIEWERS:,} viewers return at once, {MISSED} events behind",
        f"{reads}",
        "0",
        reads == 0,
        "none refused, every viewer got every event once and in order",
    )
    took, others = median(r.took for r in hubs), median(r.took for r in nchans)
    yield Result(
        "h",
        "the same: first connection to the last event at the last viewer",
        f"{took:.2f} s",
        "–",
        None,
        f"{1e6 * took / VIEWERS:.0f} µs a viewer ({spread([r.took for r in hubs])} s), of CPU "
        f"{median(r.server for r in hubs):.2f} s in the hub, with the log-in of each, and "
        f"{median(r.client for r in hubs):.2f} s in the load client; nginx with nchan, without log-in: {others:.2f} s "
        f"({spread([r.took for r in nchans])} s), of CPU {median(r.server for r in nchans):.2f} s",
    )


def through_hub() -> tuple[Fanout, str]:
    """The cost of the hub, and the data of one of its events."""
    with tempfile.TemporaryDirectory(prefix="onlooker-bench-") as folder:
        commits = Path(folder) / "commits.json"
        with Hub(CONFIG, reports={"events": commits}, on_disk=True) as hub, closing(Album(hub)) as album:
            fanout, asked, told = measure(hub, album.viewers, album.publish, album.number + 1)
            data = compact(album.newest())
        committed: dict[int, float] = dict(json.loads(commits.read_text()))
    waits = [1000 * (told.last[number] - committed[number]) for number in asked]
    return Fanout(fanout.server, fanout.client, fanout.memory, fanout.asked, waits, fanout.rate), data


def through_nchan(data: str) -> Fanout:
    """The cost of nginx with nchan, with this data in every event but for its number."""
    with Nchan() as nchan:
        fanout, _, _ = measure(
            nchan, lambda count: nchan.viewers(count, MARKER), lambda n: nchan.publish("updated", numbered(data, n)), 1
        )
    return fanout


def measure(server: Program, watch: Watch, publish: Publish, first: int) -> tuple[Fanout, dict[int, float], Told]:
    """Let viewers in and tell them events on a steady beat; also when each was asked for, and when it arrived."""
    # A first visit loads what every connection shares, and is not charged to the viewers.
    with watch(min(100, VIEWERS)) as few:
        few.settle(1)
    time.sleep(1)
    empty = server.resident()
    numbers = range(first, first + RATE * SECONDS)
    with watch(VIEWERS) as crowd:
        crowd.settle(3)
        memory = (server.resident() - empty) / VIEWERS
        cpu, client = server.cpu(), crowd.cpu()
        asked = paced(publish, numbers)
        told = crowd.get_events(numbers, PATIENCE)
        cpu, client = server.cpu() - cpu, crowd.cpu() - client
    rate = (len(numbers) - 1) / (asked[numbers[-1]] - asked[first])
    waits = [1000 * (told.last[number] - asked[number]) for number in numbers]
    delivered = len(numbers) * VIEWERS
    return Fanout(1e6 * cpu / delivered, 1e6 * client / delivered, memory, waits, [], rate), asked, told


def return_to_hub() -> tuple[Return, str]:
    """Everybody comes back to the hub with the id of the last event they saw."""
    with Hub(CONFIG, on_disk=True) as hub, closing(Album(hub)) as album:
        seen = album.number + MISSED
        numbers = range(seen + 1, seen + 1 + MISSED)
        for number in range(album.number + 1, numbers.stop):
            album.publish(number)
        data, after = compact(album.newest()), album.position(seen)
        reads = hub.counter("onlooker_database_reads_total")
        back = come_back(hub, lambda count: album.viewers(count, after=after, at_once=count), numbers)
        reads = hub.counter("onlooker_database_reads_total") - reads
    return Return(back.took, back.server, back.client, int(reads)), data


def return_to_nchan(data: str) -> Return:
    """The same with nchan and its buffer."""
    with Nchan() as nchan:
        numbers = range(MISSED + 1, 2 * MISSED + 1)
        for number in range(1, numbers.stop):
            nchan.publish("updated", numbered(data, number))
        after = next(islice(nchan.ids(), MISSED - 1, None))
        return come_back(nchan, lambda count: nchan.viewers(count, MARKER, after=after, at_once=count), numbers)


def come_back(server: Program, watch: Watch, numbers: range) -> Return:
    """Let all viewers connect as fast as they can, and wait until each has all of these events."""
    cpu = server.cpu()
    with watch(VIEWERS) as crowd:
        told = crowd.get_events(numbers, PATIENCE)
        return Return(max(told.last.values()) - told.began, server.cpu() - cpu, crowd.cpu(), 0)


def paced(publish: Publish, numbers: range) -> dict[int, float]:
    """Publish these events on a steady beat; when each was asked for, in seconds since 1970."""
    asked: dict[int, float] = {}
    due = time.monotonic()
    with on_core(CLIENT_CORE):
        for number in numbers:
            time.sleep(max(0.0, due - time.monotonic()))
            due += 1 / RATE
            asked[number] = time.time()
            publish(number)
    return asked


def numbered(data: str, number: int) -> str:
    """An event's data with another number in it."""
    before, marker, after = data.partition(MARKER)
    if not marker:
        raise BenchError(f"the event has no number: {data}")
    return f"{before}{marker}{number}{after.lstrip('0123456789')}"


def pooled(rounds: list[list[float]]) -> list[float]:
    """All rounds together, sorted."""
    return sorted(value for values in rounds for value in values)


def percentiles(milliseconds: list[float]) -> str:
    """p50 and p99 of sorted values."""
    p50, p99 = (milliseconds[int(len(milliseconds) * share)] for share in (0.5, 0.99))
    return f"{p50:.1f} ms, {p99:.1f} ms"


def spread(values: list[float]) -> str:
    """The least and the most of some rounds."""
    return f"{min(values):.2f} to {max(values):.2f}"
