"""A camera with a device: kept over connections, replaced with its plan, and one that shows what somebody sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from onlooker.clock import Clock, ManualClock
from onlooker.devices import Ability, Delivery, Details, Device, Receiving
from onlooker.errors import CannotDo, NoPicture, SourceEnded
from onlooker.live.hub import CameraPlan, Hub
from onlooker.live.status import ORIGINAL, State
from onlooker.media import Media, Projection, View
from tests.live.scripted import Notebook, Script, frame, settle


class Post(Device, Receiving):
    """A device that shows what is put into it."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.closed = 0

    def source(self) -> Post:
        return self

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        if not self.letters or self.letters[-1].over.is_set():
            raise SourceEnded("Nobody sends.")
        letter = self.letters[-1]
        while not letter.over.is_set() or not letter.pictures.empty():
            yield await letter.pictures.get()
        raise SourceEnded("It is over.")

    def begin(self, sender: str) -> Delivery:
        if self.letters:
            self.letters[-1].replaced = True
        self.letters.append(Letter())
        return self.letters[-1]

    async def details(self) -> Details:
        return Details(frozenset({Ability.RECEIVE}), 0.0)

    async def close(self) -> None:
        self.closed += 1


class Letter:
    def __init__(self) -> None:
        self.pictures: asyncio.Queue[Media] = asyncio.Queue()
        self.over = asyncio.Event()
        self.replaced = False

    def put(self, media: Media) -> None:
        self.pictures.put_nowait(media)

    def end(self) -> None:
        self.over.set()


class House:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.made: list[Post] = []

    def plan(self, **changes: object) -> CameraPlan:
        def make() -> Post:
            self.made.append(Post())
            return self.made[-1]

        options: dict[str, object] = {"name": "phone", "title": "Phone", "kind": "push", "make": make}
        return CameraPlan(**{**options, "fingerprint": "1", **changes})  # type: ignore[arg-type]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.hub.close()


async def test_a_camera_that_waits_for_a_sender_is_ended_and_live_the_moment_one_comes(house: House) -> None:
    await house.hub.apply([house.plan()])
    camera = house.hub.camera("phone")
    viewer = Notebook()
    house.hub.watch(viewer, ["phone"], ORIGINAL)
    await settle(lambda: camera.state is State.ENDED)
    assert camera.status().reconnects == 0
    assert camera.status().retry_at is None
    with pytest.raises(NoPicture):
        await camera.still(ORIGINAL, 1.0)
    with camera.receiving("Lena") as delivery:
        delivery.put(frame(1, house.clock.now()))
        await settle(lambda: camera.state is State.LIVE)
        assert any(frame(1).data in part for part in viewer.seen)
        delivery.end()
        delivery.put(frame(2, house.clock.now()))
        await settle(lambda: camera.state is State.ENDED)
    assert camera.status().reason == "It is over."


async def test_a_sender_alone_is_reason_enough_to_be_live(house: House) -> None:
    await house.hub.apply([house.plan()])
    camera = house.hub.camera("phone")
    with camera.receiving("Lena") as delivery:
        delivery.put(frame(1, house.clock.now()))
        await settle(lambda: camera.state is State.LIVE)


async def test_a_device_is_kept_until_its_plan_changes_then_closed(house: House) -> None:
    await house.hub.apply([house.plan()])
    await house.hub.apply([house.plan(title="Lena's phone")])
    assert len(house.made) == 1
    await house.hub.apply([house.plan(fingerprint="2")])
    assert [post.closed for post in house.made] == [1, 0]
    assert house.hub.camera("phone").device is house.made[1]
    await house.hub.apply([])
    assert [post.closed for post in house.made] == [1, 1]


async def test_what_is_configured_goes_before_what_the_device_says(house: House) -> None:
    await house.hub.apply([house.plan(heading=90.0)])
    camera = house.hub.camera("phone")
    assert camera.view == View(Projection.FLAT, 90.0)
    house.made[0].projection = Projection.EQUIRECTANGULAR
    assert camera.status().view == View(Projection.EQUIRECTANGULAR, 90.0)
    await house.hub.apply([house.plan(projection=Projection.FISHEYE)])
    assert camera.view == View(Projection.FISHEYE)


async def test_nothing_can_be_sent_to_a_camera_that_has_its_own_pictures(house: House) -> None:
    await house.hub.apply([Script().plan()])
    with pytest.raises(CannotDo), house.hub.camera("garden").receiving("Lena"):
        pass
