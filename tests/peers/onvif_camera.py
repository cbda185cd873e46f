"""A real ONVIF camera for tests: `ipycam`, in a network of its own because it binds every address."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.namespace import Namespace, why_not

ROOT = Path(__file__).parents[2]
USER, PASSWORD = "onlooker", "p@ss/w0rd:1"
PORT, RTSP_PORT = 8080, 8554
MAIN, SUB = (640, 360), (320, 180)


def why_no_camera() -> str:
    """Why it cannot run here, for a test to be skipped with; "" where it can."""
    if importlib.util.find_spec("ipycam") is None:
        return "ipycam is not installed (make dev)"
    if shutil.which("ffmpeg") is None:
        return "ffmpeg is not installed (tests/debian-packages.txt)"
    return why_not()


class OnvifCamera:
    """Answers ONVIF on `PORT` and WS-Discovery in the namespace while inside the `with`; shows a moving bar."""

    def __init__(self, namespace: Namespace, folder: Path, *, address: str = "127.0.0.2") -> None:
        self._namespace = namespace
        self._folder = folder
        self._address = address
        self._log = folder / "ipycam.log"

    @property
    def url(self) -> str:
        """For the hub, with what it asks for."""
        return f"onvif://{USER}:p%40ss%2Fw0rd%3A1@{self._address}:{PORT}"

    def kill(self) -> None:
        """End at once, as a power cut does."""
        self._process.kill()
        self._process.wait(timeout=10)

    def said(self) -> str:
        """What it has logged, what it was asked to do among it."""
        return self._log.read_text(errors="replace")

    def __enter__(self) -> Self:
        command = self._namespace.command(sys.executable, "-u", "-m", "tests.peers.onvif_camera", self._address)
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + 40
        while not self._serves():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"ipycam did not start:\n{self.said()}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def _serves(self) -> bool:
        """Whether it takes connections for both of its protocols."""
        listening = Path(f"/proc/{self._process.pid}/net/tcp").read_text() if self._process.poll() is None else ""
        return all(f":{port:04X} 00000000:0000 0A" in listening for port in (PORT, RTSP_PORT))


def _serve(address: str) -> None:
    """The other side: the camera itself."""
    import numpy as np
    from ipycam import CameraConfig, IPCamera, configure_logging

    configure_logging()
    config = CameraConfig(
        name="Porch",
        local_ip=address,
        onvif_port=PORT,
        rtsp_port=RTSP_PORT,
        username=USER,
        password=PASSWORD,
        hw_accel="cpu",
        show_timestamp=False,
        main_width=MAIN[0],
        main_height=MAIN[1],
        main_fps=10,
        sub_width=SUB[0],
        sub_height=SUB[1],
        sub_fps=10,
    )
    camera = IPCamera(config)
    if not camera.start():
        sys.exit("the camera does not start")
    frame = np.zeros((MAIN[1], MAIN[0], 3), np.uint8)
    at = 0
    while True:
        frame[:] = 40
        frame[:, at : at + 40] = (40, 200, 240)
        at = (at + 8) % MAIN[0]
        camera.stream(frame.copy())
        time.sleep(0.1)


if __name__ == "__main__":
    _serve(sys.argv[1])
