"""A stream that runs is ended when whoever watches would not be let in any more, and no other one is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.responses import Response
from starlette.types import ASGIApp

from onlooker.live.viewer import Viewer
from onlooker.outputs import connection
from onlooker.outputs.connection import LiveResponse
from onlooker.web.running import Proof, Running
from tests.live.scripted import Notebook

House = Any  # the fixtures of conftest.py
Serve = Callable[[ASGIApp], Awaitable[str]]
STREAM = "/albums/party/events"


@pytest.fixture
def public() -> list[str]:
    return []


@pytest.fixture
def running(house: House, public: list[str]) -> Running:
    return Running(house.users, house.shares, lambda: public)


@pytest.fixture(params=["taken over", "through ASGI"])
async def base(
    request: pytest.FixtureRequest,
    house: House,
    serve: Serve,
    running: Running,
    public: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    monkeypatch.setattr(connection, "TAKES_OVER", request.param == "taken over")
    viewers: list[Viewer] = []  # whatever a stream watches holds on to it

    @house.app.get(STREAM, include_in_schema=False)
    async def stream() -> Response:
        return LiveResponse(viewers.append, media_type="text/event-stream", preamble=b": hello\n\n")

    gate = house.gated()
    gate._running, gate._public_albums = running, lambda: public
    return await serve(gate)


async def test_a_removed_user_sees_nothing_more(
    house: House, base: str, client: aiohttp.ClientSession, running: Running
) -> None:
    house.users.add("ben", "correct horse")
    async with (
        client.get(base + STREAM, headers=house.cookie("ben")) as ended,
        client.get(base + STREAM, headers=house.cookie("anna")) as stays,
    ):
        assert running.review() == 0
        house.users.remove("ben")
        assert running.review() == 1
        assert (await ended.content.read()).endswith(b"\n\n")
        assert not stays.content.at_eof()
        assert running.review() == 0


async def test_a_new_password_ends_what_the_old_one_began(
    house: House, base: str, client: aiohttp.ClientSession, running: Running
) -> None:
    async with client.get(base + STREAM, headers=house.cookie("anna")):
        house.users.set_password("anna", "another horse")
        assert running.review() == 1


async def test_a_removed_token_ends_its_streams_and_no_others(
    house: House, base: str, client: aiohttp.ClientSession, running: Running
) -> None:
    tokens = [house.users.add_token("anna", label) for label in ("phone", "script")]
    headers = [{"Authorization": f"Bearer {token}"} for token in tokens]
    async with client.get(base + STREAM, headers=headers[0]), client.get(base + STREAM, headers=headers[1]):
        house.users.remove_token("anna", "phone")
        assert running.review() == 1


async def test_a_revoked_share_ends_its_streams(
    house: House, base: str, client: aiohttp.ClientSession, running: Running
) -> None:
    (first, one), (_, other) = (house.shares.add("album", "party") for _ in range(2))
    async with (
        client.get(base + STREAM, headers={"Authorization": f"Bearer {one}"}) as ended,
        client.get(base + STREAM, headers={"Authorization": f"Bearer {other}"}),
    ):
        house.shares.revoke(first.id)
        assert running.review() == 1
        await ended.content.read()


async def test_an_album_that_is_public_no_more(
    base: str, client: aiohttp.ClientSession, running: Running, public: list[str]
) -> None:
    public.append("party")
    async with client.get(base + STREAM) as answer:
        assert answer.status == 200
        assert running.review() == 0
        public.clear()
        assert running.review() == 1


def test_one_of_several_proofs_is_enough(house: House, running: Running, public: list[str]) -> None:
    share, _ = house.shares.add("album", "party")
    viewer = Notebook()
    running.admit((Proof("share", share.id), Proof("public", "party")), viewer)
    public.append("party")
    house.shares.revoke(share.id)
    assert running.review() == 0
    public.clear()
    assert running.review() == 1
    assert viewer.closed


def test_what_has_ended_by_itself_is_forgotten(running: Running) -> None:
    running.admit((Proof("user", "anna"),), Notebook())
    running.review()
    assert running._streams == {}


def test_a_file_that_cannot_be_read_ends_nothing(house: House, running: Running, tmp_path: Path) -> None:
    from onlooker.errors import ConfigError

    viewer = Notebook()
    running.admit((Proof("user", "anna", "x"),), viewer)
    (house.data / "users.json").write_text("nonsense")
    with pytest.raises(ConfigError):
        running.review()
    assert not viewer.closed
