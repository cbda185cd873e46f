"""What is counted as lost, doubled, out of order or late, out of what viewers were told."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from PIL import Image

from onlooker.formats import exif, sse
from onlooker.simulation.outcome import Outcome, Shot, percentiles
from onlooker.simulation.pictures import Camera
from onlooker.simulation.watching import _Viewer


def outcome() -> Outcome:
    made = Outcome(viewers=1, late_after=5.0)
    for number in (1, 2, 3):
        made.shots[str(number)] = Shot(number, due=10.0, acknowledged=11.0)
    return made


def told(made: Outcome, *events: tuple[int, str], at: float = 12.0) -> None:
    viewer = _Viewer(0, "e.0", made, lambda photo, first: None)
    for seq, photo in events:
        viewer._take(sse.Message(json.dumps({"sha256": photo}), "complete", f"e.{seq}"), at)


def bad(made: Outcome) -> dict[str, int]:
    names = ("lost", "doubled", "out_of_order", "late")
    return {name: count for name, count in made.counts().items() if name in names and count}


def test_all_is_well() -> None:
    made = outcome()
    told(made, (1, "1"), (2, "somebody else's"), (3, "2"), (4, "3"))
    assert bad(made) == {}
    assert made.clean()
    assert made.spans()["shot to seen"]["max"] == 2.0


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(1, "1"), (2, "2")], {"lost": 1}),
        ([(1, "1"), (1, "1"), (2, "2"), (3, "3")], {"doubled": 1}),
        ([(1, "1"), (2, "2"), (3, "3"), (4, "3")], {"doubled": 1}),
        ([(1, "1"), (3, "2"), (4, "3")], {"out_of_order": 1}),
        ([(1, "1"), (3, "2"), (2, "3")], {"out_of_order": 2, "lost": 1}),
    ],
)
def test_trouble(events: list[tuple[int, str]], expected: dict[str, int]) -> None:
    made = outcome()
    told(made, *events)
    assert bad(made) == expected
    assert not made.clean()


def test_late_and_refused_and_unfetchable() -> None:
    made = outcome()
    told(made, (1, "1"), (2, "2"), (3, "3"), at=15.1)
    assert bad(made) == {"late": 3}
    made = outcome()
    told(made, (1, "1"), (2, "2"), (3, "3"))
    made.shots["1"].fetched = 503
    assert not made.clean()
    made.shots["1"].fetched = 200
    assert made.clean()
    made.refuse(made.shots["2"], "no")
    assert not made.clean()


def test_percentiles() -> None:
    assert percentiles([3.0]) == {"p50": 3.0, "p90": 3.0, "p99": 3.0, "max": 3.0}
    hundred = percentiles([float(number) for number in range(100, 0, -1)])
    assert hundred == {"p50": 50.0, "p90": 90.0, "p99": 99.0, "max": 100.0}


def test_a_photo_is_as_a_phone_makes_it() -> None:
    now = datetime(2026, 11, 21, 14, 3, 2, tzinfo=UTC)
    first, second = (Camera((640, 480), 1).shoot(number, now) for number in (1, 2))
    assert first != second
    assert first == Camera((640, 480), 1).shoot(1, now)
    facts = exif.read(first, max_pixels=10_000_000)
    assert (facts.width, facts.height, facts.device, facts.taken) == (640, 480, "Simulated phone", now)
    start = first.index(b"\xff\xd8", 2)
    assert Image.open(io.BytesIO(first[start:])).size == (160, 120)
