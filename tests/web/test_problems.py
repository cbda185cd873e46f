"""Every error is problem+json with the right status, and keeps our insides in."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from onlooker.errors import ConfigError, NoPicture, OnlookerError, SourceLost, TooMany, UnknownCamera, UserError
from onlooker.web.problems import MEDIA_TYPE, problem_of
from onlooker.web.throttle import TooManyTries

House = Any  # the fixtures of conftest.py
Serve = Any


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (UnknownCamera("yard"), 404, None),
        (NoPicture("The camera yard gives no picture.", 7), 503, "7"),
        (TooMany("Too many renditions."), 503, "5"),
        (TooManyTries(30), 429, "30"),
        (UserError("There is no user “x”."), 409, None),
        (SourceLost("The camera yard is away."), 503, "5"),
    ],
)
def test_errors_of_ours_have_their_status(error: OnlookerError, status: int, retry_after: str | None) -> None:
    response = problem_of(error)
    assert response.status_code == status
    assert response.headers.get("Retry-After") == retry_after
    assert response.media_type == MEDIA_TYPE
    assert str(error) in bytes(response.body).decode()


def test_files_of_this_machine_are_not_named() -> None:
    assert b"/data/users.json" not in problem_of(ConfigError("/data/users.json is damaged")).body


async def test_errors_of_the_application(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    @house.app.get("/cameras/{name}")
    async def camera(name: str, width: int = 0) -> None:
        raise UnknownCamera(name)

    base = await serve(house.gated())
    cases = {
        ("GET", "/nothing"): (404, "nothing at /nothing"),
        ("DELETE", "/who"): (405, "DELETE is not possible"),
        ("GET", "/cameras/yard"): (404, "no camera named “yard”"),
        ("GET", "/cameras/yard?width=secret"): (422, "query.width"),
    }
    headers = {"Authorization": "Bearer " + house.users.add_token("anna", "script")}
    for (method, path), (status, words) in cases.items():
        async with client.request(method, base + path, headers=headers) as answer:
            assert answer.content_type == MEDIA_TYPE
            told = await answer.json()
            assert (answer.status, told["status"]) == (status, status)
            assert words in told["detail"]
            assert "secret" not in str(told)
