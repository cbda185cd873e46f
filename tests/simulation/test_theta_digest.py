"""The simulated Theta in client mode: a password on every request, one-time words that run out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from onlooker.simulation.theta.digest import MANY_USES, Guard
from onlooker.simulation.theta.models import TRAITS, Model
from onlooker.simulation.theta.server import Login, Theta, simulated
from tests.simulation.osc import SMALL

LOGIN = Login(TRAITS[Model.Z1].account, TRAITS[Model.Z1].digits)


@asynccontextmanager
async def asked(*faults: str, password: str = LOGIN.password) -> AsyncIterator[tuple[Theta, aiohttp.ClientSession]]:
    middleware = aiohttp.DigestAuthMiddleware(LOGIN.username, password)
    async with (
        simulated(Model.Z1, faults, login=LOGIN, nature=SMALL) as theta,
        aiohttp.ClientSession(f"http://{theta.address}", middlewares=(middleware,)) as session,
    ):
        yield theta, session


def proof(nonce: str, count: int = 1, *, target: str = "/osc/info", password: str = LOGIN.password) -> str:
    """An Authorization header, computed here by RFC 7616 and not by what is under test."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    realm, number, ours = "RICOH THETA Z1", f"{count:08x}", "0a4f113b"
    first, second = md5(f"{LOGIN.username}:{realm}:{password}"), md5(f"GET:{target}")
    response = md5(f"{first}:{nonce}:{number}:{ours}:auth:{second}")
    return (
        f'Digest username="{LOGIN.username}", realm="{realm}", nonce="{nonce}", uri="{target}", '
        f'qop=auth, nc={number}, cnonce="{ours}", response="{response}", algorithm=MD5'
    )


async def test_every_request_needs_the_password() -> None:
    async with asked() as (theta, _), aiohttp.ClientSession(f"http://{theta.address}") as stranger:
        for method, path in (("GET", "/osc/info"), ("POST", "/osc/state"), ("GET", "/files/100RICOH/R0010008.JPG")):
            async with stranger.request(method, path) as answer:
                assert answer.status == 401
                pattern = r'Digest realm="RICOH THETA Z1", qop=auth, nonce="[\w-]+", algorithm=MD5'
                assert re.fullmatch(pattern, answer.headers["WWW-Authenticate"])
        async with stranger.post("/osc/commands/execute", json={"name": "camera.takePicture"}) as answer:
            assert answer.status == 401
        assert (theta.counters.challenges, theta.counters.passwords_right) == (4, 0)


async def test_one_challenge_is_good_for_many_requests_and_the_live_picture() -> None:
    async with asked() as (theta, session):
        for _ in range(3):
            async with session.post("/osc/state") as answer:
                assert answer.status == 200
        async with session.post("/osc/commands/execute", json={"name": "camera.getLivePreview"}) as answer:
            assert answer.status == 200
            assert (await answer.content.readexactly(20)) == b"---osclivepreview---"
        counters = theta.counters
        assert (counters.challenges, counters.passwords_right, counters.passwords_wrong) == (1, 4, 0)


async def test_a_wrong_password() -> None:
    async with asked(password="12345678") as (theta, session):
        async with session.get("/osc/info") as answer:
            assert answer.status == 401
        assert theta.counters.passwords_right == 0
        assert theta.counters.passwords_wrong >= 1


async def test_one_time_words_run_out() -> None:
    async with asked("nonce") as (theta, session):
        theta.fault("nonce", value=2)
        for _ in range(6):
            async with session.get("/osc/info") as answer:
                assert answer.status == 200
        assert theta.counters.challenges == 3
        assert theta.counters.passwords_wrong == 0
        theta.clear("nonce")
        for _ in range(6):
            async with session.get("/osc/info") as answer:
                assert answer.status == 200
        assert theta.counters.challenges <= 4


async def test_one_time_words_are_forgotten_in_the_middle() -> None:
    async with asked() as (theta, session):
        async with session.get("/osc/info") as answer:
            assert answer.status == 200
        theta.fault("nonce", seconds=0)
        async with session.get("/osc/info") as answer:
            assert answer.status == 200
        assert theta.counters.challenges == 2


def given(guard: Guard) -> str:
    found = re.search('nonce="([^"]+)"', guard.challenge())
    assert found is not None
    return found[1]


def test_who_is_let_in() -> None:
    guard = Guard("RICOH THETA Z1", LOGIN.username, LOGIN.password)
    nonce = given(guard)
    assert guard.right("GET", "/osc/info", proof(nonce))
    assert guard.fresh(proof(nonce))
    assert not guard.fresh(proof(nonce))  # the same again is somebody who listened
    assert guard.fresh(proof(nonce, 2))
    assert not guard.right("POST", "/osc/info", proof(nonce))
    assert not guard.right("GET", "/osc/info?more", proof(nonce))
    assert not guard.right("GET", "/osc/info", proof(nonce, password="other one"))
    assert not guard.fresh(proof("made up"))
    assert "10013308" not in repr(guard).replace(LOGIN.username, "")


@pytest.mark.parametrize("said", ["", "Basic dGhldGE6eA==", "Digest", 'Digest response="\udcff"', "Digest nc=1,,=,"])
def test_nonsense_is_not_let_in(said: str) -> None:
    guard = Guard("RICOH THETA Z1", LOGIN.username, LOGIN.password)
    given(guard)
    assert not guard.right("GET", "/osc/info", said)
    assert not guard.fresh(said)


def test_what_is_remembered_is_bounded() -> None:
    guard = Guard("RICOH THETA Z1", LOGIN.username, LOGIN.password, uses=2)
    nonces = [given(guard) for _ in range(100)]
    assert not guard.fresh(proof(nonces[0]))
    assert [guard.fresh(proof(nonces[-1], count)) for count in (1, 2, 3)] == [True, True, False]
    assert guard.uses < MANY_USES


def test_the_password_stands_in_no_text() -> None:
    assert "10013308" not in repr(LOGIN).replace(LOGIN.username, "")
