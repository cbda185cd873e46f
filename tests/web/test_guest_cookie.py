"""The guest's cookie: each share in it is proven, and ends with the share."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from onlooker.clock import ManualClock
from onlooker.web.guest_cookie import MOST_SHARES, GuestCookie
from onlooker.web.shares import Shares

SECRET = b"k" * 32


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def shares(tmp_path: Path, clock: ManualClock) -> Shares:
    return Shares(tmp_path, clock)


@pytest.fixture
def cookie(shares: Shares, clock: ManualClock) -> GuestCookie:
    return GuestCookie(shares, SECRET, clock)


def scope(value: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "http", "scheme": "http", "headers": [(b"cookie", value.encode("latin-1"))], **more}


def pair(header: str) -> str:
    return header.partition(";")[0]


def test_it_proves_the_share_it_was_made_for(shares: Shares, cookie: GuestCookie, clock: ManualClock) -> None:
    share, _ = shares.add("album", "party")
    value = pair(cookie.set_cookie(scope(), share))
    assert cookie.read(scope(value)) == (share,)
    assert GuestCookie(shares, b"x" * 32, clock).read(scope(value)) == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: value[:-1],
        lambda value: value + "0",
        lambda value: value[:-1] + "\xe9",
        lambda value: value.split(".")[0],
        lambda value: value.split(".")[0] + ".",
        lambda value: "onlooker_share=aaaaaaaa." + value.split(".")[1],
        lambda value: "onlooker_share=~~~.~.",
    ],
)
def test_what_is_not_ours_proves_nothing(shares: Shares, cookie: GuestCookie, damage: Any) -> None:
    share, _ = shares.add("album", "party")
    assert cookie.read(scope(damage(pair(cookie.set_cookie(scope(), share))))) == ()


def test_one_share_is_no_proof_of_another(shares: Shares, cookie: GuestCookie) -> None:
    party, _ = shares.add("album", "party")
    other, _ = shares.add("album", "other")
    forged = pair(cookie.set_cookie(scope(), party)).replace(party.id, other.id)
    assert cookie.read(scope(forged)) == ()


async def test_it_ends_with_the_share(tmp_path: Path, shares: Shares, cookie: GuestCookie, clock: ManualClock) -> None:
    short, _ = shares.add("album", "short", lasts=timedelta(hours=1))
    gone, _ = shares.add("album", "gone")
    changed, _ = shares.add("album", "changed", password="correct horse")
    value = ""
    for share in (short, gone, changed):
        value = pair(cookie.set_cookie(scope(value), share))
    assert cookie.read(scope(value)) == (changed, gone, short)
    shares.revoke(gone.id)
    assert cookie.read(scope(value)) == (changed, short)
    await clock.advance(3600)
    assert cookie.read(scope(value)) == (changed,)
    path = tmp_path / "shares.json"
    file = json.loads(path.read_text())
    file["shares"][-1]["password"] = None
    path.write_text(json.dumps(file))
    assert cookie.read(scope(value)) == ()


def test_it_holds_the_newest_shares(shares: Shares, cookie: GuestCookie) -> None:
    made = [shares.add("album", f"album{number}")[0] for number in range(MOST_SHARES + 2)]
    value = ""
    for share in made:
        value = pair(cookie.set_cookie(scope(value), share))
    assert cookie.read(scope(value)) == tuple(reversed(made[2:]))
    again = pair(cookie.set_cookie(scope(value), made[5]))
    assert [share.name for share in cookie.read(scope(again))][:2] == ["album5", "album9"]
    assert len(cookie.read(scope(again))) == MOST_SHARES


@pytest.mark.parametrize(("lasts", "age"), [(timedelta(hours=1), 3600), (None, 400 * 86_400)])
def test_it_is_for_this_hub_only_and_no_longer_than_the_share(
    shares: Shares, cookie: GuestCookie, lasts: timedelta | None, age: int
) -> None:
    share, _ = shares.add("album", "party", lasts=lasts)
    header = cookie.set_cookie(scope(root_path="/cams", scheme="https"), share)
    assert header.startswith("onlooker_share=")
    assert header.endswith(f"; Max-Age={age}; Path=/cams; HttpOnly; SameSite=Lax; Secure")
    assert "Secure" not in cookie.set_cookie(scope(), share)
