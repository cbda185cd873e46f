"""The cameras in the API, read over a real socket from a real hub."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from onlooker.live.hub import Hub
from onlooker.live.status import ORIGINAL
from onlooker.web.api import cameras, docs

House = Any  # the fixtures of conftest.py
Serve = Any


@pytest.fixture
async def base(house: House, serve: Serve, hub: Hub) -> str:
    house.app.include_router(cameras.router(hub))
    house.app.include_router(docs.router(house.app, house.pages))
    address: str = await serve(house.gated(trusted_proxies=("127.0.0.1",)))
    return address


async def test_every_camera_in_the_order_of_the_configuration(
    house: House, client: aiohttp.ClientSession, base: str
) -> None:
    async with client.get(base + "/api/v1/cameras", headers=house.cookie()) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        told = await answer.json()
    assert [camera["name"] for camera in told["cameras"]] == ["yard", "cellar", "door"]
    yard = told["cameras"][0]
    assert yard["state"] == "idle"
    assert (yard["title"], yard["kind"], yard["reason"]) == ("The yard", "http", "")
    assert (yard["age"], yard["last_frame_at"], yard["retry_at"]) == (None, None, None)
    since = datetime.fromisoformat(yard["since"])
    assert yard["since"].endswith("Z")
    assert abs((datetime.now(UTC) - since).total_seconds()) < 60


async def test_a_live_camera(house: House, client: aiohttp.ClientSession, base: str, hub: Hub) -> None:
    await hub.camera("yard").still(ORIGINAL, 10)
    async with client.get(base + "/api/v1/cameras/yard", headers=house.cookie()) as answer:
        yard = await answer.json()
    assert yard["state"] == "live"
    assert (yard["width"], yard["height"], yard["codec"]) == (32, 16, "mjpeg")
    assert yard["frames_in"] >= 1
    assert yard["bytes_in"] > 0
    assert yard["age"] >= 0
    assert yard["last_frame_at"].endswith("Z")


async def test_a_camera_that_refuses_says_why_and_when_it_is_tried_again(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub
) -> None:
    hub.camera("cellar").acquire()
    cellar = {"retry_at": None}
    async with asyncio.timeout(10):
        while cellar["retry_at"] is None:
            async with client.get(base + "/api/v1/cameras/cellar", headers=house.cookie()) as answer:
                cellar = await answer.json()
    assert cellar["state"] == "refused"
    assert "refuses the password" in cellar["reason"]
    assert cellar["retry_at"] > cellar["since"]
    hub.camera("cellar").release()


async def test_links_honour_the_prefix(house: House, client: aiohttp.ClientSession, base: str) -> None:
    headers = house.cookie() | {"X-Forwarded-Prefix": "/cams"}
    async with client.get(base + "/api/v1/cameras/yard", headers=headers) as answer:
        assert (await answer.json())["links"] == {
            "page": "/cams/cameras/yard",
            "live": "/cams/cameras/yard/live.mjpg",
            "still": "/cams/cameras/yard/still.jpg",
        }


async def test_an_unknown_camera_is_a_problem(house: House, client: aiohttp.ClientSession, base: str) -> None:
    async with client.get(base + "/api/v1/cameras/attic", headers=house.cookie()) as answer:
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"
        assert "attic" in (await answer.json())["detail"]


async def test_every_member_is_described_and_sent(house: House, client: aiohttp.ClientSession, base: str) -> None:
    async with client.get(base + "/api/v1/openapi.json", headers=house.cookie()) as answer:
        schema = await answer.json()
    camera = schema["components"]["schemas"]["Camera"]["properties"]
    assert all("description" in told for name, told in camera.items() if name != "links")
    async with client.get(base + "/api/v1/cameras/yard", headers=house.cookie()) as answer:
        assert set(await answer.json()) == set(camera)
    answers = schema["paths"]["/api/v1/cameras/{name}"]["get"]["responses"]
    for status in ("401", "404", "422"):
        assert list(answers[status]["content"]) == ["application/problem+json"]


async def test_the_api_is_closed(client: aiohttp.ClientSession, base: str) -> None:
    for path in ("/api/v1/cameras", "/api/v1/cameras/yard", "/api/v1/openapi.json", "/docs"):
        async with client.get(base + path) as answer:
            assert answer.status == 401
