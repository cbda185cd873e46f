"""The C programs of the bench, built when needed, and what the kernel says a process costs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from onlooker.outputs.connection import IN_FLIGHT, UNSENT

HERE = Path(__file__).resolve().parent
DISK = HERE.parent / "build"  # on a real disk, wherever the system keeps its temporary files
# Server and load client each keep to one core, where there are two: figures then do not depend on who moved where.
SERVER_CORE, CLIENT_CORE = 0, 1


class BenchError(Exception):
    """A measurement could not be taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the load client has seen so far; ages in milliseconds."""

    watching: int
    refused: int
    bytes: int
    part_size: int
    ages: int
    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Told:
    """What viewers of an album got: by number, how many had the event, and when the last of them had it.

    Instants in seconds since 1970. `disorder` counts events that came twice or out of order.
    """

    began: float
    disorder: int
    connections: dict[int, int]
    last: dict[int, float]


class Program:
    """A child process that ends when its standard input does; with `log`, what it prints goes to that file."""

    def __init__(
        self, *command: str, core: int, log: Path | None = None, environment: dict[str, str] | None = None
    ) -> None:
        cores = os.sched_getaffinity(0)
        pin = {core} if len(cores) > 1 and core in cores else cores
        self._log = log.open("w") if log else None
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=self._log or subprocess.PIPE,
            stderr=self._log,
            env=environment,
            cwd=HERE.parent,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, pin),
        )
        self.pid = self.process.pid  # of the process that is measured

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BenchError(f"{Path(str(self.process.args[0])).name} ended with status {self.process.wait(10)}")  # type: ignore[index]
        return line.strip()

    def say(self, line: str) -> None:
        """Give it one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def cpu(self) -> float:
        """Seconds of CPU it has used, user and system, all threads."""
        # Linux: the clock of another process's CPU time, as clock_getcpuclockid(3) would give it.
        return time.clock_gettime((~self.pid << 3) | 2)

    def resident(self) -> int:
        """Bytes of its memory that are in RAM."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        for stream in (self.process.stdout, self._log):
            if stream is not None:
                stream.close()


class Limit(Program):
    """The C loop that does only the writes, on sockets with the same options as the hub's."""

    def __init__(self, rate: int, size: int) -> None:
        super().__init__(built("limit"), *map(str, (rate, size, IN_FLIGHT, UNSENT)), core=SERVER_CORE)
        self.port = int(self.line())


class LoadClient(Program):
    """Many viewers in one process; `stat` asks it for what it has seen, as JSON."""

    def __init__(self, *command: str, viewers: int) -> None:
        super().__init__(*command, core=CLIENT_CORE)
        self.viewers = viewers

    def ask(self, command: str) -> Any:
        """What it answers to this command."""
        self.say(command)
        return json.loads(self.line())

    def settle(self, seconds: float = 2.0) -> None:
        """Wait until all viewers watch, then a little longer, and forget what was measured in that time."""
        wait_for(self.all_watch, 60, f"{self.viewers} viewers were not all let in within a minute")
        time.sleep(seconds)
        self.say("reset")

    def all_watch(self) -> bool:
        """Whether all viewers are there; BenchError if one was refused."""
        seen = self.ask("stat")
        if seen["refused"]:
            raise BenchError(f"the server refused {seen['refused']} of {self.viewers} viewers")
        return bool(seen["watching"] == self.viewers)


class Drain(LoadClient):
    """The load client: many viewers that take everything and copy nothing."""

    def __init__(self, port: int, path: str, authorization: str, viewers: int, stalled: int = 0) -> None:
        arguments = (port, path, authorization, viewers, min(20, viewers), stalled)
        super().__init__(built("drain"), *map(str, arguments), viewers=viewers)

    def seen(self) -> Seen:
        """What it has seen so far."""
        return Seen(**self.ask("stat"))


class Onlookers(LoadClient):
    """The load client of albums: many viewers that read events, whose numbers stand behind `marker`.

    `at_once`: so many of them may be unanswered; a server greets its viewers as they come, a storm is all of them.
    """

    def __init__(
        self, port: int, path: str, headers: Sequence[str], viewers: int, marker: str, at_once: int = 64
    ) -> None:
        arguments = (port, path, viewers, at_once, marker, *headers)
        super().__init__(built("onlookers"), *map(str, arguments), viewers=viewers)

    def get_events(self, numbers: range, seconds: float, *, in_order: bool = True) -> Told:
        """Wait until everybody had each of these events; BenchError if one is missing, doubled or out of order."""
        expected = len(numbers) * self.viewers
        end = time.monotonic() + seconds
        while self.ask("stat")["events"] < expected and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.3)  # for one too many
        said = self.ask("times")
        told = Told(
            said["began"],
            said["disorder"],
            {number: connections for number, connections, _ in said["numbers"]},
            {number: last for number, _, last in said["numbers"]},
        )
        if wrong := {n: told.connections.get(n, 0) for n in numbers if told.connections.get(n) != self.viewers}:
            raise BenchError(f"not every viewer got every event once: of {self.viewers}, so many got {wrong}")
        if strange := told.connections.keys() - set(numbers):
            raise BenchError(f"viewers got events that were not for them: {sorted(strange)}")
        if in_order and told.disorder:
            raise BenchError(f"{told.disorder} events came out of order")
        if not self.all_watch():
            raise BenchError("viewers went away")
        return told


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this thread to one core, where there are two: what the bench does itself is the client's work."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core} if len(cores) > 1 and core in cores else cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def wait_for(ready: Callable[[], bool], seconds: float, otherwise: str, log: Path | None = None) -> None:
    """Ask until it is so; BenchError, with what stands in the log, when it takes too long."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise BenchError(f"{otherwise}:\n{log.read_text()}" if log else otherwise)
        time.sleep(0.05)


def raise_file_limit() -> None:
    """Let this process and its children open as many connections as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


_build = tempfile.TemporaryDirectory(prefix="onlooker-bench-")


def built(name: str) -> str:
    """The path of one of the C programs, compiled on first use."""
    program = Path(_build.name) / name
    if not program.exists():
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-O2", "-Wall", "-pthread", "-o", program, HERE / f"{name}.c"], check=True)
    return str(program)
