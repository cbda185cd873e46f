"""Camera processes on a port of their own: finding one, and knowing when it takes connections without using one up."""

from __future__ import annotations

import socket
import subprocess
import time

import psutil


def free_port() -> int:
    """A port that nobody has at this moment, for programs that cannot choose one themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_listening(process: subprocess.Popen[bytes], port: int, seconds: float = 30) -> None:
    """Return once the process listens on this port; RuntimeError if it ends or does not come to it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        found = psutil.Process(process.pid).net_connections("tcp")
        if any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}.")
