"""Checking names and passwords: remembered for a while, limited in tries, dear only once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onlooker.clock import ManualClock
from onlooker.web import credentials as module
from onlooker.web.credentials import REMEMBERED, Credentials
from onlooker.web.throttle import TooManyTries
from onlooker.web.users import Users


class CountingUsers(Users):
    """Counts the dear checks."""

    checks = 0

    def verify(self, name: str, password: str) -> bool:
        self.checks += 1
        return super().verify(name, password)


@pytest.fixture
def users(tmp_path: Path) -> CountingUsers:
    users = CountingUsers(tmp_path)
    users.add("anna", "correct horse")
    return users


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def credentials(users: Users, clock: ManualClock) -> Credentials:
    return Credentials(users, clock)


async def test_many_requests_at_once_cost_one_check(credentials: Credentials, users: CountingUsers) -> None:
    right = await asyncio.gather(*(credentials.check("anna", "correct horse", "192.0.2.1") for _ in range(200)))
    assert all(right)
    assert users.checks == 1


async def test_a_right_password_is_forgotten_after_a_while(
    credentials: Credentials, users: CountingUsers, clock: ManualClock
) -> None:
    for _ in range(2):
        assert await credentials.check("anna", "correct horse", "192.0.2.1")
    await clock.advance(REMEMBERED + 1)
    assert await credentials.check("anna", "correct horse", "192.0.2.1")
    assert users.checks == 2


async def test_a_changed_password_and_a_removed_user_end_at_once(credentials: Credentials, users: Users) -> None:
    assert await credentials.check("anna", "correct horse", "192.0.2.1")
    users.set_password("anna", "battery staple")
    assert not await credentials.check("anna", "correct horse", "192.0.2.1")
    assert await credentials.check("anna", "battery staple", "192.0.2.1")
    users.remove("anna")
    assert not await credentials.check("anna", "battery staple", "192.0.2.1")


async def test_an_unknown_user_costs_a_check_too(credentials: Credentials, users: CountingUsers) -> None:
    assert not await credentials.check("nobody", "correct horse", "192.0.2.1")
    assert users.checks == 1


async def test_an_address_runs_out_of_tries_but_not_of_what_is_known(
    credentials: Credentials, clock: ManualClock
) -> None:
    assert await credentials.check("anna", "correct horse", "192.0.2.1")
    for number in range(10):
        assert not await credentials.check("anna", f"wrong {number}", "192.0.2.1")
    with pytest.raises(TooManyTries) as raised:
        await credentials.check("anna", "wrong again", "192.0.2.1")
    assert 0 < raised.value.retry_after <= 30
    assert await credentials.check("anna", "correct horse", "192.0.2.1")
    assert not await credentials.check("anna", "wrong again", "192.0.2.2")
    await clock.advance(raised.value.retry_after)
    assert not await credentials.check("anna", "wrong again", "192.0.2.1")


async def test_a_user_runs_out_of_tries_from_everywhere(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Users, "verify", lambda self, name, password: False)
    for number in range(30):
        assert not await credentials.check("anna", f"wrong {number}", f"192.0.2.{number}")
    with pytest.raises(TooManyTries):
        await credentials.check("anna", "wrong again", "192.0.2.77")
    assert not await credentials.check("ben", "wrong again", "192.0.2.77")


async def test_the_addresses_of_one_ipv6_network_count_as_one(
    credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Users, "verify", lambda self, name, password: False)
    for number in range(10):
        await credentials.check(f"user{number}", "wrong", f"2001:db8::{number}")
    with pytest.raises(TooManyTries):
        await credentials.check("anna", "wrong", "2001:db8::ffff")
    assert not await credentials.check("anna", "wrong", "2001:db8:0:1::1")


async def test_what_is_remembered_is_bounded(
    credentials: Credentials, users: CountingUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 1)
    users.add("ben", "battery staple")
    assert await credentials.check("anna", "correct horse", "192.0.2.1")
    assert await credentials.check("ben", "battery staple", "192.0.2.1")
    assert await credentials.check("anna", "correct horse", "192.0.2.1")
    assert users.checks == 3
