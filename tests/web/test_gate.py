"""The gate over real sockets: closed to everything that does not prove who it is."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

import aiohttp
import pytest
from fastapi import Request
from starlette.responses import Response
from yarl import URL

from onlooker.web.gate import Gate, visitor_of

House = Any  # the fixtures of conftest.py
Serve = Any

BASIC = 'Basic realm="Onlooker", charset="UTF-8"'


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"anna").decode(),
        "Basic " + base64.b64encode(b":correct horse").decode(),
        "Basic " + base64.b64encode(b"anna:").decode(),
        "Basic " + base64.b64encode(b"anna:wrong").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer onl_",
        "Digest username=anna",
        "anna:correct horse",
    ],
)
async def test_everything_else_is_401_with_a_challenge(
    house: House, serve: Serve, client: aiohttp.ClientSession, authorization: str | None
) -> None:
    base = await serve(house.gated())
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in ("/", "/who", "/nothing", "/api/v1/openapi.json", "/login/", "/static", "/healthz/x", "//login"):
        if path != "/" and authorization not in (None, "Bearer x"):
            continue
        async with client.get(base + path, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 401, path
            assert answer.headers["WWW-Authenticate"] == BASIC
            assert answer.content_type == "application/problem+json"
            assert (await answer.json())["status"] == 401


@pytest.mark.parametrize("path", ["/static/../who", "/static/%2e%2e/who", "/login/../who", "/static/..%2fwho"])
async def test_no_public_path_leads_inside(house: House, serve: Serve, path: str) -> None:
    base = await serve(house.gated())
    host, port = base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    assert re.match(rb"HTTP/1.1 (404|401) ", answer)


async def test_public_paths_need_nothing(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    async with client.get(base + "/static/probe", headers={"Authorization": "Bearer x"}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("by", ["password", "token", "session"])
async def test_each_proof_lets_in(house: House, serve: Serve, client: aiohttp.ClientSession, by: str) -> None:
    base = await serve(house.gated())
    headers = {
        "password": lambda: basic("anna", "correct horse"),
        "token": lambda: {"Authorization": "Bearer " + house.users.add_token("anna", "script")},
        "session": house.cookie,
    }[by]()
    async with client.get(base + "/who", headers=headers) as answer:
        assert answer.status == 200
        told = await answer.json()
        assert (told["name"], told["by"]) == ("anna", by)
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_wrong_password_is_not_saved_by_a_right_cookie(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    async with client.get(base + "/who", headers=house.cookie() | basic("anna", "wrong")) as answer:
        assert answer.status == 401


async def test_people_are_sent_to_the_log_in_and_back(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    headers = {"Accept": "text/html,application/xhtml+xml"}
    async with client.get(base + "/cameras/a?x=1&y=2", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/login?next=%2Fcameras%2Fa%3Fx%3D1%26y%3D2"
    async with client.post(base + "/who", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 401
    async with client.get(base + "/who", headers=headers | {"Authorization": ""}, allow_redirects=False) as answer:
        assert answer.status == 401


async def test_a_page_whose_session_ended_is_not_asked_by_the_browser(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    for headers in ({"Cookie": "onlooker_session=old"}, {"Sec-Fetch-Mode": "cors"}):
        async with client.get(base + "/who", headers=headers) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Session ")


async def test_too_many_tries_are_429_but_who_is_known_goes_on(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())

    async def status(headers: dict[str, str]) -> tuple[int, str | None]:
        async with client.get(base + "/who", headers=headers) as answer:
            return answer.status, answer.headers.get("Retry-After")

    assert await status(basic("anna", "correct horse")) == (200, None)
    for number in range(10):
        assert await status(basic("anna", f"wrong{number}")) == (401, None)
    assert await status(basic("anna", "wrong")) == (429, "30")
    assert await status(basic("anna", "correct horse")) == (200, None)
    assert await status(house.cookie()) == (200, None)


async def test_a_damaged_users_file_closes_everything(
    house: House, serve: Serve, client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    base = await serve(house.gated())
    cookie = house.cookie()
    (house.data / "users.json").write_text("{")
    for headers in (cookie, basic("anna", "correct horse"), {"Authorization": "Bearer x"}):
        async with client.get(base + "/who", headers=headers) as answer:
            assert answer.status == 503
            assert str(house.data) not in await answer.text()
    assert "users.json is damaged" in caplog.text


async def test_security_headers_are_on_everything(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    for path, headers in (("/who", {}), ("/who", house.cookie()), ("/static/probe", {}), ("/nothing", house.cookie())):
        async with client.get(base + path, headers=headers) as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"


async def test_an_unexpected_error_tells_nothing(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    @house.app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("rtsp://anna:secret@camera")

    base = await serve(house.gated())
    async with client.get(base + "/broken", headers=house.cookie()) as answer:
        assert answer.status == 500
        assert answer.content_type == "application/problem+json"
        assert "secret" not in await answer.text()
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "{base}"}, 200),
        ({"Referer": "{base}/who"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Referer": "http://evil.example/{base}"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{base}"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_session_changes_things_only_from_our_pages(
    house: House, serve: Serve, client: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    base = await serve(house.gated())
    sent = {name: value.format(base=base) for name, value in headers.items()} | house.cookie()
    async with client.post(base + "/who", headers=sent) as answer:
        assert answer.status == status
    async with client.get(base + "/who", headers=sent) as answer:
        assert answer.status == 200


async def test_scripts_may_change_things_but_remembered_passwords_of_browsers_not(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    password = basic("anna", "correct horse")
    async with client.post(base + "/who", headers=password) as answer:
        assert answer.status == 200
    async with client.post(base + "/who", headers=password | {"Origin": "http://evil.example"}) as answer:
        assert answer.status == 403


async def test_sockets_are_refused_without_proof(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    base = await serve(house.gated())
    for headers in ({}, {"Authorization": "Bearer x"}, house.cookie() | {"Origin": "http://evil.example"}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect(base + "/socket", headers=headers)
        assert refused.value.status == 403
    for headers in (basic("anna", "correct horse"), house.cookie() | {"Origin": base}):
        async with client.ws_connect(base + "/socket", headers=headers) as socket:
            assert await socket.receive_str(timeout=10) == "welcome"


async def test_a_visit_past_the_half_prolongs_the_session(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated())
    cookie = house.cookie()
    async with client.get(base + "/who", headers=cookie) as answer:
        assert "Set-Cookie" not in answer.headers
    await house.clock.advance(20 * 86_400)
    async with client.get(base + "/who", headers=cookie) as answer:
        renewed = answer.headers["Set-Cookie"].partition(";")[0]
    await house.clock.advance(20 * 86_400)
    async with client.get(base + "/who", headers=cookie) as answer:
        assert answer.status == 401
    async with client.get(base + "/who", headers={"Cookie": renewed}) as answer:
        assert answer.status == 200


async def test_a_session_is_never_prolonged_on_what_caches_may_hand_to_others(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    @house.app.get("/kept", include_in_schema=False)
    async def kept() -> Response:
        return Response("for everybody", headers={"Cache-Control": "public, max-age=10"})

    base = await serve(house.gated())
    cookie = house.cookie()
    await house.clock.advance(20 * 86_400)
    async with client.get(base + "/kept", headers=cookie) as answer:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers


async def test_only_a_trusted_proxy_is_believed(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    forwarded = house.cookie() | {
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "cams.example",
        "X-Forwarded-Prefix": "/cams",
    }
    trusting = await serve(house.gated(trusted_proxies=("127.0.0.0/8",)))
    async with client.get(trusting + "/who", headers=forwarded) as answer:
        told = await answer.json()
        assert told["client"] == "198.51.100.7"
        assert told["url"] == "https://cams.example/cams/who"
    other = await serve(house.gated())
    async with client.get(other + "/who", headers=forwarded) as answer:
        told = await answer.json()
        assert told["client"] == "127.0.0.1"
        assert told["url"] == other + "/who"


async def test_behind_a_trusted_proxy_the_origin_is_the_public_one(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(house.gated(trusted_proxies=("127.0.0.1",)))
    headers = house.cookie() | {"X-Forwarded-Host": "cams.example", "X-Forwarded-Proto": "https"}
    async with client.post(base + "/who", headers=headers | {"Origin": "https://cams.example"}) as answer:
        assert answer.status == 200
    async with client.post(base + "/who", headers=headers | {"Origin": base}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("path", ["/who", "/cams/who"])
async def test_a_prefix_works_stripped_or_not(
    house: House, serve: Serve, client: aiohttp.ClientSession, path: str
) -> None:
    base = await serve(house.gated(root_path="/cams"))
    async with client.get(base + path, headers=house.cookie()) as answer:
        assert answer.status == 200
        assert (await answer.json())["url"] == base + "/cams/who"
    async with client.get(base + path, headers={"Accept": "text/html"}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/cams/login?next=%2Fwho"


PUBLIC_ALBUM = ["/albums/party", "/albums/party/events", "/api/v1/albums/party/photos", "/api/v1/clock"]
STILL_CLOSED = [
    *("/", "/albums", "/albums/other", "/albums/party/snap", "/api/v1/albums", "/api/v1/albums/other/photos"),
    *("/cameras/yard", "/live?cameras=yard", "/upload", "/api/v1/uploads", "/metrics", "/albums/party%2f..%2fother"),
]


def opened(house: House) -> Gate:
    @house.app.get("/{path:path}", include_in_schema=False)
    async def anything(path: str, request: Request) -> dict[str, object]:
        visitor = visitor_of(request.scope)
        return {"by": visitor.by if visitor else None}

    gate: Gate = house.gated()
    gate._public_albums = lambda: ["party"]
    return gate


@pytest.mark.parametrize("path", PUBLIC_ALBUM)
async def test_a_public_album_is_open_to_everybody(
    house: House, serve: Serve, client: aiohttp.ClientSession, path: str
) -> None:
    base = await serve(opened(house))
    async with client.get(base + path) as answer:
        assert answer.status == 200
        assert await answer.json() == {"by": "public"}
    async with client.get(base + path, headers=house.cookie()) as answer:
        assert await answer.json() == {"by": "session"}


@pytest.mark.parametrize("path", STILL_CLOSED)
async def test_a_public_album_opens_nothing_else(
    house: House, serve: Serve, client: aiohttp.ClientSession, path: str
) -> None:
    base = await serve(opened(house))
    async with client.get(URL(base + path, encoded=True)) as answer:
        assert answer.status == 401
    async with client.post(base + "/api/v1/albums/party/photos", data=b"x") as answer:
        assert answer.status == 401


async def test_wrong_credentials_are_not_saved_by_a_public_album(
    house: House, serve: Serve, client: aiohttp.ClientSession
) -> None:
    base = await serve(opened(house))
    async with client.get(base + "/albums/party", headers={"Authorization": "Bearer nonsense"}) as answer:
        assert answer.status == 401
