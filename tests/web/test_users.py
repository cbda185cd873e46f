"""The users file: changed by commands, seen by the running hub, closed when damaged."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onlooker.errors import ConfigError, UserError
from onlooker.web.users import Users


def test_an_account_is_added_checked_and_removed(tmp_path: Path) -> None:
    users = Users(tmp_path)
    users.add("anna", "correct horse")
    assert users.names() == ["anna"]
    assert users.verify("anna", "correct horse")
    assert not users.verify("anna", "wrong horse")
    assert not users.verify("nobody", "correct horse")
    users.remove("anna")
    assert users.names() == []
    assert not users.verify("anna", "correct horse")


def test_the_file_is_private_and_holds_no_password(tmp_path: Path) -> None:
    users = Users(tmp_path / "data")
    users.add("anna", "correct horse")
    token = users.add_token("anna", "script")
    path = tmp_path / "data" / "users.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "correct horse" not in text
    assert token not in text
    assert json.loads(text)["users"]["anna"]["password"].startswith("$argon2id$")
    assert [name for name in os.listdir(path.parent) if name.startswith(".users.json.") and "lock" not in name] == []


def test_a_change_by_another_process_is_seen_at_once(tmp_path: Path) -> None:
    hub, command = Users(tmp_path), Users(tmp_path)
    command.add("anna", "correct horse")
    assert hub.verify("anna", "correct horse")
    command.set_password("anna", "battery staple")
    assert not hub.verify("anna", "correct horse")
    assert hub.verify("anna", "battery staple")
    command.remove("anna")
    assert hub.entry("anna") is None


def test_concurrent_changes_are_all_kept(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Users(tmp_path).add(f"user{n}", "correct horse"), range(8)))
    assert len(Users(tmp_path).names()) == 8


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"version": 2, "users": {}}', '{"users": {"anna": {"password": 5}}}', '{"accounts": {}}', "\x00"],
)
def test_a_damaged_file_lets_nobody_in_and_is_not_overwritten(tmp_path: Path, damage: str) -> None:
    users = Users(tmp_path, extra=("cam", "cam"))
    users.add("anna", "correct horse")
    path = tmp_path / "users.json"
    path.write_text(damage)
    for question in (users.names, users.ensure_admin, lambda: users.entry("anna"), lambda: users.token_owner("x")):
        with pytest.raises(ConfigError, match=r"users\.json is damaged"):
            question()
    with pytest.raises(ConfigError):
        users.add("ben", "correct horse")
    assert path.read_text() == damage


def test_a_repaired_file_lets_in_again(tmp_path: Path) -> None:
    users = Users(tmp_path)
    users.add("anna", "correct horse")
    path = tmp_path / "users.json"
    good = path.read_bytes()
    path.write_text("{")
    with pytest.raises(ConfigError):
        users.entry("anna")
    path.write_bytes(good)
    assert users.verify("anna", "correct horse")


def test_the_complaint_about_a_damaged_file_shows_no_hash(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text('{"users": {"anna": {"password": "$argon2id$secret", "more": "$argon2"}}}')
    with pytest.raises(ConfigError) as raised:
        Users(tmp_path).names()
    assert "argon2" not in str(raised.value)
    assert "users.anna.more" in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a/b", "a\n", "a\x00", "x" * 65])
def test_an_unfit_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        Users(tmp_path).add(name, "correct horse")


def test_mistakes_are_told_as_sentences(tmp_path: Path) -> None:
    users = Users(tmp_path, extra=("cam", "cam"))
    users.add("anna", "correct horse")
    with pytest.raises(UserError, match="already"):
        users.add("anna", "correct horse")
    with pytest.raises(UserError, match="at least 8"):
        users.add("ben", "short")
    with pytest.raises(UserError, match="no user “ben”"):
        users.remove("ben")
    with pytest.raises(UserError, match="environment"):
        users.set_password("cam", "correct horse")
    users.add_token("anna", "script")
    with pytest.raises(UserError, match="token “script” already"):
        users.add_token("anna", "script")
    with pytest.raises(UserError, match="no token “other”"):
        users.remove_token("anna", "other")


def test_a_token_belongs_to_its_user_until_it_is_removed(tmp_path: Path) -> None:
    users = Users(tmp_path)
    users.add("anna", "correct horse")
    token = users.add_token("anna", "script")
    assert users.token_owner(token) == "anna"
    assert users.token_owner(token[:-1]) is None
    assert users.token_owner("") is None
    (kept,) = users.tokens("anna")
    assert token.startswith(kept.prefix)
    assert len(kept.prefix) < len(token) / 2
    users.remove_token("anna", "script")
    assert users.token_owner(token) is None


def test_the_user_from_the_options_is_in_memory_only(tmp_path: Path) -> None:
    users = Users(tmp_path, extra=("cam", "geheim"))
    assert users.names() == ["cam"]
    assert users.verify("cam", "geheim")
    assert not users.verify("cam", "falsch")
    assert not (tmp_path / "users.json").exists()


def test_the_user_from_the_options_keeps_the_stamp_over_a_restart(tmp_path: Path) -> None:
    one, again, other = (Users(tmp_path, extra=("cam", word)).entry("cam") for word in ("geheim", "geheim", "neu"))
    assert one is not None
    assert again is not None
    assert other is not None
    assert one.stamp == again.stamp != other.stamp


@pytest.mark.parametrize("extra", [("", "geheim"), ("cam", ""), ("", ""), ("a:b", "geheim")])
def test_half_given_options_are_refused(tmp_path: Path, extra: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match="STREAM_USERNAME"):
        Users(tmp_path, extra=extra)


def test_the_first_start_makes_an_admin_once(tmp_path: Path) -> None:
    users = Users(tmp_path)
    password = users.ensure_admin()
    assert password is not None
    assert len(password) >= 16
    assert users.verify("admin", password)
    assert users.ensure_admin() is None
    assert Users(tmp_path).ensure_admin() is None


def test_no_admin_is_made_where_the_options_name_a_user(tmp_path: Path) -> None:
    assert Users(tmp_path, extra=("cam", "geheim")).ensure_admin() is None
