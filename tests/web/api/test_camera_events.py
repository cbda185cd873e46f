"""What happened to a camera, page by page; guests learn what became of its pictures and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from onlooker.archive.archive import Archive
from onlooker.archive.camera_log import CameraLogs, following
from onlooker.clock import SystemClock
from onlooker.media import CameraEvent
from onlooker.web.api import camera_events

House = Any  # the fixtures of conftest.py
Serve = Any
EVENTS = "/api/v1/cameras/yard/events"
NOON = 1_800_000_000_000_000


@pytest.fixture
async def logs(archive: Archive) -> AsyncIterator[CameraLogs]:
    async with following(archive, SystemClock()) as logs:
        await logs.apply(["yard", "door"])
        yield logs


@pytest.fixture
async def base(house: House, serve: Serve, logs: CameraLogs) -> str:
    house.app.include_router(camera_events.router(logs))
    address: str = await serve(house.gated())
    return address


async def a_day(logs: CameraLogs) -> None:
    """lost, motion begins, back, motion ends, motion begins."""
    reason = {"reason": "192.168.1.20 does not answer."}
    lost = await logs.record("yard", CameraEvent("lost", NOON, True, facts=reason))
    motion = await logs.record("yard", CameraEvent("motion", NOON + 1, True, facts={"rule": "door"}))
    await logs.record("yard", CameraEvent("back", NOON + 2, False, lost.seq, lost.at))
    await logs.record("yard", CameraEvent("motion", NOON + 3, False, motion.seq, motion.at))
    await logs.record("yard", CameraEvent("motion", NOON + 4, True))


async def test_the_newest_come_first_and_lead_to_the_older(
    house: House, base: str, client: aiohttp.ClientSession, logs: CameraLogs
) -> None:
    await a_day(logs)
    seen: list[dict[str, Any]] = []
    params = {"limit": "2"}
    while True:
        async with client.get(base + EVENTS, params=params, headers=house.cookie()) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            page = await answer.json()
        seen += page["events"]
        assert page["position"] == str(logs.log("yard").feed.position)
        assert [event["kind"] for event in page["going_on"]] == ["motion"]
        if not page["more"]:
            break
        params["before"] = seen[-1]["id"]
    assert [(event["kind"], event["active"]) for event in seen] == [
        ("motion", True),
        ("motion", False),
        ("back", False),
        ("motion", True),
        ("lost", True),
    ]
    assert seen[1]["began"] == {"id": seen[3]["id"], "at": "2027-01-15T08:00:00.000001Z"}
    assert seen[4]["facts"] == {"reason": "192.168.1.20 does not answer."}


async def test_what_was_missed_comes_in_order_and_by_kind(
    house: House, base: str, client: aiohttp.ClientSession, logs: CameraLogs
) -> None:
    await a_day(logs)
    epoch = logs.log("yard").feed.epoch
    params = {"after": f"{epoch}.1", "kinds": "motion,back", "limit": "3"}
    async with client.get(base + EVENTS, params=params, headers=house.cookie()) as answer:
        page = await answer.json()
    assert [event["id"] for event in page["events"]] == [f"{epoch}.{seq}" for seq in (2, 3, 4)]
    assert (page["position"], page["more"]) == (f"{epoch}.4", True)
    async with client.get(base + EVENTS, params=params | {"after": f"{epoch}.5"}, headers=house.cookie()) as answer:
        page = await answer.json()
    assert (page["events"], page["position"], page["more"]) == ([], f"{epoch}.5", False)


@pytest.mark.parametrize("query", ["after=other.1", "after=nonsense", "after={epoch}.7", "before=other.1"])
async def test_a_gap_that_cannot_be_filled_is_410(
    house: House, base: str, client: aiohttp.ClientSession, logs: CameraLogs, query: str
) -> None:
    await a_day(logs)
    epoch = logs.log("yard").feed.epoch
    async with client.get(f"{base}{EVENTS}?{query.format(epoch=epoch)}", headers=house.cookie()) as answer:
        assert answer.status == 410
        problem = await answer.json()
    assert (problem["reset"], problem["position"]) == (True, f"{epoch}.5")


async def test_nonsense_is_refused(house: House, base: str, client: aiohttp.ClientSession, logs: CameraLogs) -> None:
    epoch = logs.log("yard").feed.epoch
    for path, status in (
        (f"{EVENTS}?after={epoch}.0&before={epoch}.1", 400),
        (f"{EVENTS}?limit=0", 422),
        (f"{EVENTS}?limit=100000", 422),
        ("/api/v1/cameras/cellar/events", 404),
    ):
        async with client.get(base + path, headers=house.cookie()) as answer:
            assert answer.status == status, path
    async with client.get(base + EVENTS) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("query", ["", "?kinds=motion,lost,back", "?after={epoch}.0"])
async def test_a_guest_learns_what_became_of_the_pictures_and_no_more(
    house: House, base: str, client: aiohttp.ClientSession, logs: CameraLogs, query: str
) -> None:
    await a_day(logs)
    token = house.shares.add("camera", "yard")[1]
    headers = {"Authorization": f"Bearer {token}"}
    path = EVENTS + query.format(epoch=logs.log("yard").feed.epoch)
    async with client.get(base + path, headers=headers) as answer:
        assert answer.status == 200
        page = await answer.json()
    assert {event["kind"] for event in page["events"]} == {"lost", "back"}
    assert page["going_on"] == []
    assert "192.168" not in str(page)
    assert "door" not in str(page)
    async with client.get(base + EVENTS + "?kinds=motion", headers=headers) as answer:
        assert (await answer.json())["events"] == []
    for path in ("/cameras/yard/events", "/api/v1/cameras/door/events"):
        async with client.get(base + path, headers=headers) as answer:
            assert answer.status == 404
