"""Share links in the API: made, listed and revoked by who has an account, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from onlooker.web.api import shares

House = Any  # the fixtures of conftest.py
Serve = Any
PARTY = {"kind": "album", "name": "party"}
URL = "/api/v1/shares"


@pytest.fixture
async def base(house: House, serve: Serve) -> str:
    there = {("album", "party"), ("camera", "yard"), ("camera", "phone")}
    receives = {"phone"}.__contains__
    house.app.include_router(shares.router(house.shares, lambda *one: one in there, house.clock.now, receives))
    address: str = await serve(house.gated(trusted_proxies=("127.0.0.1",)))
    return address


@pytest.fixture
def anna(house: House) -> dict[str, str]:
    return {"Authorization": "Bearer " + house.users.add_token("anna", "script")}


async def test_a_share_is_made_and_its_link_works(
    house: House, client: aiohttp.ClientSession, base: str, anna: dict[str, str]
) -> None:
    wanted = PARTY | {"upload": True, "expires_in": 3600, "title": "Party", "password": None}
    async with client.post(base + URL, json=wanted, headers=anna) as answer:
        assert answer.status == 201
        assert answer.headers["Cache-Control"] == "no-store"
        made = await answer.json()
    url, qr = made.pop("url"), made.pop("qr")
    (kept,) = house.shares.all()
    assert made == {
        **{"id": kept.id, "kind": "album", "name": "party", "upload": True, "title": "Party"},
        **{"created": "2027-01-15T08:00:00Z", "expires": "2027-01-15T09:00:00Z", "expired": False, "password": False},
    }
    assert url.startswith(f"{base}/s/")
    assert qr.startswith("data:image/svg+xml")
    async with client.get(url, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/albums/party/snap"


async def test_the_link_is_what_the_browser_sees_behind_a_proxy(
    client: aiohttp.ClientSession, base: str, anna: dict[str, str]
) -> None:
    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cams.example", "X-Forwarded-Prefix": "/cams"}
    async with client.post(base + URL, json=PARTY, headers=anna | proxy) as answer:
        assert (await answer.json())["url"].startswith("https://cams.example/cams/s/")


async def test_a_guests_phone_may_be_a_camera_that_waits_for_one(
    house: House, client: aiohttp.ClientSession, base: str, anna: dict[str, str]
) -> None:
    wanted = {"kind": "camera", "name": "phone", "upload": True}
    async with client.post(base + URL, json=wanted, headers=anna) as answer:
        assert answer.status == 201
        token = (await answer.json())["url"].rpartition("/")[2]
    assert house.shares.by_token(token).upload
    async with client.get(f"{base}/s/{token}", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/cameras/phone/broadcast")


async def test_the_list_shows_no_secret(
    house: House, client: aiohttp.ClientSession, base: str, anna: dict[str, str]
) -> None:
    _, token = house.shares.add("album", "party", password="correct horse", lasts=timedelta(seconds=60))
    house.shares.add("camera", "yard")
    await house.clock.advance(60)

    async def names(query: str) -> list[str]:
        async with client.get(base + URL + query, headers=anna) as answer:
            return [share["name"] for share in (await answer.json())["shares"]]

    async with client.get(base + URL, headers=anna) as answer:
        text = await answer.text()
        party, yard = (await answer.json())["shares"]
    assert token not in text
    assert "argon2" not in text
    assert "sha256" not in text
    assert (party["password"], party["expired"]) == (True, True)
    assert (yard["password"], yard["expired"], yard["expires"]) == (False, False, None)
    assert await names("?kind=camera") == ["yard"]
    assert await names("?kind=album&name=party") == ["party"]
    assert await names("?name=other") == []


async def test_a_share_is_revoked(house: House, client: aiohttp.ClientSession, base: str, anna: dict[str, str]) -> None:
    share, token = house.shares.add("album", "party")
    async with client.delete(f"{base}{URL}/{share.id}", headers=anna) as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    assert house.shares.by_token(token) is None
    async with client.delete(f"{base}{URL}/{share.id}", headers=anna) as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("wanted", "status", "said"),
    [
        ({"kind": "album", "name": "other"}, 404, "no album named “other”"),
        ({"kind": "camera", "name": "party"}, 404, "no camera named “party”"),
        ({"kind": "camera", "name": "yard", "upload": True}, 409, "pictures of its own"),
        (PARTY | {"password": "short"}, 409, "at least 8"),
        (PARTY | {"expires_in": 0}, 422, "expires_in"),
        (PARTY | {"expires_in": 10**12}, 422, "expires_in"),
        (PARTY | {"title": "a" * 201}, 422, "title"),
        (PARTY | {"more": 1}, 422, "more"),
        ({"kind": "wall", "name": "party"}, 422, "kind"),
    ],
)
async def test_what_is_unfit_is_told(
    house: House,
    client: aiohttp.ClientSession,
    base: str,
    anna: dict[str, str],
    wanted: dict[str, object],
    status: int,
    said: str,
) -> None:
    async with client.post(base + URL, json=wanted, headers=anna) as answer:
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert said in (await answer.json())["detail"]
    assert house.shares.all() == []


async def test_a_password_is_not_told_back(client: aiohttp.ClientSession, base: str, anna: dict[str, str]) -> None:
    for password in ("a-secret-word", "word!"):
        async with client.post(base + URL, json=PARTY | {"password": password}, headers=anna) as answer:
            assert password not in await answer.text()


async def test_for_a_guest_there_are_no_shares(house: House, client: aiohttp.ClientSession, base: str) -> None:
    share, token = house.shares.add("album", "party", upload=True)
    guest = {"Authorization": f"Bearer {token}"}
    for method, path in (("GET", URL), ("POST", URL), ("DELETE", f"{URL}/{share.id}")):
        async with client.request(method, base + path, json=PARTY, headers=guest) as answer:
            assert answer.status == 404
        async with client.request(method, base + path, json=PARTY) as answer:
            assert answer.status == 401
    assert len(house.shares.all()) == 1
