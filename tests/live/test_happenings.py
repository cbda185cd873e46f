"""What a camera notices is told once, with beginning and end, however it repeats, forgets or exaggerates."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from onlooker.devices import Happening
from onlooker.live.happenings import (
    LONGEST_FACT,
    LONGEST_NAME,
    MOST_FACTS,
    MOST_GOING_ON,
    QUIET,
    REPEAT,
    RESUME,
    Happenings,
)
from onlooker.live.standing import KINDS
from onlooker.media import CameraEvent

NOON = 1_800_000_000.0


class Ear:
    def __init__(self, *unended: CameraEvent) -> None:
        self.now = 0.0
        self.happenings = Happenings(unended, 0.0)
        self.log: list[CameraEvent] = []

    def hear(
        self, kind: str = "motion", active: bool | None = None, at: float | None = None, **facts: str
    ) -> CameraEvent | None:
        when = NOON + self.now if at is None else at
        event = self.happenings.heard(Happening(kind, when, active, facts), NOON + self.now, self.now)
        return self._write(event) if event is not None else None

    def later(self, seconds: float) -> list[CameraEvent]:
        self.now += seconds
        return [self._write(event) for event in self.happenings.expired(NOON + self.now, self.now)]

    def _write(self, event: CameraEvent) -> CameraEvent:
        event = replace(event, seq=len(self.log) + 1)
        self.log.append(event)
        self.happenings.written(event, self.now)
        return event


def test_motion_is_told_when_it_begins_and_when_it_ends() -> None:
    ear = Ear()
    began = ear.hear(active=True, rule="door")
    assert began is not None
    assert (began.kind, began.active, began.facts) == ("motion", True, {"rule": "door"})
    ear.later(12)
    ended = ear.hear(active=False, rule="door")
    assert ended is not None
    assert (ended.active, ended.began, ended.began_at) == (False, began.seq, began.at)
    assert ended.at - began.at == 12_000_000
    assert ear.hear(active=False, rule="door") is None


def test_repeats_are_not_told_and_keep_it_going() -> None:
    ear = Ear()
    ear.hear(active=True)
    for _ in range(10):
        assert ear.later(QUIET - 1) == []
        assert ear.hear(active=True) is None
    (over,) = ear.later(QUIET)
    assert (over.active, over.began, over.facts) == (False, 1, {"ended_by": "silence"})
    assert ear.later(10 * QUIET) == []


def test_two_rules_are_two_things_and_an_end_that_says_less_ends_the_only_one() -> None:
    ear = Ear()
    ear.hear(active=True, rule="door")
    ear.hear(active=True, rule="yard")
    assert ear.hear(active=False) is None  # which one?
    assert ear.hear(active=False, rule="door") is not None
    ended = ear.hear(active=False)
    assert ended is not None
    assert ended.began == 2


def test_what_is_over_at_once_is_told_again_only_after_a_while() -> None:
    ear = Ear()
    assert ear.hear("line") is not None
    assert ear.hear("line") is None
    assert ear.hear("sound") is not None
    ear.later(REPEAT)
    assert ear.hear("line") is not None


def test_a_camera_that_was_not_listened_to_has_a_while_to_say_that_it_goes_on() -> None:
    ear = Ear()
    ear.hear("motion", True)
    ear.hear("sound", True)
    ear.happenings.deaf(ear.now)
    ear.later(RESUME - 1)
    ear.hear("motion", True)
    assert [event.kind for event in ear.later(1)] == ["sound"]
    ended = ear.hear("motion", False)
    assert ended is not None
    assert ended.facts == {}


def test_what_went_on_when_the_hub_stopped_ends_unless_the_camera_says_otherwise() -> None:
    unended = [CameraEvent(kind, 0, True, seq=seq) for seq, kind in enumerate(("motion", "sound", "lost"), 3)]
    ear = Ear(*unended)
    ear.hear("sound", True)
    (over,) = ear.later(RESUME)
    assert (over.kind, over.began, over.facts) == ("motion", 3, {"ended_by": "restart"})


def test_a_camera_whose_clock_is_wrong_is_not_believed() -> None:
    ear = Ear()
    for wrong in (0.0, NOON + 1e9, float("nan"), float("inf")):
        ear.later(REPEAT)
        event = ear.hear("line", at=wrong)
        assert event is not None
        assert event.at == round((NOON + ear.now) * 1_000_000)


def test_a_cameras_word_never_means_what_became_of_its_pictures() -> None:
    ear = Ear()
    for kind in KINDS:
        event = ear.hear(kind)
        assert event is not None
        assert event.kind == f"camera-{kind}"
    event = ear.hear("Tamper/Detected\n", None, ended_by="nobody")
    assert event is not None
    assert (event.kind, event.facts) == ("tamper-detected", {})


words = st.text(max_size=600)


@given(st.lists(st.tuples(words, st.sampled_from([True, False, None]), st.dictionaries(words, words, max_size=20))))
def test_whatever_it_says_little_is_kept(said: list[tuple[str, bool | None, dict[str, str]]]) -> None:
    ear = Ear()
    for kind, active, facts in said * 2:
        event = ear.happenings.heard(Happening(kind, NOON, active, facts), NOON, 0.0)
        if event is None:
            continue
        assert 0 < len(event.kind) <= LONGEST_NAME + len("camera-")
        assert event.kind not in KINDS
        assert len(event.facts) <= MOST_FACTS
        for name, value in event.facts.items():
            assert len(name) <= LONGEST_NAME
            assert len(value) <= LONGEST_FACT
            assert (name + value).isprintable()
        ear._write(event)


def test_no_more_goes_on_than_is_kept_in_mind() -> None:
    ear = Ear()
    told = [ear.hear(f"kind{number}", True) for number in range(MOST_GOING_ON + 5)]
    assert len([event for event in told if event is not None]) == MOST_GOING_ON
