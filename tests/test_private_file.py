"""Private files are whole, private and locked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from onlooker import private_file
from onlooker.errors import ConfigError
from onlooker.private_file import locked, write_private


def test_a_file_is_replaced_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret"]


def test_a_failed_write_leaves_the_old_content_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["secret"]


def test_the_lock_is_held_against_others_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    with locked(path), pytest.raises(ConfigError, match="locked"), locked(path, 0.05):
        raise AssertionError("the lock was given twice")
    with locked(path):
        pass
