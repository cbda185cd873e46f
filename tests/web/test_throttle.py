"""Tries are limited by key, come back with time, and never cost unbounded memory."""

from __future__ import annotations

import pytest

from onlooker.clock import ManualClock
from onlooker.web.throttle import Throttle


async def test_tries_run_out_and_come_back() -> None:
    clock = ManualClock()
    throttle = Throttle(clock, burst=3, interval=10)
    assert [throttle.take("a") for _ in range(3)] == [0, 0, 0]
    assert throttle.take("a") == pytest.approx(10)
    assert throttle.take("b") == 0
    await clock.advance(9)
    assert throttle.take("a") == pytest.approx(1)
    await clock.advance(1)
    assert throttle.take("a") == 0
    assert throttle.take("a") == pytest.approx(10)


async def test_a_refused_try_does_not_make_the_wait_longer() -> None:
    throttle = Throttle(ManualClock(), burst=1, interval=10)
    assert throttle.take("a") == 0
    assert all(throttle.take("a") == pytest.approx(10) for _ in range(50))


async def test_a_try_given_back_does_not_count() -> None:
    throttle = Throttle(ManualClock(), burst=1, interval=10)
    for _ in range(20):
        assert throttle.take("a") == 0
        throttle.give_back("a")
    assert len(throttle) == 0


async def test_memory_is_bounded() -> None:
    throttle = Throttle(ManualClock(), burst=2, interval=10, keys=100)
    for number in range(1000):
        throttle.take(f"key{number}")
        assert len(throttle) <= 100
    assert throttle.take("key999") == 0
    assert throttle.take("key999") > 0
