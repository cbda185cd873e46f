"""A camera's events over real sockets: by the taken-over connection, and by the ordinary ASGI stream."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from onlooker.archive.archive import Archive
from onlooker.archive.camera_log import CameraLogs, following
from onlooker.clock import SystemClock
from onlooker.formats.sse import Message, Reader
from onlooker.media import CameraEvent
from onlooker.outputs import camera_events, connection
from onlooker.web import problems
from tests.web.conftest import client, serve

__all__ = ["client", "serve"]  # fixtures

Serve = Callable[[ASGIApp], Awaitable[str]]
PATH = "/cameras/yard/events"


@pytest.fixture
async def logs(archive: Archive) -> AsyncIterator[CameraLogs]:
    async with following(archive, SystemClock()) as logs:
        await logs.apply(["yard", "door"])
        yield logs


@pytest.fixture(params=["taken over", "through ASGI"])
async def base(request: pytest.FixtureRequest, logs: CameraLogs, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(connection, "TAKES_OVER", request.param == "taken over")
    app = FastAPI()
    problems.install(app)
    app.include_router(camera_events.router(logs))
    return await serve(app)


async def sound(logs: CameraLogs) -> CameraEvent:
    return await logs.record("yard", CameraEvent("sound", 1_800_000_000_000_000))


async def first(answer: aiohttp.ClientResponse, count: int) -> list[Message]:
    reader, found = Reader(), list[Message]()
    async with asyncio.timeout(10):
        while len(found) < count:
            data = await answer.content.readany()
            assert data, f"the stream ended after {found}"
            found += reader.feed(data)
    return found


async def followed(logs: CameraLogs) -> None:
    """Until somebody does."""
    async with asyncio.timeout(10):
        while not logs.log("yard").feed.watching:  # noqa: ASYNC110 - the socket's own event
            await asyncio.sleep(0.005)


async def test_what_happens_is_told_at_once_and_nothing_before(
    logs: CameraLogs, base: str, client: aiohttp.ClientSession
) -> None:
    await sound(logs)
    async with client.get(base + PATH) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        await followed(logs)
        await logs.record("door", CameraEvent("line", 1))
        await sound(logs)
        (message,) = await first(answer, 1)
    assert (message.event, message.id) == ("happened", str(logs.log("yard").feed.position))
    assert json.loads(message.data)["kind"] == "sound"


@pytest.mark.parametrize("by", ["header", "parameter"])
async def test_who_comes_back_goes_on_behind_the_last_id(
    logs: CameraLogs, base: str, client: aiohttp.ClientSession, by: str
) -> None:
    for _ in range(4):
        await sound(logs)
    epoch = logs.log("yard").feed.epoch
    headers = {"Last-Event-ID": f"{epoch}.2"} if by == "header" else {}
    async with client.get(base + PATH, headers=headers, params={"after": f"{epoch}.2"}) as answer:
        await followed(logs)
        await sound(logs)
        assert [message.id for message in await first(answer, 3)] == [f"{epoch}.{seq}" for seq in (3, 4, 5)]


async def test_an_impossible_position_is_answered_with_a_reset(
    logs: CameraLogs, base: str, client: aiohttp.ClientSession
) -> None:
    await sound(logs)
    position = str(logs.log("yard").feed.position)
    async with client.get(base + PATH, params={"after": "other.7"}) as answer:
        (reset,) = await first(answer, 1)
    assert (reset.event, json.loads(reset.data), reset.id) == ("reset", {"position": position}, position)


async def test_an_unknown_camera_is_404_and_a_camera_that_goes_ends_its_streams(
    logs: CameraLogs, base: str, client: aiohttp.ClientSession
) -> None:
    async with client.get(base + "/cameras/nothing/events") as answer:
        assert answer.status == 404
    async with client.get(base + PATH) as answer:
        await followed(logs)
        await logs.apply(["door"])
        async with asyncio.timeout(10):
            with contextlib.suppress(aiohttp.ClientError):  # cut in the midst, as a stream without an end is
                await answer.content.read()
    async with client.head(base + "/cameras/door/events") as answer:
        assert answer.status == 200
