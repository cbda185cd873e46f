"""Starts the server that is measured, and lets viewers in."""

from __future__ import annotations

import base64
import os
import socket
import sys
import tempfile
import urllib.request
from pathlib import Path
from types import TracebackType

from bench.load import SERVER_CORE, Drain, Program, wait_for

USER, PASSWORD = "bench", "only-for-the-bench"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Hub(Program):
    """A real server with these cameras, on a port of its own, with its data in a folder that goes with it."""

    def __init__(self, cameras: str, *, times: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="onlooker-bench-")
        folder = Path(self._folder.name)
        (folder / "onlooker.toml").write_text(cameras)
        self.port = free_port()
        arguments = [
            str(folder / "onlooker.toml"),
            str(folder / "data"),
            str(self.port),
            *([str(times)] if times else []),
        ]
        environment = dict(os.environ, STREAM_USERNAME=USER, STREAM_PASSWORD=PASSWORD)
        super().__init__(
            sys.executable,
            "-m",
            "bench.server",
            *arguments,
            core=SERVER_CORE,
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
