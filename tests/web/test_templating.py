"""Pages honour the prefix, escape what they show, and let static files be cached while they stay the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import jinja2
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from onlooker.web.templating import Pages

House = Any  # the fixtures of conftest.py
Serve = Any


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "templates").mkdir()
    (tmp_path / "static").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{{ url('/a') }} {{ static('x.css') }} {{ word }}")
    (tmp_path / "static" / "x.css").write_text("a {}")
    return Pages(tmp_path)


def request(root_path: str = "") -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "root_path": root_path, "headers": []})


def test_links_have_the_prefix_and_words_are_escaped(pages: Pages) -> None:
    text = bytes(pages.render(request("/cams"), "page.html", word="<b>").body).decode()
    assert text == f"/cams/a /cams/static/x.css?v={pages.hash('x.css')} &lt;b&gt;"


def test_a_forgotten_value_is_an_error(pages: Pages) -> None:
    with pytest.raises(jinja2.UndefinedError):
        pages.render(request(), "page.html")


def test_a_changed_file_has_another_url(pages: Pages, tmp_path: Path) -> None:
    before = pages.hash("x.css")
    (tmp_path / "static" / "x.css").write_text("a { color: red }")
    assert pages.hash("x.css") != before


async def test_only_a_url_that_names_the_content_is_kept(
    pages: Pages, serve: Serve, client: aiohttp.ClientSession
) -> None:
    app = FastAPI()
    app.mount("/static", pages.static_files())
    base = await serve(app) + "/static"
    kept = {f"/x.css?v={pages.hash('x.css')}": True, "/x.css": False, "/x.css?v=old": False}
    for path, long in kept.items():
        async with client.get(base + path) as answer:
            assert answer.status == 200
            assert ("immutable" in answer.headers["Cache-Control"]) is long
            assert answer.headers["ETag"]
    async with client.get(base + "/missing.css?v=x") as answer:
        assert answer.status == 404
