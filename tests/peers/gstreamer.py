"""A real RTSP camera for tests: GStreamer's RTSP server, run by the system's Python because its bindings live there."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal

SYSTEM_PYTHON = Path("/usr/bin/python3")

Auth = Literal["none", "basic", "digest"]

PASSWORD = "p@ss w0rd"
USER = "onlooker"


def available() -> bool:
    """Whether the server and its bindings are installed (tests/debian-packages.txt)."""
    if not SYSTEM_PYTHON.exists():
        return False
    check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    return subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True, timeout=30).returncode == 0


class RtspServer:
    """Serves `/h264`, `/h265` and `/mjpeg` (320×240, 15 frames a second, a key frame each) on a port of its own.

    `freeze` stops the process where it is, sockets open; `restart` brings it back on the same port.
    """

    def __init__(self, auth: Auth = "none") -> None:
        self._auth = auth
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> RtspServer:
        """Start; returns once it takes connections."""
        command = [str(SYSTEM_PYTHON), __file__, str(self.port), self._auth]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        said: queue.Queue[str] = queue.Queue()
        stdout = self._process.stdout
        assert stdout is not None
        threading.Thread(target=lambda: said.put(stdout.readline()), daemon=True).start()
        line = said.get(timeout=30)
        if not line.strip().isdecimal():
            self.stop()
            raise RuntimeError("The RTSP server did not start; see tests/debian-packages.txt.")
        self.port = int(line)
        return self

    def url(self, path: str = "h264", user: str | None = None, password: str = PASSWORD) -> str:
        """The URL of one of its cameras, with credentials where it asks for them."""
        if user is None and self._auth != "none":
            user = USER
        login = "" if user is None else f"{user}:{password.replace('@', '%40').replace(' ', '%20')}@"
        return f"rtsp://{login}127.0.0.1:{self.port}/{path}"

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End at once, as a power cut does."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()

    stop = kill

    def restart(self) -> None:
        self.kill()
        self.start()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server is not running"
        os.kill(self._process.pid, number)

    def __enter__(self) -> RtspServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def running(auth: Auth = "none") -> Iterator[RtspServer]:
    """The body of a fixture."""
    with RtspServer(auth) as server:
        yield server


def _serve(port: str, auth: Auth) -> None:
    """The other side: what the system's Python runs."""
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    picture = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=15/1"
    cameras = {
        "/h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bframes=0 threads=1 ! h264parse"
        " ! rtph264pay name=pay0 pt=96 config-interval=1",
        "/h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 option-string=pools=1 ! h265parse"
        " ! rtph265pay name=pay0 pt=96 config-interval=1",
        "/mjpeg": "jpegenc ! rtpjpegpay name=pay0 pt=26",
    }
    for path, coding in cameras.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(f"( {picture} ! {coding} )")
        factory.set_shared(True)
        if auth != "none":
            permissions = GstRtspServer.RTSPPermissions()
            for permission in ("media.factory.access", "media.factory.construct"):
                permissions.add_permission_for_role("viewer", permission, True)
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(path, factory)
    if auth != "none":
        keeper = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        if auth == "digest":
            keeper.set_supported_methods(2)
            keeper.add_digest(USER, PASSWORD, token)
        else:
            keeper.add_basic(GstRtspServer.RTSPAuth.make_basic(USER, PASSWORD), token)
        server.set_auth(keeper)
    if server.attach(None) == 0:
        sys.exit("the port is taken")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2])  # type: ignore[arg-type]
