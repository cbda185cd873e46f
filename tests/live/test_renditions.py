"""Sizes and rates: made only when watched, once for all, from JPEG and from coded video."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from onlooker.clock import ManualClock
from onlooker.errors import SourceLost, TooMany
from onlooker.formats import jpeg
from onlooker.live.coder import Coder
from onlooker.live.hub import Hub
from onlooker.live.renditions import MOST_RENDITIONS
from onlooker.live.status import ORIGINAL, Rendition, State
from onlooker.media import Frame, Sample
from tests.live.scripted import Notebook, Script, coded, frame, picture, settle


class Rig:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.script = Script()

    def watch(self, rendition: Rendition) -> Notebook:
        viewer = Notebook()
        self.hub.watch(viewer, ["garden"], rendition)
        return viewer


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    await made.hub.apply([made.script.plan(always_on=True, stall_after=1000.0)])
    yield made
    await made.hub.close()


def body(part: bytes) -> bytes:
    return part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n--frame\r\n")


async def test_a_smaller_picture_is_made_once_for_all(rig: Rig) -> None:
    viewers = [rig.watch(Rendition(width=32)) for _ in range(2)]
    original = rig.watch(ORIGINAL)
    rig.script.steps.put_nowait(frame(1, size=(64, 48)))
    await settle(lambda: all(viewer.seen for viewer in viewers))
    assert viewers[0].seen[0] is viewers[1].seen[0]
    assert jpeg.dimensions(body(viewers[0].seen[0])) == (32, 24)
    assert body(original.seen[0]) == picture(1)


async def test_never_enlarged_but_passed_through(rig: Rig) -> None:
    wide = rig.watch(Rendition(width=640))
    rig.script.steps.put_nowait(frame(1, size=(64, 48)))
    await settle(lambda: wide.seen)
    assert body(wide.seen[0]) == picture(1)


async def test_a_slower_rendition_of_a_jpeg_camera_costs_no_encoder(rig: Rig) -> None:
    slow, full = rig.watch(Rendition(fps=2)), rig.watch(ORIGINAL)
    for number in range(1, 21):
        rig.script.steps.put_nowait(frame(number))
        await settle(lambda wanted=number: len(full.seen) == wanted)
        await rig.clock.advance(0.1)
    assert 4 <= len(slow.seen) <= 5
    assert slow.seen[0] is full.seen[0]


async def test_coded_video_is_decoded_for_who_watches(rig: Rig) -> None:
    viewer = rig.watch(ORIGINAL)
    for sample in coded(10):
        rig.script.steps.put_nowait(sample)
    await settle(lambda: viewer.seen)
    assert jpeg.dimensions(body(viewer.seen[0])) == (64, 48)


async def test_who_joins_coded_video_need_not_wait_for_a_key_frame(rig: Rig) -> None:
    for sample in coded(8, group=100):
        rig.script.steps.put_nowait(sample)
    await settle(lambda: rig.hub.camera("garden").status().frames_in == 8)
    viewer = rig.watch(Rendition(width=32))
    await settle(lambda: viewer.seen)
    assert jpeg.dimensions(body(viewer.seen[0])) == (32, 24)


async def test_nothing_is_decoded_that_nobody_watches(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("decoded without a viewer")

    monkeypatch.setattr("onlooker.live.coder.Decoder", refuse)
    for sample in coded(30):
        rig.script.steps.put_nowait(sample)
    camera = rig.hub.camera("garden")
    await settle(lambda: camera.status().frames_in == 30)
    assert camera.state is State.LIVE


async def test_a_codec_nobody_knows_is_refused_with_words(rig: Rig) -> None:
    rig.watch(ORIGINAL)
    good = coded(1)[0]
    form = type(good.format)("no-such-codec", 64, 48)
    rig.script.steps.put_nowait(Sample(good.data, True, 0.0, good.captured, form))
    await settle(lambda: rig.hub.camera("garden").state is State.REFUSED)
    assert "no-such-codec" in rig.hub.camera("garden").status().reason


async def test_a_damaged_frame_does_not_end_the_stream(rig: Rig) -> None:
    viewer = rig.watch(Rendition(width=32))
    rig.script.steps.put_nowait(frame(1, size=(64, 48)))
    await settle(lambda: viewer.seen)
    rig.script.steps.put_nowait(type(frame())(picture(2)[:200] + b"\xff\xd9", 1.0))
    rig.script.steps.put_nowait(frame(3, size=(64, 48)))
    await settle(lambda: len(viewer.seen) >= 2)
    assert rig.hub.camera("garden").state is State.LIVE


async def test_two_connections_never_share_a_decoder(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of a connection that ended may still be decoding when the next one begins."""
    busy = threading.Event()
    used: list[Coder] = []
    render = Coder.render

    def held(coder: Coder, *work: Any) -> dict[Rendition, Frame]:
        used.append(coder)
        if len(used) == 1:
            assert busy.wait(20)
        return render(coder, *work)

    monkeypatch.setattr(Coder, "render", held)
    viewer = rig.watch(ORIGINAL)
    rig.script.steps.put_nowait(coded(1)[0])
    await settle(lambda: used)
    rig.script.steps.put_nowait(SourceLost("gone"))
    await settle(lambda: rig.hub.camera("garden").state is State.LOST)
    rig.script.steps.put_nowait(coded(1)[0])
    await rig.clock.advance(2)
    await settle(lambda: len(used) == 2)
    busy.set()
    assert used[0] is not used[1]
    await settle(lambda: any(b"X-State: live" in part for part in viewer.seen))
    assert sum(b"X-State: live" in part for part in viewer.seen) == 1


async def test_the_number_of_renditions_is_bounded(rig: Rig) -> None:
    for number in range(MOST_RENDITIONS):
        rig.hub.allow(["garden"], Rendition(width=16 * (number + 1)))
        rig.watch(Rendition(width=16 * (number + 1)))
    rig.hub.allow(["garden"], Rendition(width=16))
    with pytest.raises(TooMany, match="garden"):
        rig.hub.allow(["garden"], Rendition(width=4000))


async def test_what_channels_that_went_handed_out_still_counts(rig: Rig) -> None:
    viewer = rig.watch(ORIGINAL)
    rig.script.steps.put_nowait(frame(1))
    await settle(lambda: viewer.seen)
    viewer.close()
    figures = rig.hub.camera("garden").figures()
    assert (figures.frames_out, figures.renditions) == (1, 0)
    assert figures.bytes_out == len(viewer.seen[0])
