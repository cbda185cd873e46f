"""Scripts that send pictures: one at a time, streams of them, ffmpeg; refused where they are none or not allowed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from onlooker.live.status import State
from onlooker.web.api import push
from tests.web.sending import Station, jpeg, shows, station, until

FRAME, STREAM = "/cameras/phone/frame", "/cameras/phone/stream"


@pytest.fixture
async def hub(house: Any, serve: Any) -> AsyncIterator[Station]:
    async with station(house, serve, quiet_after=0.5) as made:
        yield made


def part(data: bytes) -> bytes:
    return b"--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: %d\r\n\r\n%b\r\n" % (len(data), data)


class Body:
    """A body that is sent as the test says."""

    def __init__(self) -> None:
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, data: bytes | None) -> None:
        self.chunks.put_nowait(data)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self.chunks.get()) is not None:
            yield chunk


async def test_one_picture_is_shown_and_the_camera_ends_when_no_other_comes(
    hub: Station, client: aiohttp.ClientSession
) -> None:
    viewer = hub.watch()
    async with client.put(hub.base + FRAME, data=jpeg(1), headers=hub.anna) as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    await until(lambda: shows(viewer, jpeg(1)))
    await until(lambda: hub.phone.state is State.ENDED)
    assert hub.phone.status().reason == "anna has sent nothing for 0.5 seconds."
    async with client.put(hub.base + FRAME, data=jpeg(2), headers=hub.anna) as answer:
        assert answer.status == 204
    await until(lambda: shows(viewer, jpeg(2)))


async def test_pictures_in_a_row_are_one_sender_whoever_puts_them(hub: Station, client: aiohttp.ClientSession) -> None:
    viewer = hub.watch()
    for index, headers in enumerate([hub.anna, hub.guest()[1], hub.anna, hub.anna]):
        async with client.put(hub.base + FRAME, data=jpeg(index), headers=headers) as answer:
            assert answer.status == 204
        await until(lambda index=index: shows(viewer, jpeg(index)))  # type: ignore[misc]
    assert hub.phone.status().reconnects == 0


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 400, "no picture"),
        (b"hello", 415, "not a JPEG"),
        (jpeg(1)[:-9], 400, "cut short"),
        (jpeg(1) + b"more", 400, "behind the end"),
    ],
)
async def test_what_is_no_picture_is_told(
    hub: Station, client: aiohttp.ClientSession, data: bytes, status: int, said: str
) -> None:
    async with client.put(hub.base + FRAME, data=data, headers=hub.anna) as answer:
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert said in (await answer.json())["detail"]
    assert hub.phone.status().frames_in == 0


async def test_what_is_too_large_is_refused_before_it_has_come(
    hub: Station, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LARGEST", 4000)
    for body in (b"\xff\xd8\xff" + bytes(5000), _chunked(b"\xff\xd8\xff" + bytes(5000))):
        async with client.put(hub.base + FRAME, data=body, headers=hub.anna) as answer:
            assert answer.status == 413


async def _chunked(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 1000):
        yield data[at : at + 1000]


async def test_only_to_a_camera_that_takes_them(hub: Station, client: aiohttp.ClientSession) -> None:
    for method, path in (("PUT", "frame"), ("POST", "stream")):
        for name in ("yard", "nowhere"):
            async with client.request(
                method, f"{hub.base}/cameras/{name}/{path}", data=jpeg(1), headers=hub.anna
            ) as answer:
                assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_who_may_send(hub: Station, client: aiohttp.ClientSession) -> None:
    cookie = hub.house.cookie()
    for method, path in (("PUT", FRAME), ("POST", STREAM)):
        for headers, status in [
            ({}, 401),
            (hub.guest(upload=False)[1], 404),
            (hub.guest("yard")[1], 404),
            (cookie, 403),
            (cookie | {"Origin": "https://elsewhere.example"}, 403),
            (cookie | {"Origin": hub.base}, 204 if method == "PUT" else 200),
            (hub.guest()[1], 204 if method == "PUT" else 200),
        ]:
            async with client.request(method, hub.base + path, data=jpeg(1), headers=headers) as answer:
                assert answer.status == status, (method, headers)


@pytest.mark.parametrize("framed", [part, bytes])
async def test_a_stream_is_shown_as_it_comes_and_ends_with_its_body(
    hub: Station, client: aiohttp.ClientSession, framed: Any
) -> None:
    viewer, body = hub.watch(), Body()
    sending = asyncio.create_task(client.post(hub.base + STREAM, data=body, headers=hub.anna))
    for shade in range(3):
        whole = framed(jpeg(shade))
        body.send(whole[:100])
        body.send(whole[100:])
        await until(lambda shade=shade: shows(viewer, jpeg(shade)))  # type: ignore[misc]
    assert hub.phone.state is State.LIVE
    body.send(None)
    async with await sending as answer:
        assert (answer.status, await answer.json()) == (200, {"frames": 3})
    await until(lambda: hub.phone.state is State.ENDED)
    assert hub.phone.status().reason == "anna has stopped sending."


async def test_a_newer_sender_takes_over(hub: Station, client: aiohttp.ClientSession) -> None:
    viewer, body = hub.watch(), Body()
    sending = asyncio.create_task(client.post(hub.base + STREAM, data=body, headers=hub.anna))
    body.send(part(jpeg(1)))
    await until(lambda: shows(viewer, jpeg(1)))
    async with client.put(hub.base + FRAME, data=jpeg(2), headers=hub.guest()[1]) as answer:
        assert answer.status == 204
    async with await sending as answer:
        assert answer.status == 409
        assert "Somebody else" in (await answer.json())["detail"]
    await until(lambda: shows(viewer, jpeg(2)))


async def test_a_stream_that_falls_silent_is_ended(hub: Station, client: aiohttp.ClientSession) -> None:
    body = Body()
    body.send(part(jpeg(1)))
    async with client.post(hub.base + STREAM, data=body, headers=hub.anna) as answer:
        assert answer.status == 408
    await until(lambda: hub.phone.state is State.ENDED)


async def test_a_stream_of_something_else_is_refused(
    hub: Station, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LARGEST", 4000)
    for data in (b"", b"nothing that is a picture", bytes(20_000)):
        async with client.post(hub.base + STREAM, data=data, headers=hub.anna) as answer:
            assert (answer.status, answer.content_type) == (400, "application/problem+json")


async def test_a_revoked_share_ends_the_stream(hub: Station, client: aiohttp.ClientSession) -> None:
    share, guest = hub.guest()
    viewer, body = hub.watch(), Body()
    sending = asyncio.create_task(client.post(hub.base + STREAM, data=body, headers=guest))
    body.send(part(jpeg(1)))
    await until(lambda: shows(viewer, jpeg(1)))
    assert hub.running.review() == 0
    hub.house.shares.revoke(share)
    assert hub.running.review() == 1
    async with await sending as answer:
        assert answer.status == 403
    await until(lambda: hub.phone.state is State.ENDED)
    assert hub.phone.status().reason == "A guest has stopped sending."


@pytest.mark.peers
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed; see tests/debian-packages.txt")
@pytest.mark.parametrize("form", ["mpjpeg", "mjpeg"])
async def test_ffmpeg_posts_a_film(hub: Station, form: str) -> None:
    viewer = hub.watch()
    header = "Authorization: " + hub.anna["Authorization"]
    ffmpeg = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10:duration=2"),
        *("-f", form, "-method", "POST", "-headers", f"{header}\r\n", hub.base + STREAM),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(40):
        _, said = await ffmpeg.communicate()
    assert (ffmpeg.returncode, said) == (0, b"")
    await until(lambda: hub.phone.state is State.ENDED)
    status = hub.phone.status()
    assert (status.frames_in, status.width, status.height, status.codec) == (20, 320, 240, "mjpeg")
    assert sum(b"X-State: live" in one for one in viewer.seen) >= 15
