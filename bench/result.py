"""One line of the bench's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, the mark it is held to ("–": none), and whether it holds (None: nothing to hold it to)."""

    letter: str
    what: str
    value: str
    mark: str
    holds: bool | None
    details: str
    bound: str = "at most"  # or “at least”: on which side of the mark it has to be
