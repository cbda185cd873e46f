"""What of a camera's state is worth telling: that it went and came back, that somebody began to send and stopped.

A blink is not. Decides only; whoever asks writes the event and says so with `written`, so what could not be written is
asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from onlooker.live.status import CameraStatus, State
from onlooker.media import CameraEvent

BLINK = 5.0  # seconds that a camera may be without pictures before anybody is told
KINDS = frozenset({"lost", "refused", "back", "started", "ended"})
# Why an end does not say how long it took: the hub was not running, or nobody needed the camera, in between.
RESTART, UNWATCHED = "restart", "unwatched"


class Standing:
    """One camera's. `unended`: what its log has that began and has not ended."""

    def __init__(self, unended: Iterable[CameraEvent]) -> None:
        begun = {event.kind: event for event in unended}
        self._outage = begun.get("lost") or begun.get("refused")
        self._sending = begun.get("started")
        self._doubt = RESTART if self._outage or self._sending else ""
        self._refused = self._outage is not None and self._outage.kind == "refused"
        self._frames: int | None = None
        self._silent: tuple[float, float] | None = None  # monotonic and UTC: since when there are no pictures

    def look(self, status: CameraStatus, monotonic: float, *, receives: bool) -> CameraEvent | None:
        """What is to be told now; `receives`: its pictures come from whoever sends them."""
        return self._receiving(status, monotonic) if receives else self._connecting(status, monotonic)

    def written(self, event: CameraEvent) -> None:
        """It stands in the log, with this number."""
        if event.active is not None:
            self._doubt = ""
        match event.kind:
            case "started":
                self._sending = event
            case "ended":
                self._sending = None
            case "back":
                self._outage = None
            case "refused" | "lost":
                self._refused = event.kind == "refused"
                self._outage = event if event.active else self._outage

    def _connecting(self, status: CameraStatus, monotonic: float) -> CameraEvent | None:
        if status.state is State.LIVE:
            self._silent = None
            return self._over("back", self._outage, status.since)
        if status.state is State.IDLE:
            self._silent = None
            self._doubt = self._doubt or (UNWATCHED if self._outage else "")
        if status.state not in (State.LOST, State.REFUSED) or not self._silent_for_long(status, monotonic):
            return None
        kind, reason = status.state.value, {"reason": status.reason}
        if self._outage is None:
            assert self._silent is not None
            return CameraEvent(kind, microseconds(self._silent[1]), active=True, facts=reason)
        if status.state is State.REFUSED and not self._refused:  # the same outage, but now somebody has to act
            return CameraEvent(kind, microseconds(status.since), facts=reason)
        return None

    def _receiving(self, status: CameraStatus, monotonic: float) -> CameraEvent | None:
        before, self._frames = self._frames, status.frames_in
        # A sender of single pictures is live only for a moment each time.
        if status.state is State.LIVE or (before is not None and status.frames_in > before):
            self._silent = None
            started = CameraEvent("started", microseconds(status.since), active=True)
            return started if self._sending is None else None
        if self._silent_for_long(status, monotonic):
            assert self._silent is not None
            return self._over("ended", self._sending, self._silent[1], status.reason)
        return None

    def _silent_for_long(self, status: CameraStatus, monotonic: float) -> bool:
        if self._silent is None:
            self._silent = (monotonic, status.since)
        return monotonic - self._silent[0] >= BLINK

    def _over(self, kind: str, begun: CameraEvent | None, at: float, reason: str = "") -> CameraEvent | None:
        if begun is None:
            return None
        facts = {"reason": reason} if reason else {}
        return ending(begun, microseconds(at), self._doubt, kind=kind, facts=facts)


def ending(
    begun: CameraEvent, at: int, ended_by: str = "", *, kind: str = "", facts: dict[str, str] | None = None
) -> CameraEvent:
    """The end of what began; `ended_by` is why it is not known when that was, if it is not."""
    said = dict(begun.facts) if facts is None else facts
    return replace(
        begun,
        kind=kind or begun.kind,
        at=max(at, begun.at),
        active=False,
        began=begun.seq,
        began_at=begun.at,
        facts=said | ({"ended_by": ended_by} if ended_by else {}),
        seq=0,
    )


def microseconds(seconds: float) -> int:
    """An instant as events have it."""
    return round(seconds * 1_000_000)
