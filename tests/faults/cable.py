"""A cable between a camera and the hub that a test can pull: a relay on loopback which falls silent."""

from __future__ import annotations

import select
import socket
import threading


class Cable:
    """Relays one TCP port of 127.0.0.1 while plugged in; pulled, it carries nothing and tells nobody."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._plugged = threading.Event()
        self._plugged.set()
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def pull(self) -> None:
        """From now on nothing arrives, in either direction; connections stay open, as with a real cable."""
        self._plugged.clear()

    def plug(self) -> None:
        """Carry again."""
        self._plugged.set()

    def close(self) -> None:
        """End every connection and thread."""
        self._over.set()
        self._plugged.set()
        for thread in self._threads:
            thread.join(10)
        for one in (self._listener, *self._sockets):
            one.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to), 5)
            except OSError:
                near.close()
                continue
            self._sockets += [near, far]
            thread = threading.Thread(target=self._carry, args=(near, far))
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        while not self._over.is_set():
            self._plugged.wait(1)
            ready, _, _ = select.select([near, far], [], [], 0.1)
            for one in ready if self._plugged.is_set() else ():
                try:
                    data = one.recv(1 << 16)
                    other[one].sendall(data)
                except OSError:
                    data = b""
                if not data:
                    near.close()
                    far.close()
                    return
