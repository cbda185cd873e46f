"""The two C programs of the bench, built when needed, and what the kernel says a process costs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from onlooker.outputs.connection import IN_FLIGHT, UNSENT

HERE = Path(__file__).resolve().parent
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
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def resident(self) -> int:
        """Bytes of its memory that are in RAM."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
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


class Drain(Program):
    """The load client: many viewers that take everything and copy nothing."""

    def __init__(self, port: int, path: str, authorization: str, viewers: int, stalled: int = 0) -> None:
        arguments = (port, path, authorization, viewers, min(20, viewers), stalled)
        super().__init__(built("drain"), *map(str, arguments), core=CLIENT_CORE)
        self.viewers = viewers

    def seen(self) -> Seen:
        """What it has seen so far."""
        self.say("stat")
        known: dict[str, Any] = json.loads(self.line())
        return Seen(**known)

    def settle(self, seconds: float = 2.0) -> None:
        """Wait until all viewers watch, then a little longer, and forget the ages of that time."""
        wait_for(lambda: self._all_watch(), 60, f"{self.viewers} viewers were not all let in within a minute")
        time.sleep(seconds)
        self.say("reset")

    def _all_watch(self) -> bool:
        seen = self.seen()
        if seen.refused:
            raise BenchError(f"the server refused {seen.refused} of {self.viewers} viewers")
        return seen.watching == self.viewers


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
        subprocess.run([compiler, "-O2", "-Wall", "-o", program, HERE / f"{name}.c"], check=True)
    return str(program)
