"""Turns the packets of an FFmpeg demuxer into frames and samples; blocking, for the thread that reads."""

from __future__ import annotations

import logging
import time

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from onlooker.errors import MalformedInput, SourceRefused
from onlooker.formats import mjpeg
from onlooker.media import Frame, Media, Sample, VideoFormat

_log = logging.getLogger(__name__)


class Unpacker:
    """What one opened input gives: its video's format and, packet by packet, its media."""

    def __init__(self, container: InputContainer) -> None:
        """SourceRefused if there is no video in it."""
        if not container.streams.video:
            raise SourceRefused("There is no video in what it sends, only sound or data.")
        self.stream: VideoStream = container.streams.video[0]
        self.format = _format_of(self.stream)
        if self.format.codec == "wrapped_avframe":
            # FFmpeg's own generators hand out addresses in memory, not bytes: nothing that can be kept.
            raise SourceRefused("What it sends cannot leave FFmpeg.")
        self.damaged = 0
        self._is_jpeg = self.format.codec == "mjpeg"
        self._started = time.monotonic()

    def media(self, packet: Packet[VideoStream], captured: float) -> Media | None:
        """The frame or sample in this packet; None if there is none or the picture is damaged."""
        if packet.size == 0:
            return None
        data = bytes(packet)
        if self._is_jpeg:
            return self._frame(data, captured)
        if packet.is_keyframe and not self.format.width:
            self.format = _measured(self.format, data)
        return Sample(data, packet.is_keyframe, self.seconds(packet), captured, self.format)

    def seconds(self, packet: Packet[VideoStream]) -> float:
        """When this packet is to be shown, on the stream's clock; by its arrival where the stream does not say."""
        ticks = packet.pts if packet.pts is not None else packet.dts
        if ticks is None or packet.time_base is None:
            return time.monotonic() - self._started
        return float(ticks * packet.time_base)

    def _frame(self, data: bytes, captured: float) -> Frame | None:
        try:
            return Frame(mjpeg.complete(data), captured)
        except MalformedInput as error:
            self.damaged += 1
            _log.debug("picture dropped: %s", error)
            return None


def _format_of(stream: VideoStream) -> VideoFormat:
    context = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate
    return VideoFormat(
        codec=context.codec.canonical_name,
        width=context.width,
        height=context.height,
        rate=float(rate) if rate else 0.0,
        pixel_format=context.pix_fmt or "",
        extradata=context.extradata or b"",
    )


def _measured(fmt: VideoFormat, key: bytes) -> VideoFormat:
    """The format with the size in it, which a camera that does not announce it shows in its first key frame."""
    try:
        context = av.CodecContext.create(fmt.codec, "r")
        if not isinstance(context, av.VideoCodecContext):
            return fmt
        if fmt.extradata:
            context.extradata = fmt.extradata
        frames = [*context.decode(Packet(key)), *context.decode(None)]
    except (av.FFmpegError, ValueError) as error:
        _log.debug("size not found in a key frame: %s", error)
        return fmt
    if not frames:
        return fmt
    return VideoFormat(fmt.codec, frames[0].width, frames[0].height, fmt.rate, frames[0].format.name, fmt.extradata)
