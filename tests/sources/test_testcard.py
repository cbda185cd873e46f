"""The test card as a camera: paced by the clock, and it drops out when asked to."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from onlooker.clock import ManualClock, SystemClock
from onlooker.errors import ConfigError, SourceLost
from onlooker.formats import jpegcodec
from onlooker.media import Frame
from onlooker.sources.testcard import Source


async def test_frames_come_with_their_time() -> None:
    clock = SystemClock()
    async with asyncio.timeout(20), aclosing(Source("testcard:porch", size="64x48", fps=100).run(clock)) as run:
        frames = [await anext(run) for _ in range(5)]
    assert all(isinstance(frame, Frame) for frame in frames)
    times = [frame.captured for frame in frames]
    assert times == sorted(set(times))
    assert jpegcodec.decode_rgb(frames[0].data).shape == (48, 64, 3)


async def test_the_rate_follows_the_clock_without_drift() -> None:
    clock = ManualClock(now=1000.0)
    async with asyncio.timeout(20), aclosing(Source("testcard:", size="64x48", fps=4).run(clock)) as run:
        for number in range(9):
            waiting = asyncio.ensure_future(anext(run))
            while not waiting.done():
                await asyncio.sleep(0.001)
                if clock.now() < 1000 + number / 4:
                    await clock.advance(0.25)
            assert waiting.result().captured == 1000 + number / 4


async def test_it_drops_out_and_comes_back() -> None:
    clock = ManualClock(now=1000.0)  # the tenth second of an outage of five in every ten
    source = Source("testcard:", size="64x48", outage_every=10, outage_for=5)
    with pytest.raises(SourceLost, match="as it was asked to"):
        await anext(source.run(clock))
    await clock.advance(5)
    async with asyncio.timeout(20), aclosing(source.run(clock)) as run:
        assert isinstance(await anext(run), Frame)
        await clock.advance(5)  # the next frame falls into the next outage
        with pytest.raises(SourceLost):
            await anext(run)


@pytest.mark.parametrize(
    "options",
    [{"size": "huge"}, {"fps": 0.0}, {"fps": 1000.0}, {"outage_every": 5.0, "outage_for": 5.0}, {"outage_for": -1.0}],
)
def test_options_that_make_no_sense(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Source("testcard:", **options)  # type: ignore[arg-type]
