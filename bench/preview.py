"""What it costs to relay the live picture of a 360° camera, and how much later it arrives than without the hub."""

from __future__ import annotations

import json
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.hub import AUTHORIZATION, Hub
from bench.load import CLIENT_CORE, BenchError, Program, on_core
from bench.result import Result
from bench.theta import left
from onlooker.formats.multipart import MultipartReader

WIDTH, HEIGHT, RATE = 1920, 960, 30
SETTLE, WINDOW = 3.0, 8.0  # seconds
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What one viewer saw in the window: milliseconds from leaving the camera to being whole, sorted; mean bytes."""

    ages: list[float]
    size: float
    cpu: float  # seconds that the hub used meanwhile

    def percentiles(self) -> tuple[float, float]:
        """p50 and p99."""
        return self.ages[len(self.ages) // 2], self.ages[int(len(self.ages) * 0.99)]


def relayed() -> Iterator[Result]:
    """(k) The preview of a simulated Theta X, watched directly, then through the hub."""
    with Program(sys.executable, "-m", "bench.theta", core=CLIENT_CORE) as theta, on_core(CLIENT_CORE):
        port = int(theta.line())
        choose(port)
        direct = watch(port, post({"name": "camera.getLivePreview"}), lambda: 0.0)
        config = f'[cameras.theta]\nsource = "osc://127.0.0.1:{port}"\npreview_format = "{WIDTH}x{HEIGHT}@{RATE}"\n'
        with Hub(config) as hub:
            through = watch(hub.port, get("/cameras/theta/live.mjpg"), hub.cpu)
    rate = len(through.ages) / WINDOW
    cost = through.cpu / len(through.ages)
    (direct50, direct99), (hub50, hub99) = direct.percentiles(), through.percentiles()
    yield Result(
        "k",
        f"hub CPU per relayed {WIDTH}×{HEIGHT} preview frame of a 360° camera",
        f"{1e6 * cost:.0f} µs",
        "–",
        None,
        f"{through.size / 1000:.0f} kB each, {rate:.1f} a second to one viewer: {cost * rate:.1%} of a core",
    )
    yield Result(
        "k",
        "what the hub adds to that frame's way from the camera to the viewer: p50, p99",
        f"{hub50 - direct50:.2f} ms, {hub99 - direct99:.2f} ms",
        "–",
        None,
        f"through the hub {hub50:.2f} ms, {hub99:.2f} ms, directly {direct50:.2f} ms, {direct99:.2f} ms",
    )


def choose(port: int) -> None:
    """Set the size and rate of the preview; the camera then gives none for a second."""
    chosen = {"width": WIDTH, "height": HEIGHT, "framerate": RATE}
    body = json.dumps({"name": "camera.setOptions", "parameters": {"options": {"previewFormat": chosen}}}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/osc/commands/execute", body, {"Content-Type": "application/json;charset=utf-8"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        answer.read()
    time.sleep(1.5)


def post(command: dict[str, str]) -> bytes:
    """The request that tells the camera to do something."""
    body = json.dumps(command).encode()
    head = (
        "POST /osc/commands/execute HTTP/1.1\r\nHost: camera\r\nContent-Type: application/json;charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(path: str) -> bytes:
    """The request for something of the hub."""
    return f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: {AUTHORIZATION}\r\n\r\n".encode()


def watch(port: int, request: bytes, cpu: Callable[[], float]) -> Watched:
    """Take pictures for a while, then for as long as the window lasts note how old each is."""
    ages: list[float] = []
    size, used, begins, ends = 0, 0.0, time.monotonic() + SETTLE, 0.0
    reader = MultipartReader(None)
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(request)
        while not ends or time.monotonic() < ends:
            data = connection.recv(1 << 20)
            if not data:
                raise BenchError("the live picture ended")
            now = time.time()
            for part in reader.feed(data):
                if not ends and time.monotonic() >= begins:
                    ends, used = time.monotonic() + WINDOW, cpu()
                elif ends:
                    ages.append(1000 * (now - left(part.body)))
                    size += len(part.body)
        used = cpu() - used
    if not ages:
        raise BenchError("no picture came")
    return Watched(sorted(ages), size / len(ages), used)
