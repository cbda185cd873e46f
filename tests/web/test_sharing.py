"""Opening share links as browsers and programs do, and what the gate lets their guests reach."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from fastapi import Request

from onlooker.web.gate import visitor_of
from tests.web.test_gate import basic

House = Any  # the fixtures of conftest.py
Serve = Any
PERSON = {"Accept": "text/html,application/xhtml+xml"}
PASSWORD = "open sesame"


@pytest.fixture
async def base(house: House, serve: Serve) -> str:
    """A hub whose every other URL says who asks."""

    @house.app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PATCH", "DELETE"], include_in_schema=False)
    async def anything(request: Request, path: str) -> dict[str, object]:
        visitor = visitor_of(request.scope)
        assert visitor is not None
        return {"path": path, "by": visitor.by, "name": visitor.name, "grants": len(visitor.grants)}

    address: str = await serve(house.gated(trusted_proxies=("127.0.0.1",)))
    return address


async def opened(client: aiohttp.ClientSession, base: str, token: str, **headers: str) -> dict[str, str]:
    """The cookie a link gives."""
    async with client.get(f"{base}/s/{token}", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303
        return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


@pytest.mark.parametrize(
    ("kind", "name", "upload", "where"),
    [
        ("album", "party", False, "/albums/party"),
        ("album", "party", True, "/albums/party/snap"),
        ("camera", "yard", False, "/cameras/yard"),
    ],
)
async def test_a_link_leads_to_what_is_shared(
    house: House, client: aiohttp.ClientSession, base: str, kind: str, name: str, upload: bool, where: str
) -> None:
    _, token = house.shares.add(kind, name, upload=upload)
    async with client.get(f"{base}/s/{token}", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, where)
        assert_untold(answer)
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    async with client.get(base + where, headers={"Cookie": cookie.partition(";")[0]}) as answer:
        assert await answer.json() == {"path": where[1:], "by": "share", "name": "", "grants": 1}


def assert_untold(answer: aiohttp.ClientResponse) -> None:
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_behind_tls_and_a_prefix_the_link_fits(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party")
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/cams"}
    async with client.get(f"{base}/s/{token}", headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/cams/albums/party"
        assert "; Path=/cams; HttpOnly; SameSite=Lax; Secure" in answer.headers["Set-Cookie"]


async def test_unknown_revoked_and_expired_links_are_the_same(
    house: House, client: aiohttp.ClientSession, base: str
) -> None:
    revoked, revoked_token = house.shares.add("album", "revoked", password=PASSWORD)
    house.shares.revoke(revoked.id)
    _, expired_token = house.shares.add("album", "expired", lasts=timedelta(hours=1))
    await house.clock.advance(3600)
    seen = set()
    for token in ("unknown", revoked_token, expired_token, "b\xe4d%20"):
        for method in ("GET", "POST"):
            async with client.request(method, f"{base}/s/{token}", headers=PERSON) as answer:
                assert answer.status == 404
                assert_untold(answer)
                headers = {name: value for name, value in answer.headers.items() if name != "Date"}
                seen.add((await answer.text(), str(sorted(headers.items()))))
        async with client.get(f"{base}/s/{token}") as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert len(seen) == 1


async def test_a_password_is_asked_for_once(house: House, client: aiohttp.ClientSession, base: str) -> None:
    share, token = house.shares.add("album", "party", password=PASSWORD, title="<Party>")
    link = f"{base}/s/{token}"
    async with client.get(link) as answer:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        assert_untold(answer)
        text = await answer.text()
    assert "&lt;Party&gt;" in text
    assert "party" not in text  # what is shared is not told before the password
    async with client.post(link, data={"password": "wrong one"}, headers={"Origin": base}) as answer:
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
        assert_untold(answer)
        assert "password is not right" in await answer.text()
    right = {"password": PASSWORD}
    async with client.post(link, data=right, headers={"Origin": base}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/albums/party")
        assert_untold(answer)
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    async with client.get(link, headers=cookie, allow_redirects=False) as answer:
        assert answer.status == 303
    async with client.get(base + "/albums/party", headers=cookie) as answer:
        assert answer.status == 200
    house.shares.revoke(share.id)
    async with client.get(base + "/albums/party", headers=cookie) as answer:
        assert answer.status == 401


async def test_another_site_cannot_post_the_password(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party", password=PASSWORD)
    headers = {"Origin": "http://evil.example"}
    async with client.post(f"{base}/s/{token}", data={"password": PASSWORD}, headers=headers) as answer:
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"password=%ff", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_an_unfit_form_is_refused(
    house: House, client: aiohttp.ClientSession, base: str, body: bytes, kind: str, status: int
) -> None:
    _, token = house.shares.add("album", "party", password=PASSWORD)
    async with client.post(f"{base}/s/{token}", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == status


async def test_passwords_are_not_guessed(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party", password=PASSWORD)
    for number in range(10):
        async with client.post(f"{base}/s/{token}", data={"password": f"wrong {number}"}) as answer:
            assert answer.status == 403
    async with client.post(f"{base}/s/{token}", data={"password": PASSWORD}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "30")
        assert "Too many tries" in await answer.text()


async def test_links_are_not_guessed_and_right_ones_go_on(
    house: House, client: aiohttp.ClientSession, base: str
) -> None:
    _, token = house.shares.add("album", "party")
    for number in range(20):
        async with client.get(f"{base}/s/wrong{number}") as answer:
            assert answer.status == 404
    async with client.get(f"{base}/s/wrong") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "10")
    assert await opened(client, base, token)


async def test_a_second_link_adds_to_the_first(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, party = house.shares.add("album", "party")
    _, yard = house.shares.add("camera", "yard")
    cookie = await opened(client, base, yard, **(await opened(client, base, party)))
    for path in ("/albums/party", "/cameras/yard"):
        async with client.get(base + path, headers=cookie) as answer:
            assert (await answer.json())["grants"] == 2


async def test_for_a_guest_there_is_nothing_else(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party")
    cookie = await opened(client, base, token)
    pages, problems = set(), set()
    for path in ("/", "/who", "/albums/other", "/albums/no-such", "/albums/party/snap", "/api/v1/shares", "/docs"):
        async with client.get(base + path, headers=cookie | PERSON, allow_redirects=False) as answer:
            assert (answer.status, answer.content_type) == (404, "text/html")
            pages.add(await answer.text())
        async with client.get(base + path, headers=cookie) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")
            problems.add((await answer.text()).replace(path, "…"))
        async with client.post(base + path, headers=cookie | {"Origin": base}) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert (len(pages), len(problems)) == (1, 1)
    async with client.get(base + "/static/probe", headers=cookie) as answer:
        assert answer.status == 200


async def test_who_has_an_account_is_no_guest(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party")
    cookie = (await opened(client, base, token))["Cookie"]
    both = {"Cookie": f"{cookie}; {house.cookie()['Cookie']}"}
    bearer = {"Cookie": cookie, "Authorization": "Bearer " + house.users.add_token("anna", "script")}
    password = {"Cookie": cookie} | basic("anna", "correct horse")
    for headers, by in ((both, "session"), (password, "password"), (bearer, "token")):
        async with client.get(base + "/who", headers=headers) as answer:
            assert (await answer.json())["by"] == by
    for wrong in ("Bearer x", "Basic x", ""):
        headers = {"Cookie": cookie, "Authorization": wrong}
        async with client.get(base + "/albums/party", headers=headers) as answer:
            assert answer.status == 401


async def test_a_program_sends_the_token_of_a_link(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party", upload=True)
    _, half = house.shares.add("album", "party", password=PASSWORD)
    bearer = {"Authorization": f"Bearer {token}"}
    async with client.post(base + "/api/v1/albums/party/photos", headers=bearer) as answer:
        assert (await answer.json())["by"] == "share"
    async with client.get(base + "/albums/other", headers=bearer) as answer:
        assert answer.status == 404
    async with client.get(base + "/albums/party", headers={"Authorization": f"Bearer {half}"}) as answer:
        assert answer.status == 401


async def test_a_phone_without_headers_has_the_token_in_its_url(
    house: House, client: aiohttp.ClientSession, base: str
) -> None:
    _, token = house.shares.add("album", "party", upload=True)
    _, looking = house.shares.add("album", "party")
    script = house.users.add_token("anna", "script")

    async def status(method: str, path: str, **headers: str) -> int:
        async with client.request(method, base + path, headers=headers) as answer:
            return answer.status

    assert await status("POST", f"/upload?token={token}") == 200
    assert await status("POST", f"/upload?token={script}&x=1") == 200
    assert await status("POST", f"/upload?token={looking}") == 404
    assert await status("POST", "/upload?token=wrong", **house.cookie()) == 401
    assert await status("POST", f"/upload?token={token}", Authorization="Bearer x") == 401
    assert await status("POST", f"/upload?token={token}", Origin="http://evil.example") == 403
    assert await status("POST", "/upload") == 401
    assert await status("GET", f"/upload?token={script}") == 401
    assert await status("POST", f"/upload/?token={script}") == 401
    assert await status("GET", f"/who?token={script}") == 401
    assert await status("POST", f"/api/v1/albums/party/photos?token={token}") == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "{base}"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_a_guest_adds_only_from_our_pages(
    house: House, client: aiohttp.ClientSession, base: str, headers: dict[str, str], status: int
) -> None:
    _, token = house.shares.add("album", "party", upload=True)
    sent = {name: value.format(base=base) for name, value in headers.items()} | await opened(client, base, token)
    async with client.post(base + "/api/v1/albums/party/photos", headers=sent) as answer:
        assert answer.status == status


async def test_a_page_whose_share_ended_is_not_asked_by_the_browser(
    house: House, client: aiohttp.ClientSession, base: str
) -> None:
    share, token = house.shares.add("album", "party")
    cookie = await opened(client, base, token)
    house.shares.revoke(share.id)
    async with client.get(base + "/albums/party", headers=cookie) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Session ")
    async with client.get(base + "/albums/party", headers=cookie | PERSON, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login?next=%2Falbums%2Fparty")


async def test_a_damaged_file_keeps_guests_out_and_nobody_else(
    house: House, client: aiohttp.ClientSession, base: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, token = house.shares.add("album", "party")
    cookie = await opened(client, base, token)
    (house.data / "shares.json").write_text("{")
    for path in ("/albums/party", f"/s/{token}"):
        async with client.get(base + path, headers=cookie) as answer:
            assert answer.status == 503
    assert re.search(r"No share link works: .*shares\.json is damaged", caplog.text)
    async with client.get(base + "/who", headers=house.cookie()) as answer:
        assert answer.status == 200


async def test_sockets_are_not_for_guests(house: House, client: aiohttp.ClientSession, base: str) -> None:
    _, token = house.shares.add("album", "party")
    headers = await opened(client, base, token) | {"Origin": base}
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        async with client.ws_connect(base + "/socket", headers=headers):
            pass
    assert raised.value.status == 403


async def test_search_engines_are_told_to_stay_out(client: aiohttp.ClientSession, base: str) -> None:
    async with client.get(base + "/robots.txt") as answer:
        assert (answer.status, answer.content_type) == (200, "text/plain")
        assert await answer.text() == "User-agent: *\nDisallow: /\n"
