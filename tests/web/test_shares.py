"""The shares file: made by commands, seen by the running hub, closed when damaged."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onlooker.clock import ManualClock
from onlooker.errors import ConfigError, UserError
from onlooker.web.shares import KEPT_EXPIRED, Shares, UnknownShare
from onlooker.web.visitor import Grant


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def shares(tmp_path: Path, clock: ManualClock) -> Shares:
    return Shares(tmp_path, clock)


def test_a_share_is_found_by_its_token_until_it_is_revoked(shares: Shares) -> None:
    made, token = shares.add("album", "party", upload=True, title="Anna’s party")
    assert len(token) >= 22
    assert token.isalnum()
    assert shares.by_token(token) == made
    assert shares.by_id(made.id) == made
    assert made.grant() == Grant("album", "party", True, made.id)
    assert shares.by_token(token[:-1]) is None
    assert shares.by_token("") is None
    assert shares.by_token("\udcff") is None
    assert shares.revoke(made.id) == made
    assert shares.by_token(token) is None
    assert shares.by_id(made.id) is None
    with pytest.raises(UnknownShare, match=made.id):
        shares.revoke(made.id)


def test_the_file_is_private_and_holds_neither_token_nor_password(tmp_path: Path, shares: Shares) -> None:
    _, token = shares.add("camera", "yard", password="correct horse")
    path = tmp_path / "shares.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert token not in text
    assert "correct horse" not in text
    (kept,) = json.loads(text)["shares"]
    assert kept["password"].startswith("$argon2id$")
    assert kept["expires"] is None
    assert datetime.fromisoformat(kept["created"]).tzinfo == UTC


async def test_an_expired_share_ends_at_once_and_is_forgotten_later(clock: ManualClock, shares: Shares) -> None:
    made, token = shares.add("album", "party", lasts=timedelta(hours=1))
    await clock.advance(3599)
    assert shares.by_token(token) == made
    await clock.advance(1)
    assert shares.by_token(token) is None
    assert shares.by_id(made.id) is None
    await clock.advance(KEPT_EXPIRED.total_seconds() - 1)
    shares.add("album", "later")
    assert [share.name for share in shares.all()] == ["party", "later"]
    await clock.advance(1)
    assert [share.name for share in shares.all()] == ["party", "later"]
    shares.add("camera", "yard")
    assert [share.name for share in shares.all()] == ["later", "yard"]


def test_a_change_by_another_process_is_seen_at_once(tmp_path: Path, clock: ManualClock, shares: Shares) -> None:
    command = Shares(tmp_path, clock)
    made, token = command.add("album", "party")
    assert shares.by_token(token) == made
    command.revoke(made.id)
    assert shares.by_token(token) is None


def test_concurrent_changes_are_all_kept(tmp_path: Path, clock: ManualClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Shares(tmp_path, clock).add("album", f"album{n}"), range(8)))
    assert len(Shares(tmp_path, clock).all()) == 8


def test_the_list_is_of_a_kind_and_a_name(shares: Shares) -> None:
    for kind, name in (("album", "party"), ("camera", "party"), ("album", "other")):
        shares.add(kind, name)  # type: ignore[arg-type]
    assert [(share.kind, share.name) for share in shares.all("album")] == [("album", "party"), ("album", "other")]
    assert [(share.kind, share.name) for share in shares.all("album", "other")] == [("album", "other")]
    assert len(shares.all(name="party")) == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 2}', '{"shares": [{"id": "abcdefgh"}]}'])
def test_a_damaged_file_lets_no_guest_in_and_is_not_overwritten(tmp_path: Path, shares: Shares, damage: str) -> None:
    _, token = shares.add("album", "party")
    (tmp_path / "shares.json").write_text(damage)
    with pytest.raises(ConfigError, match=r"No share link works.*shares\.json is damaged"):
        shares.by_token(token)
    with pytest.raises(ConfigError):
        shares.add("album", "party")
    assert (tmp_path / "shares.json").read_text() == damage


@pytest.mark.parametrize(
    ("kind", "name", "more", "said"),
    [
        ("album", "../x", {}, "cannot be the name of an album"),
        ("camera", "Yard", {}, "cannot be the name of a camera"),
        ("album", "party", {"lasts": timedelta(0)}, "up to ten years"),
        ("album", "party", {"lasts": timedelta(days=4000)}, "up to ten years"),
        ("album", "party", {"password": "short"}, "at least 8"),
        ("album", "party", {"password": ""}, "at least 8"),
        ("album", "party", {"title": "a\nb"}, "one line"),
        ("album", "party", {"title": "a" * 201}, "one line"),
    ],
)
def test_what_is_unfit_is_told(tmp_path: Path, shares: Shares, kind: str, name: str, more: dict, said: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(UserError, match=said):
        shares.add(kind, name, **more)  # type: ignore[arg-type]
    assert not (tmp_path / "shares.json").exists()
