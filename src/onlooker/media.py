"""The nouns that travel between the parts, as frozen values.

A source yields `Media`: either finished pictures (`Frame`) or coded video (`Sample`). An album holds `Photo`s, and its
log tells of them in `Event`s; a camera's log has `CameraEvent`s. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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


class Projection(StrEnum):
    """How the world was put onto a picture, and so how to look at it."""

    FLAT = "flat"  # as a lens sees it
    EQUIRECTANGULAR = "equirectangular"  # all around, 2:1
    DUAL_FISHEYE = "dual-fisheye"  # two half worlds as circles side by side, 2:1
    FISHEYE = "fisheye"  # half a world as one circle


@dataclass(frozen=True, slots=True)
class View:
    """How to show a camera's pictures; `heading` and `pitch` are degrees by which the world is turned beforehand."""

    projection: Projection = Projection.FLAT
    heading: float = 0.0
    pitch: float = 0.0


FLAT = View()


class PhotoState(StrEnum):
    """Who gets to see a photo."""

    SHOWN = "shown"
    WAITING = "waiting"  # for somebody to approve it
    HIDDEN = "hidden"
    DELETED = "deleted"  # in the trash; can be undone for a while


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored still. Instants are microseconds since 1970, UTC; `width` and `height` are pixels as displayed.

    `place` orders the photos of an album: the number of the event that showed it. `taken_from` says who says when it
    was taken: `exif`, `client` or `arrival`; `taken_offset` is in minutes east of UTC. `shown_at` is when it came or,
    if it had to wait, was approved. `path` is relative to the archive.
    """

    id: str
    album: str
    kind: str
    state: PhotoState
    path: str
    sha256: bytes
    size: int
    type: str
    width: int
    height: int
    thumbhash: bytes
    added_at: int
    taken_at: int
    taken_from: str
    shown_at: int | None = None
    place: int = 0
    taken_offset: int | None = None
    caption: str = ""
    author: str = ""
    filename: str = ""
    device: str = ""
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    panorama: bool = False
    gpano: Mapping[str, str | float] = field(default_factory=dict)
    deleted_at: int | None = None

    @property
    def key(self) -> str:
        """What viewers know it by from the moment its upload starts."""
        return photo_key(self.id)


def photo_key(photo_id: str) -> str:
    """The key of a photo that may not exist yet."""
    return f"images/{photo_id}.jpg"


class EventKind(StrEnum):
    """What an event of an album tells."""

    COMPLETE = "complete"  # a photo can be fetched
    UPDATED = "updated"  # it changed, or is shown again
    HIDDEN = "hidden"
    DELETED = "deleted"
    WAITING = "waiting"  # stored, but not to be shown before somebody approves it


@dataclass(frozen=True, slots=True)
class Event:
    """A numbered fact of an album.

    `photo` is the photo as it is when the event is read, None once it is gone for good.
    """

    seq: int
    at: int
    kind: EventKind
    photo_id: str
    photo: Photo | None


@dataclass(frozen=True, slots=True)
class CameraEvent:
    """A fact of a camera: what became of its picture, or what it noticed by itself.

    `kind` is "lost", "refused", "back", "started" or "ended" (a sender's pictures), or what the camera noticed:
    "motion" and so on. `active`: it began or ended; None: it was over at once. What ended says what it ended: `began`
    is the number of that event, `began_at` its instant. Instants are microseconds since 1970, UTC. Until it stands in
    the log its `seq` is 0.
    """

    kind: str
    at: int
    active: bool | None = None
    began: int | None = None
    began_at: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0
