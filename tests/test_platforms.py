"""The Windows switch: without uvloop and without takeover the hub serves the same, on asyncio's own loop.

A real server runs in a process in which Onlooker believes to be on Windows. It is Linux underneath, so this proves the
switch and the fallback behind it, not Windows itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest

from tests.peers.served import AUTHORIZATION, Served
from tests.peers.wire import is_jpeg, read_part

# Libraries are imported first, for they would look for Windows' own modules; then Onlooker's two rooms with a switch.
AS_ON_WINDOWS = """
import sys, types
import starlette.responses, uvicorn.protocols.http.httptools_impl
import onlooker.live.viewer
sys.modules["uvloop"] = None  # importing it fails, as where it is not installed
real, sys.platform = sys.platform, "win32"
import onlooker.outputs.connection
sys.platform = real
import onlooker.app, onlooker.cli
onlooker.app.sys = types.SimpleNamespace(platform="win32")
assert not onlooker.outputs.connection.TAKES_OVER
onlooker.cli.main()
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("windows"), program=(sys.executable, "-c", AS_ON_WINDOWS)) as server:
        yield server


def test_still(served: Served) -> None:
    assert is_jpeg(served.get("/cameras/card/still.jpg"))


@pytest.mark.parametrize("path", ["/cameras/card/live.mjpg", "/live?cameras=card", "/cameras/card/live.mjpg?width=160"])
def test_live_streams_flow(served: Served, path: str) -> None:
    request = Request(served.url(path), headers={"Authorization": AUTHORIZATION})
    with urlopen(request, timeout=20) as stream:
        assert stream.headers["Content-Type"] == "multipart/x-mixed-replace;boundary=frame"
        parts = [read_part(stream) for _ in range(10)]
    assert all(is_jpeg(part.body) for part in parts)
    live = [int(part.headers["x-sequence"]) for part in parts if part.headers["x-state"] == "live"]
    assert len(live) > 1
    assert live == sorted(set(live))


def test_a_viewer_who_leaves_is_noticed(served: Served) -> None:
    with urlopen(Request(served.url("/cameras/card/live.mjpg"), headers={"Authorization": AUTHORIZATION})) as stream:
        read_part(stream)
        assert b'onlooker_viewers{camera="card"} 1.0' in served.get("/metrics")
    end = time.monotonic() + 30
    while b'onlooker_viewers{camera="card"} 0.0' not in served.get("/metrics"):
        assert time.monotonic() < end, "the hub still counts a viewer that has left"
        time.sleep(0.05)
