"""A relay on loopback that cuts connections: each one carries so many bytes to the hub, or from it, then it is gone."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self

_RESET = struct.pack("ii", 1, 0)


class Scissors:
    """Relays to one TCP port of 127.0.0.1.

    `after`: how many bytes the connections carry to it, in turn; `back`: from it. Behind these, there is no limit.
    """

    def __init__(self, port: int, after: Iterable[int] = (), *, back: Iterable[int] = ()) -> None:
        self.cuts = 0
        self._to = port
        self._after = itertools.chain(after, itertools.repeat(1 << 60))
        self._back = itertools.chain(back, itertools.repeat(1 << 60))
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for one in (self._listener, *self._sockets):
            _end(one)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to), 5)
            except OSError:
                return
            far.settimeout(None)
            self._sockets += [near, far]
            self._start(self._carry, near, far, next(self._after), near)
            self._start(self._carry, far, near, next(self._back), near)

    def _carry(self, here: socket.socket, there: socket.socket, left: int, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(min(1 << 14, left)):
                there.sendall(data)
                left -= len(data)
                if not left:
                    self.cuts += 1
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    break
        _end(here)
        _end(there)

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
