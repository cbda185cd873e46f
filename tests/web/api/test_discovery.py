"""Finding and adding cameras in the API: one search at a time, a picture or a sentence, and no password anywhere."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import simplejpeg
from aiohttp import web

from onlooker.clock import SystemClock
from onlooker.config import Invocation, watch
from onlooker.config.adding import CameraBook
from onlooker.discovery.found import Found, Report
from onlooker.discovery.search import Search
from onlooker.formats import jpeg
from onlooker.live.hub import Hub
from onlooker.web import add_pages
from onlooker.web.api import discovery

House = Any  # the fixtures of conftest.py
Serve = Any
SECRET = "hunter2 & s3cr'et"


async def _look(report: Report) -> None:
    report(Found("onvif", "onvif://10.0.0.7", "Yard <b>", "M1", "10.0.0.7"))
    report(Found("hub", "http://10.0.0.9/", "Onlooker on attic", "Onlooker", "10.0.0.9"))


@pytest.fixture
async def scene(house: House, serve: Serve, tmp_path: Path) -> AsyncIterator[tuple[str, Path]]:
    """A hub that follows its file, and its address."""
    invocation = Invocation(tmp_path / "hub" / "onlooker.toml")
    invocation.path.parent.mkdir()
    invocation.path.write_text('[cameras.gate]\nsource = "rtsp://10.0.0.7/x"\n')
    hub, book, search = Hub(SystemClock()), CameraBook(invocation), Search(lambda: [_look])

    async def apply(settings: Any) -> None:
        book.follow(settings.cameras)
        await hub.apply([camera.plan() for camera in settings.cameras])

    settings = invocation.load()
    await apply(settings)
    task = asyncio.create_task(watch(invocation, apply, settings))
    house.app.include_router(discovery.router(search, book, hub, SystemClock()))
    house.app.include_router(add_pages.router(house.pages))
    yield await serve(house.gated()), invocation.path
    task.cancel()
    await asyncio.gather(task, search.close(), return_exceptions=True)
    await hub.close()


@pytest.fixture
async def camera() -> AsyncIterator[str]:
    """The address of an HTTP camera that wants a password."""
    picture = simplejpeg.encode_jpeg(np.zeros((1200, 1600, 3), np.uint8))

    async def still(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != aiohttp.encode_basic_auth("me", SECRET, encoding="utf-8"):
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="cam"'})
        return web.Response(body=picture, content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/still", still)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/still"
    await runner.cleanup()


async def ask(
    client: aiohttp.ClientSession, house: House, method: str, url: str, body: object = None
) -> tuple[int, Any, str]:
    headers = house.cookie() | {"Sec-Fetch-Site": "same-origin"}
    async with client.request(method, url, json=body, headers=headers) as answer:
        text = await answer.text()
        return answer.status, (await answer.json(content_type=None)) if text else None, text


async def test_a_search_is_started_and_read(house: House, client: aiohttp.ClientSession, scene: Any) -> None:
    base, _ = scene
    status, state, _ = await ask(client, house, "POST", f"{base}/api/v1/discovery")
    assert (status, state["number"], state["writable"]) == (202, 1, True)
    _, state, _ = await ask(client, house, "GET", f"{base}/api/v1/discovery")
    assert not state["running"]
    assert [(one["title"], one["added"]) for one in state["found"]] == [("Yard <b>", "gate"), ("Onlooker on attic", "")]


async def test_a_camera_with_a_password_is_tried_added_and_removed(
    house: House, client: aiohttp.ClientSession, scene: Any, camera: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    base, path = scene
    said = []
    for body in ({"source": camera}, {"source": camera, "user": "me", "password": "wrong"}):
        status, tried, text = await ask(client, house, "POST", f"{base}/api/v1/probe", body)
        said.append(text)
        assert (status, tried["needs_password"], tried["picture"]) == (200, True, "")
        assert "password" in tried["reason"]
    wanted = {"source": camera, "user": "me", "password": SECRET}
    status, tried, text = await ask(client, house, "POST", f"{base}/api/v1/probe", wanted)
    said.append(text)
    assert (status, tried["needs_password"], tried["kind"], tried["codec"]) == (200, False, "http", "mjpeg")
    assert (tried["width"], tried["height"], tried["name"]) == (1600, 1200, "camera-at-127-0-0-1")
    picture = base64.b64decode(tried["picture"].removeprefix("data:image/jpeg;base64,"))
    assert jpeg.dimensions(picture) == (960, 720)

    status, added, text = await ask(
        client, house, "POST", f"{base}/api/v1/cameras", {**wanted, "name": "porch", "title": "Porch"}
    )
    said.append(text)
    assert (status, added) == (201, {"name": "porch", "page": "/cameras/porch", "ready": True})
    assert SECRET in Invocation(path).load().cameras[1].make()._camera._password  # it is the one that was sent
    status, problem, text = await ask(client, house, "POST", f"{base}/api/v1/cameras", {**wanted, "name": "porch"})
    said.append(text)
    assert (status, "already" in problem["detail"]) == (422, True)
    assert (await ask(client, house, "DELETE", f"{base}/api/v1/cameras/porch"))[0] == 204
    assert (await ask(client, house, "DELETE", f"{base}/api/v1/cameras/porch"))[0] == 404
    assert [one.name for one in Invocation(path).load().cameras] == ["gate"]
    for text in (*said, path.read_text(), caplog.text, (path.parent / ".env").read_text()):
        assert "hunter2" not in text


async def test_what_gives_no_picture_is_a_sentence(house: House, client: aiohttp.ClientSession, scene: Any) -> None:
    base, _ = scene
    for body, status, said in [
        ({"source": "http://me:hunter2@127.0.0.1:9/x?token=hunter2"}, 503, "cannot be reached"),
        ({"source": "lump:x"}, 422, "No kind of camera takes"),
        ({"source": "file:/etc"}, 422, "on the machine that runs the hub"),
        ({"source": ""}, 422, "source"),
        ({"source": "testcard:x", "password": ["hunter2"]}, 422, "password"),
        ({"source": "testcard:x", "extra": "hunter2"}, 422, "extra"),
    ]:
        got, problem, text = await ask(client, house, "POST", f"{base}/api/v1/probe", body)
        assert (got, said in problem["detail"]) == (status, True), text
        assert "hunter2" not in text


async def test_a_phone_has_no_picture_yet(house: House, client: aiohttp.ClientSession, scene: Any) -> None:
    status, tried, _ = await ask(client, house, "POST", f"{scene[0]}/api/v1/probe", {"source": "push:"})
    assert (status, tried["codec"], tried["picture"], tried["name"]) == (200, "", "", "phone")


async def test_a_hub_that_may_not_write_says_what_to_write(
    house: House, client: aiohttp.ClientSession, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, path = scene
    before = path.read_text()
    monkeypatch.setattr(CameraBook, "writable", lambda _: False)
    wanted = {"source": "rtsp://127.0.0.1/x", "user": "me", "password": "hunter2", "name": "porch"}
    status, problem, text = await ask(client, house, "POST", f"{base}/api/v1/cameras", wanted)
    assert (status, problem["by_hand"].splitlines()[0]) == (409, "[cameras.porch]")
    assert "hunter2" not in text
    assert str(path) not in text
    status, problem, _ = await ask(client, house, "DELETE", f"{base}/api/v1/cameras/gate")
    assert (status, problem["by_hand"]) == (409, "[cameras.gate]")
    assert not (await ask(client, house, "GET", f"{base}/api/v1/discovery"))[1]["writable"]
    assert path.read_text() == before


async def test_only_so_many_are_tried_at_once(
    house: House, client: aiohttp.ClientSession, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, trying = asyncio.Event(), asyncio.Semaphore(0)

    async def wait(*_: object, **__: object) -> Any:
        trying.release()
        await go_on.wait()
        return discovery.probing.Finding("push", "", 0, 0, 0, 0, 0), b""

    monkeypatch.setattr(discovery.probing, "probe", wait)
    url = f"{scene[0]}/api/v1/probe"
    first = [asyncio.create_task(ask(client, house, "POST", url, {"source": "push:"})) for _ in range(4)]
    for _ in first:
        await trying.acquire()
    assert (await ask(client, house, "POST", url, {"source": "push:"}))[0] == 503
    go_on.set()
    assert [status for status, _, _ in await asyncio.gather(*first)] == [200] * 4


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/discovery"),
        ("GET", "/api/v1/discovery"),
        ("POST", "/api/v1/probe"),
        ("POST", "/api/v1/cameras"),
        ("DELETE", "/api/v1/cameras/gate"),
        ("GET", "/add"),
    ],
)
async def test_there_is_nothing_of_it_for_guests(
    house: House, client: aiohttp.ClientSession, scene: Any, method: str, path: str
) -> None:
    _, token = house.shares.add("camera", "gate")
    async with client.request(method, scene[0] + path) as answer:
        assert answer.status == 401
    async with client.request(method, scene[0] + path, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status == 404
    headers = house.cookie() | {"Sec-Fetch-Site": "cross-site"}
    if method != "GET":
        async with client.request(method, scene[0] + path, headers=headers) as answer:
            assert answer.status == 403
