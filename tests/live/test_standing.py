"""What becomes of a camera is told when it lasts, once, with its beginning and its end."""

from __future__ import annotations

from dataclasses import replace

from onlooker.live.standing import BLINK, Standing
from onlooker.live.status import CameraStatus, State
from onlooker.media import CameraEvent

NOON = 1_800_000_000.0
STATUS = CameraStatus(
    name="yard",
    title="The yard",
    kind="rtsp",
    state=State.IDLE,
    reason="",
    since=NOON,
    retry_at=None,
    codec="",
    width=0,
    height=0,
    frame_rate=0.0,
    age=None,
    viewers=0,
    frames_in=0,
    bytes_in=0,
    reconnects=0,
    last_frame_at=None,
)


class Days:
    """A camera's log, kept as the hub would: what is told is written at once, unless the disk is full."""

    def __init__(self, *unended: CameraEvent, receives: bool = False) -> None:
        self.standing = Standing(unended)
        self.receives = receives
        self.log: list[CameraEvent] = []
        self.now = 0.0
        self.since = (State.IDLE, 0.0)
        self.frames = 0
        self.full = False

    def be(self, state: State, seconds: int = 1, reason: str = "", frames: int = 0) -> list[str]:
        """Be in this state for so long; what was told meanwhile."""
        before = len(self.log)
        if self.since[0] is not state:
            self.since = (state, self.now)
        for _ in range(seconds):
            self.frames += frames
            status = replace(STATUS, state=state, reason=reason, since=NOON + self.since[1], frames_in=self.frames)
            event = self.standing.look(status, self.now, receives=self.receives)
            if event is not None and not self.full:
                event = replace(event, seq=len(self.log) + 1)
                self.log.append(event)
                self.standing.written(event)
            self.now += 1
        return [event.kind for event in self.log[before:]]


def at(seconds: float) -> int:
    return round((NOON + seconds) * 1_000_000)


def test_an_outage_is_told_when_it_lasts_from_when_it_began_to_when_it_ended() -> None:
    days = Days()
    assert days.be(State.LIVE, 10) == []
    assert days.be(State.LOST, int(BLINK), "It does not answer.") == []
    assert days.be(State.LOST, 60, "It does not answer.") == ["lost"]
    assert days.be(State.LIVE, 10) == ["back"]
    lost, back = days.log
    assert (lost.at, lost.active, lost.facts) == (at(10), True, {"reason": "It does not answer."})
    assert (back.at, back.active, back.began, back.began_at, back.facts) == (at(75), False, 1, at(10), {})


def test_a_blink_is_not_told() -> None:
    days = Days()
    for _ in range(20):
        assert days.be(State.LOST, int(BLINK)) == []
        assert days.be(State.LIVE, 2) == []


def test_a_camera_that_never_came_is_lost_and_one_that_is_not_needed_is_not() -> None:
    days = Days()
    assert days.be(State.IDLE, 100) == []
    assert days.be(State.CONNECTING, 100) == []
    assert days.be(State.REFUSED, 10, "Wrong password.") == ["refused"]


def test_an_outage_that_turns_out_to_need_somebody_is_one_outage() -> None:
    days = Days()
    assert days.be(State.LOST, 10) == ["lost"]
    assert days.be(State.REFUSED, 10, "Wrong password.") == ["refused"]
    assert days.be(State.LOST, 10) == []
    assert days.be(State.REFUSED, 10, "Wrong password.") == []
    assert days.be(State.LIVE) == ["back"]
    assert [event.active for event in days.log] == [True, None, False]
    assert days.log[2].began == 1


def test_how_long_an_outage_took_is_not_claimed_where_nobody_looked() -> None:
    days = Days()
    days.be(State.LOST, 10)
    days.be(State.IDLE, 1000)
    days.be(State.CONNECTING)
    assert days.be(State.LIVE) == ["back"]
    assert days.log[1].facts == {"ended_by": "unwatched"}
    days.be(State.LOST, 10)
    days.be(State.LIVE)
    assert days.log[3].facts == {}


def test_what_went_on_when_the_hub_stopped_goes_on_or_ends() -> None:
    before = CameraEvent("lost", at(-500), True, seq=7)
    days = Days(before)
    assert days.be(State.LOST, 10) == []
    assert days.be(State.LIVE) == ["back"]
    assert (days.log[0].began, days.log[0].facts) == (7, {"ended_by": "restart"})


def test_what_could_not_be_written_is_told_when_it_can() -> None:
    days = Days()
    days.full = True
    days.be(State.LOST, 20)
    days.full = False
    assert days.be(State.LOST) == ["lost"]
    assert days.log[0].at == at(0)


def test_a_sender_starts_at_once_and_has_ended_when_that_lasts() -> None:
    days = Days(receives=True)
    assert days.be(State.ENDED, 60, "Nobody sends.") == []
    assert days.be(State.LIVE, 30, frames=10) == ["started"]
    assert days.be(State.LOST, 3, "No picture.") == []
    assert days.be(State.LIVE, 30, frames=10) == []
    assert days.be(State.ENDED, 30, "Lena stopped.") == ["ended"]
    started, ended = days.log
    assert (ended.began, ended.began_at, ended.at) == (1, started.at, at(123))
    assert ended.facts == {"reason": "Lena stopped."}


def test_a_script_that_sends_a_picture_now_and_then_is_one_sender() -> None:
    days = Days(receives=True)
    days.be(State.ENDED, 10)
    told = []
    for _ in range(10):  # live only between two looks
        told += days.be(State.ENDED, 1, frames=1) + days.be(State.ENDED, 3)
    assert told == ["started"]
    assert days.be(State.ENDED, 10) == ["ended"]
