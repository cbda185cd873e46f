"""How the wait grows, stays bounded, and starts again."""

from __future__ import annotations

import random

import pytest

from onlooker.errors import SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.live.backoff import STEADY, Backoff


@pytest.mark.parametrize(
    ("error", "first", "longest"), [(SourceLost, 1, 15), (SourceMissing, 3, 30), (SourceRefused, 30, 300)]
)
def test_doubles_to_a_limit_with_jitter(error: type[SourceError], first: float, longest: float) -> None:
    backoff = Backoff(random.Random(1))
    waits = [backoff.after(error("gone"), 0.0) for _ in range(12)]
    assert first * 0.75 <= waits[0] <= first * 1.25
    assert max(waits) <= longest * 1.25
    assert longest * 0.75 <= waits[-1]
    assert len(set(waits)) == len(waits)


def test_a_steady_connection_is_tried_again_soon() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(6):
        backoff.after(SourceLost("gone"), 0.0)
    assert backoff.after(SourceLost("gone"), STEADY) <= 1.25
