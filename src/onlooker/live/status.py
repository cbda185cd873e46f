"""What a camera says of itself: its state and its figures, as frozen values for the API, the pages and the metrics."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import StrEnum

from onlooker.media import FLAT, View


class State(StrEnum):
    """Where a camera stands; a person sees live, waiting (idle, connecting), lost (lost, refused) and ended."""

    IDLE = "idle"  # nobody needs it; it is let go
    CONNECTING = "connecting"  # asked for, no picture yet
    LIVE = "live"  # pictures are coming
    LOST = "lost"  # it should be there and is not; tried again soon
    REFUSED = "refused"  # it needs the user: wrong password, unsupported; tried again slowly
    ENDED = "ended"  # nobody sends pictures to it now


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """A camera at one moment. Instants are UTC seconds since 1970, durations seconds, sizes pixels or bytes."""

    name: str
    title: str
    kind: str  # the source's file name: "rtsp"
    state: State
    reason: str  # one sentence for people; empty while live or idle
    since: float  # when it came into this state
    retry_at: float | None  # when it will be tried again, while lost or refused
    codec: str  # "mjpeg", "h264", …; empty before the first picture
    width: int  # 0 before the first picture
    height: int
    frame_rate: float  # frames a second coming in, over the last seconds
    age: float | None  # of the newest frame; None if there is none
    viewers: int
    frames_in: int
    bytes_in: int
    reconnects: int
    last_frame_at: float | None  # when the newest frame ever was captured; survives an outage
    view: View = FLAT
    device: bool = False  # whether it can do more than give pictures


@dataclass(frozen=True, slots=True)
class FanoutFigures:
    """What a camera's channels have handed out so far; summed over its renditions."""

    frames_out: int
    bytes_out: int
    skipped_busy: int  # viewer had not drained the frame before
    skipped_decoder: int  # decoder or encoder was behind
    renditions: int

    def __add__(self, other: FanoutFigures) -> FanoutFigures:
        return FanoutFigures(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True, order=True)
class Rendition:
    """A size and rate of a camera's picture; the default is the picture as it comes.

    `width` in pixels (0: as it comes; never enlarged), `fps` frames a second at most (0: as they come).
    """

    width: int = 0
    fps: int = 0


ORIGINAL = Rendition()
