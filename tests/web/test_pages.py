"""The pages as documents: links honour the prefix, titles stay text, and a name that is none gets a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from onlooker.clock import SystemClock
from onlooker.live.hub import CameraPlan, Hub
from onlooker.sources.testcard import Source
from onlooker.web import pages
from onlooker.web.templating import Pages
from tests.web.conftest import Serve

TITLES = {"door": "Front <b>door</b>", "roof-1": "Roof & sky", "yard": "Yard"}


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(SystemClock())
    await hub.apply(
        [
            CameraPlan(name=name, title=title, kind="testcard", make=lambda: Source("testcard:"), fingerprint=name)
            for name, title in TITLES.items()
        ]
    )
    yield hub
    await hub.close()


def app_of(hub: Hub, prefix: str = "") -> ASGIApp:
    app = FastAPI()
    rendered = Pages()
    app.include_router(pages.router(hub, rendered))
    app.mount("/static", rendered.static_files())

    async def behind_prefix(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "root_path": prefix}, receive, send)

    return behind_prefix


async def read(client: aiohttp.ClientSession, url: str, status: int = 200) -> str:
    async with client.get(url) as response:
        assert response.status == status
        return await response.text()


@pytest.mark.parametrize("prefix", ["", "/cam"])
async def test_every_link_begins_with_the_prefix(
    hub: Hub, serve: Serve, client: aiohttp.ClientSession, prefix: str
) -> None:
    address = await serve(app_of(hub, prefix))
    for path in ["/", "/cameras/roof-1", "/cameras/none"]:
        text = await read(client, address + prefix + path, 404 if path.endswith("none") else 200)
        links = re.findall(r'\b(?:href|src|action|data-root)="([^"#]+)"', text)
        assert len(links) > 4
        assert all(link.startswith(f"{prefix}/") and not link.startswith("//") for link in links)
        for link in links:
            if "/static/" in link:
                await read(client, address + link)


async def test_the_wall_names_every_camera_and_titles_stay_text(
    hub: Hub, serve: Serve, client: aiohttp.ClientSession
) -> None:
    text = await read(client, await serve(app_of(hub)) + "/")
    assert re.findall(r'data-camera="([^"]+)"', text) == list(TITLES)
    assert "Front &lt;b&gt;door&lt;/b&gt;" in text
    assert "<b>" not in text


async def test_a_camera_knows_the_one_before_and_after(hub: Hub, serve: Serve, client: aiohttp.ClientSession) -> None:
    address = await serve(app_of(hub))
    neighbours = {}
    for name in TITLES:
        text = await read(client, f"{address}/cameras/{name}")
        neighbours[name] = re.findall(r'id="(previous|next)"[^>]*href="/cameras/([^"]+)"', text)
    assert neighbours == {
        "door": [("next", "roof-1")],
        "roof-1": [("previous", "door"), ("next", "yard")],
        "yard": [("previous", "roof-1")],
    }


async def test_an_unknown_camera_is_a_404_in_words(hub: Hub, serve: Serve, client: aiohttp.ClientSession) -> None:
    text = await read(client, await serve(app_of(hub)) + "/cameras/%3Cscript%3E", 404)
    assert "no such camera" in text
    assert "&lt;script&gt;” is not among" in text


async def test_no_page_needs_an_inline_script_or_style(hub: Hub, serve: Serve, client: aiohttp.ClientSession) -> None:
    address = await serve(app_of(hub))
    for path in ["/", "/cameras/door"]:
        text = await read(client, address + path)
        assert not re.search(r"\son\w+=|\sstyle=|<style", text)
        scripts = re.findall(r"<script([^>]*)>", text)
        assert scripts
        assert all("src=" in script or 'type="application/json"' in script for script in scripts)


async def test_browsers_find_the_icon_they_ask_for_unprompted(
    hub: Hub, serve: Serve, client: aiohttp.ClientSession
) -> None:
    address = await serve(app_of(hub))
    for name in ["favicon.ico", "favicon.svg"]:
        async with client.get(f"{address}/{name}") as response:
            assert response.content_type == "image/svg+xml"
