"""The predecessors' URLs show the right camera, in the form their users' programs expect."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from fastapi import Request

from onlooker.live.hub import Hub
from onlooker.web import compat

House = Any  # the fixtures of conftest.py
Serve = Any


@pytest.fixture
async def base(house: House, serve: Serve, hub: Hub) -> str:
    house.app.include_router(compat.router(hub))

    @house.app.get("/")
    async def wall(request: Request) -> Any:
        return await compat.legacy_action(request, hub) or {"page": "wall"}

    address: str = await serve(house.gated())
    return address


async def first_part(answer: aiohttp.ClientResponse) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a stream's first part."""
    async with asyncio.timeout(10):
        assert (await answer.content.readline()).strip() in (b"--frame", b"")
        headers: dict[str, str] = {}
        while (line := (await answer.content.readline()).strip()) or not headers:
            if b":" in line:
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
        return headers, await answer.content.readexactly(int(headers["content-length"]))


@pytest.mark.parametrize(
    ("path", "camera"),
    [
        ("/video_feed", "yard"),
        ("/video_feed/0", "yard"),
        ("/video_feed/2", "door"),
        ("/?action=stream", "yard"),
        ("/?action=stream_2", "door"),
        ("/api/stream.mjpeg?src=door", "door"),
    ],
)
async def test_streams(house: House, client: aiohttp.ClientSession, base: str, path: str, camera: str) -> None:
    async with client.get(base + path, headers=house.cookie()) as answer:
        assert answer.status == 200
        kind = answer.headers["Content-Type"].replace(" ", "")
        assert kind == "multipart/x-mixed-replace;boundary=frame"
        assert "no-cache" in answer.headers["Cache-Control"]
        assert answer.headers["Pragma"] == "no-cache"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        headers, body = await first_part(answer)
    assert headers["x-camera"] == camera
    assert body.startswith(b"\xff\xd8")
    assert body.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("path", "camera"),
    [("/?action=snapshot", "yard"), ("/?action=snapshot_2", "door"), ("/api/frame.jpeg?src=door", "door")],
)
async def test_stills(house: House, client: aiohttp.ClientSession, base: str, path: str, camera: str) -> None:
    async with client.get(base + path, headers=house.cookie()) as answer:
        assert answer.status == 200
        assert answer.content_type == "image/jpeg"
        assert answer.headers["X-Camera"] == camera
        assert "no-cache" in answer.headers["Cache-Control"]
        assert (await answer.read()).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    "path",
    [
        "/video_feed/3",
        "/video_feed/-1",
        "/video_feed/x",
        "/video_feed/99999999999",
        "/video_feed/²",
        "/?action=stream_9",
    ],
)
async def test_an_unknown_number_is_the_old_404(
    house: House, client: aiohttp.ClientSession, base: str, path: str
) -> None:
    async with client.get(base + path, headers=house.cookie()) as answer:
        assert answer.status == 404
        assert await answer.json() == {"error": "Camera not found"}


async def test_numbers_follow_the_configuration(
    house: House, client: aiohttp.ClientSession, base: str, hub: Hub
) -> None:
    await hub.apply([camera.plan for camera in reversed(hub.cameras.values())])
    async with client.get(base + "/video_feed/0", headers=house.cookie()) as answer:
        assert (await first_part(answer))[0]["x-camera"] == "door"


async def test_a_hub_without_cameras_says_so(house: House, client: aiohttp.ClientSession, base: str, hub: Hub) -> None:
    await hub.apply([])
    for path in ("/video_feed", "/video_feed/0", "/?action=snapshot"):
        async with client.get(base + path, headers=house.cookie()) as answer:
            assert answer.status == 404
            assert await answer.json() == {"error": "Camera not found"}


async def test_an_unknown_name_is_a_problem(house: House, client: aiohttp.ClientSession, base: str) -> None:
    cases = {"/api/stream.mjpeg?src=x": 404, "/api/frame.jpeg?src=x": 404, "/api/frame.jpeg": 422}
    for path, status in cases.items():
        async with client.get(base + path, headers=house.cookie()) as answer:
            assert answer.status == status
            assert answer.content_type == "application/problem+json"


async def test_a_camera_that_is_away_is_never_an_empty_200(
    house: House, client: aiohttp.ClientSession, base: str
) -> None:
    async with client.get(base + "/?action=snapshot_1", headers=house.cookie()) as answer:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "refuses the password" in (await answer.json())["detail"]


@pytest.mark.parametrize("query", ["", "?action=", "?action=command", "?action=streams", "?camera=yard"])
async def test_anything_else_is_the_wall(house: House, client: aiohttp.ClientSession, base: str, query: str) -> None:
    async with client.get(base + "/" + query, headers=house.cookie()) as answer:
        assert await answer.json() == {"page": "wall"}


@pytest.mark.parametrize("path", ["/video_feed/0", "/?action=stream", "/api/stream.mjpeg?src=yard", "/video_feed"])
async def test_they_are_closed_too(client: aiohttp.ClientSession, base: str, path: str) -> None:
    async with client.get(base + path) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
