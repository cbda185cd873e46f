"""Cameras are watched for events whether or not anybody looks: listened to, tried again, bounded, each on its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest

from onlooker.clock import Clock, ManualClock
from onlooker.devices import Ability, Details, Device, Happening, Noticing
from onlooker.errors import SourceLost, SourceRefused, StorageError, UnknownCamera
from onlooker.live.happenings import QUIET, RESUME
from onlooker.live.hub import CameraPlan, Hub
from onlooker.live.noticing import MOST_AT_ONCE, ONE_MORE_EVERY, Noticer
from onlooker.live.standing import BLINK
from onlooker.live.status import State
from onlooker.media import CameraEvent, Media
from onlooker.sources import push
from tests.live.scripted import Script, frame, settle


class Attentive(Script, Device, Noticing):
    """A device whose every word a test decides; an exception ends the subscription."""

    def __init__(self) -> None:
        super().__init__()
        self.words: asyncio.Queue[Happening | Exception] = asyncio.Queue()
        self.subscriptions = 0
        self.listened_to = 0

    def source(self) -> Attentive:
        return self

    async def details(self) -> Details:
        return Details(frozenset({Ability.HAPPENINGS}), 0.0)

    async def close(self) -> None:
        pass

    async def happenings(self, clock: Clock) -> AsyncGenerator[Happening]:
        self.subscriptions += 1
        self.listened_to += 1
        try:
            while True:
                word = await self.words.get()
                if isinstance(word, Exception):
                    raise word
                yield replace(word, at=clock.now())
        finally:
            self.listened_to -= 1


class Diary:
    """A book in memory; `full`: its disk is."""

    def __init__(self) -> None:
        self.events: dict[str, list[CameraEvent]] = {}
        self.passed_over: Counter[str] = Counter()
        self.full = False

    def going_on(self, name: str) -> Sequence[CameraEvent]:
        if name not in self.events:
            raise UnknownCamera(name)
        ended = {event.began for event in self.events[name]}
        return [event for event in self.events[name] if event.active and event.seq not in ended]

    async def record(self, name: str, event: CameraEvent) -> CameraEvent:
        await asyncio.sleep(0)
        if self.full:
            raise StorageError("The disk is full.")
        event = replace(event, seq=len(self.events[name]) + 1)
        self.events[name].append(event)
        return event

    def pass_over(self, name: str) -> None:
        self.passed_over[name] += 1

    def told(self, name: str = "garden") -> list[tuple[str, bool | None]]:
        return [(event.kind, event.active) for event in self.events[name]]


class House:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.diary = Diary()
        self.noticer = Noticer(self.hub, self.diary, self.clock)
        self.task: asyncio.Task[None] | None = None

    async def begin(self, *plans: CameraPlan) -> None:
        await self.hub.apply(plans)
        for plan in plans:
            self.diary.events.setdefault(plan.name, [])
        self.task = asyncio.create_task(self.noticer.run())
        await self.clock.advance(0)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    async def say(self, device: Attentive, *words: Happening | Exception) -> None:
        for word in words:
            device.words.put_nowait(word)
        await settle(device.words.empty)
        await self.clock.advance(0)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.stop()
    await made.hub.close()


def motion(active: bool | None = True, **facts: str) -> Happening:
    return Happening("motion", 0.0, active, facts)


def made(device: Attentive) -> Callable[[], Attentive]:
    return lambda: device


async def test_a_camera_is_listened_to_though_nobody_looks_at_it(house: House) -> None:
    device = Attentive()
    await house.begin(device.plan(make=made(device)))
    await house.say(device, motion(), motion())
    await house.clock.advance(12)
    await house.say(device, motion(False))
    assert device.runs == 0
    began, ended = house.diary.events["garden"]
    assert (began.kind, began.active, ended.active, ended.began) == ("motion", True, False, began.seq)
    assert ended.at - began.at == 12_000_000


async def test_a_camera_that_is_always_on_goes_and_comes_back(house: House) -> None:
    script = Script()
    await house.begin(script.plan(always_on=True))
    script.steps.put_nowait(SourceLost("It does not answer."))
    await settle(lambda: house.hub.camera("garden").status().reconnects)
    await house.clock.advance(BLINK - 2)
    assert house.diary.told() == []
    for _ in range(4):
        script.steps.put_nowait(SourceLost("It does not answer."))
        await house.clock.advance(BLINK)
    assert house.diary.told() == [("lost", True)]
    assert house.diary.events["garden"][0].facts == {"reason": "It does not answer."}


async def test_a_subscription_that_ends_is_begun_again_after_the_wait_of_its_error(house: House) -> None:
    device = Attentive()
    await house.begin(device.plan(make=made(device)))
    await house.say(device, SourceLost("It hung up."))
    assert (device.subscriptions, device.listened_to) == (1, 0)
    await house.clock.advance(2)
    assert (device.subscriptions, device.listened_to) == (2, 1)
    await house.say(device, SourceRefused("Wrong password."))
    await house.clock.advance(20)
    assert device.subscriptions == 2
    await house.clock.advance(60)
    assert device.subscriptions == 3
    await house.say(device, ValueError("a defect"))
    await house.clock.advance(300)
    assert device.subscriptions == 4
    await house.say(device, motion(None))
    assert house.diary.told() == [("motion", None)]


async def test_motion_in_a_camera_that_hung_up_ends_unless_it_says_again_that_it_goes_on(house: House) -> None:
    device = Attentive()
    await house.begin(device.plan(make=made(device)))
    await house.say(device, motion(rule="a"), motion(rule="b"), SourceLost("It hung up."))
    await house.clock.advance(2)
    await house.say(device, motion(rule="a"))
    await house.clock.advance(RESUME)
    assert [(event.facts, event.active) for event in house.diary.events["garden"][2:]] == [
        ({"rule": "b", "ended_by": "silence"}, False)
    ]
    await house.clock.advance(QUIET)
    assert len(house.diary.going_on("garden")) == 0


async def test_a_camera_that_says_too_much_is_bounded_and_what_began_still_ends(house: House) -> None:
    device = Attentive()
    await house.begin(device.plan(make=made(device)))
    for _ in range(100):
        await house.say(device, motion(True), motion(False))
    told = house.diary.told()
    assert told == [("motion", True), ("motion", False)] * MOST_AT_ONCE
    assert house.diary.passed_over["garden"] == 100 - MOST_AT_ONCE
    await house.clock.advance(ONE_MORE_EVERY + 1)
    await house.say(device, motion(True), motion(False), motion(True))
    assert len(house.diary.told()) == 2 * MOST_AT_ONCE + 2


async def test_a_new_plan_is_listened_to_instead_and_a_camera_that_went_no_more(house: House) -> None:
    old, new = Attentive(), Attentive()
    await house.begin(old.plan(make=made(old)))
    await house.clock.advance(1)
    await house.hub.apply([new.plan(make=made(new), fingerprint="new")])
    await house.clock.advance(1)
    assert (old.listened_to, new.listened_to) == (0, 1)
    await house.hub.apply([])
    await house.clock.advance(1)
    assert new.listened_to == 0


async def test_the_end_of_the_hub_lets_go_of_every_subscription(house: House) -> None:
    devices = [Attentive() for _ in range(3)]
    await house.begin(*(device.plan(f"c{place}", make=made(device)) for place, device in enumerate(devices)))
    assert [device.listened_to for device in devices] == [1, 1, 1]
    await house.stop()
    assert [device.listened_to for device in devices] == [0, 0, 0]


async def test_a_full_disk_loses_what_happened_meanwhile_and_nothing_later(house: House) -> None:
    device, script = Attentive(), Script()
    await house.begin(device.plan(make=made(device)), script.plan("yard", always_on=True))
    house.diary.full = True
    await house.say(device, motion())
    script.steps.put_nowait(SourceRefused("Wrong password."))
    await settle(lambda: house.hub.camera("yard").status().reconnects)
    await house.clock.advance(BLINK + 2)
    assert house.diary.passed_over["garden"] == 1
    house.diary.full = False
    await house.say(device, motion())
    await house.clock.advance(1)
    assert house.diary.told() == [("motion", True)]
    assert house.diary.told("yard") == [("refused", True)]


async def test_a_camera_whose_log_is_not_there_yet_is_waited_for(house: House) -> None:
    device = Attentive()
    await house.begin()
    await house.hub.apply([device.plan(make=made(device))])
    await house.clock.advance(2)
    assert device.listened_to == 0
    house.diary.events["garden"] = []
    await house.clock.advance(1)
    assert device.listened_to == 1


async def test_one_cameras_pictures_and_its_events_do_not_know_of_each_other(house: House) -> None:
    device = Attentive()
    await house.begin(device.plan(make=made(device), always_on=True))
    await settle(lambda: device.open)
    await house.say(device, SourceLost("No events."))
    assert device.open == 1
    steps: list[Media | Exception] = [SourceLost("No pictures.")]
    for step in steps:
        device.steps.put_nowait(step)
    await house.clock.advance(3)
    assert device.listened_to == 1


async def test_a_sender_starts_and_has_ended(house: House) -> None:
    await house.begin(CameraPlan("phone", "Phone", "push", lambda: push.Device("push:")))
    camera = house.hub.camera("phone")
    await house.clock.advance(60)
    with camera.receiving("Lena") as delivery:
        delivery.put(frame(1, house.clock.now()))
        await settle(lambda: camera.state is State.LIVE)
        await house.clock.advance(1)
        assert house.diary.told("phone") == [("started", True)]
    await settle(lambda: camera.state is not State.LIVE)
    await house.clock.advance(BLINK + 2)
    assert house.diary.told("phone") == [("started", True), ("ended", False)]
