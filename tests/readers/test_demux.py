"""Reading through FFmpeg: what comes out of real inputs, and how every failure is named."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
from contextlib import aclosing
from pathlib import Path

import av
import numpy as np
import pytest

from onlooker.clock import SystemClock
from onlooker.errors import PasswordNeeded, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.media import Frame, Media, Sample
from onlooker.readers.demux import Input, demux, explained
from tests.clips import write_sound, write_video

CLOCK = SystemClock()


async def everything(source: Input) -> tuple[list[Media], SourceError]:
    media: list[Media] = []
    async with asyncio.timeout(30):
        try:
            async for item in demux(source, CLOCK):
                media.append(item)
        except SourceError as error:
            return media, error
    raise AssertionError("a live input has no good end")


def demux_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "onlooker-demux"}


async def test_coded_video_gives_samples_that_share_one_format(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")
    media, error = await everything(Input(str(path), "The clip"))
    samples = [item for item in media if isinstance(item, Sample)]
    assert len(samples) == 10
    assert [item.key for item in samples] == [True, False, False, False, False] * 2
    assert [round(item.pts, 3) for item in samples] == [number / 10 for number in range(10)]
    assert all(item.format is samples[0].format for item in samples)
    fmt = samples[0].format
    assert (fmt.codec, fmt.width, fmt.height, fmt.rate) == ("h264", 64, 48, 10.0)
    assert fmt.extradata
    assert isinstance(error, SourceLost)
    assert str(error).startswith("The clip ended")


async def test_motion_jpeg_gives_whole_jpegs(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi", "mjpeg", frames=2)
    media, _ = await everything(Input(str(path), "The clip"))
    frame = media[0]
    assert isinstance(frame, Frame)
    assert jpegcodec.decode_rgb(frame.data).shape == (48, 64, 3)


async def test_a_size_that_is_not_announced_is_read_from_a_key_frame(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.h264")
    options = {"probesize": "32", "analyzeduration": "0"}
    media, _ = await everything(Input(str(path), "The clip", "h264", options))
    first = media[0]
    assert isinstance(first, Sample)
    assert (first.format.width, first.format.height) == (64, 48)


async def test_closing_ends_the_thread_and_the_connection() -> None:
    picture = jpegcodec.encode_rgb(np.zeros((48, 64, 3), np.uint8))
    gone = asyncio.Event()

    async def camera(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(picture)
                await writer.drain()
        gone.set()
        writer.close()

    before = demux_threads()
    server = await asyncio.start_server(camera, "127.0.0.1", 0)
    async with asyncio.timeout(20), server:
        port = server.sockets[0].getsockname()[1]
        stream = demux(Input(f"tcp://127.0.0.1:{port}", "The camera", "mjpeg"), CLOCK)
        assert isinstance(await anext(stream), Frame)
        (thread,) = demux_threads() - before
        await stream.aclose()
        await asyncio.to_thread(thread.join)
        await gone.wait()


async def test_what_cannot_leave_ffmpeg_is_refused() -> None:
    _, error = await everything(Input("testsrc2=size=64x48:rate=30", "The pattern", "lavfi"))
    assert type(error) is SourceRefused


async def test_closing_does_not_wait_for_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"rtsp://127.0.0.1:{server.getsockname()[1]}/x"
        async with aclosing(demux(Input(url, "The camera", "rtsp", open_timeout=4), CLOCK)) as stream:
            waiting = asyncio.ensure_future(anext(stream))
            connection, _ = await asyncio.to_thread(server.accept)
            waiting.cancel()
            async with asyncio.timeout(3):
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                await stream.aclose()
        connection.close()


async def test_a_server_that_never_answers_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"rtsp://me:secret@127.0.0.1:{server.getsockname()[1]}/x"
        _, error = await everything(Input(url, "The camera", "rtsp", open_timeout=0.5))
    assert isinstance(error, SourceLost)
    assert "secret" not in str(error)


async def test_nobody_there_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    _, error = await everything(Input(f"rtsp://me:secret@127.0.0.1:{port}/x", "The camera", "rtsp"))
    assert type(error) is SourceLost
    assert "secret" not in str(error)
    assert error.__context__ is None


async def test_no_video_is_refused(tmp_path: Path) -> None:
    _, error = await everything(Input(str(write_sound(tmp_path / "sound.wav")), "The camera"))
    assert type(error) is SourceRefused
    assert str(error).startswith("The camera: There is no video")


async def test_garbage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "garbage.mp4"
    path.write_bytes(b"no video at all" * 100)
    assert type((await everything(Input(str(path), "The camera")))[1]) is SourceRefused


async def test_missing_is_missing(tmp_path: Path) -> None:
    assert type((await everything(Input(str(tmp_path / "nothing"), "The camera")))[1]) is SourceMissing


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (av.HTTPUnauthorizedError, PasswordNeeded),
        (av.HTTPForbiddenError, PasswordNeeded),
        (av.HTTPNotFoundError, SourceMissing),
        (av.HTTPBadRequestError, SourceRefused),
        (av.HTTPServerError, SourceLost),
        (av.FileNotFoundError, SourceMissing),
        (av.PermissionError, SourceRefused),
        (av.ConnectionRefusedError, SourceLost),
        (av.ConnectionResetError, SourceLost),
        (av.TimeoutError, SourceLost),
        (av.ExitError, SourceLost),
        (av.EOFError, SourceLost),
        (av.InvalidDataError, SourceRefused),
        (av.OSError, SourceLost),
    ],
)
def test_every_failure_is_named_for_what_to_do_next(failure: type[av.FFmpegError], expected: type[SourceError]) -> None:
    raised = failure(1, "went wrong", "rtsp://me:secret@host/x")
    error = explained(raised, Input("rtsp://me:secret@host/x", "The camera at host"))
    assert type(error) is expected
    assert str(error).startswith("The camera at host ")
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(errno.EBUSY, SourceLost), (errno.ENODEV, SourceMissing), (errno.ENOTTY, SourceRefused), (errno.EIO, SourceLost)],
)
def test_what_the_system_says_of_a_device(code: int, expected: type[SourceError]) -> None:
    assert type(explained(av.OSError(code, "went wrong"), Input("/dev/video0", "The camera"))) is expected


def test_an_input_does_not_show_its_url() -> None:
    assert "secret" not in repr(Input("rtsp://me:secret@host/x", "The camera"))
