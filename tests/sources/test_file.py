"""Files as cameras: in real time, over and over."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from onlooker.clock import ManualClock, SystemClock
from onlooker.errors import ConfigError, SourceMissing, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.live.transcode import Decoder
from onlooker.media import Frame, Media, Sample
from onlooker.sources.file import Source, path_of
from tests.clips import write_sound, write_video


class FastClock(SystemClock):
    """A clock on which every sleep is over at once; the time slept is kept."""

    def __init__(self) -> None:
        self.slept = 0.0

    def monotonic(self) -> float:
        return self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += max(0.0, seconds)
        await asyncio.sleep(0)


async def take(source: Source, count: int, clock: SystemClock | None = None) -> list[Media]:
    async with asyncio.timeout(30), aclosing(source.run(clock or FastClock())) as run:
        return [await anext(run) for _ in range(count)]


def picture(path: Path, level: int) -> None:
    path.write_bytes(jpegcodec.encode_rgb(np.full((48, 64, 3), level, np.uint8)))


async def test_h264_plays_in_real_time_and_starts_again(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")
    clock = FastClock()
    media = await take(Source(f"file:{path}"), 25, clock)
    samples = [item for item in media if isinstance(item, Sample)]
    assert len(samples) == 25
    assert [round(item.pts, 3) for item in samples] == [round(number / 10, 3) for number in range(25)]
    assert clock.slept == pytest.approx(2.4)
    decoder = Decoder(samples[0].format)
    assert [len(decoder.decode(sample)) for sample in samples] == [1] * 25


async def test_pictures_that_are_reordered_are_released_in_order_of_decoding(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", "mpeg4")
    assert len(await take(Source(f"file:{path}"), 12)) == 12


async def test_motion_jpeg_gives_frames_at_the_rate_asked_for(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi", "mjpeg")
    clock = FastClock()
    media = await take(Source(f"file:{path}", fps=2), 5, clock)
    assert all(isinstance(item, Frame) for item in media)
    assert clock.slept == pytest.approx(2.0)


async def test_a_folder_is_leafed_through_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "b.jpg", 200)
    picture(tmp_path / "a.JPEG", 10)
    (tmp_path / "c.jpg").write_bytes(b"half a picture")
    (tmp_path / "notes.txt").write_text("not shown")
    clock = FastClock()
    media = await take(Source(f"file:{tmp_path}"), 5, clock)
    levels = [jpegcodec.decode_rgb(item.data).mean() for item in media if isinstance(item, Frame)]
    assert [round(level, -1) for level in levels] == [10, 200, 10, 200, 10]
    assert clock.slept == pytest.approx(4.0)


async def test_a_new_picture_in_the_folder_joins(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", 10)
    async with asyncio.timeout(30), aclosing(Source(f"file:{tmp_path}", fps=5).run(FastClock())) as run:
        await anext(run)
        picture(tmp_path / "b.jpg", 200)
        levels = {round(jpegcodec.decode_rgb((await anext(run)).data).mean(), -1) for _ in range(4)}
    assert levels == {10, 200}


async def test_once_only(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")
    with pytest.raises(SourceMissing, match="loop = true"):
        await take(Source(f"file:{path}", loop=False), 11)


async def test_a_viewer_that_comes_late_is_not_made_to_catch_up() -> None:
    from onlooker.sources.file import _Pace

    clock = ManualClock()
    pace = _Pace(clock)
    await clock.advance(100)
    await pace.until(1.0)
    waiting = asyncio.ensure_future(pace.until(2.0))
    await clock.advance(0.9)
    assert not waiting.done()
    await clock.advance(0.2)
    assert waiting.done()


async def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"nothing\.mp4"):
        await take(Source(f"file:{tmp_path}/nothing.mp4"), 1)
    with pytest.raises(SourceMissing, match="no whole JPEG"):
        await take(Source(f"file:{tmp_path}"), 1)


async def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "garbage.mp4").write_bytes(b"no video" * 100)
    with pytest.raises(SourceRefused, match=r"garbage\.mp4"):
        await take(Source(f"file:{tmp_path}/garbage.mp4"), 1)
    with pytest.raises(SourceRefused, match="no video"):
        await take(Source(f"file:{write_sound(tmp_path / 'sound.wav')}"), 1)


async def test_cancelling_closes_the_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")

    async def play() -> None:
        async with aclosing(Source(f"file:{path}").run(SystemClock())) as run:
            async for _ in run:
                pass

    for turns in range(12):
        playing = asyncio.create_task(play())
        for _ in range(turns):
            await asyncio.sleep(0.001)
        playing.cancel()
        async with asyncio.timeout(10):
            with pytest.raises(asyncio.CancelledError):
                await playing


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:/a/b.mp4", "/a/b.mp4"),
        ("file:///a/b.mp4", "/a/b.mp4"),
        ("file://localhost/a/b.mp4", "/a/b.mp4"),
        ("file:pictures", "pictures"),
        ("file:/a/my%20video.mp4", "/a/my video.mp4"),
        ("file:/a/my video.mp4", "/a/my video.mp4"),
    ],
)
def test_paths(url: str, path: str) -> None:
    assert path_of(url) == Path(path)


def test_no_path_and_no_rate() -> None:
    with pytest.raises(ConfigError):
        Source("file:")
    with pytest.raises(ConfigError):
        Source("file:/a", fps=-1)
