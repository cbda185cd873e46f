"""What was asked of a simulated camera, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Counters:
    """What was asked of the camera. `hasty` are questions that came sooner than the camera wants them."""

    requests: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    previews: int = 0
    previews_open: int = 0
    previews_at_most: int = 0
    pictures: int = 0
    passwords_right: int = 0
    passwords_wrong: int = 0
    challenges: int = 0
    hasty: int = 0

    def preview_begins(self) -> None:
        """One more is open."""
        self.previews += 1
        self.previews_open += 1
        self.previews_at_most = max(self.previews_at_most, self.previews_open)

    def as_json(self) -> dict[str, Any]:
        """By their names."""
        return {
            name: dict(value) if isinstance(value, Counter) else value
            for name in self.__slots__
            for value in [getattr(self, name)]
        }
