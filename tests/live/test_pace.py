"""Even thinning of frames, and the rate people read."""

from __future__ import annotations

import pytest

from onlooker.live.pace import Pace, Rate


@pytest.mark.parametrize(
    ("rate", "fps", "expected"), [(30, 10, 100), (25, 5, 50), (15, 15, 150), (15, 0, 150), (10, 30, 100)]
)
def test_a_pace_lets_about_its_rate_through(rate: int, fps: int, expected: int) -> None:
    pace = Pace(fps)
    taken = sum(pace.take(100 + number / rate) for number in range(rate * 10))
    assert taken == pytest.approx(expected, rel=0.05)


def test_jitter_does_not_halve_the_rate() -> None:
    pace = Pace(15)
    times = [100 + number / 15 + (0.008 if number % 2 else -0.008) for number in range(150)]
    assert sum(map(pace.take, times)) >= 145


def test_after_a_pause_there_is_no_burst() -> None:
    pace = Pace(1)
    assert pace.take(0.0)
    assert pace.take(60.0)
    assert not pace.take(60.2)


def test_rate_of_a_steady_camera_and_of_silence() -> None:
    rate = Rate()
    for number in range(100):
        rate.add(number / 10)
    assert rate.value(9.9) == pytest.approx(10, rel=0.02)
    assert rate.value(30.0) == 0
