"""Session cookies: signed, limited in time, ended by a new password."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from onlooker.clock import ManualClock
from onlooker.errors import ConfigError
from onlooker.web.sessions import Sessions, load_secret
from onlooker.web.users import Users

DAY = 86_400


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path)
    users.add("Änne", "correct horse")
    users.add("ben", "correct horse")
    return users


@pytest.fixture
def sessions(users: Users, clock: ManualClock) -> Sessions:
    return Sessions(users, b"k" * 32, clock, days=30)


async def test_a_session_is_prolonged_past_its_half_and_ends(sessions: Sessions, clock: ManualClock) -> None:
    cookie = sessions.sign("Änne")
    assert cookie.isascii()
    assert sessions.read(cookie) == ("Änne", False)
    await clock.advance(16 * DAY)
    assert sessions.read(cookie) == ("Änne", True)
    await clock.advance(14 * DAY)
    assert sessions.read(cookie) is None


async def test_a_new_password_or_a_removal_ends_it(sessions: Sessions, users: Users) -> None:
    one, other = sessions.sign("Änne"), sessions.sign("ben")
    users.set_password("Änne", "battery staple")
    users.remove("ben")
    assert sessions.read(one) is None
    assert sessions.read(other) is None


async def test_a_session_of_another_hub_is_none(sessions: Sessions, users: Users, clock: ManualClock) -> None:
    assert Sessions(users, b"x" * 32, clock, days=30).read(sessions.sign("ben")) is None


async def test_every_changed_letter_breaks_it(sessions: Sessions) -> None:
    cookie = sessions.sign("ben")
    for place in range(len(cookie)):
        changed = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :]
        assert sessions.read(changed) is None


@pytest.mark.parametrize("cookie", ["", ".", "...", "a.b.c.d", "ü.1.2.3", "\udcff", "x" * 5000])
async def test_rubbish_is_none(sessions: Sessions, cookie: str) -> None:
    assert sessions.read(cookie) is None


def test_the_cookie_is_kept_from_scripts_and_other_paths(sessions: Sessions) -> None:
    plain = sessions.set_cookie({"scheme": "http", "root_path": ""}, "ben")
    assert plain.endswith("; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax")
    secure = sessions.set_cookie({"scheme": "https", "root_path": "/cams"}, "ben")
    assert secure.endswith("; Path=/cams; HttpOnly; SameSite=Lax; Secure")


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    secret = load_secret(data)
    assert len(secret) == 32
    assert load_secret(data) == secret
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match=r"secret\.key is damaged"):
        load_secret(tmp_path)
