"""OSC (Open Spherical Camera): what 360° cameras say of themselves in JSON, as values.

Cameras agree on little beyond the names: a battery at 57 or at 0.57, codes of errors with a space behind them, hours of
one digit, keys with a typing error, an API level that is not said because there was only one. So nothing but the form
of JSON is insisted on; what cannot be read is left out. Numbers are finite and texts short, whatever was sent.
https://developers.google.com/streetview/open-spherical-camera; every model adds keys of its own, which start with “_”.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from onlooker.errors import MalformedInput

Document = Mapping[str, Any]

_MAX_TEXT = 200
_MAX_LIST = 1000
_DATE = re.compile(
    r"(\d{4})[:-](\d{1,2})[:-](\d{1,2})[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?\s*(Z|[+-]\d{1,2}:?\d{2})?"
)
_FORMAT = re.compile(r"(\d{1,5})\s*[x×]\s*(\d{1,5})(?:\s*@\s*(\d{1,4})(?:\s*fps)?)?", re.IGNORECASE)


def document(data: bytes) -> dict[str, Any]:
    """The JSON object that these bytes are; MalformedInput."""
    try:
        found = json.loads(
            data.decode("utf-8-sig", "replace"), parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
    except (ValueError, RecursionError):
        raise MalformedInput("This is not JSON.") from None
    if not isinstance(found, dict):
        raise MalformedInput("This JSON is no object.")
    return found


def _no_number(word: str) -> float:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond all bounds")
    return number


def _whole(text: str) -> int:
    if len(text) > 20:
        raise ValueError("a number beyond all bounds")
    return int(text)


@dataclass(frozen=True, slots=True)
class Info:
    """Which camera it is. `levels` are the API levels that it speaks; 1 has sessions, 2 has none."""

    maker: str
    model: str
    serial: str
    firmware: str
    levels: tuple[int, ...]

    @property
    def is_theta(self) -> bool:
        return "THETA" in self.model.upper()

    @property
    def has_preview(self) -> bool:
        """Whether it may have live pictures: those of the ONE family give them to the maker's own programs only."""
        return "insta360" not in self.model.lower() and "arashi" not in self.maker.lower()


def info(said: Document) -> Info:
    """The answer to `/osc/info`."""
    levels = said.get("apiLevel")
    if not isinstance(levels, list):
        levels = [levels]
    known = sorted({level for level in levels[:_MAX_LIST] if level in (1, 2) and not isinstance(level, bool)})
    return Info(
        maker=text(said.get("manufacturer")),
        model=text(said.get("model")),
        serial=text(said.get("serialNumber")),
        firmware=text(said.get("firmwareVersion")),
        levels=tuple(int(level) for level in known) or (1,),
    )


@dataclass(frozen=True, slots=True)
class CameraState:
    """What it is doing. `level` is the API level it is switched to, None where it does not say; `battery` is 0 to 1;
    `latest` is the URL (level 1: the path) of its newest file; `errors` are its own words."""

    level: int | None = None
    battery: float | None = None
    charging: bool | None = None
    capture: str = ""
    latest: str = ""
    errors: tuple[str, ...] = ()


def camera_state(said: Document) -> CameraState:
    """The answer to `/osc/state`."""
    state = _object(said.get("state"))
    # Documents write `_batterylnsert`, cameras `_batteryInsert`. Without one, its level means nothing.
    inserted = state.get("_batteryInsert", state.get("_batterylnsert"))
    charging = {"charging": True, "charged": True, "disconnect": False}.get(text(state.get("_batteryState")))
    level = state.get("_apiVersion")
    return CameraState(
        level=level if isinstance(level, int) and level in (1, 2) else None,
        battery=None if inserted is False else _battery(state.get("batteryLevel")),
        charging=charging,
        capture=text(state.get("_captureStatus")),
        latest=_address(state.get("_latestFileUrl")) or _address(state.get("_latestFileUri")),
        errors=tuple(word for word in map(text, _list(state.get("_cameraError"))[:20]) if word),
    )


