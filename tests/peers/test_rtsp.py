"""RTSP against GStreamer's server: every coding and transport, passwords, and what can happen to a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Literal

import pytest

from onlooker.clock import SystemClock
from onlooker.errors import SourceLost, SourceMissing, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.live.transcode import Decoder
from onlooker.media import Frame, Media, Sample
from onlooker.sources.rtsp import Source
from tests.peers.gstreamer import PASSWORD, Auth, RtspServer, available, running
from tests.peers.served import Served

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not available(), reason="GStreamer's RTSP server is not installed"),
]

Transport = Literal["tcp", "udp"]
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspServer]:
    yield from running()


@pytest.fixture
def own_camera() -> Iterator[RtspServer]:
    """One that the test may freeze and kill."""
    yield from running()


async def take(source: Source, count: int) -> list[Media]:
    async with asyncio.timeout(30), aclosing(source.run(CLOCK)) as run:
        return [await anext(run) for _ in range(count)]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(("path", "codec"), [("h264", "h264"), ("h265", "hevc")])
async def test_coded_video(camera: RtspServer, path: str, codec: str, transport: Transport) -> None:
    media = await take(Source(camera.url(path), transport=transport), 20)
    samples = [item for item in media if isinstance(item, Sample)]
    assert len(samples) == 20
    fmt = samples[0].format
    assert (fmt.codec, fmt.width, fmt.height) == (codec, 320, 240)
    decoder = Decoder(fmt)
    pictures = [picture for sample in samples for picture in decoder.decode(sample)]
    assert pictures
    assert (pictures[0].width, pictures[0].height) == (320, 240)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_motion_jpeg(camera: RtspServer, transport: Transport) -> None:
    frame = (await take(Source(camera.url("mjpeg"), transport=transport), 3))[-1]
    assert isinstance(frame, Frame)
    assert jpegcodec.decode_rgb(frame.data).shape == (240, 320, 3)


@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_passwords(auth: Auth) -> None:
    with RtspServer(auth) as server:
        assert len(await take(Source(server.url()), 2)) == 2
        with pytest.raises(SourceRefused, match="password") as refusal:
            await take(Source(server.url(password="wrong-one")), 1)
        assert "wrong-one" not in str(refusal.value)
        assert PASSWORD not in str(refusal.value)


async def test_a_path_that_is_not_there(camera: RtspServer) -> None:
    with pytest.raises(SourceMissing, match="path"):
        await take(Source(camera.url("nothing")), 1)


async def test_a_server_that_freezes_is_lost(own_camera: RtspServer) -> None:
    async with asyncio.timeout(40), aclosing(Source(own_camera.url(), timeout=1.5).run(CLOCK)) as run:
        await anext(run)
        own_camera.freeze()
        with pytest.raises(SourceLost):
            async for _ in run:
                pass


async def test_a_frozen_server_does_not_hold_up_closing(own_camera: RtspServer) -> None:
    run = Source(own_camera.url(), timeout=4).run(CLOCK)
    async with asyncio.timeout(20):
        await anext(run)
    own_camera.freeze()
    async with asyncio.timeout(3):
        await run.aclose()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_server_that_is_killed_is_lost_and_comes_back(own_camera: RtspServer, transport: Transport) -> None:
    source = Source(own_camera.url(), transport=transport, timeout=2)
    async with asyncio.timeout(40), aclosing(source.run(CLOCK)) as run:
        await anext(run)
        own_camera.kill()
        with pytest.raises(SourceLost):
            async for _ in run:
                pass
    with pytest.raises(SourceLost):
        await take(source, 1)
    own_camera.restart()
    assert len(await take(source, 2)) == 2


def test_the_wall_watches_the_smaller_stream_and_the_camera_itself_where_that_fails(
    camera: RtspServer, tmp_path: Path
) -> None:
    config = f'[cameras.door]\nsource = "{camera.url("h265")}"\nsub = "{camera.url("h264")}"\nidle_after = 0\n'
    config += f'[cameras.yard]\nsource = "{camera.url("h265")}"\nsub = "{camera.url("nowhere")}"\n'
    with Served(tmp_path, config) as hub:

        def codec(name: str) -> str:
            said: str = json.loads(hub.get(f"/api/v1/cameras/{name}"))["codec"]
            return said

        assert jpegcodec.decode_rgb(hub.get("/cameras/door/still.jpg?width=160")).shape == (120, 160, 3)
        assert codec("door") == "h264"
        assert jpegcodec.decode_rgb(hub.get("/cameras/door/still.jpg")).shape == (240, 320, 3)
        assert codec("door") == "hevc"
        assert jpegcodec.decode_rgb(hub.get("/cameras/yard/still.jpg?width=160")).shape == (120, 160, 3)
        assert codec("yard") == "hevc"
