"""A network of its own for tests: programs that bind every address, multicast, and nothing that gets out or in."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Coroutine
from functools import cache
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

ADDRESS = "127.0.0.2"  # a second address of the loopback; discovery leaves 127.0.0.1 out

_CLONE_NEWNET = 0x40000000
# `cat` keeps it alive until its standard input is closed, which happens at the latest when the test process ends.
_SET_UP = (
    f"ip link set lo up && ip addr add {ADDRESS}/8 dev lo && ip link set lo multicast on && "
    "ip route add 224.0.0.0/4 dev lo && echo ready && exec cat"
)


@cache
def why_not() -> str:
    """Why there can be no such network here, for a test to be skipped with; "" where there can."""
    for program in ("unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            return f"the program “{program}” is not installed (tests/debian-packages.txt)"
    tried = subprocess.run(["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True, timeout=30)
    return "" if tried.returncode == 0 else "a network namespace needs root here"


class Namespace:
    """A network namespace inside the `with`: loopback only, 127.0.0.1 and `ADDRESS`, multicast goes to itself."""

    def __enter__(self) -> Self:
        self._holder = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", _SET_UP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline().strip() != "ready":
            self.__exit__(None, None, None)
            raise RuntimeError("The network namespace could not be set up.")
        self._path = f"/proc/{self._holder.pid}/ns/net"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait(timeout=10)

    def command(self, *command: str | os.PathLike[str]) -> list[str]:
        """The command line that runs this one inside."""
        return ["nsenter", f"--net={self._path}", "--", *map(os.fspath, command)]

    def run(self, work: Callable[[], Coroutine[Any, Any, T]], timeout: float = 60.0) -> T:
        """What `work()` gives; its sockets, and those of threads and processes that it starts, are inside.

        A namespace belongs to a thread, so this is one of its own with an event loop of its own.
        """
        result: list[T] = []
        failure: list[BaseException] = []

        async def bounded() -> T:
            async with asyncio.timeout(timeout):
                return await work()

        def body() -> None:
            try:
                self._enter()
                result.append(asyncio.run(bounded()))
            except BaseException as error:
                failure.append(error)

        thread = threading.Thread(target=body, name="namespace", daemon=True)
        thread.start()
        thread.join(timeout + 30)
        if failure:
            raise failure[0]
        return result[0]

    def _enter(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        handle = os.open(self._path, os.O_RDONLY)
        try:
            if libc.setns(handle, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")
        finally:
            os.close(handle)
