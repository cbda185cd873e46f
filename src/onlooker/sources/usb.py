"""USB cameras and others of this computer, through V4L2, AVFoundation or DirectShow."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from onlooker.clock import Clock
from onlooker.errors import ConfigError, SourceMissing, SourceRefused
from onlooker.formats import size as sizes
from onlooker.media import Media
from onlooker.readers.demux import Input, demux

SCHEMES = ("usb", "v4l2")

InputFormat = Literal["mjpeg", "yuyv", "auto"]

SYSFS = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class Webcam:
    """A camera of this computer: `path` is what `v4l2:` takes, `name` what its maker calls it."""

    path: str
    name: str


def webcams(root: Path | None = None) -> list[Webcam]:
    """The cameras that Linux knows, by number; empty elsewhere. The second node of a camera (metadata) is left out."""
    found = []
    for entry in (root or SYSFS).glob("video*"):
        number = entry.name.removeprefix("video")
        if number.isdecimal() and _read(entry / "index") in ("", "0"):
            found.append((int(number), Webcam(f"/dev/{entry.name}", _read(entry / "name") or entry.name)))
    return [webcam for _, webcam in sorted(found, key=lambda pair: pair[0])]


def device_input(url: str, platform: str) -> tuple[str, str, dict[str, str]]:
    """FFmpeg's (format, file, options) for a camera's URL on a platform as `sys.platform` names it."""
    which = url.partition(":")[2].removeprefix("//")
    if not which:
        raise ConfigError("A USB source needs a number or a device, as in usb:0 or v4l2:/dev/video0.")
    if platform == "darwin":
        # AVFoundation refuses to start at any rate but one that the camera has; nearly all have this one.
        return "avfoundation", f"{which}:none", {"framerate": "30"}
    if platform == "win32":
        if which.isdecimal():
            raise ConfigError("On Windows a USB source needs the camera's name, as in “usb:Integrated Camera”.")
        return "dshow", f"video={which}", {}
    return "v4l2", f"/dev/video{which}" if which.isdecimal() else which, {}


class Source:
    """One camera of this computer.

    Options:
        size: width and height in pixels, as in "1280x720"; left out, what the camera starts with.
        fps: frames a second; left out, what the camera starts with.
        input_format: "mjpeg" takes the camera's own JPEGs as they are; "yuyv" takes raw pictures, for a camera whose
            JPEGs are poor; "auto" takes MJPEG if there is any, else what the camera gives.
    """

    def __init__(
        self, url: str, *, size: str | None = None, fps: float | None = None, input_format: InputFormat = "auto"
    ) -> None:
        self._format, self._file, options = device_input(url, sys.platform)
        if size is not None:
            options["video_size"] = "{}x{}".format(*sizes.parsed(size))
        if fps is not None:
            if fps <= 0:
                raise ConfigError(f"fps must be more than 0, not {fps:g}.")
            options["framerate"] = f"{fps:g}"
        self._options = options
        self._wishes = _wishes(self._format, input_format)

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        started = False
        for wish in self._wishes:
            try:
                async with aclosing(self._read(wish, clock)) as media:
                    async for item in media:
                        started = True
                        yield item
            except SourceRefused:
                if started or wish is self._wishes[-1]:
                    raise
                # It does not have this format: ask for the next.

    async def _read(self, wish: dict[str, str], clock: Clock) -> AsyncGenerator[Media]:
        if self._format == "v4l2":
            await asyncio.to_thread(_check, Path(self._file))
        source = Input(self._file, f"The camera {self._file}", self._format, {**self._options, **wish})
        async with aclosing(demux(source, clock)) as media:
            async for item in media:
                yield item


def _wishes(format: str, input_format: InputFormat) -> list[dict[str, str]]:
    """The options to try in turn for the format that is wanted."""
    match format, input_format:
        case "v4l2", "mjpeg":
            return [{"input_format": "mjpeg"}]
        case "v4l2", "yuyv":
            return [{"input_format": "yuyv422"}]
        case "v4l2", "auto":
            return [{"input_format": "mjpeg"}, {}]
        case "dshow", "mjpeg":
            return [{"vcodec": "mjpeg"}]
        case "dshow", "yuyv":
            return [{"pixel_format": "yuyv422"}]
        case "dshow", "auto":
            return [{"vcodec": "mjpeg"}, {}]
        case "avfoundation", "mjpeg":
            raise ConfigError("input_format: macOS gives no MJPEG of a camera; leave it out or say “auto”.")
        case "avfoundation", "yuyv":
            return [{"pixel_format": "yuyv422"}]
        case _:
            return [{}]


def _check(path: Path) -> None:
    """Raise what a person can act on before FFmpeg says less."""
    if not path.exists():
        others = ", ".join(f"{webcam.path} ({webcam.name})" for webcam in webcams())
        raise SourceMissing(f"There is no camera at {path}. There is {others or 'none at all'}.")
    try:
        path.open("rb").close()
    except PermissionError:
        raise SourceRefused(f"{path} may not be opened by this user. Add the user to the group “video”.") from None
    except OSError:
        return  # busy, or asleep: FFmpeg will say


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
