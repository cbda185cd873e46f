"""Supervision: lazy, patient, honest, never in the way of another camera."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from onlooker.clock import ManualClock
from onlooker.errors import NoPicture, SourceLost, SourceRefused, UnknownCamera
from onlooker.live.hub import Hub
from onlooker.live.status import ORIGINAL, Rendition, State
from tests.live.scripted import Notebook, Script, coded, frame, picture, settle


class Bench:
    """A hub with one scripted camera, a clock the test turns, and viewers."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.script = Script()

    async def start(self, **plan: object) -> None:
        await self.hub.apply([self.script.plan(**plan)])
        self.camera = self.hub.camera("garden")

    def watch(self, rendition: Rendition = ORIGINAL) -> Notebook:
        viewer = Notebook()
        self.hub.watch(viewer, ["garden"], rendition)
        return viewer

    async def state(self, state: State) -> None:
        await settle(lambda: self.camera.state is state)

    async def live(self) -> Notebook:
        """A viewer of a camera that has given one frame."""
        viewer = self.watch()
        self.script.steps.put_nowait(frame(1, self.clock.now()))
        await self.state(State.LIVE)
        return viewer


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.hub.close()
    assert made.script.open == 0, "a source was not released"


async def test_connects_for_the_first_viewer_and_lets_go_after_the_last(bench: Bench) -> None:
    await bench.start(stall_after=1000.0)
    await bench.clock.advance(60)
    assert bench.script.runs == 0
    viewer, other = await bench.live(), bench.watch()
    assert bench.script.runs == 1
    viewer.close()
    await bench.clock.advance(60)
    assert bench.camera.state is State.LIVE
    other.close()
    await bench.clock.advance(11)
    await bench.state(State.IDLE)
    assert bench.script.open == 0


async def test_a_viewer_that_comes_back_in_time_finds_the_same_connection(bench: Bench) -> None:
    await bench.start(idle_after=10.0, stall_after=1000.0)
    (await bench.live()).close()
    await bench.clock.advance(5)
    bench.watch()
    await bench.clock.advance(60)
    assert (bench.script.runs, bench.script.open) == (1, 1)


async def test_always_on_needs_no_viewer(bench: Bench) -> None:
    await bench.start(always_on=True)
    await settle(lambda: bench.script.open == 1)


async def test_jpeg_passes_byte_for_byte_to_every_viewer(bench: Bench) -> None:
    await bench.start()
    viewers = [bench.watch() for _ in range(3)]
    bench.script.steps.put_nowait(frame(7))
    await settle(lambda: all(viewer.seen for viewer in viewers))
    assert picture(7) in viewers[0].seen[0]
    assert len({id(viewer.seen[0]) for viewer in viewers}) == 1
    assert bench.script.runs == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [(SourceLost("The line is dead."), State.LOST), (SourceRefused("Wrong password."), State.REFUSED)],
)
async def test_a_failure_is_a_state_with_a_sentence_and_is_tried_again(
    bench: Bench, error: Exception, state: State
) -> None:
    await bench.start(stall_after=1000.0)
    viewer = bench.watch()
    bench.script.steps.put_nowait(error)
    await bench.state(state)
    status = bench.camera.status()
    assert status.reason == str(error)
    assert status.retry_at is not None
    assert status.retry_at > bench.clock.now()
    bench.script.steps.put_nowait(frame(1))
    await bench.clock.advance(400)
    await bench.state(State.LIVE)
    assert bench.script.runs == 2
    assert picture(1) in viewer.seen[-1]


async def test_viewers_of_a_lost_camera_stay_and_see_an_honest_picture(bench: Bench) -> None:
    await bench.start()
    viewer = await bench.live()
    bench.script.steps.put_nowait(SourceLost("The line is dead."))
    await settle(lambda: b"X-State: lost" in viewer.seen[-1])
    assert not viewer.closed
    late = bench.watch()
    assert b"X-State: lost" in late.seen[0]


