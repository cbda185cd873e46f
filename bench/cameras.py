"""What 16 H.264 cameras cost: connected while nobody watches, and four of them decoded to JPEG."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from bench.hub import Hub
from bench.load import CLIENT_CORE, HERE, BenchError, Program, wait_for
from bench.result import Result

CAMERAS, DECODED = 16, 4
WIDTH, HEIGHT, RATE = 1280, 720, 15
CLIP = 60  # seconds: longer than the whole measurement
WINDOW = 8.0  # seconds


def rtsp() -> Iterator[Result]:
    """(e) 16 RTSP cameras H.264 720p15: connected and idle, then four watched as MJPEG."""
    with tempfile.TemporaryDirectory(prefix="onlooker-bench-") as folder:
        clip = Path(folder) / "clip.mp4"
        make_clip(clip)
        script = str(HERE / "rtsp_server.py")
        with Program("/usr/bin/python3", script, str(clip), str(CAMERAS), core=CLIENT_CORE) as gstreamer:
            port = gstreamer.line()
            with Hub("".join(camera(number, port) for number in range(CAMERAS))) as hub:
                wait_for(lambda: all_live(hub), 30, f"not all {CAMERAS} cameras came up: {states(hub)}")
                yield from measure(hub, clip.stat().st_size * 8 / CLIP)


def measure(hub: Hub, bits: float) -> Iterator[Result]:
    """First while nobody watches, then with one viewer of four cameras."""
    what = f"H.264 {WIDTH}×{HEIGHT} at {RATE} fps, {bits / 1e6:.1f} Mbit/s each"
    time.sleep(1)
    idle = load(hub)
    yield Result(
        "e",
        f"{CAMERAS} RTSP cameras connected, nobody watching",
        f"{idle:.1%} of a core",
        "–",
        None,
        f"{what}; {idle / CAMERAS:.2%} of a core a camera",
    )
    names = ",".join(f"c{number}" for number in range(DECODED))
    with hub.viewers(1, path=f"/live?cameras={names}") as drain:
        drain.settle()
        frames = drain.seen().ages
        watched = load(hub)
        rate = (drain.seen().ages - frames) / WINDOW
    each = (watched - idle) / DECODED
    yield Result(
        "e",
        f"the same with {DECODED} of them decoded to MJPEG",
        f"{watched:.1%} of a core",
        "–",
        None,
        f"{each:.1%} of a core more for each that is decoded, at {rate / DECODED:.1f} fps; "
        f"{1000 * each / RATE:.1f} ms to decode and encode a frame",
    )


def load(hub: Hub) -> float:
    """The share of one core that the server takes over one window."""
    cpu, start = hub.cpu(), time.monotonic()
    time.sleep(WINDOW)
    return (hub.cpu() - cpu) / (time.monotonic() - start)


def camera(number: int, port: str) -> str:
    """The configuration of one camera."""
    return f'[cameras.c{number}]\nsource = "rtsp://127.0.0.1:{port}/{number}"\nalways_on = true\n'


def states(hub: Hub) -> dict[str, str]:
    """Each camera's state and reason."""
    listed = cast("list[dict[str, Any]]", json.loads(hub.get("/api/v1/cameras"))["cameras"])
    return {one["name"]: f"{one['state']} {one['reason']}".strip() for one in listed}


def all_live(hub: Hub) -> bool:
    """Whether every camera gives pictures; refused ones will not by waiting."""
    found = states(hub)
    if any(state.startswith("refused") for state in found.values()):
        raise BenchError(f"a camera was refused: {found}")
    return all(state == "live" for state in found.values())


def make_clip(path: Path) -> None:
    """A textured picture that drifts, so that there is something to decode."""
    texture = np.random.default_rng(1).integers(60, 200, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    picture = np.kron(texture, np.ones((8, 8, 1), np.uint8))
    pictures = [VideoFrame.from_ndarray(np.roll(picture, (2 * n, 4 * n), (0, 1)), format="rgb24") for n in range(30)]
    with av.open(str(path), "w", format="mp4") as clip:
        stream = clip.add_stream("libx264", rate=Fraction(RATE), options={"preset": "ultrafast", "crf": "28"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = 2 * RATE
        for number in range(CLIP * RATE):
            frame = pictures[number % len(pictures)]
            frame.pts = number
            frame.time_base = Fraction(1, RATE)
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode())
