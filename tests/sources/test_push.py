"""A camera that is sent to: live with the first picture, one sender at a time; ended when that one is, or is silent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest

from onlooker.clock import ManualClock
from onlooker.config.cameras import CameraSettings
from onlooker.devices import Ability
from onlooker.errors import ConfigError, NoPicture
from onlooker.live.camera import Camera
from onlooker.live.hub import CameraPlan, Hub
from onlooker.live.status import ORIGINAL, Rendition, State
from onlooker.media import Sample, VideoFormat
from onlooker.readers.handover import MAX_SAMPLES
from onlooker.sources.push import Device
from tests.formats.test_h264 import coded
from tests.live.scripted import Notebook, frame, settle


class House:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)

    def plan(self, **changes: object) -> CameraPlan:
        options: dict[str, object] = {"name": "phone", "title": "Phone", "kind": "push", "fingerprint": "1"}
        return CameraPlan(**{**options, "make": partial(Device, "push:"), **changes})  # type: ignore[arg-type]

    @property
    def camera(self) -> Camera:
        return self.hub.camera("phone")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.hub.apply([made.plan()])
    yield made
    await made.hub.close()


@pytest.fixture
def viewer(house: House) -> Notebook:
    watching = Notebook()
    house.hub.watch(watching, ["phone"], ORIGINAL)
    return watching


async def test_it_waits_without_an_error_until_somebody_sends(house: House, viewer: Notebook) -> None:
    await settle(lambda: house.camera.state is State.ENDED)
    status = house.camera.status()
    assert status.reason.startswith("Nobody has sent a picture yet")
    assert (status.reconnects, status.retry_at, status.last_frame_at) == (0, None, None)
    with pytest.raises(NoPicture):
        await house.camera.still(ORIGINAL, 1.0)


async def test_whoever_watched_it_ended_gets_the_first_picture_at_once(house: House, viewer: Notebook) -> None:
    await settle(lambda: house.camera.state is State.ENDED)
    first = frame(1, house.clock.now())
    with house.camera.receiving("Lena") as delivery:
        delivery.put(first)
        await settle(lambda: any(first.data in part for part in viewer.seen))
        assert house.camera.state is State.LIVE
        assert not delivery.over
    await settle(lambda: house.camera.state is State.ENDED)
    assert house.camera.status().reason == "Lena has stopped sending."


async def test_a_newer_sender_replaces_the_older_whose_pictures_are_let_fall(house: House, viewer: Notebook) -> None:
    one, two, three = (frame(shade, house.clock.now()) for shade in (1, 2, 3))
    with house.camera.receiving("Lena") as old:
        old.put(one)
        await settle(lambda: house.camera.state is State.LIVE)
        with house.camera.receiving("Mia") as new:
            assert old.replaced
            assert old.over
            await old.until_over()
            old.put(two)
            new.put(three)
            await settle(lambda: any(three.data in part for part in viewer.seen))
            old.end()
            assert not new.over
            assert not new.replaced
            assert house.camera.state is State.LIVE
    assert not any(two.data in part for part in viewer.seen)


async def test_who_is_silent_counts_as_gone_and_may_come_back(house: House, viewer: Notebook) -> None:
    with house.camera.receiving("Lena") as delivery:
        delivery.put(frame(1, house.clock.now()))
        await settle(lambda: house.camera.state is State.LIVE)
        await house.clock.advance(5.9)
        delivery.put(frame(2, house.clock.now()))
        await house.clock.advance(5.9)
        assert not delivery.over
        await house.clock.advance(0.2)
        assert delivery.over
        assert not delivery.replaced
        await settle(lambda: house.camera.state is State.ENDED)
        assert house.camera.status().reason == "Lena has sent nothing for 6 seconds."
    with house.camera.receiving("Lena") as delivery:
        delivery.put(frame(3, house.clock.now()))
        await settle(lambda: house.camera.state is State.LIVE)


async def test_what_nobody_takes_is_bounded_and_goes_on_with_a_key_picture(house: House) -> None:
    delivery = Device("push:").begin("Lena")
    fmt = VideoFormat("h264", 64, 48)
    key, delta = coded(64, 48, 2)

    def put(data: bytes, is_key: bool) -> None:
        delivery.put(Sample(data, is_key, 0.0, 0.0, fmt))

    put(key, True)
    for _ in range(MAX_SAMPLES + 9):
        put(delta, False)
    assert delivery.dropped == 10
    put(key, True)
    newest = await delivery.get()
    assert isinstance(newest, Sample)
    assert newest.key
    for shade in range(5):
        delivery.put(frame(shade, 0.0))
    delivery.end()
    assert (await delivery.get()).data == frame(3, 0.0).data


async def test_coded_video_is_shown_as_jpeg(house: House) -> None:
    viewer = Notebook()
    house.hub.watch(viewer, ["phone"], Rendition(width=32))
    fmt = VideoFormat("h264", 64, 48)
    with house.camera.receiving("Lena") as delivery:
        for index, unit in enumerate(coded(64, 48, 4)):
            delivery.put(Sample(unit, index == 0, index / 25, house.clock.now(), fmt))
        await settle(lambda: any(b"X-State: live" in part for part in viewer.seen))
    status = house.camera.status()
    assert (status.codec, status.width, status.height) == ("h264", 64, 48)


async def test_a_camera_that_is_removed_ends_its_sender(house: House) -> None:
    with house.camera.receiving("Lena") as delivery:
        delivery.put(frame(1, house.clock.now()))
        await house.hub.apply([])
        assert delivery.over
        assert not delivery.replaced


async def test_it_says_what_it_can() -> None:
    assert (await Device("push:").details()).abilities == {Ability.RECEIVE}


@pytest.mark.parametrize("url", ["push:", "push://"])
def test_it_needs_no_address(url: str) -> None:
    Device(url)


@pytest.mark.parametrize(("url", "options"), [("push:kitchen", {}), ("push://host", {}), ("push:", {"quiet_after": 0})])
def test_what_makes_no_sense(url: str, options: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Device(url, **options)


def test_it_can_be_configured() -> None:
    settings = CameraSettings("phone", "Phone", "push", "push:", options={"quiet_after": 20.0})
    assert isinstance(settings.plan().make(), Device)
