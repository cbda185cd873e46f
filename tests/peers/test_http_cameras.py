"""HTTP cameras that others have written: motion with every log-in, and ffmpeg's stream that announces nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from onlooker.clock import SystemClock
from onlooker.errors import PasswordNeeded, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.formats import jpeg
from onlooker.media import Frame, Media
from onlooker.sources.http import Source
from tests.peers import ffmpeg_mjpeg, motion
from tests.peers.ffmpeg_mjpeg import FfmpegMjpeg
from tests.peers.motion import AUTHS, PASSWORD, Motion

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(
        not (motion.available() and ffmpeg_mjpeg.available()),
        reason="motion or ffmpeg is not installed; see tests/debian-packages.txt",
    ),
]


@pytest.fixture(params=AUTHS)
def camera(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Motion]:
    with Motion(tmp_path, request.param) as running:
        yield running


async def take(media: AsyncGenerator[Media], count: int) -> list[Frame]:
    """So many whole pictures of the test camera."""
    frames: list[Frame] = []
    async with asyncio.timeout(40):
        while len(frames) < count:
            item = await anext(media)
            assert isinstance(item, Frame)
            assert jpeg.end(item.data) == len(item.data)
            assert jpeg.dimensions(item.data) == (320, 240)
            frames.append(item)
    return frames


async def ending(media: AsyncGenerator[Media]) -> SourceError:
    """The error that the source ends with; pictures that were still on their way may come first."""

    async def drain() -> None:
        async with asyncio.timeout(40):
            async for _ in media:
                pass

    with pytest.raises(SourceError) as caught:
        await drain()
    assert PASSWORD not in str(caught.value)
    return caught.value


class TestMotion:
    async def test_stream(self, camera: Motion) -> None:
        async with aclosing(Source(camera.url()).run(SystemClock())) as media:
            frames = await take(media, 5)
            assert len({frame.data for frame in frames}) > 1
            camera.kill()
            assert type(await ending(media)) is SourceLost

    async def test_snapshot(self, camera: Motion) -> None:
        async with aclosing(Source(camera.url("/0/current"), poll_interval=0.3).run(SystemClock())) as media:
            frames = await take(media, 4)
            assert len({frame.data for frame in frames}) > 1
            camera.kill()
            assert type(await ending(media)) is SourceLost

    async def test_wrong_path(self, camera: Motion) -> None:
        async with aclosing(Source(camera.url("/99/current")).run(SystemClock())) as media:
            assert type(await ending(media)) in (SourceMissing, SourceRefused)


@pytest.mark.parametrize("path", ["/", "/0/current"])
@pytest.mark.parametrize("auth", ["basic", "digest"])
async def test_motion_refuses_a_wrong_password(path: str, auth: motion.Auth, tmp_path: Path) -> None:
    with Motion(tmp_path, auth) as camera:
        for password in ("wrong", ""):
            async with aclosing(Source(camera.url(path, password=password)).run(SystemClock())) as media:
                error = await ending(media)
            assert type(error) is PasswordNeeded
            assert "user name or password" in str(error)


class TestFfmpeg:
    async def test_stream_without_a_boundary(self) -> None:
        with FfmpegMjpeg() as camera:
            async with aclosing(Source(camera.url).run(SystemClock())) as media:
                frames = await take(media, 5)
                assert len({frame.data for frame in frames}) == 5
                camera.kill()
                assert type(await ending(media)) is SourceLost

    async def test_that_comes_to_its_end(self) -> None:
        with FfmpegMjpeg(frames=5) as camera:
            async with aclosing(Source(camera.url).run(SystemClock())) as media:
                await take(media, 5)
                error = await ending(media)
        assert type(error) is SourceLost
        assert "has ended its stream" in str(error)

    async def test_leaving_it_ends_its_only_connection(self) -> None:
        with FfmpegMjpeg() as camera:
            async with aclosing(Source(camera.url).run(SystemClock())) as media:
                await take(media, 2)
            await asyncio.to_thread(camera.wait)
