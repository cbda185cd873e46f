"""The page about the API shows every operation and loads nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from onlooker.live.hub import Hub
from onlooker.web.api import cameras, docs

House = Any  # the fixtures of conftest.py
Serve = Any


async def test_the_page_shows_every_operation_and_member(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub
) -> None:
    house.app.include_router(cameras.router(hub))
    house.app.include_router(docs.router(house.app, house.pages))
    base = await serve(house.gated(root_path="/cams"))
    async with client.get(base + "/docs", headers=house.cookie()) as answer:
        assert answer.status == 200
        text = await answer.text()
    for words in ("/cams/api/v1/cameras/{name}", "last_frame_at", "The camera&#39;s name", "Problem", "list of Camera"):
        assert words in text
    loaded = re.findall(r'(?:src=|<link[^>]*href=)"([^"]*)"', text)
    assert loaded
    assert all(url.startswith("/cams/") for url in loaded)
    assert "<script" not in text
    assert "style=" not in text


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "string (date-time)"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number or null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Camera"}}, "list of Camera"),
        ({}, "anything"),
    ],
)
def test_types_in_words(shape: dict[str, Any], words: str) -> None:
    assert docs.type_of(shape) == words
