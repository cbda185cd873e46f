"""HTTP cameras as they are in the field: streams, snapshots, wrong types, wrong things, and every way to end."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager, suppress

import pytest
from aiohttp import web

from onlooker.clock import Clock, ManualClock, SystemClock
from onlooker.errors import ConfigError, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.formats.multipart import CONTENT_TYPE, PREAMBLE, part
from onlooker.media import Frame
from onlooker.sources import kind_of
from onlooker.sources.http import Source
from tests.formats.pictures import picture, with_thumbnail
from tests.readers.http_server import Digest, Handler, serve

A, B, C = picture(seed=1), with_thumbnail(seed=2), picture(seed=3)
MULTIPART = "multipart/x-mixed-replace; boundary=frame"


def plain(*pictures: bytes, extra: bytes = b"") -> list[bytes]:
    """A stream's pieces, as a simple camera writes them."""
    return [b"--frame\r\nContent-Type: image/jpeg\r\n" + extra + b"\r\n" + data + b"\r\n" for data in pictures]


def streaming(pieces: Iterable[bytes], content_type: str | None = MULTIPART, *, stay: bool = False) -> Handler:
    """A camera that sends these pieces and then ends, or stays silent."""

    async def camera(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        if content_type is not None:
            response.content_type = content_type.partition(";")[0]
            response.headers["Content-Type"] = content_type
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        if stay:
            await asyncio.sleep(3600)
        return response

    return camera


def giving(body: bytes, content_type: str = "image/jpeg", headers: dict[str, str] | None = None) -> Handler:
    """A camera that answers each request with this, its length announced."""

    async def camera(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, headers={**(headers or {}), "Content-Type": content_type})

    return camera


async def take(url: str, count: int, clock: Clock | None = None, **options: float) -> list[Frame]:
    frames: list[Frame] = []
    async with asyncio.timeout(20), aclosing(Source(url, **options).run(clock or SystemClock())) as media:  # type: ignore[arg-type]
        async for item in media:
            assert isinstance(item, Frame)
            frames.append(item)
            if len(frames) == count:
                break
    return frames


async def ending(url: str, **options: float) -> tuple[list[bytes], SourceError]:
    """Every picture until the source ends by itself, and with which error."""
    frames: list[bytes] = []

    async def run() -> None:
        async with asyncio.timeout(20), aclosing(Source(url, **options).run(SystemClock())) as media:  # type: ignore[arg-type]
            async for item in media:
                assert isinstance(item, Frame)
                frames.append(item.data)

    with pytest.raises(SourceError) as caught:
        await run()
    text = str(caught.value)
    assert text.startswith("The camera at 127.0.0.1:")
    assert text.endswith(".")
    assert "secret" not in text
    return frames, caught.value


@asynccontextmanager
async def at(handler: Handler) -> AsyncIterator[str]:
    async with serve(handler) as port:
        yield f"http://user:secret@127.0.0.1:{port}/cam?pwd=secret"


class TestStream:
    @pytest.mark.parametrize(
        "content_type",
        [
            *(MULTIPART, "multipart/x-mixed-replace", "multipart/x-mixed-replace;boundary=lie", "image/jpeg"),
            *("text/plain", "text/html", "application/octet-stream", "video/x-motion-jpeg", None),
        ],
    )
    async def test_whatever_its_type_claims(self, content_type: str | None) -> None:
        async with at(streaming(plain(A, B, C), content_type, stay=True)) as url:
            assert [frame.data for frame in await take(url, 3)] == [A, B, C]

    async def test_of_bare_jpegs(self) -> None:
        async with at(streaming([A, B, C], "image/jpeg", stay=True)) as url:
            assert [frame.data for frame in await take(url, 3)] == [A, B, C]

    async def test_cut_into_small_pieces(self) -> None:
        wire = b"".join(plain(A, B))
        async with at(streaming([wire[i : i + 99] for i in range(0, len(wire), 99)], stay=True)) as url:
            assert [frame.data for frame in await take(url, 2)] == [A, B]

    async def test_of_a_camera_that_never_writes_the_end_marker(self) -> None:
        pieces = [b"--frame\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(data) - 2, data[:-2]) for data in (A, C)]
        async with at(streaming([*pieces, b"--frame\r\n"], stay=True)) as url:
            assert [frame.data for frame in await take(url, 2)] == [A, C]

    async def test_that_ends(self) -> None:
        async with at(streaming(plain(A, B))) as url:
            frames, error = await ending(url)
        assert frames == [A, B]
        assert type(error) is SourceLost
        assert "has ended its stream" in str(error)

    async def test_that_falls_silent(self) -> None:
        async with at(streaming(plain(A, B), stay=True)) as url:
            frames, error = await ending(url, timeout=0.3)
        assert frames == [A, B]
        assert type(error) is SourceLost
        assert "nothing for 0.3 s" in str(error)

    async def test_that_turns_into_garbage(self) -> None:
        pieces = [*plain(A), *([b"\xff\xd8\xff\x00" * 50_000] * 20)]
        async with at(streaming(pieces, stay=True)) as url:
            frames, error = await ending(url)
        assert frames == [A]
        assert type(error) is SourceLost
        assert "cannot be read as JPEGs" in str(error)

    async def test_whose_server_dies(self) -> None:
        source = None
        async with serve(streaming(plain(A, B), stay=True)) as port:
            source = Source(f"http://127.0.0.1:{port}/").run(SystemClock())
            assert (await anext(source)).data == A
            assert (await anext(source)).data == B
        with pytest.raises(SourceLost):
            await asyncio.wait_for(anext(source), 10)

    async def test_closing_lets_the_camera_go(self) -> None:
        gone = asyncio.Event()

        async def camera(request: web.BaseRequest) -> web.StreamResponse:
            try:
                return await streaming(itertools.repeat(plain(A)[0]))(request)
            finally:
                gone.set()

        async with at(camera) as url:
            assert len(await take(url, 3)) == 3
            await asyncio.wait_for(gone.wait(), 10)

    async def test_cancelling_lets_the_camera_go(self) -> None:
        gone = asyncio.Event()

        async def camera(request: web.BaseRequest) -> web.StreamResponse:
            try:
                return await streaming(plain(A, B), stay=True)(request)
            finally:
                gone.set()

        async with at(camera) as url:
            task = asyncio.create_task(take(url, 3))
            await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            assert task.cancelled()


class TestTime:
    @pytest.mark.parametrize(
        ("stated", "taken"),
        [
            ("{now}", True),
            ("{earlier}", True),
            ("{long_ago}", False),
            ("{future}", False),
            ("81234.567", False),
            ("nan", False),
            ("yesterday", False),
        ],
    )
    async def test_is_the_cameras_where_plausible(self, stated: str, taken: bool) -> None:
        clock = ManualClock()
        now = clock.now()
        given = stated.format(now=now, earlier=now - 5, long_ago=now - 3600, future=now + 60)
        async with at(streaming(plain(A, extra=f"X-Timestamp: {given}\r\n".encode()), stay=True)) as url:
            (frame,) = await take(url, 1, clock)
        assert frame.captured == (float(given) if taken else now)

    async def test_is_the_arrival_where_nothing_is_said(self) -> None:
        clock = ManualClock()
        async with at(streaming(plain(A), stay=True)) as url:
            assert (await take(url, 1, clock))[0].captured == clock.now()

    async def test_of_a_snapshot(self) -> None:
        clock = ManualClock()
        stated = clock.now() - 3
        async with at(giving(A, headers={"X-Timestamp": f"{stated:.3f}"})) as url:
            assert (await take(url, 1, clock))[0].captured == stated


async def test_another_onlookers_placards_are_not_pictures() -> None:
    def ours(data: bytes, state: str) -> bytes:
        return part(data, camera="yard", captured=1.0, sequence=1, state=state)

    pieces = [PREAMBLE, ours(A, "live"), ours(B, "lost"), ours(B, "connecting"), ours(C, "live")]
    async with at(streaming(pieces, CONTENT_TYPE, stay=True)) as url:
        assert [frame.data for frame in await take(url, 2)] == [A, C]


class TestSnapshot:
    @pytest.mark.parametrize("content_type", ["image/jpeg", "text/plain", "application/octet-stream", MULTIPART])
    @pytest.mark.parametrize("announced", [True, False], ids=["length", "no length"])
    async def test_is_asked_for_again(self, content_type: str, announced: bool) -> None:
        camera = giving(B, content_type) if announced else streaming([B], content_type)
        async with at(camera) as url:
            assert [frame.data for frame in await take(url, 3, poll_interval=0.001)] == [B] * 3

    async def test_that_is_a_stream_of_one(self) -> None:
        async with at(streaming(plain(A))) as url:
            assert [frame.data for frame in await take(url, 3, poll_interval=0.001)] == [A] * 3

    async def test_with_a_preview_and_a_film_stored_behind_it(self) -> None:
        async with at(giving(A + picture(16, 16) + b"\0\0\0\x18ftypmp42")) as url:
            assert [frame.data for frame in await take(url, 2, poll_interval=0.001)] == [A, A]

    async def test_uses_one_connection_and_one_log_in(self) -> None:
        ports: set[int] = set()

        async def shot(request: web.BaseRequest) -> web.StreamResponse:
            assert request.transport is not None
            ports.add(request.transport.get_extra_info("peername")[1])
            return await giving(A)(request)

        camera = Digest(shot, "user", "secret")
        async with at(camera) as url:
            await take(url, 4, poll_interval=0.001)
        assert len(ports) == 1
        assert camera.schemes == ["", "Digest", "Digest", "Digest", "Digest"]

    async def test_is_asked_for_from_start_to_start_and_never_in_haste(self) -> None:
        clock = ManualClock()
        asked: list[float] = []
        slow = iter([0.0, 0.7, 5.0, 0.0, 0.0])

        async def shot(request: web.BaseRequest) -> web.StreamResponse:
            asked.append(clock.monotonic())
            await clock.advance(next(slow, 0.0))
            return await giving(A)(request)

        async with at(shot) as url, asyncio.timeout(20), aclosing(Source(url, poll_interval=2).run(clock)) as media:
            for _ in range(5):
                step = asyncio.ensure_future(anext(media))
                while not step.done():
                    await asyncio.wait([step], timeout=0.02)
                    if not step.done() and len(asked) and _asleep(clock):
                        await clock.advance(0.1)
                await step
        gaps = [round(later - sooner, 1) for sooner, later in itertools.pairwise(asked)]
        # 0.7 s slow: still 2 s from start to start. 5 s slow: at once, then 2 s again, nothing made up for.
        assert gaps == [2.0, 2.0, 5.0, 2.0]

    async def test_that_is_gone_later(self) -> None:
        replies: list[Handler] = [giving(A), giving(A)]

        async def camera(request: web.BaseRequest) -> web.StreamResponse:
            return await replies.pop()(request) if replies else web.Response(status=404)

        async with at(camera) as url:
            frames, error = await ending(url, poll_interval=0.001)
        assert frames == [A, A]
        assert type(error) is SourceMissing


def _asleep(clock: ManualClock) -> bool:
    return bool(clock._sleepers)


class TestNotACamera:
    @pytest.mark.parametrize(
        ("body", "content_type", "words"),
        [
            (b"<!DOCTYPE html><html>login</html>", "text/html", "a web page (Content-Type: text/html)"),
            (b"\r\n  <HTML>", "image/jpeg", "a web page (Content-Type: image/jpeg)"),
            (b"<?xml version='1.0'?>", "text/xml", "XML"),
            (b'{"error": "no"}', "application/json", "JSON"),
            (b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", "a PNG picture"),
            (b"#EXTM3U\n", "application/vnd.apple.mpegurl", "an HLS playlist"),
            (b"\0\0\0\x18ftypmp42" + bytes(100), "video/mp4", "MP4 video"),
            (b"\0\0\0\1\x67\x42", "video/h264", "bare H.264 video"),
            (b"hello", "text/plain", "something else (Content-Type: text/plain)"),
            (b"--frame\r\nContent-Type: text/plain\r\n\r\nhello\r\n--frame--\r\n", MULTIPART, "something else"),
            (b"x" * 100_000, "application/octet-stream", "something else"),
        ],
    )
    @pytest.mark.parametrize("stay", [False, True], ids=["ends", "stays"])
    async def test_says_what_came(self, body: bytes, content_type: str, words: str, stay: bool) -> None:
        if stay and words.startswith("something") and len(body) < 70_000:
            body = body + bytes(70_000)
        async with at(streaming([body], content_type, stay=stay)) as url:
            frames, error = await ending(url)
        assert frames == []
        assert type(error) is SourceRefused
        assert words in str(error)

    @pytest.mark.parametrize(
        ("camera", "kind", "words"),
        [
            (giving(b""), SourceLost, "empty answer"),
            (streaming([]), SourceLost, "empty answer"),
            (giving(A[:-100]), SourceLost, "middle of a picture"),
            (streaming(plain(A[:-100])), SourceLost, "middle of a picture"),
            (giving(b"\xff\xd8\xff\x00" * 2000), SourceRefused, "cannot be read as JPEGs"),
        ],
    )
    async def test_no_picture(self, camera: Handler, kind: type[SourceError], words: str) -> None:
        async with at(camera) as url:
            frames, error = await ending(url)
        assert frames == []
        assert type(error) is kind
        assert words in str(error)


def test_options() -> None:
    assert kind_of("HTTP://x/").SCHEMES == kind_of("https://x/").SCHEMES == ("http", "https")
    wrong: list[Callable[[], object]] = [
        lambda: Source("http://h/", poll_interval=0),
        lambda: Source("http://h/", poll_interval=float("nan")),
        lambda: Source("http://h/", timeout=-1),
        lambda: Source("http:///x"),
    ]
    for make in wrong:
        with pytest.raises(ConfigError):
            make()


async def test_logs_hold_no_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with at(Digest(giving(A), "user", "another")) as url:
        await ending(url)
    assert "secret" not in caplog.text
