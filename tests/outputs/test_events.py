"""An album's events over real sockets: by the taken-over connection, and by the ordinary ASGI stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.archive.receiving import receive
from onlooker.formats.sse import Message, Reader
from onlooker.media import PhotoState
from onlooker.outputs import connection, events
from onlooker.web import problems
from tests.archive.sending import jpeg, one_chunk
from tests.web.conftest import client, serve

__all__ = ["client", "serve"]  # fixtures

Serve = Callable[[ASGIApp], Awaitable[str]]
PATH = "/albums/party/events"


@pytest.fixture(params=["taken over", "through ASGI"])
async def base(request: pytest.FixtureRequest, archive: Archive, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(connection, "TAKES_OVER", request.param == "taken over")
    app = FastAPI()
    problems.install(app)
    app.include_router(events.router(archive))
    return await serve(app)


async def send(archive: Archive, number: int) -> str:
    """Take a photo in; its id."""
    album = archive.album("party")
    return (await receive(archive, album, one_chunk(jpeg(number)), Said(author="ada"))).photo.id


async def told(answer: aiohttp.ClientResponse) -> AsyncIterator[Message]:
    reader = Reader()
    while data := await answer.content.readany():
        for message in reader.feed(data):
            yield message


async def first(answer: aiohttp.ClientResponse, count: int) -> list[Message]:
    """The first messages that are no presence."""
    found: list[Message] = []
    async with asyncio.timeout(10):
        async for message in told(answer):
            if message.event != "presence":
                found.append(message)
            if len(found) == count:
                return found
    raise AssertionError(f"the stream ended after {found}")


async def test_what_happens_is_told_at_once(archive: Archive, base: str, client: aiohttp.ClientSession) -> None:
    async with client.get(base + PATH) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert "no-cache" in answer.headers["Cache-Control"]
        assert answer.headers["X-Accel-Buffering"] == "no"
        photo_id = await send(archive, 1)
        uploading, complete = await first(answer, 2)
    assert uploading.event == "uploading"
    assert json.loads(uploading.data) == {"key": f"images/{photo_id}.jpg", "id": photo_id, "author": "ada"}
    assert complete.event == "complete"
    assert complete.id == str(archive.album("party").feed.position)
    about = json.loads(complete.data)
    assert about["key"] == f"images/{photo_id}.jpg"
    assert about["url"] == f"/albums/party/i/{about['sha256']}/1440.jpg"
    assert {"size", "thumbhash", "taken_at", "show_at"} <= about.keys()


@pytest.mark.parametrize("by", ["header", "parameter", "both"])
async def test_who_comes_back_goes_on_behind_the_last_id(
    archive: Archive, base: str, client: aiohttp.ClientSession, by: str
) -> None:
    ids = [await send(archive, number) for number in range(3)]
    epoch = archive.album("party").feed.epoch
    headers = {"Last-Event-ID": f"{epoch}.1"} if by != "parameter" else {}
    # A page's address says where it began; after a reconnect the browser's own header knows better.
    query = {"header": "", "parameter": f"?after={epoch}.1", "both": f"?after={epoch}.0"}[by]
    async with client.get(base + PATH + query, headers=headers) as answer:
        found = await first(answer, 2)
    assert [json.loads(message.data)["id"] for message in found] == ids[1:]
    assert [message.id for message in found] == [f"{epoch}.2", f"{epoch}.3"]


@pytest.mark.parametrize("position", ["nonsense", "other.1", "{epoch}.99", "{epoch}.-1", "{epoch}.", "{epoch}.1.1"])
async def test_an_impossible_position_is_answered_with_a_reset(
    archive: Archive, base: str, client: aiohttp.ClientSession, position: str
) -> None:
    await send(archive, 1)
    feed = archive.album("party").feed
    async with client.get(base + PATH, params={"after": position.format(epoch=feed.epoch)}) as answer:
        assert answer.status == 200  # anything else would stop a browser for good
        [reset] = await first(answer, 1)
        await send(archive, 2)
        after = await first(answer, 2)
    assert reset.event == "reset"
    assert json.loads(reset.data) == {"position": f"{feed.epoch}.1"}
    assert reset.id == f"{feed.epoch}.1"
    assert [message.event for message in after] == ["uploading", "complete"]


async def test_a_hidden_photo_is_taken_away_and_not_told_again(
    archive: Archive, base: str, client: aiohttp.ClientSession
) -> None:
    photo_id = await send(archive, 1)
    album = archive.album("party")
    async with client.get(base + PATH) as answer:
        await archive.change(album, photo_id, state=PhotoState.HIDDEN)
        [hidden] = await first(answer, 1)
    assert (hidden.event, json.loads(hidden.data)["id"]) == ("hidden", photo_id)
    async with client.get(base + PATH, params={"after": f"{album.feed.epoch}.0"}) as answer:
        complete, hidden = await first(answer, 2)
    assert json.loads(complete.data) == {"id": photo_id, "key": f"images/{photo_id}.jpg", "gone": True}


async def test_a_crowd_that_comes_back_reads_nothing_from_the_database(
    archive: Archive, base: str, client: aiohttp.ClientSession
) -> None:
    for number in range(5):
        await send(archive, number)
    feed = archive.album("party").feed
    before = archive.database.reads

    async def back(seq: int) -> list[str]:
        async with client.get(base + PATH, params={"after": f"{feed.epoch}.{seq}"}) as answer:
            return [message.id for message in await first(answer, 5 - seq)]

    everybody = await asyncio.gather(*(back(number % 5) for number in range(50)))
    assert archive.database.reads == before
    for number, ids in enumerate(everybody):
        assert ids == [f"{feed.epoch}.{seq}" for seq in range(number % 5 + 1, 6)]


async def test_presence_follows_who_comes_and_goes(archive: Archive, base: str, client: aiohttp.ClientSession) -> None:
    feed = archive.album("party").feed

    async def next_count(messages: AsyncIterator[Message]) -> int:
        async with asyncio.timeout(10):
            async for message in messages:
                if message.event == "presence":
                    assert not message.id
                    return int(json.loads(message.data)["watching"])
        raise AssertionError("the stream ended")

    async with client.get(base + PATH) as mine:
        messages = told(mine)
        assert await next_count(messages) == 1
        async with client.get(base + PATH):
            while await next_count(messages) != 2:
                pass
        while await next_count(messages) != 1:
            pass
    async with asyncio.timeout(10):
        while feed.watching:  # noqa: ASYNC110 - the socket's own event
            await asyncio.sleep(0.01)


async def test_an_unknown_album_is_404(base: str, client: aiohttp.ClientSession) -> None:
    async with client.get(base + "/albums/nothing/events") as answer:
        assert answer.status == 404
        assert "nothing" in (await answer.json())["detail"]


async def test_head_says_what_it_would_be(base: str, client: aiohttp.ClientSession) -> None:
    async with client.head(base + PATH) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
