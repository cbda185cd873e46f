"""What a camera notices, pulled from the strict stub: changes in words of ours, renewal, and saying goodbye."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from onlooker.clock import ManualClock, SystemClock
from onlooker.devices import Happening
from onlooker.errors import SourceError, SourceRefused
from onlooker.formats.onvif_answers import DEVICE, MEDIA
from onlooker.readers.onvif.pullpoint import happenings
from tests.readers.onvif.stub import Stub, connected, envelope, fault, services

MOTION = "RuleEngine/CellMotionDetector/Motion"


async def test_motion_begins_and_ends_once_each() -> None:
    stub = Stub(ahead=3600)
    clock = SystemClock()
    async with asyncio.timeout(20), connected(stub) as connection, aclosing(happenings(connection, clock)) as noticed:
        stub.notice(MOTION, operation="Initialized", IsMotion="false")
        stub.notice(MOTION, IsMotion="true")
        began = await anext(noticed)
        stub.notice(MOTION, IsMotion="true")
        stub.notice(MOTION, IsMotion="false")
        stub.notice(MOTION, IsMotion="false")
        again = await anext(noticed)
        ended = await anext(noticed)
        stub.notice(MOTION, source="2", IsMotion="true")
        assert (await anext(noticed)).facts["Source"] == "2"  # the second end was none
    assert (began.kind, began.active, began.facts) == ("motion", True, {"topic": MOTION, "Source": "1"})
    assert (again.active, again.facts) == (True, began.facts)
    assert ended.facts == began.facts
    assert abs(began.at - clock.now()) < 10  # its clock is an hour ahead
    assert (ended.kind, ended.active) == ("motion", False)
    assert stub.refused == []
    assert stub.operations()[-1] == "Unsubscribe"


async def test_two_sources_are_two_subjects() -> None:
    stub = Stub()
    async with connected(stub) as connection, aclosing(happenings(connection, SystemClock())) as noticed:
        stub.notice(MOTION, source="1", IsMotion="true")
        stub.notice(MOTION, source="2", IsMotion="true")
        assert [(await anext(noticed)).facts["Source"] for _ in range(2)] == ["1", "2"]


async def test_motion_that_goes_on_already() -> None:
    stub = Stub()
    async with connected(stub) as connection, aclosing(happenings(connection, SystemClock())) as noticed:
        stub.notice(MOTION, operation="Initialized", IsMotion="true")
        assert (await anext(noticed)).active is True


@pytest.mark.parametrize(
    ("topic", "data", "kind", "active"),
    [
        ("VideoSource/MotionAlarm", {"State": "1"}, "motion", True),
        ("RuleEngine/FieldDetector/ObjectsInside", {"IsInside": "true"}, "motion", True),
        ("RuleEngine/LineDetector/Crossed", {"ObjectId": "15"}, "line", None),
        ("RuleEngine/LineDetector/Crossed", {"ObjectId": "1"}, "line", None),
        ("AudioAnalytics/Audio/DetectedSound", {"isSoundDetected": "true"}, "sound", True),
        ("Device/Trigger/DigitalInput", {"LogicalState": "true"}, "input", True),
        ("RuleEngine/MyRuleDetector/PeopleDetect", {"State": "true"}, "PeopleDetect", True),
    ],
)
async def test_words_of_ours(topic: str, data: dict[str, str], kind: str, active: bool | None) -> None:
    stub = Stub()
    async with connected(stub) as connection, aclosing(happenings(connection, SystemClock())) as noticed:
        stub.notice("Monitoring/ProcessorUsage", Value="1")
        stub.notice("Device/Trigger/Relay", LogicalState="true")
        stub.notice("RuleEngine/Counter", Count="15")
        stub.notice(topic, **data)
        first = await anext(noticed)
    assert (first.kind, first.active) == (kind, active)


async def take_when(clock: ManualClock, stub: Stub, operation: str, times: int) -> None:
    """Let time pass, a second at once, until it was asked this so often."""
    asked = asyncio.ensure_future(stub.was_asked(operation, times))
    while not asked.done():
        await clock.advance(1.0)
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("relative", [True, False])
async def test_it_is_renewed_in_time_and_a_hasty_camera_is_asked_gently(relative: bool) -> None:
    stub = Stub(relative_time=relative, answers={"PullMessages": "<tev:PullMessagesResponse/>"})
    clock = ManualClock()
    async with asyncio.timeout(30), connected(stub) as connection:
        stream = happenings(connection, clock)
        reading = asyncio.ensure_future(anext(stream))
        await take_when(clock, stub, "Renew", 2)
        assert clock.monotonic() <= 121
        assert stub.operations().count("PullMessages") <= 121  # once a second
        reading.cancel()
        await asyncio.wait([reading])
        await stream.aclose()
    assert stub.operations().count("CreatePullPointSubscription") == (1 if relative else 2)
    end = stub.last("Renew").findtext("{*}TerminationTime", "")
    assert end == "PT60S" if relative else end.endswith("Z")
    assert stub.operations()[-1] == "Unsubscribe"


async def test_a_camera_that_renews_by_pulling_only() -> None:
    stub = Stub(answers={"PullMessages": "<tev:PullMessagesResponse/>", "Renew": fault("ActionNotSupported", "No")})
    clock = ManualClock()
    async with asyncio.timeout(30), connected(stub) as connection:
        stream = happenings(connection, clock)
        reading = asyncio.ensure_future(anext(stream))
        await take_when(clock, stub, "Renew", 2)
        assert not reading.done()
        reading.cancel()
        await asyncio.wait([reading])
        await stream.aclose()


async def first(stub: Stub) -> Happening:
    clock = SystemClock()
    async with asyncio.timeout(20), connected(stub) as connection, aclosing(happenings(connection, clock)) as noticed:
        return await anext(noticed)


async def test_a_subscription_that_the_camera_forgets() -> None:
    with pytest.raises(SourceRefused, match="No such subscription"):
        await first(Stub(answers={"PullMessages": fault("InvalidArgs", "No such subscription")}))


async def test_a_subscription_without_an_address() -> None:
    with pytest.raises(SourceRefused, match="where to hear from it"):
        await first(Stub(answers={"CreatePullPointSubscription": envelope("")}))


async def test_a_camera_without_events() -> None:
    stub = Stub()
    stub.answers["GetServices"] = services({DEVICE: stub.claims, MEDIA: stub.claims + "/m1"})
    with pytest.raises(SourceRefused, match="tells of nothing"):
        await first(stub)


@pytest.mark.parametrize("body", [b"", b"<html/>", envelope("<tev:PullMessagesResponse>")])
async def test_an_answer_that_is_none(body: bytes) -> None:
    with pytest.raises(SourceError):
        await first(Stub(answers={"PullMessages": body}))
