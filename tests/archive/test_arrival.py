"""A file that grows: what was flushed stays, whatever the disk does next."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from onlooker.archive import arrival
from onlooker.archive.arrival import Arrival
from onlooker.errors import NoSpace, StorageError
from onlooker.live.workers import Workers


@pytest.fixture
def disk() -> Iterator[Workers]:
    workers = Workers(2)
    yield workers
    workers.close()


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "a.part"


def content(part: Path) -> bytes:
    return part.read_bytes()


def fill(part: Path, data: bytes) -> None:
    part.write_bytes(data)


def there(part: Path) -> bool:
    return part.exists()


async def test_what_was_written_is_there_after_a_flush(part: Path, disk: Workers) -> None:
    one = Arrival(part, disk)
    for number in range(50):
        await one.write(bytes([number]) * number)
    await one.flush()
    assert content(part) == b"".join(bytes([number]) * number for number in range(50))
    assert one.size == len(content(part))


async def test_going_on_and_going_back(part: Path, disk: Workers) -> None:
    fill(part, b"0123456789")
    one = Arrival(part, disk, 10)
    await one.write(b"abc")
    await one.truncate(4)
    await one.write(b"xyz")
    await one.flush()
    assert content(part) == b"0123xyz"
    await one.delete()
    await one.delete()
    assert not there(part)


async def test_a_full_disk_keeps_what_went_before(part: Path, disk: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Arrival(part, disk)
    await one.write(b"kept")
    await one.flush()

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        await one.write(b"lost")
        with pytest.raises(NoSpace):
            await one.flush()
    assert one.size == 4
    await one.write(b", and more")
    await one.flush()
    assert content(part) == b"kept, and more"


async def test_bytes_whose_flush_failed_do_not_count(
    part: Path, disk: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Arrival(part, disk)
    await one.write(b"kept")
    await one.flush()

    def failing(descriptor: int) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        await one.write(b"doubtful")
        with pytest.raises(StorageError):
            await one.flush()
    assert one.size == 4
    await one.flush()  # the system would say now that all is well
    assert content(part) == b"kept"


async def test_a_cancelled_caller_leaves_no_half(part: Path, disk: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "GATHER", 1)
    one = Arrival(part, disk)
    writing = asyncio.create_task(one.write(b"x" * 100_000))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await one.settled()
    assert len(content(part)) == 100_000