async def test_an_unexpected_defect_in_a_kind_is_a_lost_camera(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await bench.start()
    bench.watch()
    bench.script.steps.put_nowait(ZeroDivisionError("oops"))
    await bench.state(State.LOST)
    assert "ZeroDivisionError" in bench.camera.status().reason


async def test_a_stall_is_noticed(bench: Bench) -> None:
    await bench.start(stall_after=10.0)
    await bench.live()
    await bench.clock.advance(9)
    assert bench.camera.state is State.LIVE
    await bench.clock.advance(1.1)
    await bench.state(State.LOST)
    await settle(lambda: bench.script.open == 0)
    assert "10 seconds" in bench.camera.status().reason
    assert bench.script.open == 0


async def test_the_picture_from_before_the_loss_is_never_shown_as_live(bench: Bench) -> None:
    await bench.start()
    viewer = await bench.live()
    bench.script.steps.put_nowait(SourceLost("gone"))
    await bench.state(State.LOST)
    viewer.close()
    await bench.clock.advance(30)
    late = bench.watch()
    await settle(lambda: bench.script.open == 1)
    assert not any(b"X-State: live" in part for part in late.seen)


async def test_still_is_the_newest_picture_with_its_age(bench: Bench) -> None:
    await bench.start(stall_after=100.0)
    await bench.live()
    await bench.clock.advance(3)
    taken, age = await bench.camera.still(ORIGINAL, 5)
    assert taken.data == picture(1)
    assert age == pytest.approx(3)


async def test_still_wakes_a_camera_that_was_let_go(bench: Bench) -> None:
    await bench.start()
    asking = asyncio.create_task(bench.camera.still(ORIGINAL, 5))
    await settle(lambda: bench.script.open == 1)
    bench.script.steps.put_nowait(frame(3))
    assert (await asking)[0].data == picture(3)


async def test_still_of_a_lost_camera_says_when_to_ask_again(bench: Bench) -> None:
    await bench.start()
    bench.watch()
    bench.script.steps.put_nowait(SourceRefused("Wrong password."))
    await bench.state(State.REFUSED)
    with pytest.raises(NoPicture, match="Wrong password") as caught:
        await bench.camera.still(ORIGINAL, 5)
    assert 20 <= caught.value.retry_after <= 40


async def test_still_gives_up_in_time(bench: Bench) -> None:
    await bench.start()
    with pytest.raises(NoPicture, match=r"within 0\.05 seconds"):
        await bench.camera.still(ORIGINAL, 0.05)


async def test_still_of_coded_video_decodes_the_last_key_frame(bench: Bench) -> None:
    await bench.start(always_on=True)
    for sample in coded(5):
        bench.script.steps.put_nowait(sample)
    taken, _ = await bench.camera.still(ORIGINAL, 5)
    assert taken.data.startswith(b"\xff\xd8")
    assert bench.camera.figures().frames_out == 0


async def test_only_the_connection_that_changed_is_made_anew(bench: Bench) -> None:
    other = Script()
    await bench.hub.apply([bench.script.plan(), other.plan("porch")])
    bench.camera = bench.hub.camera("garden")
    viewer = await bench.live()
    porch = Notebook()
    bench.hub.watch(porch, ["porch"], ORIGINAL)
    await settle(lambda: other.open == 1)
    await bench.hub.apply([bench.script.plan(fingerprint="another", title="Lawn"), other.plan("porch")])
    await settle(lambda: bench.script.runs == 2 and bench.script.open == 1)
    assert other.runs == 1
    assert not viewer.closed
    assert bench.camera.title == "Lawn"
    bench.script.steps.put_nowait(frame(9))
    await settle(lambda: picture(9) in viewer.seen[-1])


async def test_a_removed_camera_ends_and_releases(bench: Bench) -> None:
    await bench.start()
    viewer = await bench.live()
    await bench.hub.apply([])
    assert viewer.closed
    assert bench.script.open == 0
    with pytest.raises(UnknownCamera):
        bench.hub.camera("garden")


async def test_one_hanging_camera_does_not_hold_another(bench: Bench) -> None:
    other = Script()
    await bench.hub.apply([bench.script.plan(), other.plan("porch")])
    bench.camera = bench.hub.camera("garden")
    hung = Notebook()
    bench.hub.watch(hung, ["porch"], ORIGINAL)
    await bench.live()
    assert bench.hub.camera("porch").state is State.CONNECTING
