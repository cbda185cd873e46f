"""The steady beat of all feeds: who watches, once a second; and a sign of life, lest a proxy cuts a silent stream."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from onlooker.clock import Clock
from onlooker.events.feed import Feed

PING_EVERY = 20  # seconds


async def beat(feeds: Callable[[], Iterable[Feed]], clock: Clock) -> None:
    """Until cancelled."""
    for second in itertools.count(1):
        await clock.sleep(1.0)
        for feed in feeds():
            feed.tick()
            if second % PING_EVERY == 0:
                feed.ping()
