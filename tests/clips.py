"""Small real media for tests, coded by PyAV where they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from onlooker.media import Sample, VideoFormat

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
BLACK, WHITE, SKY = (0, 0, 0), (255, 255, 255), (20, 80, 200)

Colour = tuple[int, int, int]

_BT709, _BT601, _LIMITED, _FULL = 1, 5, 1, 2


def plain_frames(
    colours: list[Colour], width: int, height: int, *, pixel_format: str = "yuv420p", hd: bool = False
) -> Iterator[av.VideoFrame]:
    """One frame of each colour, in the matrix and range that such a stream has."""
    for index, colour in enumerate(colours):
        pixels = np.full((height, width, 3), colour, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
            format=pixel_format,
            dst_colorspace=_BT709 if hd else _BT601,
            src_color_range=_FULL,
            dst_color_range=_FULL if "yuvj" in pixel_format else _LIMITED,
        )
        frame.pts = index
        frame.time_base = Fraction(1, 10)
        yield frame


def samples(
    colours: list[Colour],
    width: int = 64,
    height: int = 48,
    *,
    encoder: str = "libx264",
    pixel_format: str = "yuv420p",
    hd: bool = False,
) -> list[Sample]:
    """Coded video, one key frame and then none; 10 frames a second."""
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = width, height, pixel_format
    context.time_base, context.framerate = Fraction(1, 10), Fraction(10)
    if encoder == "libx265":
        context.options = {"x265-params": "log-level=none", "tune": "zerolatency"}
    elif encoder == "libx264":
        context.options = {"tune": "zerolatency", "sc_threshold": "0"}
    packets = []
    for frame in plain_frames(colours, width, height, pixel_format=pixel_format, hd=hd):
        packets += context.encode(frame)
    packets += context.encode(None)
    codec = {"libx264": "h264", "libx265": "hevc"}.get(encoder, encoder)
    fmt = VideoFormat(codec, width, height, 10.0, pixel_format)
    return [
        Sample(bytes(packet), packet.is_keyframe, float(packet.pts or 0) / 10, 1000.0 + index, fmt)
        for index, packet in enumerate(packets)
    ]


def write_video(path: Path, encoder: str = "libx264", *, frames: int = 10, width: int = 64, height: int = 48) -> Path:
    """A video file of `frames` plain pictures, red and green in turn, 10 a second."""
    pixel_format = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        if encoder == "libx264":
            stream.options = {"g": "5", "bf": "0", "sc_threshold": "0"}
        for frame in plain_frames([RED, GREEN] * (frames // 2), width, height, pixel_format=pixel_format):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """A file with sound and no video."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
