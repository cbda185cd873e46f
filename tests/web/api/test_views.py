"""How a camera is looked at: read, changed and kept, by users, over a real socket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from onlooker.errors import NotWritable
from onlooker.live.hub import Hub
from onlooker.live.status import ORIGINAL
from onlooker.media import Projection
from onlooker.web.api import cameras, views
from onlooker.web.shares import Shares

House = Any  # the fixtures of conftest.py
Serve = Any
URL = "/api/v1/cameras/yard/view"
AUTOMATIC = {
    "projection": "auto",
    "heading": 0,
    "pitch": 0,
    "automatic": "flat",
    "shown": {"projection": "flat", "heading": 0, "pitch": 0},
}


class Keeper:
    """Keeps it in the plan alone, as the hub does besides writing it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.refuses = False

    async def __call__(self, name: str, projection: Projection | None, heading: float, pitch: float) -> None:
        if self.refuses:
            raise NotWritable("The hub could not change its configuration.")
        camera = self.hub.camera(name)
        await camera.change(replace(camera.plan, projection=projection, heading=heading, pitch=pitch))


@pytest.fixture
def keeper(hub: Hub) -> Keeper:
    return Keeper(hub)


@pytest.fixture
async def base(house: House, serve: Serve, hub: Hub, keeper: Keeper) -> str:
    house.app.include_router(cameras.router(hub))
    house.app.include_router(views.router(hub, keeper))
    address: str = await serve(house.gated())
    return address


async def put(client: aiohttp.ClientSession, base: str, headers: dict[str, str], **wanted: object) -> tuple[int, Any]:
    headers = {**headers, "Origin": base}
    async with client.put(base + URL, json=wanted, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_it_is_changed_and_the_camera_stays_connected(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub
) -> None:
    await hub.camera("yard").still(ORIGINAL, 10)
    async with client.get(base + URL, headers=house.cookie()) as answer:
        assert await answer.json() == AUTOMATIC
    status, told = await put(client, base, house.cookie(), projection="dual-fisheye", heading=-90, pitch=12.5)
    assert status == 200
    shown = {"projection": "dual-fisheye", "heading": -90, "pitch": 12.5}
    assert told == {**shown, "automatic": "flat", "shown": shown}
    async with client.get(base + "/api/v1/cameras/yard", headers=house.cookie()) as answer:
        yard = await answer.json()
    assert yard["view"] == shown
    assert (yard["state"], yard["reconnects"]) == ("live", 0)
    assert await put(client, base, house.cookie(), projection="auto") == (200, AUTOMATIC)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"projection": "round"},
        {"projection": "auto", "heading": 361},
        {"projection": "auto", "pitch": -91},
        {"projection": "auto", "pitch": "up"},
    ],
)
async def test_what_does_not_fit_is_refused(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub, wanted: dict[str, object]
) -> None:
    status, told = await put(client, base, house.cookie(), **wanted)
    assert (status, told["status"]) == (422, 422)
    assert hub.camera("yard").plan.heading == 0


async def test_no_number_is_no_angle(house: House, client: aiohttp.ClientSession, base: str) -> None:
    for text in ("NaN", "Infinity", "-Infinity"):
        body = f'{{"projection": "auto", "heading": {text}}}'
        headers = {**house.cookie(), "Origin": base, "Content-Type": "application/json"}
        async with client.put(base + URL, data=body, headers=headers) as answer:
            assert answer.status == 422


async def test_a_configuration_that_cannot_be_written_is_a_problem(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub, keeper: Keeper
) -> None:
    keeper.refuses = True
    status, told = await put(client, base, house.cookie(), projection="flat", heading=5)
    assert (status, told["detail"]) == (409, "The hub could not change its configuration.")
    assert hub.camera("yard").plan.heading == 0


async def test_without_a_configuration_nothing_is_changed(
    house: House, client: aiohttp.ClientSession, serve: Serve, hub: Hub
) -> None:
    house.app.include_router(views.router(hub, None))
    status, told = await put(client, await serve(house.gated()), house.cookie(), projection="flat")
    assert status == 409
    assert "no configuration" in told["detail"]


async def test_guests_and_strangers_neither_read_nor_change_it(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub
) -> None:
    shares: Shares = house.shares
    _, token = shares.add("camera", "yard")
    for headers, statuses in (({}, (401,)), ({"Authorization": f"Bearer {token}"}, (401, 403, 404))):
        async with client.get(base + URL, headers=headers) as answer:
            assert answer.status in statuses
        async with client.put(base + URL, json={"projection": "flat", "heading": 9}, headers=headers) as answer:
            assert answer.status in statuses
    assert hub.camera("yard").plan.projection is None


async def test_a_form_of_another_site_changes_nothing(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub
) -> None:
    headers = {**house.cookie(), "Origin": "https://elsewhere.example"}
    async with client.put(base + URL, json={"projection": "fisheye"}, headers=headers) as answer:
        assert answer.status == 403
    assert hub.camera("yard").plan.projection is None


async def test_an_unknown_camera_is_a_problem(house: House, client: aiohttp.ClientSession, base: str) -> None:
    url = base + "/api/v1/cameras/attic/view"
    async with client.get(url, headers=house.cookie()) as answer:
        assert answer.status == 404
    async with client.put(url, json={"projection": "flat"}, headers={**house.cookie(), "Origin": base}) as answer:
        assert answer.status == 404