def _battery(value: object) -> float | None:
    level = number(value)
    if level is None or level < 0:
        return None
    return min(1.0, level if level <= 1 else level / 100)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a camera did not do something: its code, and its own words, which may be empty."""

    code: str
    message: str = ""


class Progress(StrEnum):
    """How far a command is."""

    DONE = "done"
    GOING_ON = "inProgress"
    FAILED = "error"


@dataclass(frozen=True, slots=True)
class Execution:
    """How a command went, or how far it is: `id` is what to ask for it by, `completion` is 0 to 1."""

    state: Progress
    id: str = ""
    results: Document = field(default_factory=dict)
    completion: float | None = None
    fault: Fault | None = None


def execution(said: Document) -> Execution:
    """The answer to `/osc/commands/execute` or `/status`; MalformedInput where it is none.

    Some cameras answer an error with HTTP status 200: `state` is what counts, and an `error` where there is no state.
    """
    found = fault(said)
    state = text(said.get("state"))
    if state == Progress.FAILED or found is not None:
        return Execution(Progress.FAILED, fault=found or Fault("unknown"))
    if state == Progress.GOING_ON:
        completion = number(_object(said.get("progress")).get("completion"))
        return Execution(
            Progress.GOING_ON,
            id=str(said.get("id", ""))[:_MAX_TEXT],
            completion=None if completion is None else min(1.0, max(0.0, completion)),
        )
    if state == Progress.DONE:
        return Execution(Progress.DONE, results=_object(said.get("results")))
    raise MalformedInput("This does not say how the command went.")


def fault(said: Document) -> Fault | None:
    """The error in an answer, None where there is none."""
    error = said.get("error")
    if not isinstance(error, dict):
        return None
    return Fault(text(error.get("code")) or "unknown", text(error.get("message")))


def options(results: Document) -> dict[str, Any]:
    """The results of `getOptions`."""
    return dict(_object(results.get("options")))


@dataclass(frozen=True, slots=True)
class PreviewFormat:
    """Size in pixels and pictures a second of the live view; no `rate`: the camera does not say."""

    width: int
    height: int
    rate: int | None = None

    @property
    def label(self) -> str:
        return f"{self.width}x{self.height}" + ("" if self.rate is None else f"@{self.rate}")

    @property
    def wire(self) -> dict[str, int]:
        """As a camera takes it."""
        rate = {} if self.rate is None else {"framerate": self.rate}
        return {"width": self.width, "height": self.height, **rate}


def preview_format(value: object) -> PreviewFormat | None:
    """A format as a camera writes it, or as people do (“1024x512@30”); None where it is neither."""
    if isinstance(value, str):
        found = _FORMAT.fullmatch(value.strip())
        return PreviewFormat(int(found[1]), int(found[2]), int(found[3]) if found[3] else None) if found else None
    said = _object(value)
    width, height = _count(said.get("width")), _count(said.get("height"))
    return PreviewFormat(width, height, _count(said.get("framerate")) or None) if width and height else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored file: `address` is a URL, or a path that is for the camera only (level 1). `taken` is ISO 8601."""

    address: str
    name: str
    size: int | None = None
    taken: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """Some of the files; `total` is of all, `continuation` is for the next call at level 1."""

    entries: tuple[Entry, ...]
    total: int | None = None
    continuation: str = ""


def listing(results: Document) -> Listing:
    """The results of `listFiles`, or of level 1's `listImages`."""
    entries = (_entry(_object(one)) for one in _list(results.get("entries"))[:_MAX_LIST])
    total = number(results.get("totalEntries"))
    return Listing(
        tuple(entry for entry in entries if entry is not None),
        None if total is None or total < 0 else int(total),
        text(results.get("continuationToken")),
    )


def _entry(said: Document) -> Entry | None:
    address = _address(said.get("fileUrl")) or _address(said.get("uri"))
    if not address:
        return None
    return Entry(
        address,
        file_name(text(said.get("name")) or address),
        _count(said.get("size")) or None,
        taken_at(said.get("dateTimeZone") or said.get("dateTime")),
        _count(said.get("width")),
        _count(said.get("height")),
    )


def stored_at(results: Document) -> str:
    """Where the picture is that a `takePicture` made; empty where the camera does not say."""
    group = [one for one in _list(results.get("_fileGroup"))[:1] if isinstance(one, str)]
    return _address(results.get("fileUrl")) or _address(results.get("fileUri")) or _address([*group, None][0])


def file_name(address: str) -> str:
    """The last piece of a URL or path, fit to be shown."""
    try:
        path = urlsplit(address).path
    except ValueError:
        path = address
    return text(unquote(path).replace("\\", "/").rstrip("/").rpartition("/")[2])[:100] or "picture"


def taken_at(value: object) -> str:
    """“2022:11:14 17:24:38+09:00” and its relatives as ISO 8601; empty where it is no date."""
    found = _DATE.fullmatch(text(value))
    if found is None:
        return ""
    year, month, day, hour, minute, second = (int(found[group]) for group in range(1, 7))
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        return ""
    zone = found[7] or ""
    if zone not in ("", "Z"):
        digits = zone[1:].replace(":", "").zfill(4)
        if int(digits[:2]) > 14 or int(digits[2:]) > 59:
            return ""
        zone = f"{zone[0]}{digits[:2]}:{digits[2:]}"
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}"


def number(value: object) -> float | None:
    """A finite number; None for anything else, and for true and false."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def count(value: object) -> int | None:
    """A number of things, of bytes for instance; None for anything else."""
    found = number(value)
    return None if found is None or found < 0 else int(found)


def text(value: object) -> str:
    """A short text in one line, without what could not be shown; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(c for c in value[: 4 * _MAX_TEXT] if c.isprintable()).strip()[:_MAX_TEXT]


def _count(value: object) -> int:
    return count(value) or 0


def _address(value: object) -> str:
    """A URL or path; empty where it is none, or longer than any."""
    return value.strip() if isinstance(value, str) and len(value) <= 2000 and value.isprintable() else ""


def _object(value: object) -> Document:
    return cast(Document, value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
