"""Photos sent in one request, bare or in a form; and the question which ones are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from onlooker.archive.archive import Archive
from onlooker.archive.options import ArchiveOptions
from onlooker.formats.digest import content_digest
from onlooker.media import PhotoState
from onlooker.web import compat
from onlooker.web.api import photos
from tests.archive.sending import jpeg
from tests.web.conftest import House, Serve

PARTY = "/api/v1/albums/party/photos"


@dataclass
class Sender:
    client: aiohttp.ClientSession
    hub: str
    headers: dict[str, str]

    async def post(self, path: str, data: Any, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        async with self.client.post(self.hub + path, data=data, headers={**self.headers, **(headers or {})}) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if "json" in answer.content_type else text


@pytest.fixture
async def anna(house: House, serve: Serve, client: aiohttp.ClientSession, archive: Archive) -> Sender:
    house.app.include_router(photos.router(archive))
    house.app.include_router(compat.phones(archive))
    hub = await serve(house.gated())
    return Sender(client, hub, {**house.cookie(), "Origin": hub})


def guest(anna: Sender, house: House, *, upload: bool = True) -> Sender:
    _, token = house.shares.add("album", "party", upload=upload)
    return Sender(anna.client, anna.hub, {"Authorization": f"Bearer {token}"})


def form(*parts: tuple[str, bytes], boundary: str = "b1") -> tuple[bytes, dict[str, str]]:
    body = b"".join(b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary.encode(), head.encode(), data) for head, data in parts)
    return body + f"--{boundary}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def field(name: str, value: str) -> tuple[str, bytes]:
    return f'Content-Disposition: form-data; name="{name}"', value.encode()


def file(data: bytes, name: str = "photo", filename: str = "IMG_1.JPG") -> tuple[str, bytes]:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: text/html'
    return head, data


async def test_a_bare_body(anna: Sender, archive: Archive, options: ArchiveOptions) -> None:
    data = jpeg(1)
    status, photo = await anna.post(f"{PARTY}?caption=Us", data, {"Content-Type": "image/jpeg"})
    assert (status, photo["caption"], photo["author"]) == (201, "Us", "anna")
    assert photo["sha256"] == hashlib.sha256(data).hexdigest()
    assert await anna.post(PARTY, data) == (200, photo)
    assert archive.album("party").shown == 1
    assert list((options.data / "incoming").iterdir()) == []


async def test_a_form_with_fields_before_and_behind(anna: Sender, archive: Archive) -> None:
    data = jpeg(2, (400, 300)) + b"\r\n--b is no boundary\r\n--b"
    body, headers = form(
        field("caption", "Wir – alle"), file(data, "anything"), field("taken_at", "2026-11-21T14:03:02+01:00")
    )
    status, photo = await anna.post(PARTY, body, headers)
    assert (status, photo["caption"], photo["taken_from"]) == (201, "Wir – alle", "client")
    assert photo["taken_at"] == "2026-11-21T14:03:02+01:00"
    kept = await archive.photo(archive.album("party"), photo["id"])
    assert (archive.layout.find(kept).read_bytes(), kept.filename) == (data, "IMG_1.JPG")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(form(field("caption", "no file")), 422, id="no file"),
        pytest.param(form(file(b"")), 422, id="empty file"),
        pytest.param(form(file(b"<html>" + b" " * 99)), 415, id="HTML"),
        pytest.param(form(file(jpeg(3)), file(jpeg(4))), 400, id="two files"),
        pytest.param(form(file(jpeg(3)), field("taken_at", "noon")), 400, id="no date"),
        pytest.param(form(file(jpeg(3)), field("caption", "x" * 9000)), 400, id="long field"),
        pytest.param(form(*(field(f"f{n}", "") for n in range(30))), 400, id="many parts"),
        pytest.param(form((f"X: {'y' * 5000}", b"")), 400, id="long header"),
        pytest.param(form(("Content-Type: image/jpeg", jpeg(3))), 400, id="no disposition"),
        pytest.param((form(file(jpeg(3)))[0][:-6], form(file(b""))[1]), 400, id="cut off"),
        pytest.param((b"no form", form(file(b""))[1]), 400, id="no form"),
        pytest.param((b"", form(file(b""))[1]), 400, id="nothing"),
        pytest.param((form(file(jpeg(3)))[0], {"Content-Type": "multipart/form-data"}), 400, id="no boundary"),
        pytest.param((jpeg(3), {"Content-Digest": content_digest(b"\0" * 32)}), 400, id="digest"),
        pytest.param((jpeg(3), {"Content-Digest": "sha-256=:x:"}), 400, id="digest that cannot be read"),
        pytest.param((jpeg(3), {**form()[1], "Content-Digest": content_digest(b"\0" * 32)}), 400, id="form, digest"),
        pytest.param((b"", {}), 422, id="0 bytes"),
        pytest.param((jpeg(3)[:-30], {}), 422, id="truncated"),
        pytest.param((b"GIF89a" + jpeg(3), {"Content-Type": "image/jpeg"}), 415, id="polyglot"),
    ],
)  # fmt: skip
async def test_refused_and_nothing_left(
    anna: Sender, archive: Archive, body: tuple[bytes, dict[str, str]], status: int
) -> None:
    answered, problem = await anna.post(PARTY, *body)
    assert (answered, problem["status"]) == (status, status)
    assert list(archive.layout.incoming.iterdir()) == []
    assert archive.album("party").feed.last_seq == 0


async def test_the_right_digests(anna: Sender) -> None:
    data = jpeg(5)
    assert (await anna.post(PARTY, data, {"Content-Digest": content_digest(hashlib.sha256(data).digest())}))[0] == 201
    body, headers = form(file(jpeg(6)))
    headers["Content-Digest"] = content_digest(hashlib.sha256(body).digest())
    assert (await anna.post(PARTY, body, headers))[0] == 201


async def test_too_large_is_said_before_the_body_comes(anna: Sender) -> None:
    asked = []

    async def endless() -> AsyncIterator[bytes]:
        asked.append(True)
        yield b"\xff\xd8\xff"

    headers = {"Content-Length": "100000001", "Expect": "100-continue"}
    status, problem = await anna.post(PARTY, endless(), headers)
    assert (status, "100 MB" in problem["detail"], asked) == (413, True, [])


async def test_which_are_there(anna: Sender, archive: Archive, house: House) -> None:
    sent = [(await anna.post(PARTY, jpeg(number)))[1] for number in (7, 8)]
    await archive.change(archive.album("party"), sent[1]["id"], state=PhotoState.HIDDEN)
    question = json.dumps({"sha256": [sent[1]["sha256"].upper(), "0" * 64, sent[0]["sha256"]]})
    status, answer = await anna.post(f"{PARTY}/check", question)
    assert status == 200
    assert answer["items"] == [
        {"sha256": sent[1]["sha256"], "have": True, "id": sent[1]["id"], "state": "hidden"},
        {"sha256": "0" * 64, "have": False, "id": None, "state": None},
        {"sha256": sent[0]["sha256"], "have": True, "id": sent[0]["id"], "state": "shown"},
    ]
    _, answer = await guest(anna, house).post(f"{PARTY}/check", question)
    assert [(one["have"], one["id"], one["state"]) for one in answer["items"]] == [
        (True, None, None), (False, None, None), (True, None, None)
    ]  # fmt: skip
    assert (await guest(anna, house, upload=False).post(f"{PARTY}/check", question))[0] == 404


@pytest.mark.parametrize(
    "question", [b"", b"[]", b'{"sha256": ["xyz"]}', json.dumps({"sha256": ["0" * 64] * 5001}).encode()]
)
async def test_unfit_questions(anna: Sender, question: bytes) -> None:
    assert (await anna.post(f"{PARTY}/check", question))[0] == 422
    assert (await anna.post(f"{PARTY}/check", b" " * 600_000))[0] == 413


@pytest.mark.parametrize("content_type", ["image/jpeg", "application/x-www-form-urlencoded", "text/plain", ""])
async def test_as_the_phones_of_ommshot_send_it(anna: Sender, archive: Archive, content_type: str) -> None:
    data = jpeg(9)
    for _ in range(2):  # the second time it is there already
        assert await anna.post("/upload", data, {"Content-Type": content_type}) == (200, "1")
    assert archive.album("party").shown == 1
    status, photo = await anna.post("/upload?album=moderated", data, {"Accept": "application/json"})
    assert (status, photo["album"], photo["state"]) == (201, "moderated", "waiting")
    assert (await anna.post("/upload?album=none", data))[0] == 404
    assert (await anna.post("/upload", b"no photo" * 20))[0] == 415


async def test_a_guest_s_phone_with_the_token_in_the_url(anna: Sender, archive: Archive, house: House) -> None:
    _, token = house.shares.add("album", "moderated", upload=True)
    stranger = Sender(anna.client, anna.hub, {})
    assert await stranger.post(f"/upload?token={token}", jpeg(10)) == (200, "1")
    assert len(await archive.page(archive.album("moderated"), [PhotoState.WAITING], None, 9)) == 1
    assert (await stranger.post(f"/upload?token={token}&album=party", jpeg(10)))[0] == 404
