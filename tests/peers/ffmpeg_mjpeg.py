"""A real camera of the plainest kind: ffmpeg's own HTTP server, one client, no boundary and no type announced."""

from __future__ import annotations

import shutil
import subprocess
from types import TracebackType
from typing import Self

from tests.peers.http_process import free_port, wait_until_listening


def available() -> bool:
    """Whether ffmpeg is installed (tests/debian-packages.txt)."""
    return shutil.which("ffmpeg") is not None


class FfmpegMjpeg:
    """Waits for one client while inside the `with` and sends it a moving test picture of 320×240, 10 a second."""

    def __init__(self, *, frames: int | None = None) -> None:
        self._limit = [] if frames is None else ["-frames:v", str(frames)]
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def kill(self) -> None:
        """End at once, as a power cut does."""
        self._process.kill()
        self._process.wait(timeout=10)

    def wait(self) -> None:
        """Return once it has ended by itself, as it does when its client has gone."""
        self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        self.port = free_port()
        source = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", *self._limit]
        self._process = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-nostdin", *source, "-f", "mpjpeg", "-listen", "1", self.url],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_listening(self._process, self.port)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
