"""What of that which a camera notices is worth telling: each thing once, its beginning and its end.

Cameras repeat themselves, forget to say that something is over, and send what they like. So repeats are passed over,
what is not heard of any more ends, and every text is short. Decides only, as `standing.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from onlooker.devices import Happening
from onlooker.live import standing
from onlooker.live.standing import RESTART, ending, microseconds
from onlooker.media import CameraEvent

QUIET = 300.0  # seconds after which something that began is over, if the camera does not speak of it any more
RESUME = 30.0  # seconds that a camera has to speak of it again after it was not listened to
REPEAT = 2.0  # seconds in which the same thing, which is over at once, is not told again
SKEW = 60.0  # seconds by which a camera's clock may differ before ours is taken
MOST_GOING_ON = 32
MOST_FACTS = 8
LONGEST_NAME, LONGEST_FACT = 32, 200
SILENCE = "silence"
COMMON = ("motion", "line", "sound", "input")  # what many cameras notice

_UNFIT = re.compile(r"[^a-z0-9]+")

_Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class _GoingOn:
    event: CameraEvent
    until: float  # monotonic: over by then, unless the camera speaks of it again
    doubt: str


class Happenings:
    """One camera's. `unended`: what its log has that began and has not ended."""

    def __init__(self, unended: Iterable[CameraEvent], monotonic: float) -> None:
        self._going_on = {
            _key(event.kind, event.facts): _GoingOn(event, monotonic + RESUME, RESTART)
            for event in unended
            if event.kind not in standing.KINDS
        }
        self._once: dict[_Key, float] = {}  # when that was told last

    def heard(self, happening: Happening, now: float, monotonic: float) -> CameraEvent | None:
        """What is to be told of this; None: nothing."""
        kind, facts = _kind(happening.kind), _facts(happening.facts)
        at = microseconds(happening.at if abs(happening.at - now) <= SKEW else now)
        key = _key(kind, facts)
        if happening.active is None:
            self._once = {known: when for known, when in self._once.items() if monotonic - when < REPEAT}
            known = key in self._once
            if len(self._once) < MOST_GOING_ON:
                self._once.setdefault(key, monotonic)
            return None if known else CameraEvent(kind, at, facts=facts)
        if happening.active:
            if (there := self._going_on.get(key)) is not None:
                there.until, there.doubt = monotonic + QUIET, ""
                return None
            return CameraEvent(kind, at, active=True, facts=facts) if len(self._going_on) < MOST_GOING_ON else None
        over = self._going_on.get(key) or self._only(kind)
        return ending(over.event, at, over.doubt) if over is not None else None

    def expired(self, now: float, monotonic: float) -> list[CameraEvent]:
        """The ends of what was not heard of for too long."""
        return [
            ending(one.event, microseconds(now), one.doubt or SILENCE)
            for one in self._going_on.values()
            if monotonic >= one.until
        ]

    def deaf(self, monotonic: float) -> None:
        """The camera is not listened to just now, and may have said that something is over."""
        for one in self._going_on.values():
            one.until = min(one.until, monotonic + RESUME)

    def written(self, event: CameraEvent, monotonic: float) -> None:
        """It stands in the log, with this number."""
        if event.active:
            self._going_on[_key(event.kind, event.facts)] = _GoingOn(event, monotonic + QUIET, "")
        elif event.active is False:
            self._going_on = {key: one for key, one in self._going_on.items() if one.event.seq != event.began}

    def _only(self, kind: str) -> _GoingOn | None:
        """Some cameras say other things of an end than of its beginning."""
        found = [one for (known, _), one in self._going_on.items() if known == kind]
        return found[0] if len(found) == 1 else None


def _key(kind: str, facts: Mapping[str, str]) -> _Key:
    return kind, tuple(sorted(facts.items()))


def _kind(said: str) -> str:
    """A camera's word as a short one of ours; never one that means what became of its pictures."""
    kind = _UNFIT.sub("-", said[: 4 * LONGEST_NAME].lower()).strip("-")[:LONGEST_NAME].strip("-") or "other"
    return f"camera-{kind}" if kind in standing.KINDS else kind


def _facts(said: Mapping[str, str]) -> dict[str, str]:
    facts = {}
    for name, value in list(said.items())[:MOST_FACTS]:
        if name and name != "ended_by":
            facts[_plain(name, LONGEST_NAME)] = _plain(value, LONGEST_FACT)
    return facts


def _plain(text: str, longest: int) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:longest])
