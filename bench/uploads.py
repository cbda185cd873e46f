"""Uploads a second against what the disk can do, and how soon a photo that is sent is seen."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.album import CONFIG, Album
from bench.albums import percentiles
from bench.hub import AUTHORIZATION, Hub
from bench.load import CLIENT_CORE, DISK, SERVER_CORE, Program, built
from bench.pictures import GRAIN, write_photos
from bench.result import Result

CLIENTS = 16
ROUNDS = 3  # each of disk and hub, in turns
MARK = 0.5
VIEWERS, RATE, SECONDS = 100, 5, 15  # of `seen`


@dataclass(frozen=True, slots=True)
class Photos:
    """What is sent: so many photos a round, of so many pixels, with so much grain."""

    count: int
    width: int
    height: int
    grain: float = GRAIN


@dataclass(frozen=True, slots=True)
class Taken:
    """Photos a second, milliseconds to each answer, milliseconds of the hub's CPU a photo, and photos a commit."""

    rate: float
    waits: list[float]
    cpu: float
    together: float


def small() -> Iterator[Result]:
    """(i) 16 clients that send photos of 1600×1200."""
    yield compare(Photos(320, 1600, 1200))


def large() -> Iterator[Result]:
    """(i) The same with photos as phones take them."""
    yield compare(Photos(96, 4000, 3000, 7.0))


def compare(photos: Photos) -> Result:
    """Let the disk and the hub take the same photos in turns; the median of each."""
    disks: list[float] = []
    singly: list[float] = []
    hubs: list[Taken] = []
    with prepared(photos) as (folder, size):
        for _ in range(ROUNDS):
            disks.append(disk_takes(folder, CLIENTS))
            singly.append(disk_takes(folder, 1))
            hubs.append(hub_takes(folder))
    disk, hub = median(disks), median(t.rate for t in hubs)
    ratio = hub / disk
    return Result(
        "i",
        f"uploads a second, {CLIENTS} clients, JPEGs of {photos.width}×{photos.height} ({size / 1e6:.2g} MB), against "
        "write and fsync",
        f"{ratio:.2f}×",
        f"{MARK:g}×",
        ratio >= MARK,
        f"{hub:.0f} ({min(t.rate for t in hubs):.0f} to {max(t.rate for t in hubs):.0f}) against {disk:.0f} "
        f"({min(disks):.0f} to {max(disks):.0f}) files a second from {CLIENTS} threads in C, one thread "
        f"{median(singly):.0f}; answered after p50, p99 {percentiles(sorted(wait for t in hubs for wait in t.waits))}; "
        f"{median(t.cpu for t in hubs):.1f} ms of the hub's CPU a photo, smaller pictures included, "
        f"{median(t.together for t in hubs):.1f} photos a commit",
        bound="at least",
    )


def seen() -> Iterator[Result]:
    """(j) From sending a photo to the last of 100 viewers who learns that it can be fetched."""
    numbers = range(1, RATE * SECONDS + 1)
    with (
        prepared(Photos(len(numbers), 1600, 1200)) as (folder, size),
        Hub(CONFIG, on_disk=True) as hub,
        closing(Album(hub)) as album,
        album.viewers(VIEWERS) as onlookers,
    ):
        onlookers.settle()
        sent = send(hub, folder, 4, RATE)["sent"]
        told = onlookers.get_events(numbers, 10, in_order=False)
    waits = sorted(1000 * (told.last[number] - began) for number, began, _ in sent)
    yield Result(
        "j",
        f"a photo of {size / 1e6:.2g} MB is sent, to the last of {VIEWERS} viewers told that it is there: p50, p99",
        percentiles(waits),
        "–",
        None,
        f"{len(waits)} photos, {RATE} a second; the photo is on the disk by then",
    )


@contextmanager
def prepared(photos: Photos) -> Iterator[tuple[Path, int]]:
    """The photos in a folder, and their mean size."""
    with tempfile.TemporaryDirectory(prefix="onlooker-bench-") as folder:
        yield Path(folder), write_photos(Path(folder), photos.count, photos.width, photos.height, photos.grain)


def disk_takes(folder: Path, threads: int) -> float:
    """Files a second that the disk takes: written and flushed, by so many threads at once."""
    DISK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="onlooker-bench-", dir=DISK) as target:
        arguments = (str(folder), target, str(threads))
        with Program(built("flush"), *arguments, core=SERVER_CORE) as flush:
            said = json.loads(flush.line())
    return float(said["files"] / said["seconds"])


def hub_takes(folder: Path) -> Taken:
    """The same files sent to a hub that is new."""
    with Hub(CONFIG, on_disk=True) as hub, closing(Album(hub)):  # its photo loads what taking photos needs
        time.sleep(0.5)
        cpu, commits = hub.cpu(), hub.counter("onlooker_database_commits_total")
        said = send(hub, folder, CLIENTS)
        cpu, commits = hub.cpu() - cpu, hub.counter("onlooker_database_commits_total") - commits
    count = len(said["sent"])
    waits = [1000 * wait for _, _, wait in said["sent"]]
    return Taken(count / said["seconds"], waits, 1000 * cpu / count, count / commits)


def send(hub: Hub, folder: Path, clients: int, rate: float = 0) -> Any:
    """Send all photos of the folder to the album; what the uploader says."""
    arguments = (str(hub.port), AUTHORIZATION, str(folder), str(clients), str(rate))
    with Program(sys.executable, "-m", "bench.uploader", *arguments, core=CLIENT_CORE) as uploader:
        return json.loads(uploader.line())
