"""A real nginx in front of a server, under a path prefix, configured as docs/proxy.md says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.served import free_port

DOCS = Path(__file__).resolve().parents[2] / "docs" / "proxy.md"


def documented_location(upstream: int) -> str:
    """The `location` block that docs/proxy.md tells people to use, pointed at this port."""
    found = re.search(r"```nginx\n(location .*?)```", DOCS.read_text(), re.DOTALL)
    assert found, "docs/proxy.md has no nginx block"
    assert "127.0.0.1:5000" in found[1]
    return found[1].replace("127.0.0.1:5000", f"127.0.0.1:{upstream}")


class Nginx:
    """Serves `/cams/` from the server at `upstream`."""

    def __init__(self, folder: Path, upstream: int) -> None:
        self.port = free_port()
        self._folder = folder
        self._config = folder / "nginx.conf"
        temporary = "\n".join(
            f"  {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self._config.write_text(
            f"{'user root;' if os.geteuid() == 0 else ''}\n"
            f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            "events { worker_connections 64; }\n"
            f"http {{\n  access_log off;\n{temporary}\n"
            f"  server {{ listen 127.0.0.1:{self.port};\n{documented_location(upstream)}  }}\n}}\n"
        )

    def __enter__(self) -> Self:
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = subprocess.Popen(
            [program, "-p", str(self._folder), "-c", str(self._config), "-e", f"{self._folder}/error.log"],
            stdin=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while not (self._folder / "nginx.pid").exists():
            assert self._process.poll() is None, f"nginx did not start: {(self._folder / 'error.log').read_text()}"
            assert time.monotonic() < end, "nginx took too long to start"
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
