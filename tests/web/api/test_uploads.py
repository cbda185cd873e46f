"""tus over real sockets: what a client may rely on, header by header."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from onlooker.archive.archive import Archive
from onlooker.archive.uploads import Uploads
from onlooker.clock import SystemClock
from onlooker.media import PhotoState
from onlooker.web.api import photos, uploads
from tests.archive.sending import jpeg
from tests.web.conftest import House, Serve

BYTES = {"Content-Type": "application/offset+octet-stream"}


@dataclass
class Phone:
    """Speaks tus as the user anna."""

    client: aiohttp.ClientSession
    hub: str
    headers: dict[str, str]

    async def ask(self, method: str, path: str, *, data: Any = None, **headers: str) -> aiohttp.ClientResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.hub}{path}"
        response = await self.client.request(method, url, data=data, headers={**self.headers, **sent})
        await response.read()
        return response

    async def create(self, length: int, **headers: str) -> str:
        answer = await self.ask("POST", "/api/v1/uploads", Upload_Length=str(length), **headers)
        assert answer.status == 201, await answer.text()
        assert "Upload-Expires" in answer.headers
        return answer.headers["Location"]

    async def patch(self, place: str, offset: int, data: Any, **headers: str) -> aiohttp.ClientResponse:
        return await self.ask("PATCH", place, data=data, Upload_Offset=str(offset), **{**BYTES, **headers})


@pytest.fixture
async def phone(house: House, serve: Serve, client: aiohttp.ClientSession, archive: Archive) -> Phone:
    house.app.include_router(uploads.router(archive, Uploads(archive, SystemClock())))
    house.app.include_router(photos.router(archive))
    hub = await serve(house.gated())
    return Phone(client, hub, {"Tus-Resumable": "1.0.0", **house.cookie(), "Origin": hub})


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


async def test_what_is_possible(phone: Phone) -> None:
    answer = await phone.ask("OPTIONS", "/api/v1/uploads")
    assert answer.status == 204
    assert answer.headers["Tus-Resumable"] == answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        *("creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "termination")
    }
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer.headers["Tus-Max-Size"] == "100000000"


async def test_create_send_ask(phone: Phone, archive: Archive) -> None:
    data = jpeg(1)
    said = metadata(album="party", filename="a\r\nX-Evil: 1.jpg", caption="Us", sha256=hashlib.sha256(data).hexdigest())
    place = await phone.create(len(data), Upload_Metadata=said)
    answer = await phone.patch(place, 0, data[:300])
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, "300")
    assert "Upload-Expires" in answer.headers
    assert "Onlooker-Photo" not in answer.headers
    answer = await phone.ask("HEAD", place)
    assert (answer.status, answer.headers["Upload-Offset"]) == (200, "300")
    assert answer.headers["Upload-Length"] == str(len(data))
    assert answer.headers["Upload-Metadata"] == said
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Evil" not in answer.headers
    answer = await phone.ask(
        "POST", place, data=data[300:], Upload_Offset="300", X_HTTP_Method_Override="PATCH", **BYTES
    )
    photo_id = answer.headers["Onlooker-Photo"]
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(data)))
    assert (await phone.ask("HEAD", place)).headers["Onlooker-Photo"] == photo_id
    photo = await archive.photo(archive.album("party"), photo_id)
    assert (photo.sha256, photo.caption, photo.author) == (hashlib.sha256(data).digest(), "Us", "anna")
    assert photo.filename == "a X-Evil: 1.jpg"


async def test_the_bytes_with_the_creation(phone: Phone, archive: Archive) -> None:
    data = jpeg(2)
    answer = await phone.ask("POST", "/api/v1/uploads", data=data, Upload_Length=str(len(data)), **BYTES)
    assert (answer.status, answer.headers["Upload-Offset"]) == (201, str(len(data)))
    assert await archive.photo(archive.album("party"), answer.headers["Onlooker-Photo"])
    answer = await phone.ask("POST", "/api/v1/uploads", data=data, Upload_Length=str(len(data)))
    assert answer.status == 415


async def test_a_length_told_later(phone: Phone) -> None:
    answer = await phone.ask("POST", "/api/v1/uploads", Upload_Defer_Length="1")
    place, data = answer.headers["Location"], jpeg(3)
    assert (await phone.ask("HEAD", place)).headers["Upload-Defer-Length"] == "1"
    answer = await phone.patch(place, 0, data, Upload_Length=str(len(data)))
    assert "Onlooker-Photo" in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Length": "10", "Tus_Resumable": "0.2.2"}, 412),
        ({}, 400),
        ({"Upload_Length": "10", "Upload_Defer_Length": "1"}, 400),
        ({"Upload_Defer_Length": "2"}, 400),
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "9" * 30}, 400),
        ({"Upload_Length": "0"}, 422),
        ({"Upload_Length": "100000001"}, 413),
        ({"Upload_Length": "9007199254740991"}, 413),
        ({"Upload_Length": "10", "Upload_Metadata": "album"}, 201),  # no album: the first
        ({"Upload_Length": "10", "Upload_Metadata": "album bm9uZQ=="}, 404),
        ({"Upload_Length": "10", "Upload_Metadata": "a ???"}, 400),
        ({"Upload_Length": "10", "Upload_Metadata": "sha256 " + base64.b64encode(b"00").decode()}, 400),
        ({"Upload_Length": "10", "Upload_Concat": "partial"}, 400),
    ],
)
async def test_beginnings(phone: Phone, headers: dict[str, str], status: int) -> None:
    answer = await phone.ask("POST", "/api/v1/uploads", **headers)
    assert answer.status == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert ("Tus-Max-Size" in answer.headers) == (status == 413)
    assert ("Tus-Version" in answer.headers) == (status == 412)
    if status != 201:
        assert answer.content_type == "application/problem+json"


async def test_refusals(phone: Phone) -> None:
    data = jpeg(4)
    place = await phone.create(len(data))
    assert (await phone.patch(place, 7, data)).status == 409
    assert (await phone.patch(place, 0, data, **{"Content-Type": "image/jpeg"})).status == 415
    assert (await phone.patch(place, 0, data + b"more")).status == 413
    assert (await phone.patch(place, 0, data, Upload_Checksum="md5 AAAA")).status == 400
    wrong = base64.b64encode(hashlib.sha1(b"other").digest()).decode()
    answer = await phone.patch(place, 0, data, Upload_Checksum=f"sha1 {wrong}")
    assert answer.status == 460
    assert (await answer.json())["title"] == "Checksum Mismatch"
    assert (await phone.ask("HEAD", place)).headers["Upload-Offset"] == "0"
    assert (await phone.ask("POST", place)).status == 405
    assert (await phone.ask("DELETE", place)).status == 204
    for method in ("HEAD", "DELETE"):
        answer = await phone.ask(method, place)
        assert answer.status == 404
        assert "Upload-Offset" not in answer.headers


async def test_no_photo_ends_it(phone: Phone) -> None:
    place = await phone.create(1_000)
    answer = await phone.patch(place, 0, b"GIF89a" + b"\0" * 200)
    assert (answer.status, answer.content_type) == (415, "application/problem+json")
    assert (await phone.ask("HEAD", place)).status == 404


async def test_a_dead_socket_is_pre_empted_and_its_bytes_stay(phone: Phone, archive: Archive) -> None:
    data = jpeg(5, (600, 400))
    place = await phone.create(len(data))
    half_sent = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield data[:400]
        half_sent.set()
        await asyncio.Event().wait()

    old = asyncio.create_task(phone.patch(place, 0, stalling()))
    await half_sent.wait()
    async with asyncio.timeout(15):
        while (await phone.ask("HEAD", place)).headers["Upload-Offset"] == "0":  # its bytes may still be on their way
            if old.done():
                old = asyncio.create_task(phone.patch(place, 0, stalling()))
        await asyncio.wait([old])
    if not old.cancelled() and old.exception() is None:
        assert (await old).status == 409
    assert (await phone.patch(place, 400, data[400:])).status == 204
    assert len(await archive.page(archive.album("party"), [PhotoState.SHOWN], None, 9)) == 1


async def test_what_others_began_is_not_there(phone: Phone, house: House) -> None:
    place = await phone.create(100)
    house.users.add("bert", "correct horse")
    other = Phone(phone.client, phone.hub, {**phone.headers, **house.cookie("bert")})
    for method in ("HEAD", "PATCH", "DELETE"):
        assert (await other.ask(method, place, Upload_Offset="0", **BYTES)).status == 404
    share, token = house.shares.add("album", "party", upload=True)
    stranger = Phone(phone.client, phone.hub, {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {token}"})
    assert (await stranger.ask("HEAD", place)).status == 404
    own = await stranger.create(100)
    assert (await stranger.ask("HEAD", own)).status == 200
    elsewhere = {"Upload_Length": "9", "Upload_Metadata": metadata(album="moderated")}
    assert (await stranger.ask("POST", "/api/v1/uploads", **elsewhere)).status == 404
    assert (await phone.ask("HEAD", own)).status == 404
    house.shares.revoke(share.id)
    assert (await stranger.ask("HEAD", own)).status == 401
