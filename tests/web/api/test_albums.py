"""Albums in the API: what there is, what happened behind a position, on which days, and what the hub's clock says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from starlette.types import ASGIApp

from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.archive.options import AlbumPlan
from onlooker.archive.receiving import receive
from onlooker.media import PhotoState
from onlooker.web.api import albums
from tests.archive.sending import jpeg, one_chunk

House = Any  # the fixtures of conftest.py
Serve = Callable[[ASGIApp], Awaitable[str]]
EVENTS = "/api/v1/albums/party/events"


@pytest.fixture
async def base(house: House, serve: Serve, archive: Archive) -> str:
    house.app.include_router(albums.router(archive, house.clock))
    return await serve(house.gated())


async def send(archive: Archive, number: int) -> str:
    return (await receive(archive, archive.album("party"), one_chunk(jpeg(number)), Said())).photo.id


async def test_albums_come_in_their_order_with_what_they_hold(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    await send(archive, 1)
    async with client.get(base + "/api/v1/albums", headers=house.cookie()) as answer:
        party, moderated = (await answer.json())["albums"]
    assert (party["name"], party["photos"], party["size"]) == ("party", 1, len(jpeg(1)))
    assert party["position"] == str(archive.album("party").feed.position)
    assert party["may"] == {"upload": True, "edit": True}
    assert party["links"]["events"] == "/albums/party/events"
    assert (moderated["name"], moderated["approve"], moderated["photos"]) == ("moderated", True, 0)
    async with client.get(base + "/api/v1/albums/party", headers=house.cookie()) as answer:
        assert await answer.json() == party


@pytest.mark.parametrize("path", ["", "/days", "/events"])
async def test_an_unknown_album_is_404(house: House, base: str, client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(f"{base}/api/v1/albums/nothing{path}", headers=house.cookie()) as answer:
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"


async def test_a_guest_may_do_what_the_share_says(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    for upload in (False, True):
        token = house.shares.add("album", "party", upload=upload)[1]
        headers = {"Authorization": f"Bearer {token}"}
        async with client.get(base + "/api/v1/albums/party", headers=headers) as answer:
            assert (await answer.json())["may"] == {"upload": upload, "edit": False}
        async with client.get(base + "/api/v1/albums", headers=headers) as answer:
            assert answer.status == 404


async def test_what_happened_comes_page_by_page(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    ids = [await send(archive, number) for number in range(5)]
    position, seen = "", []
    reads = archive.database.reads
    while True:
        params = {"after": position, "limit": "2"}
        async with client.get(base + EVENTS, params=params, headers=house.cookie()) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "private, no-cache"
            page = await answer.json()
        seen += page["events"]
        position = page["position"]
        if not page["more"]:
            break
    epoch = archive.album("party").feed.epoch
    assert [event["id"] for event in seen] == [f"{epoch}.{seq}" for seq in range(1, 6)]
    assert [event["data"]["id"] for event in seen] == ids
    assert position == f"{epoch}.5"
    assert archive.database.reads == reads  # out of memory


async def test_the_database_answers_as_memory_does(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    await send(archive, 1)
    hidden = await send(archive, 2)
    album = archive.album("party")
    await archive.change(album, hidden, state=PhotoState.HIDDEN)
    async with client.get(base + EVENTS, headers=house.cookie()) as answer:
        out_of_memory = await answer.json()
    album.feed._tail.clear()
    async with client.get(base + EVENTS, headers=house.cookie()) as answer:
        assert await answer.json() == out_of_memory
    assert [event["data"].get("gone", False) for event in out_of_memory["events"]] == [False, True, False]


async def test_nothing_new_costs_nothing(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    await send(archive, 1)
    params = {"after": str(archive.album("party").feed.position)}
    async with client.get(base + EVENTS, params=params, headers=house.cookie()) as answer:
        assert (await answer.json())["events"] == []
        tag = {"If-None-Match": answer.headers["ETag"]}
    async with client.get(base + EVENTS, params=params, headers=house.cookie() | tag) as answer:
        assert answer.status == 304
        assert await answer.read() == b""
    await send(archive, 2)
    async with client.get(base + EVENTS, params=params, headers=house.cookie() | tag) as answer:
        assert answer.status == 200
        assert len((await answer.json())["events"]) == 1


@pytest.mark.parametrize("after", ["nonsense", "other.1", "{epoch}.7"])
async def test_a_gap_that_cannot_be_filled_is_410(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive, after: str
) -> None:
    await send(archive, 1)
    feed = archive.album("party").feed
    params = {"after": after.format(epoch=feed.epoch)}
    async with client.get(base + EVENTS, params=params, headers=house.cookie()) as answer:
        assert answer.status == 410
        problem = await answer.json()
    assert problem["reset"] is True
    assert problem["position"] == str(feed.position)


async def test_what_happened_in_a_public_album_may_be_kept_for_a_moment(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    await archive.apply([AlbumPlan("party", "Party", public=True)])
    async with client.get(base + EVENTS, headers=house.cookie()) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=10, stale-while-revalidate=60"


async def test_days_are_those_of_the_one_who_asks(
    house: House, base: str, client: aiohttp.ClientSession, archive: Archive
) -> None:
    for number in range(3):
        await send(archive, number)
    photo = await archive.newest(archive.album("party"))
    arrived = datetime.fromtimestamp(photo.added_at / 1e6)
    minutes = int((datetime.now().astimezone().utcoffset() or arrived - arrived).total_seconds() // 60)
    for offset in (minutes, minutes + 600):
        params = {"offset": str(offset)}
        async with client.get(f"{base}/api/v1/albums/party/days", params=params, headers=house.cookie()) as answer:
            days = (await answer.json())["days"]
        assert sum(day["photos"] for day in days) == 3
        assert days[0]["order"] == 3
    async with client.get(f"{base}/api/v1/albums/party/days?offset=900", headers=house.cookie()) as answer:
        assert answer.status == 422


async def test_the_clock_is_the_hubs(house: House, base: str, client: aiohttp.ClientSession) -> None:
    async with client.get(base + "/api/v1/clock", headers=house.cookie()) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        now = (await answer.json())["now"]
    assert datetime.fromisoformat(now).timestamp() == house.clock.now()
