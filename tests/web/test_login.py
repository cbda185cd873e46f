"""Logging in and out as a browser does, and log-in links."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from onlooker.clock import ManualClock
from onlooker.web.login import LINK_LIFETIME, LoginLinks

House = Any  # the fixtures of conftest.py
Serve = Any

RIGHT = {"username": "anna", "password": "correct horse", "next": "/who"}


async def test_the_form_asks_and_keeps_where_to_go(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated(root_path="/cams"))
    async with client.get(base + "/login?next=/who%3Fa%3D1%26b%3D2") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert answer.headers["Cache-Control"] == "no-store"
        text = await answer.text()
    assert "/who?a=1&amp;b=2" in text
    assert "/cams/login" in text


async def test_the_right_password_starts_a_session(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    async with client.post(base + "/login", data=RIGHT, headers={"Origin": base}, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/who"
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie
    async with client.get(base + "/who", headers={"Cookie": cookie.partition(";")[0]}) as answer:
        assert (await answer.json())["name"] == "anna"
    headers = {"Cookie": cookie.partition(";")[0]}
    async with client.get(base + "/login?next=/who", headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/who"


async def test_behind_tls_and_a_prefix_the_cookie_fits(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated(trusted_proxies=("127.0.0.1",)))
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cams.example", "X-Forwarded-Prefix": "/cams"}
    headers["Origin"] = "https://cams.example"
    async with client.post(base + "/login", data=RIGHT, headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/cams/who"
        assert "Path=/cams;" in answer.headers["Set-Cookie"]
        assert answer.headers["Set-Cookie"].endswith("; Secure")


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
async def test_a_log_in_leads_nowhere_else(
    house: House, serve: Serve, client: aiohttp.ClientSession, where: str
) -> None:
    base = await serve(house.gated())
    async with client.post(base + "/login", data=RIGHT | {"next": where}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/"


async def test_a_wrong_password_is_told_on_the_form(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    wrong = RIGHT | {"username": "<anna>", "password": "wrong"}
    async with client.post(base + "/login", data=wrong) as answer:
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
        text = await answer.text()
    assert "name or password is not right" in text
    assert "&lt;anna&gt;" in text
    assert "<anna>" not in text


async def test_tries_at_the_form_are_limited(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    for number in range(10):
        async with client.post(base + "/login", data=RIGHT | {"password": f"wrong{number}"}) as answer:
            assert answer.status == 403
    async with client.post(base + "/login", data=RIGHT, allow_redirects=False) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "30"
        assert "Too many tries" in await answer.text()


async def test_another_site_cannot_log_somebody_in_or_out(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    for path in ("/login", "/logout"):
        async with client.post(base + path, data=RIGHT, headers={"Origin": "http://evil.example"}) as answer:
            assert answer.status == 403
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 20_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"username=%ff&password=x", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=%d" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_an_unfit_form_is_refused(
    house: House, serve: Serve, client: aiohttp.ClientSession, body: bytes, kind: str, status: int
) -> None:
    base = await serve(house.gated())
    async with client.post(base + "/login", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == status


async def test_logging_out_ends_the_cookie(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    headers = house.cookie() | {"Origin": base}
    async with client.post(base + "/logout", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/login"
        assert answer.headers["Set-Cookie"].startswith("onlooker_session=; Max-Age=0; Path=/")


async def test_a_link_logs_in_once_and_leaves_the_address(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    token = house.links.make("anna")
    async with client.get(f"{base}/login?token={token}", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/"
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    async with client.get(base + "/who", headers={"Cookie": cookie}) as answer:
        assert answer.status == 200
    async with client.get(f"{base}/login?token={token}", allow_redirects=False) as answer:
        assert answer.status == 403
        assert "used already" in await answer.text()
        assert "Set-Cookie" not in answer.headers


async def test_a_link_of_a_user_who_is_gone_is_none(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    token = house.links.make("anna")
    house.users.remove("anna")
    async with client.get(f"{base}/login?token={token}", allow_redirects=False) as answer:
        assert answer.status == 403


async def test_links_grow_old_and_few() -> None:
    clock = ManualClock()
    links = LoginLinks(clock)
    token = links.make("anna")
    await clock.advance(LINK_LIFETIME)
    assert links.use(token) is None
    first = links.make("anna")
    later = [links.make("anna") for _ in range(100)]
    assert links.use(first) is None
    assert links.use(later[0]) == "anna"
