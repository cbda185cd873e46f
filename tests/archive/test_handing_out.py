"""Stored bytes on their way out: also while a file moves, and never those that are not the photo's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from onlooker.archive import handing_out
from onlooker.archive.handing_out import MOST_STRIPPED, StoredFile, at
from onlooker.errors import StorageError
from onlooker.formats.photo import PhotoType
from tests.archive.scene import Scene, picture, scene


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as one:
        yield one


async def test_a_file_that_goes_to_its_place_between_two_looks(there: Scene, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"0123456789")
    found = iter([tmp_path / "was here", *[tmp_path / "there"] * 5])
    file = StoredFile(lambda: next(found), there.archive.disk)
    assert await file.read(2, 3) == b"234"
    assert await file.size() == 10


async def test_a_file_that_is_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StorageError) as caught:
        at(lambda: tmp_path / "gone", Path.read_bytes)
    assert str(tmp_path) not in str(caught.value)
    assert str(tmp_path / "gone") in caplog.text


async def test_exactly_these_bytes_or_none(there: Scene, tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"0123456789")
    file = StoredFile(lambda: tmp_path / "short", there.archive.disk)
    with pytest.raises(StorageError):
        await file.read(5, 6)


async def test_a_whole_original(there: Scene) -> None:
    one = await there.send(1)
    file = await there.archive.originals.whole(one)
    assert await file.read(0, one.size) == picture(1)
    there.archive.layout.place(one.path).write_bytes(picture(1) + b"more")
    with pytest.raises(StorageError):
        await there.archive.originals.whole(one)


async def test_others_bytes_are_not_stripped(there: Scene) -> None:
    one = await there.send(1)
    assert len(await there.archive.originals.stripped(one)) == one.size
    other = picture(2).ljust(one.size, b"\0")[: one.size]
    there.archive.layout.place(one.path).write_bytes(other)
    with pytest.raises(StorageError):
        await there.archive.originals.stripped(one)


async def test_few_are_stripped_at_once(there: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await there.send(1)
    running, most = [], 0
    go_on = asyncio.Event()

    async def run(*_: object) -> bytes:
        nonlocal most
        running.append(1)
        most = max(most, len(running))
        await go_on.wait()
        running.pop()
        return b""

    monkeypatch.setattr(there.archive.originals._pictures, "run", run)
    asking = [asyncio.create_task(there.archive.originals.stripped(one)) for _ in range(10)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(*asking)
    assert most == MOST_STRIPPED


async def test_every_type_that_is_stored_can_be_stripped() -> None:
    assert set(handing_out._KINDS.values()) == set(PhotoType)
