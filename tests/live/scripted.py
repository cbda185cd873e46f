"""A source whose every step a test decides, and pictures and coded video for it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable

import av
import numpy as np
from PIL import Image

from onlooker.clock import Clock
from onlooker.live.plan import CameraPlan
from onlooker.live.status import Rendition
from onlooker.live.viewer import Viewer
from onlooker.media import Frame, Media, Sample, VideoFormat


class Script:
    """What a camera's connections do: each run takes from the same queue; an exception in it ends the run."""

    def __init__(self) -> None:
        self.steps: asyncio.Queue[Media | Exception] = asyncio.Queue()
        self.runs = 0
        self.open = 0

    def __call__(self) -> Script:
        return self

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        self.runs += 1
        self.open += 1
        try:
            while True:
                step = await self.steps.get()
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.open -= 1

    def plan(self, name: str = "garden", **changes: object) -> CameraPlan:
        options: dict[str, object] = {
            "name": name,
            "title": name.title(),
            "kind": "scripted",
            "make": self,
            "fingerprint": name,
        }
        return CameraPlan(**{**options, **changes})  # type: ignore[arg-type]


class Notebook(Viewer):
    """A viewer that writes down what it is handed; `slow` makes it stay busy until the test says `drained()`."""

    def __init__(self, *, slow: bool = False) -> None:
        super().__init__()
        self.slow = slow
        self.seen: list[bytes] = []

    def write(self, data: bytes) -> None:
        assert not self.busy
        self.seen.append(data)
        self.busy = self.slow

    def close(self) -> None:
        self.detach()


def picture(number: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small JPEG, different for each number."""
    file = io.BytesIO()
    Image.new("RGB", size, (number * 37 % 256, 80, 120)).save(file, "JPEG")
    return file.getvalue()


def frame(number: int = 0, captured: float = 1_800_000_000.0, size: tuple[int, int] = (64, 48)) -> Frame:
    return Frame(picture(number, size), captured)


def coded(
    count: int, *, group: int = 10, size: tuple[int, int] = (64, 48), start: float = 1_800_000_000.0
) -> list[Sample]:
    """H.264 samples, a key frame every `group`, 10 a second."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.framerate = 10
    context.gop_size = group
    context.max_b_frames = 0
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "scenecut=0"}
    packets = []
    for number in range(count):
        pixels = np.full((size[1], size[0], 3), (number * 16) % 256, dtype=np.uint8)
        image = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        image.pts = number
        packets += context.encode(image)
    packets += context.encode(None)
    form = VideoFormat("h264", *size, 10.0, "yuv420p", bytes(context.extradata or b""))
    return [Sample(bytes(packet), packet.is_keyframe, n / 10, start + n / 10, form) for n, packet in enumerate(packets)]


async def settle(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the loop run until `condition()` holds."""
    async with asyncio.timeout(seconds):
        # What is waited for happens in worker threads too, so there is no event to wait on.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


ORIGINAL = Rendition()
