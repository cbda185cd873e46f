"""One line of the bench's table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, what it is held to ("–": nothing), and whether it holds (None: nothing to hold it to)."""

    letter: str
    what: str
    value: str
    at_most: str
    holds: bool | None
    details: str
