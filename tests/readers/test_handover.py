"""The queue between a camera's thread and the loop: bounded, newest first, whole groups of coded video."""

from __future__ import annotations

import asyncio
import threading

import pytest

from onlooker.errors import SourceLost
from onlooker.media import Frame, Media, Sample, VideoFormat
from onlooker.readers.handover import MAX_FRAMES, MAX_SAMPLES, Handover

FORMAT = VideoFormat("h264")


def sample(number: int, *, key: bool = False) -> Sample:
    return Sample(b"x", key, float(number), 0.0, FORMAT)


async def drained(handover: Handover) -> list[Media]:
    handover.end(SourceLost("the end"))
    out: list[Media] = []
    while True:
        try:
            out.append(await handover.get())
        except SourceLost:
            return out


async def test_of_frames_the_newest_win() -> None:
    handover = Handover(asyncio.get_running_loop())
    frames = [Frame(b"x", float(number)) for number in range(10)]
    for frame in frames:
        handover.put(frame)
    assert await drained(handover) == frames[-MAX_FRAMES:]
    assert handover.dropped == 10 - MAX_FRAMES


async def test_coded_video_is_dropped_up_to_a_key_frame() -> None:
    handover = Handover(asyncio.get_running_loop())
    for number in range(MAX_SAMPLES + 5):
        handover.put(sample(number, key=number == 0))
    assert handover.dropped == 5
    for _ in range(10):
        await handover.get()
    handover.put(sample(1000))  # there is room again, but its group has a hole
    handover.put(sample(1001, key=True))
    handover.put(sample(1002))
    assert handover.dropped == 6
    rest = [item.pts for item in await drained(handover) if isinstance(item, Sample)]
    assert rest[-3:] == [MAX_SAMPLES - 1, 1001, 1002]


async def test_a_key_frame_into_a_full_queue_takes_its_place() -> None:
    handover = Handover(asyncio.get_running_loop())
    for number in range(MAX_SAMPLES):
        handover.put(sample(number, key=number == 0))
    handover.put(sample(1000))
    handover.put(sample(1001, key=True))
    assert [item.pts for item in await drained(handover) if isinstance(item, Sample)] == [1001]
    assert handover.dropped == MAX_SAMPLES + 1


async def test_a_thread_wakes_the_loop() -> None:
    handover = Handover(asyncio.get_running_loop())

    def read() -> None:
        for number in range(100):
            handover.put(sample(number, key=True))
        handover.end(SourceLost("the end"))

    async with asyncio.timeout(10):
        waiting = asyncio.create_task(handover.get())
        await asyncio.sleep(0)
        thread = threading.Thread(target=read)
        thread.start()
        first = await waiting
        assert isinstance(first, Sample)
        await asyncio.to_thread(thread.join)
        assert len(await drained(handover)) == 99
        with pytest.raises(SourceLost, match="the end"):
            await handover.get()


def test_a_closed_loop_does_no_harm_to_the_thread() -> None:
    loop = asyncio.new_event_loop()
    handover = Handover(loop)

    async def wait_in_vain() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(handover.get(), 0)

    loop.run_until_complete(wait_in_vain())
    loop.close()
    handover.put(sample(1, key=True))
    handover.end(SourceLost("the end"))
