"""What became of the photos: who saw which when, counted and measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
MOST_REASONS = 5


@dataclass(slots=True)
class Shot:
    """One photo. Instants are seconds of one monotonic clock; `seen` has one for each viewer."""

    number: int
    due: float
    acknowledged: float | None = None
    refused: bool = False
    fetchable: float | None = None
    fetched: int | None = None  # the status of the answer
    seen: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """Of one run; `shots` by the SHA-256 of their bytes."""

    viewers: int
    late_after: float
    shots: dict[str, Shot] = field(default_factory=dict)
    doubled: int = 0  # a photo that a viewer was told of twice, or an event twice
    out_of_order: int = 0  # an event that did not follow the one before it
    resets: int = 0
    reconnected: int = 0
    reasons: list[str] = field(default_factory=list)

    def refuse(self, shot: Shot, reason: str) -> None:
        """The hub did not take it."""
        shot.refused = True
        if reason not in self.reasons and len(self.reasons) < MOST_REASONS:
            self.reasons.append(reason)

    def all_seen(self) -> bool:
        """Whether nothing is waited for."""
        return all(
            shot.refused or (shot.acknowledged is not None and self._whole(shot)) for shot in self.shots.values()
        )

    def counts(self) -> dict[str, int]:
        """How many of each."""
        shots = self.shots.values()
        acknowledged = [shot for shot in shots if shot.acknowledged is not None]
        return {
            "sent": len(shots),
            "acknowledged": len(acknowledged),
            "refused": sum(shot.refused for shot in shots),
            "seen": sum(self._whole(shot) for shot in shots),
            "lost": sum(not self._whole(shot) for shot in acknowledged),
            "doubled": self.doubled,
            "out_of_order": self.out_of_order + self.resets,
            "late": sum(any(at - shot.due > self.late_after for at in shot.seen.values()) for shot in shots),
            "unfetchable": sum(shot.fetched is not None and shot.fetched != 200 for shot in shots),
            "reconnected": self.reconnected,
        }

    def clean(self) -> bool:
        """Whether every photo was acknowledged, and seen by every viewer, once, in order, in time."""
        counts = self.counts()
        bad = ("refused", "lost", "doubled", "out_of_order", "late", "unfetchable")
        return counts["acknowledged"] == counts["sent"] and not any(counts[name] for name in bad)

    def spans(self) -> dict[str, dict[str, float]]:
        """Percentiles in seconds, of what was measured."""
        shots = list(self.shots.values())
        measured = {
            "shot to acknowledged": [shot.acknowledged - shot.due for shot in shots if shot.acknowledged is not None],
            "shot to seen": [at - shot.due for shot in shots for at in shot.seen.values()],
            "seen to fetched": [
                shot.fetchable - min(shot.seen.values()) for shot in shots if shot.fetchable is not None and shot.seen
            ],
        }
        return {name: percentiles(values) for name, values in measured.items() if values}

    def _whole(self, shot: Shot) -> bool:
        return len(shot.seen) == self.viewers


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """The nearest ranks."""
    ordered = sorted(values)
    return {name: ordered[max(0, math.ceil(part * len(ordered)) - 1)] for name, part in PERCENTILES.items()}
