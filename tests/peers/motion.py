"""A real HTTP camera for tests: the program `motion`, which serves MJPEG at `/` and a JPEG at `/0/current`."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from tests.peers.http_process import free_port, wait_until_listening

Auth = Literal["none", "basic", "digest"]
AUTHS: tuple[Auth, ...] = ("none", "basic", "digest")

USER, PASSWORD = "onlooker", "p@ss/w0rd"


def available() -> bool:
    """Whether motion, ffmpeg for its picture, and curl are installed (tests/debian-packages.txt)."""
    return all(shutil.which(program) for program in ("motion", "ffmpeg", "curl"))


class Motion:
    """Serves a moving test picture of 320×240 while inside the `with`."""

    def __init__(self, folder: Path, auth: Auth = "none") -> None:
        self._folder = folder
        self._auth = auth
        self.port = 0

    def url(self, path: str = "/", *, password: str = PASSWORD) -> str:
        login = "" if self._auth == "none" else f"{USER}:{quote(password, safe='')}@"
        return f"http://{login}127.0.0.1:{self.port}{path}"

    def kill(self) -> None:
        """End at once, as a power cut does."""
        self._process.kill()
        self._process.wait(timeout=10)

    def _wait_until_it_sees(self, seconds: float = 30) -> None:
        """It takes connections before its own camera runs, and drops them."""
        ask = ["curl", "-fsS", "-m", "2", "--anyauth", "-u", f"{USER}:{PASSWORD}", "-o", "/dev/null"]
        end = time.monotonic() + seconds
        while subprocess.run([*ask, f"http://127.0.0.1:{self.port}/0/current"], capture_output=True).returncode:
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError("motion gives no picture.")
            time.sleep(0.05)

    def __enter__(self) -> Self:
        film = self._folder / "film.mp4"
        subprocess.run(
            [
                *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-t", "120"),
                *("-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-pix_fmt", "yuv420p", film),
            ],
            check=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        self.port = free_port()
        settings = {
            "netcam_url": f"file://{film}",
            "width": "320",
            "height": "240",
            "framerate": "10",
            "target_dir": str(self._folder),
            "picture_output": "off",
            "movie_output": "off",
            "webcontrol_port": "0",
            "stream_port": str(self.port),
            "stream_localhost": "on",
            "stream_maxrate": "10",
            "stream_auth_method": str(AUTHS.index(self._auth)),
            "stream_authentication": f"{USER}:{PASSWORD}",
        }
        config = self._folder / "motion.conf"
        config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        self._process = subprocess.Popen(
            ["motion", "-n", "-c", config],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_listening(self._process, self.port)
            self._wait_until_it_sees()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
