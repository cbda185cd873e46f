"""Whatever answers instead of a camera, or a camera gone mad, ends soon, within bounds, and in a sentence."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from onlooker.errors import SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.formats.onvif_answers import DEVICE, MEDIA
from onlooker.readers.onvif import wire
from onlooker.readers.onvif.address import Address
from onlooker.readers.onvif.connection import Connection
from onlooker.readers.onvif.failures import WrongLogin
from onlooker.readers.onvif.media import profiles, stream_url
from tests.readers.http_server import serve_bytes
from tests.readers.onvif.stub import Stub, connected, envelope, fault, services, url

EMPTY = envelope("")
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><x>&j;</x>"
)
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
DEEP = b"<a>" * 100_000
WIDE = envelope("<x:a/>" * 60_000)


async def what_happens(stub: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], patience: float = 5.0) -> str:
    """The sentence in which asking for a stream ends."""
    async with asyncio.timeout(20), connected(stub, patience=patience) as connection:
        with pytest.raises(SourceError) as error:
            await stream_url(connection, (await profiles(connection))[0], "tcp")
    assert "127.0.0.1" in str(error.value)
    assert str(error.value).endswith(".")
    return f"{type(error.value).__name__}: {error.value}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "SourceRefused: .* sends an empty answer"),
        (b"<html><body>Log in</body></html>", "SourceRefused: .* does not answer in ONVIF"),
        (b"{}", "does not answer in ONVIF"),
        (b"\xff\xfe\x00<", "does not answer in ONVIF"),
        (b'<?xml version="1.0" encoding="x-none"?><a/>', "does not answer in ONVIF"),
        (BOMB, "declares a document type"),
        (EXTERNAL, "declares a document type"),
        (DEEP, "too deep or too large"),
        (WIDE, "too deep or too large"),
    ],
)
@pytest.mark.parametrize("operation", ["GetSystemDateAndTime", "GetServices", "GetProfiles", "GetStreamUri"])
async def test_what_is_no_answer(operation: str, body: bytes, said: str) -> None:
    assert re.search(said, await what_happens(Stub(answers={operation: body})))


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("GetServices", "names no services at all"),
        ("GetProfiles", "offers no video"),
        ("GetStreamUri", "does not say where its video is"),
    ],
)
async def test_an_empty_soap_body(operation: str, said: str) -> None:
    assert said in await what_happens(Stub(answers={operation: EMPTY, "GetCapabilities": EMPTY}))


async def test_no_time_is_no_reason_to_give_up() -> None:
    stub = Stub(answers={"GetSystemDateAndTime": EMPTY})
    async with connected(stub) as connection:
        assert await profiles(connection)
        assert connection.ahead == 0


async def test_wrong_types() -> None:
    answer = (
        '<trt:GetProfilesResponse><trt:Profiles token="a"><tt:VideoEncoderConfiguration><tt:Encoding>12</tt:Encoding>'
        "<tt:Resolution><tt:Width>wide</tt:Width><tt:Height>-1e999</tt:Height></tt:Resolution>"
        "</tt:VideoEncoderConfiguration></trt:Profiles><trt:Profiles/></trt:GetProfilesResponse>"
    )
    async with connected(Stub(answers={"GetProfiles": answer})) as connection:
        (profile,) = await profiles(connection)
    assert (profile.token, profile.codec, profile.width, profile.height) == ("a", "", 0, 0)


async def test_a_body_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ANSWER", 100_000)
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/soap+xml"})
        await response.prepare(request)
        while True:
            await response.write(b"<a>" * 1000)
            sent += 3000

    assert "without end" in await what_happens(Stub(answers={"GetProfiles": endless}))
    assert sent < 20_000_000


async def test_a_byte_at_a_time() -> None:
    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    said = await what_happens(Stub(answers={"GetProfiles": slow}), patience=0.5)
    assert said.startswith("SourceLost: ")
    assert "has not answered for 0.5 s" in said


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, SourceMissing), (500, SourceLost), (503, SourceLost), (403, WrongLogin), (302, SourceRefused)],
)
async def test_another_status(status: int, kind: type[SourceError]) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": "http://192.0.2.9/"})

    assert (await what_happens(answer)).startswith(kind.__name__)


async def test_a_fault_is_repeated_in_its_own_words_made_printable() -> None:
    said = await what_happens(
        Stub(answers={"GetStreamUri": fault("NoProfile", "No such\n profile&#x9; here" + "!" * 999)})
    )
    assert "“No such profile here!!!" in said
    assert len(said) < 500


@pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<s:Env"])
async def test_another_protocol_or_half_an_answer(reply: bytes) -> None:
    async with serve_bytes(reply) as port:
        connection = Connection(Address(url(port)), 3.0)
        with pytest.raises((SourceLost, SourceRefused)):
            await connection.services()
        await connection.close()


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "http://[::1", "rtsp://x:99999/", "gopher://x/1"])
async def test_a_stream_that_is_somewhere_else(uri: str) -> None:
    answer = f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"
    assert "names an address that cannot be used" in await what_happens(Stub(answers={"GetStreamUri": answer}))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://[::1", "", "ftp://192.0.2.7/"])
async def test_a_service_that_is_somewhere_else(address: str) -> None:
    stub = Stub()
    stub.answers |= {"GetServices": services({DEVICE: address, MEDIA: address}), "GetCapabilities": EMPTY}
    assert await what_happens(stub)


async def test_nothing_of_an_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await what_happens(Stub(answers={"GetProfiles": b"<unspeakable/>"}))
    assert "unspeakable" not in caplog.text
