"""The socket that a phone's page sends through: who may, what is acknowledged, and what ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from onlooker.formats import broadcast
from onlooker.formats.broadcast import Codec, Shot
from onlooker.live.status import State
from onlooker.web import broadcasting
from tests.formats.test_h264 import coded
from tests.web.sending import Station, jpeg, shows, station, until

PATH = "/cameras/phone/broadcast"
UNITS = coded(64, 48, 4)


@pytest.fixture
async def hub(house: Any, serve: Any) -> AsyncIterator[Station]:
    async with station(house, serve) as made:
        yield made


def joined(hub: Station, headers: dict[str, str], path: str = PATH) -> connect:
    url = hub.base.replace("http:", "ws:") + path + "/socket"
    return connect(url, additional_headers=headers, compression=None, open_timeout=10)


def still(shade: int, sequence: int = 1) -> bytes:
    return broadcast.message(Shot(Codec.JPEG, True, sequence, 0.0, 64, 48, jpeg(shade)))


def film(index: int) -> bytes:
    return broadcast.message(Shot(Codec.H264, index == 0, index, index / 25, 64, 48, UNITS[index]))


async def told(socket: ClientConnection) -> dict[str, object]:
    async with asyncio.timeout(10):
        said: dict[str, object] = json.loads(await socket.recv())
        return said


async def closed(socket: ClientConnection) -> int:
    """The code that the hub closes it with."""
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    assert socket.close_code is not None
    return socket.close_code


async def test_pictures_are_shown_and_acknowledged_with_how_many_watch(hub: Station) -> None:
    viewer = hub.watch()
    async with joined(hub, hub.anna) as socket:
        await socket.send(still(1, 41))
        assert await told(socket) == {"type": "ack", "sequence": 41, "viewers": 1}
        await until(lambda: shows(viewer, jpeg(1)))
        hub.watch()
        await socket.send(still(2, 42))
        assert await told(socket) == {"type": "ack", "sequence": 42, "viewers": 2}
        assert hub.phone.state is State.LIVE
    await until(lambda: hub.phone.state is State.ENDED)
    assert hub.phone.status().reason == "anna has stopped sending."


async def test_a_page_that_only_connects_replaces_nobody(hub: Station) -> None:
    async with joined(hub, hub.anna) as first, joined(hub, hub.anna) as second:
        await first.send(still(1))
        await told(first)
        await first.send(still(2))
        await told(first)
        await second.send(still(3))
        await told(second)
        assert await closed(first) == broadcasting.Close.REPLACED
        await second.send(still(4))
        await told(second)
        assert hub.phone.state is State.LIVE


async def test_coded_video_is_asked_for_a_key_picture_until_there_is_one(hub: Station) -> None:
    viewer = hub.watch()
    async with joined(hub, hub.anna) as socket:
        await socket.send(film(1))
        assert (await told(socket)).get("key") is True
        assert hub.phone.status().frames_in == 0
        for index in range(4):
            await socket.send(film(index))
            assert "key" not in await told(socket)
        await until(lambda: any(b"X-State: live" in part for part in viewer.seen))
        status = hub.phone.status()
        assert (status.codec, status.width, status.height) == ("h264", 64, 48)


@pytest.mark.parametrize(
    "message",
    [
        "text",
        b"",
        b"\x02" + still(1)[1:],
        still(1)[:-7],
        film(1)[:24],
        broadcast.message(Shot(Codec.H264, False, 1, 0.0, 64, 48, b"\x00\x00\x01\x65\x88")),
    ],
)
async def test_what_does_not_fit_ends_it(hub: Station, message: str | bytes) -> None:
    async with joined(hub, hub.anna) as socket:
        await socket.send(message)
        assert await closed(socket) == broadcasting.Close.MALFORMED
    assert hub.phone.status().frames_in == 0


async def test_one_connection_has_one_codec(hub: Station) -> None:
    async with joined(hub, hub.anna) as socket:
        await socket.send(still(1))
        await told(socket)
        await socket.send(film(0))
        assert await closed(socket) == broadcasting.Close.MALFORMED


async def test_more_than_a_page_can_mean_ends_it(hub: Station) -> None:
    async with joined(hub, hub.anna) as socket:
        for number in range(4 * broadcasting.MOST_A_SECOND):
            try:
                await socket.send(still(1, number))
            except ConnectionClosed:
                break
        assert await closed(socket) == broadcasting.Close.TOO_FAST


async def test_who_says_nothing_is_let_go(hub: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasting, "SILENCE", 0.1)
    async with joined(hub, hub.anna) as socket:
        assert await closed(socket) == broadcasting.Close.SILENT


async def test_only_to_a_camera_that_takes_them(hub: Station, client: aiohttp.ClientSession) -> None:
    for name in ("yard", "nowhere"):
        async with joined(hub, hub.anna, f"/cameras/{name}/broadcast") as socket:
            assert await closed(socket) == broadcasting.Close.NO_CAMERA
        async with client.get(f"{hub.base}/cameras/{name}/broadcast", headers=hub.anna) as answer:
            assert answer.status == 404


async def test_a_camera_that_is_removed_ends_it(hub: Station) -> None:
    async with joined(hub, hub.anna) as socket:
        await socket.send(still(1))
        await told(socket)
        await hub.hub.apply([])
        assert await closed(socket) == broadcasting.Close.SILENT


async def test_who_may_send(hub: Station) -> None:
    cookie = hub.house.cookie()
    refused = [
        {},
        {"Authorization": "Bearer wrong"},
        hub.guest(upload=False)[1],
        hub.guest("yard")[1],
        cookie,
        cookie | {"Origin": "https://elsewhere.example"},
        hub.anna | {"Origin": "https://elsewhere.example"},
    ]
    for headers in refused:
        with pytest.raises(InvalidStatus) as caught:
            async with joined(hub, headers):
                pass
        assert caught.value.response.status_code == 403
    for headers in (hub.anna, hub.guest()[1], cookie | {"Origin": hub.base}):
        async with joined(hub, headers) as socket:
            await socket.send(still(1))
            await told(socket)


async def test_a_revoked_share_ends_it_and_nobody_elses(hub: Station) -> None:
    share, guest = hub.guest()
    async with joined(hub, guest) as socket, joined(hub, hub.anna) as other:
        await socket.send(still(1))
        await told(socket)
        assert hub.running.review() == 0
        hub.house.shares.revoke(share)
        assert hub.running.review() == 1
        assert await closed(socket) == broadcasting.Close.WITHDRAWN
        await other.send(still(2))
        await told(other)
        hub.house.users.remove("anna")
        assert hub.running.review() == 1
        assert await closed(other) == broadcasting.Close.WITHDRAWN


async def test_the_page_is_for_those_who_may_send(hub: Station, client: aiohttp.ClientSession) -> None:
    for headers, status in [(hub.anna, 200), (hub.guest()[1], 200), (hub.guest(upload=False)[1], 404), ({}, 401)]:
        async with client.get(hub.base + PATH, headers=headers) as answer:
            assert answer.status == status
            if status == 200:
                assert "Phone" in await answer.text()
