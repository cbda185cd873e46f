"""Pictures out of coded video and JPEG, and JPEG out of pictures; blocking, to be called in worker threads.

A picture stays in the planes it was decoded to until it is encoded: H.264 goes to JPEG without passing through RGB.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags as CodecFlags
from av.video.frame import VideoFrame

from onlooker.errors import MalformedInput, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.formats.jpegcodec import Pixels
from onlooker.media import Sample, VideoFormat

_log = logging.getLogger(__name__)

_MICROSECONDS = Fraction(1, 1_000_000)
_UNSPECIFIED_MATRIX = 2
_BT709, _BT601 = 1, 5
_LIMITED, _FULL = 1, 2


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded picture; `captured` is the UTC instant of the frame or sample it came from, 0 if not known."""

    frame: VideoFrame
    captured: float = 0.0

    @property
    def width(self) -> int:
        return self.frame.width

    @property
    def height(self) -> int:
        return self.frame.height


class Decoder:
    """Decodes the samples of one connection in order; not to be used by two threads at once.

    Bad data never raises: what cannot be decoded gives no picture, and neither does anything up to the next key frame.
    """

    def __init__(self, fmt: VideoFormat) -> None:
        """SourceRefused if this codec is not known or its description is broken."""
        self._format = fmt
        self._waiting_for_key = True
        self._context = self._open(fmt)

    @staticmethod
    def _open(fmt: VideoFormat) -> av.VideoCodecContext:
        try:
            context = av.CodecContext.create(fmt.codec, "r")
            if not isinstance(context, av.VideoCodecContext):
                raise SourceRefused(f"The camera sends “{fmt.codec}”, which is not video.")
            # One thread: the worker that calls pays, and a frame in is a frame out.
            context.thread_count = 1
            context.flags |= CodecFlags.low_delay
            if fmt.extradata:
                context.extradata = fmt.extradata
            if fmt.codec == "rawvideo":
                context.width, context.height, context.pix_fmt = fmt.width, fmt.height, fmt.pixel_format
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise SourceRefused(
                f"The camera sends video as “{fmt.codec}”, which cannot be decoded here. Set it to H.264 or MJPEG."
            ) from error
        return context

    def decode(self, sample: Sample) -> list[Picture]:
        """The pictures this sample completes: usually one; none if it is damaged, or until the next key frame then."""
        if not sample.data:  # to the decoder that would mean: nothing more will ever come
            return []
        if self._waiting_for_key:
            if not sample.key:
                return []
            self._waiting_for_key = False
        packet = av.Packet(sample.data)
        packet.time_base = _MICROSECONDS
        packet.pts = packet.dts = round(sample.pts * 1_000_000)
        packet.is_keyframe = sample.key
        try:
            frames = self._context.decode(packet)
        except (av.FFmpegError, ValueError) as error:
            _log.debug("sample not decoded, waiting for the next key frame: %s", error)
            self._waiting_for_key = True
            self._context.flush_buffers()
            return []
        return [Picture(frame, sample.captured) for frame in frames if not frame.is_corrupt]

    def close(self) -> None:
        """Give the decoder's memory back; `decode` must not be called after."""
        del self._context


def decode_jpeg(data: bytes, *, max_width: int = 0, captured: float = 0.0) -> Picture:
    """The pixels of a JPEG; MalformedInput if it is none.

    `max_width` says that nobody needs it wider: it may then come smaller, but at least that wide, at half the cost.
    """
    pixels = jpegcodec.decode_rgb(data, min_width=max_width)
    return Picture(VideoFrame.from_ndarray(pixels, format="rgb24"), captured)


def encode_jpeg(picture: Picture, *, width: int = 0, quality: int = 80) -> bytes:
    """The picture as a JPEG, at most `width` pixels wide (0: as it is), never enlarged, in its own proportions."""
    frame = picture.frame
    target_width, target_height = fitted(frame.width, frame.height, width)
    same_size = (target_width, target_height) == (frame.width, frame.height)
    if same_size and frame.format.name == "rgb24":
        return jpegcodec.encode_rgb(
            _lines(frame, 0)[:, : frame.width * 3].reshape(frame.height, -1, 3), quality=quality
        )
    try:
        planar = frame.reformat(
            width=target_width,
            height=target_height,
            format="yuv420p",
            src_colorspace=_matrix(frame),
            dst_colorspace=_BT601,
            src_color_range=_range(frame),
            dst_color_range=_FULL,
            interpolation="AREA",
        )
    except (av.FFmpegError, ValueError) as error:
        raise MalformedInput(f"The picture ({frame.format.name}) cannot be turned into a JPEG: {error}.") from error
    y, u, v = (_lines(planar, index)[:, : planar.planes[index].width] for index in range(3))
    return jpegcodec.encode_planes(y, u, v, quality=quality)


def fitted(width: int, height: int, limit: int) -> tuple[int, int]:
    """A size at most `limit` wide (0: any) in the same proportions, of even numbers unless it is the size given."""
    if limit <= 0 or limit >= width:
        return width, height
    new_width = max(2, limit - limit % 2)
    return new_width, max(2, 2 * round(height * new_width / width / 2))


def _matrix(frame: VideoFrame) -> int:
    """How the colours were coded; cameras that do not say follow the custom: BT.709 above standard definition."""
    if frame.format.is_rgb:
        return _BT601
    if frame.colorspace != _UNSPECIFIED_MATRIX:
        return int(frame.colorspace)
    return _BT709 if frame.height > 576 else _BT601


def _range(frame: VideoFrame) -> int:
    full = frame.format.is_rgb or frame.format.name.startswith("yuvj") or frame.color_range == _FULL
    return _FULL if full else _LIMITED


def _lines(frame: VideoFrame, index: int) -> Pixels:
    """A view of one plane's lines, with the padding at their ends; valid while `frame` is."""
    plane = frame.planes[index]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height]
