"""A camera freezes, dies, or its cable is pulled: the viewer stays, is told the truth, and sees it come back."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.faults.cable import Cable
from tests.peers.gstreamer import RtspServer, available, running
from tests.peers.served import AUTHORIZATION, Served
from tests.peers.wire import read_line, read_part

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not available(), reason="GStreamer's RTSP server is not installed"),
]

CAMERAS = """
[cameras.gate]
source = "{url}"
timeout = 3
stall_after = 3
[cameras.card]
source = "testcard:"
size = "320x180"
"""


@pytest.fixture
def camera() -> Iterator[RtspServer]:
    yield from running()


@contextmanager
def watching(hub: Served, path: str) -> Iterator[BinaryIO]:
    """One connection that watches, from before the trouble to after it."""
    with socket.create_connection(("127.0.0.1", hub.port), 60) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: {AUTHORIZATION}\r\n\r\n".encode())
        stream = sock.makefile("rb")
        assert read_line(stream) == b"HTTP/1.1 200 OK"
        while read_line(stream):
            pass
        yield stream


def until(stream: BinaryIO, camera: str, state: str, seconds: float = 60) -> None:
    """Read on until a part of this camera has this state."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        headers = read_part(stream).headers
        if (headers["x-camera"], headers["x-state"]) == (camera, state):
            return
    raise AssertionError(f"{camera} did not become {state}")


def reason(hub: Served) -> str:
    said: str = json.loads(hub.get("/api/v1/cameras/gate"))["reason"]
    return said


Trouble = Callable[[RtspServer, Cable], None]


@pytest.mark.parametrize(
    ("break_it", "mend_it"),
    [
        pytest.param(lambda c, _: c.freeze(), lambda c, _: c.thaw(), id="frozen"),
        pytest.param(lambda c, _: c.kill(), lambda c, _: c.restart(), id="killed"),
        pytest.param(lambda _, w: w.pull(), lambda _, w: w.plug(), id="cable pulled"),
    ],
)
def test_viewers_are_kept_and_told(tmp_path: Path, camera: RtspServer, break_it: Trouble, mend_it: Trouble) -> None:
    cable = Cable(camera.port)
    try:
        url = camera.url().replace(str(camera.port), str(cable.port))
        with Served(tmp_path, CAMERAS.format(url=url)) as hub, watching(hub, "/live?cameras=gate,card") as stream:
            until(stream, "gate", "live")
            break_it(camera, cable)
            until(stream, "gate", "lost")
            assert reason(hub)
            until(stream, "card", "live", 5)
            mend_it(camera, cable)
            until(stream, "gate", "live")
    finally:
        cable.close()


def test_a_frozen_camera_does_not_hold_up_the_end(tmp_path: Path, camera: RtspServer) -> None:
    with Served(tmp_path, CAMERAS.format(url=camera.url())) as hub, watching(hub, "/live") as stream:
        until(stream, "gate", "live")
        camera.freeze()
    # Served waits for a clean end and fails where there is none.
    assert "Traceback" not in hub.log.read_text()
