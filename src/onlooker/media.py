"""The nouns that travel between the parts, as frozen values.

A source yields `Media`: either finished pictures (`Frame`) or coded video (`Sample`). Nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One JPEG picture of a camera.

    `data` is a whole JPEG file (FFD8 … FFD9), `captured` the UTC instant in seconds since 1970 at which it was taken
    or, where the camera does not say, arrived. `sequence` counts the frames of one camera from 1; a source leaves it 0
    and the camera's supervision numbers them.
    """

    data: bytes
    captured: float
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a decoder has to know before the first sample; one object is shared by all samples of a connection.

    `codec` and `pixel_format` are FFmpeg's names ("h264", "hevc", "mpeg4", "rawvideo"; "yuv420p", "" if unknown).
    `width` and `height` are pixels (0 if unknown until the first key frame), `rate` is frames a second (0 if unknown).
    """

    codec: str
    width: int = 0
    height: int = 0
    rate: float = 0.0
    pixel_format: str = ""
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded access unit, as it came from the camera.

    `key` says that decoding can start here; `pts` is the presentation time in seconds on the stream's own clock;
    `captured` is the UTC instant of arrival in seconds since 1970.
    """

    data: bytes
    key: bool
    pts: float
    captured: float
    format: VideoFormat


Media = Frame | Sample
