"""The demo's folder: a configuration that shows the product without hardware, and the film one of its cameras plays."""

from __future__ import annotations

import errno
import math
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from onlooker.errors import OnlookerError

Progress = Callable[[Iterable[int], int, str], Iterator[int]]
FILM = "regatta.mp4"
THETA = "ONLOOKER_DEMO_THETA"  # in the environment: where the simulated 360° camera of this run is
_PORTS_TRIED = 100

_CONFIG = """\
# The demo's cameras. Edit this file while the demo runs: a change shows within two seconds.

[cameras.harbour]
title = "Harbour"
source = "testcard:harbour"

[cameras.lighthouse]
title = "Lighthouse"
source = "testcard:lighthouse"
size = "640x480"
fps = 5

[cameras.regatta]
title = "Regatta (a film, H.264)"
source = "file:{film}"

# A simulated camera that runs with the demo, on whatever port is free.
[cameras.terrace]
title = "Terrace (360°)"
source = "osc://${{{theta}:-127.0.0.1:5360}}"

[cameras.buoy]
title = "Buoy (drops out by itself)"
source = "testcard:buoy"
size = "960x540"
outage_every = 45
outage_for = 12
"""


def prepare(folder: Path, progress: Progress) -> Path:
    """Make the film and the configuration where they are missing; returns the configuration's path."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        film = folder / FILM
        if not film.exists():
            make_film(film, progress)
        config = folder / "onlooker.toml"
        if not config.exists():
            config.write_text(
                _CONFIG.format(film=quote(film.resolve().as_posix(), safe="/:"), theta=THETA), encoding="utf-8"
            )
    except OSError as error:
        raise OnlookerError(
            f"{folder}: the demo cannot be written here: {error.strerror}. Choose a folder: --data"
        ) from None
    return config


def free_port(host: str, wanted: int) -> int:
    """The wanted port if nobody listens on it, else the next that is free."""
    for port in range(wanted, min(wanted + _PORTS_TRIED, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            if os.name == "posix":  # as the server does: a port that has just been let go is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise OnlookerError(f"Cannot listen on {host}: {error.strerror}. Choose another: --host") from None
            else:
                return port
    raise OnlookerError(f"No port from {wanted} to {port} is free. Choose another: --port")


def make_film(
    path: Path, progress: Progress, *, seconds: int = 20, rate: int = 15, width: int = 1280, height: int = 720
) -> None:
    """Draw a boat sailing by, as H.264 in MP4; its end fits its beginning. Written beside and renamed when whole."""
    beside = path.with_name(f".{path.name}.part")
    count = seconds * rate
    scene = _Scene(width, height)
    try:
        with av.open(str(beside), "w", format="mp4") as film:
            stream = film.add_stream("libx264", rate=Fraction(rate), options={"preset": "ultrafast", "crf": "26"})
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.gop_size = 2 * rate
            for number in progress(range(count), count, "Making the demo's film"):
                film.mux(stream.encode(VideoFrame.from_ndarray(scene.draw(number / count), format="rgb24")))
            film.mux(stream.encode())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


class _Scene:
    """An evening at sea. `draw(t)` gives the picture at t of the way round, 0 ≤ t < 1; draw(1) would be draw(0)."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._horizon = height * 55 // 100
        self._rows = np.arange(height, dtype=np.float32)[:, None]
        columns = np.arange(width, dtype=np.float32)[None, :] / width
        depth = (np.arange(height - self._horizon, dtype=np.float32)[:, None] + 4) / (height - self._horizon)
        # Whole waves across the width, finer towards the horizon, so that rolling them sideways has no seam.
        waves = sum(np.sin(math.tau * (n * columns + k / depth)) / 3 for n, k in ((3, 0.9), (7, 1.7), (11, 2.6)))
        self._waves = np.asarray(waves * (8 * depth), np.int16)
        down = (self._rows[self._horizon :] - self._horizon) / (height - self._horizon)
        water = np.array([196, 130, 110]) * (1 - down) + np.array([14, 40, 78]) * down
        # Two waves of at most 8 each way: clipped here once, they need no clipping in every picture.
        self._water = np.clip(water, 16, 239).astype(np.int16)[:, None, :]

    def draw(self, t: float) -> NDArray[np.uint8]:
        """One picture, height × width × RGB."""
        picture = Image.fromarray(self._sea_and_sky(t))
        pen = ImageDraw.Draw(picture)
        self._boat(pen, t)
        self._clock(pen, t)
        return np.asarray(picture)

    def _sea_and_sky(self, t: float) -> NDArray[np.uint8]:
        glow = 0.5 + 0.5 * math.sin(math.tau * t)
        high, low = np.array([24, 32, 84 + 30 * glow]), np.array([250, 150 + 40 * glow, 96])
        up = np.clip(self._rows / self._horizon, 0, 1)
        pixels = np.empty((self._height, self._width, 3), np.uint8)
        pixels[: self._horizon] = (high * (1 - up) + low * up)[: self._horizon, None, :].reshape(-1, 1, 3)
        self._sun(pixels, glow)
        there, back = round(t * self._width), round(-2 * t * self._width)
        waves = np.roll(self._waves, there, axis=1) + np.roll(self._waves, back, axis=1)
        np.add(self._water, waves[:, :, None], out=pixels[self._horizon :], casting="unsafe")
        return pixels

    def _sun(self, pixels: NDArray[np.uint8], glow: float) -> None:
        radius = self._height // 9
        middle = round(self._horizon - radius * (0.2 + 1.2 * glow))
        left = self._width * 68 // 100
        y, x = np.ogrid[: self._horizon, : self._width]
        pixels[: self._horizon][(x - left) ** 2 + (y - middle) ** 2 < radius**2] = (255, 226, 160)

    def _boat(self, pen: ImageDraw.ImageDraw, t: float) -> None:
        unit = self._height / 24
        x = (t * 1.4 - 0.2) * self._width
        y = self._horizon + 3.2 * unit + 0.35 * unit * math.sin(math.tau * 8 * t)
        lean = 0.12 * math.sin(math.tau * 6 * t)

        def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
            return [(x + unit * (across - lean * up), y - unit * (up + lean * across)) for across, up in points]

        pen.polygon(at((-3, 0.9), (3.4, 0.9), (2.3, -0.6), (-2.4, -0.6)), fill=(60, 24, 30))
        pen.polygon(at((0.2, 1.2), (0.2, 8.2), (3.0, 1.4)), fill=(250, 244, 230))
        pen.polygon(at((-0.1, 1.2), (-0.1, 7.4), (-2.6, 1.5)), fill=(224, 92, 66))
        pen.line(at((0.05, 0.9), (0.05, 8.5)), fill=(40, 20, 24), width=max(1, round(unit / 8)))

    def _clock(self, pen: ImageDraw.ImageDraw, t: float) -> None:
        radius = self._height / 12
        x = y = radius * 1.5
        pen.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=(255, 250, 240), outline=(40, 32, 60), width=3
        )
        for turns, length, thick in ((1, 0.6, 5), (20, 0.85, 2)):
            angle = math.tau * turns * t
            tip = (x + radius * length * math.sin(angle), y - radius * length * math.cos(angle))
            pen.line(((x, y), tip), fill=(40, 32, 60), width=thick)
