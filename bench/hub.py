"""Starts the server that is measured, and lets viewers in."""

from __future__ import annotations

import base64
import os
import re
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType

from bench.load import DISK, SERVER_CORE, BenchError, Drain, Program, wait_for

USER, PASSWORD = "bench", "only-for-the-bench"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
NO_REPORTS: Mapping[str, Path] = MappingProxyType({})


class Hub(Program):
    """A real server with this configuration, on a port of its own, with its data in a folder that goes with it.

    `reports` are those of bench.server, each with the file it is written to. With `on_disk` the folder lies on a real
    disk, also where temporary files do not.
    """

    def __init__(
        self, config: str, *, reports: Mapping[str, Path] = NO_REPORTS, on_disk: bool = False, core: int = SERVER_CORE
    ) -> None:
        if on_disk:
            DISK.mkdir(exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="onlooker-bench-", dir=DISK if on_disk else None)
        folder = Path(self._folder.name)
        self.data = folder / "data"
        (folder / "onlooker.toml").write_text(config)
        self.port = free_port()
        environment = dict(os.environ, STREAM_USERNAME=USER, STREAM_PASSWORD=PASSWORD)
        super().__init__(
            sys.executable,
            *("-m", "bench.server", str(folder / "onlooker.toml"), str(self.data), str(self.port)),
            *(argument for name, report in reports.items() for argument in (f"--{name}", str(report))),
            core=core,
            log=folder / "log",
            environment=environment,
        )
        wait_for(self._answers, 30, "the server did not start", folder / "log")

    def get(self, path: str) -> bytes:
        """The body of a GET with the password; OSError when it is not a success."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": AUTHORIZATION}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            body: bytes = answer.read()
            return body

    def counter(self, name: str) -> float:
        """What this counter of /metrics stands at."""
        found = re.search(rf"^{name} (\S+)$", self.get("/metrics").decode(), re.MULTILINE)
        if found is None:
            raise BenchError(f"the hub has no metric {name}")
        return float(found[1])

    def _answers(self) -> bool:
        try:
            return bool(self.get("/readyz"))
        except OSError:
            return False

    def viewers(self, count: int, *, path: str = "/cameras/bench/live.mjpg", stalled: int = 0) -> Drain:
        """Let this many viewers in; `stalled` of them never read."""
        return Drain(self.port, path, AUTHORIZATION, count, stalled)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._folder.cleanup()


def bench_camera(size: int, rate: float) -> str:
    """The configuration of one camera that gives frames of this size at this rate."""
    return f'[cameras.bench]\nsource = "bench:"\nsize = {size}\nrate = {float(rate)}\n'


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
