"""The pages of the show and of snap: who gets them, and what they say about themselves."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from onlooker.archive.archive import Archive
from onlooker.errors import UnknownAlbum
from onlooker.web import show_pages
from onlooker.web.templating import Pages
from tests.web.conftest import House, Serve

ALBUM = SimpleNamespace(name="party", plan=SimpleNamespace(title="Lena & Tom", approve=False))


class OneAlbum:
    """As much of an archive as the pages ask for."""

    def album(self, name: str) -> Any:
        if name != "party":
            raise UnknownAlbum(name)
        return ALBUM


Visit = Callable[..., Awaitable[tuple[aiohttp.ClientResponse, str]]]


@pytest.fixture
async def visit(house: House, serve: Serve, client: aiohttp.ClientSession) -> Visit:
    """GET a path as a browser would, behind the prefix /cams; the answer and its text."""
    house.app.include_router(show_pages.router(cast(Archive, OneAlbum()), Pages()))
    address = await serve(house.gated(root_path="/cams"))

    async def get(path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        accept = {"Accept": "text/html", **headers}
        async with client.get(f"{address}/cams{path}", headers=accept, allow_redirects=False) as answer:
            return answer, await answer.text()

    return get


@pytest.mark.parametrize("page", ["show", "snap"])
async def test_who_has_an_account_gets_the_pages(house: House, visit: Visit, page: str) -> None:
    answer, text = await visit(f"/albums/party/{page}", **house.cookie())
    assert answer.status == 200
    assert "<title>Lena &amp; Tom – Onlooker</title>" in text
    assert f'src="/cams/static/{page}.js?v=' in text
    answer, text = await visit(f"/albums/nowhere/{page}", **house.cookie())
    assert answer.status == 404
    assert "nowhere" in text
    answer, _ = await visit(f"/albums/party/{page}")
    assert answer.status == 303


@pytest.mark.parametrize(("upload", "status"), [(True, 200), (False, 404)])
async def test_a_guest_snaps_only_where_the_share_lets_them_upload(
    house: House, visit: Visit, upload: bool, status: int
) -> None:
    _, token = house.shares.add("album", "party", upload=upload)
    bearer = {"Authorization": f"Bearer {token}"}
    answer, _ = await visit("/albums/party/snap", **bearer)
    assert answer.status == status
    answer, text = await visit("/albums/party/show", **bearer)
    assert answer.status == 200
    assert 'id="with-code"' not in text


async def test_the_manifest_is_public_and_tells_nothing_but_what_was_asked_with(visit: Visit) -> None:
    answer, text = await visit("/manifest.webmanifest?album=party")
    assert answer.content_type == "application/manifest+json"
    about = json.loads(text)
    assert (about["name"], about["start_url"]) == ("Onlooker: party", "/cams/albums/party/snap")
    assert "/cams/static/icons/maskable-512.png" in {icon["src"] for icon in about["icons"]}
    for odd in ("../x", "a%20b", "", "..", "%3Cb%3E"):
        _, text = await visit(f"/manifest.webmanifest?album={odd}")
        about = json.loads(text)
        assert (about["name"], about["start_url"]) == ("Onlooker", "/cams/")


async def test_the_service_worker_may_serve_the_whole_hub(visit: Visit) -> None:
    answer, _ = await visit("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/cams/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.content_type == "text/javascript"
