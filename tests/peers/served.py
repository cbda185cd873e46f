"""A real `onlooker serve` in a process of its own, as a person or a service manager starts it."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ONLOOKER = str(Path(sys.executable).with_name("onlooker"))
USER, PASSWORD = "ada", "correct horse battery"
AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
TEST_CARD = '[cameras.card]\ntitle = "Test card"\nsource = "testcard:"\nsize = "320x240"\n'


class Served:
    """Starts with this configuration; `port` answers on 127.0.0.1 once inside the `with`.

    `program` is what stands before `command` on the command line, if not the installed one; `port` is chosen if it is
    not given. A hub that dies before its end fails the test, unless it `may_die`.
    """

    def __init__(
        self,
        folder: Path,
        config: str = TEST_CARD,
        *,
        program: Sequence[str] = (ONLOOKER,),
        command: Sequence[str] = ("serve",),
        port: int = 0,
        may_die: bool = False,
    ) -> None:
        self.port = port or free_port()
        self.may_die = may_die
        self.log = folder / "onlooker.log"
        (folder / "onlooker.toml").write_text(config)
        self._command = [
            *(*program, *command, "--config", str(folder / "onlooker.toml")),
            *("--data", str(folder / "data"), "--host", "127.0.0.1", "--port", str(self.port)),
        ]
        self.environment = {**os.environ, "STREAM_USERNAME": USER, "STREAM_PASSWORD": PASSWORD}

    def url(self, path: str, *, login: bool = False) -> str:
        """A URL of this server; with `login` the name and password stand in it, as for players."""
        who = f"{USER}:{PASSWORD.replace(' ', '%20')}@" if login else ""
        return f"http://{who}127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> bytes:
        """The body of a GET with the password; raises when it is not a success."""
        request = urllib.request.Request(self.url(path), headers={"Authorization": AUTHORIZATION})
        with urllib.request.urlopen(request, timeout=20) as answer:
            body: bytes = answer.read()
            return body

    def kill(self) -> None:
        """As a power cut would: without a word."""
        self._process.kill()
        self._process.wait(10)

    def die_after(self, seconds: float) -> None:
        """Let it work for so long, then kill it."""
        time.sleep(seconds)
        self.kill()

    def dead(self, patience: float = 10.0) -> bool:
        """Whether it is gone, or goes within so many seconds."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            return False
        return True

    def __enter__(self) -> Self:
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment
            )
        end = time.monotonic() + 40
        while not answers(self.url("/readyz")):
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__(None, None, None)
                raise AssertionError(f"onlooker serve did not start:\n{self.log.read_text()}")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        elif kind is None and not self.may_die:
            raise AssertionError(f"onlooker serve died:\n{self.log.read_text()}")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
            raise AssertionError(f"onlooker serve did not stop:\n{self.log.read_text()}") from None


def answers(url: str) -> bool:
    """Whether a GET there succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
