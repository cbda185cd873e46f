"""How photos, their events and signals look to clients: one JSON shape for the API, the stream and the catch-up."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from onlooker.formats import sse
from onlooker.media import Event, EventKind, Photo, PhotoState, photo_key

REVEAL_AFTER = 1_500_000  # microseconds from a photo's arrival (or approval) to when every screen shows it
_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
}
_TELLS_PHOTO = frozenset({EventKind.COMPLETE, EventKind.UPDATED})


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log of an album or a camera: behind event `seq` of the log's `epoch`."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"

    @classmethod
    def parsed(cls, text: str) -> Position | None:
        """The position that `str` wrote; None for anything else."""
        epoch, dot, seq = text.strip().rpartition(".")
        fits = dot and epoch.isalnum() and seq.isascii() and seq.isdecimal() and len(text) <= 64
        return cls(epoch, int(seq)) if fits else None


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it goes out: its number, its name in the stream, its JSON data, and the bytes of the stream.

    `about` is the id of what it tells of, by which it can be found again; empty where nothing is ever taken back.
    """

    seq: int
    kind: str
    about: str
    data: str
    wire: bytes


def instant(microseconds: int, offset: int | None = None) -> str:
    """RFC 3339; with the offset in minutes where it was taken, if that is known, else in UTC with a Z."""
    if offset is None:
        moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC) + timedelta(
            microseconds=microseconds % 1_000_000
        )
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
    zone = timezone(timedelta(minutes=offset))
    return datetime.fromtimestamp(microseconds // 1_000_000, zone).isoformat()


def photo_json(photo: Photo, root_path: str) -> dict[str, Any]:
    """A photo for everybody who may see its album: without its place on earth."""
    digest = photo.sha256.hex()
    folder = f"{root_path}/albums/{photo.album}/i/{digest}"
    return {
        "id": photo.id,
        "key": photo.key,
        "album": photo.album,
        "kind": photo.kind,
        "state": photo.state.value,
        "url": f"{folder}/1440.jpg",
        "thumbnail": f"{folder}/320.webp",
        "original": f"{folder}/original.{extension(photo.type)}",
        "sha256": digest,
        "size": photo.size,
        "type": photo.type,
        "width": photo.width,
        "height": photo.height,
        "thumbhash": base64.b64encode(photo.thumbhash).decode(),
        "taken_at": instant(photo.taken_at, photo.taken_offset),
        "taken_from": photo.taken_from,
        "added_at": instant(photo.added_at),
        "show_at": instant((photo.shown_at or photo.added_at) + REVEAL_AFTER),
        "caption": photo.caption,
        "author": photo.author,
        "device": photo.device,
        "panorama": photo.panorama,
        "order": photo.place,
    }


def extension(mime: str) -> str:
    """The ending of an original's name."""
    return _EXTENSIONS[mime]


def told(event: Event, epoch: str, root_path: str) -> Told:
    """An event as it is sent now; what is no longer shown is not told again, only that something was there."""
    about: dict[str, Any] = {"id": event.photo_id, "key": photo_key(event.photo_id)}
    if event.kind in _TELLS_PHOTO:
        shown = event.photo is not None and event.photo.state is PhotoState.SHOWN
        about = photo_json(event.photo, root_path) if event.photo and shown else {**about, "gone": True}
    return made(event.seq, epoch, event.kind.value, event.photo_id, about)


def made(seq: int, epoch: str, kind: str, about: str, facts: Mapping[str, Any]) -> Told:
    """An event of this number and name, with `facts` as its data."""
    data = compact(facts)
    return Told(seq, kind, about, data, sse.message(data, event=kind, id=f"{epoch}.{seq}"))


def gone(event: Told, epoch: str) -> Told:
    """The event after its photo was taken away; unchanged if it does not show the photo."""
    if event.kind not in _TELLS_PHOTO:
        return event
    return told(Event(event.seq, 0, EventKind(event.kind), event.about, None), epoch, "")


def signal(kind: str, **about: Any) -> bytes:
    """A fact that is not kept, for the stream."""
    return sse.message(compact(about), event=kind)


def reset(position: Position) -> bytes:
    """What a viewer gets whose gap cannot be filled: reload the list, go on from `position`."""
    return sse.message(compact({"position": str(position)}), event="reset", id=str(position))


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
