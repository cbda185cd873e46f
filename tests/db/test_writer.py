"""The one writer: waiting changes share a commit, a failing one is undone alone, a failed commit fails all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text

from onlooker.db import writer as writer_module
from onlooker.db.opening import Database, open_database
from onlooker.db.writer import Change
from onlooker.errors import StorageError, TooMany, UserError


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(tmp_path / "onlooker.db")
    yield opened
    await opened.close()


def adding(name: str) -> Callable[[Connection], None]:
    def add(connection: Connection) -> None:
        connection.execute(text("INSERT INTO garbage VALUES (:name, 0)"), {"name": name})

    return add


async def names(database: Database) -> list[str]:
    query = text("SELECT path FROM garbage ORDER BY path")
    return await database.read(lambda connection: list(connection.execute(query).scalars()))


class Gate:
    """Holds the writer up, so that the next changes wait together."""

    def __init__(self, database: Database) -> None:
        self._open, self._entered = threading.Event(), threading.Event()
        self.held = asyncio.create_task(database.writer.write(Change(self._wait)))

    def _wait(self, connection: Connection) -> None:
        self._entered.set()
        assert self._open.wait(20)

    async def entered(self) -> None:
        await asyncio.to_thread(self._entered.wait, 20)

    async def open(self) -> None:
        self._open.set()
        await self.held


async def waiting(database: Database, *changes: Change[None]) -> tuple[Gate, list[asyncio.Task[None]]]:
    gate = Gate(database)
    await gate.entered()
    tasks = [asyncio.create_task(database.writer.write(change)) for change in changes]
    await asyncio.sleep(0)
    return gate, tasks


async def test_what_waits_is_committed_together_and_told_in_order(database: Database) -> None:
    told: list[str] = []
    changes = [Change(adding(name), tell=lambda _, name=name: told.append(name)) for name in "abc"]
    gate, tasks = await waiting(database, *changes)
    await gate.open()
    await asyncio.gather(*tasks)
    assert (database.writer.commits, database.writer.changes) == (2, 4)
    assert told == ["a", "b", "c"] == await names(database)


async def test_one_failing_change_is_undone_alone(database: Database) -> None:
    def half(connection: Connection) -> None:
        adding("half")(connection)
        raise UserError("no")

    gate, tasks = await waiting(database, Change(adding("a")), Change(half), Change(adding("a")), Change(adding("b")))
    await gate.open()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one).__name__ for one in done] == ["NoneType", "UserError", "IntegrityError", "NoneType"]
    assert await names(database) == ["a", "b"]


async def test_a_failed_commit_fails_all_and_tells_nobody(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def refuse(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    one = Change(adding("a"), folders=(tmp_path,), settle=lambda _: told.append("a"), tell=lambda _: told.append("a"))
    with monkeypatch.context() as broken:
        broken.setattr(writer_module, "flush_folder", refuse)
        gate, tasks = await waiting(database, one, Change(adding("b")))
        await gate.open()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(error, StorageError) for error in done)
    assert told == [] == await names(database)
    await database.writer.write(Change(adding("c")))  # it goes on
    assert await names(database) == ["c"]


async def test_a_change_whose_caller_went_away_stands(database: Database) -> None:
    told: list[str] = []
    gate, (task,) = await waiting(database, Change(adding("a"), tell=lambda _: told.append("a")))
    task.cancel()
    await gate.open()
    await database.writer.write(Change(adding("b")))
    assert task.cancelled()
    assert told == ["a"]
    assert await names(database) == ["a", "b"]


async def test_too_much_waits(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MOST_WAITING", 2)
    gate, tasks = await waiting(database, Change(adding("a")), Change(adding("b")))
    with pytest.raises(TooMany):
        await database.writer.write(Change(adding("c")))
    await gate.open()
    await asyncio.gather(*tasks)
    assert await names(database) == ["a", "b"]


async def test_closing_writes_what_waits_and_takes_no_more(database: Database) -> None:
    gate, tasks = await waiting(database, Change(adding("a")))
    closing = asyncio.create_task(database.writer.close())
    await asyncio.sleep(0)
    with pytest.raises(StorageError, match="stopping"):
        await database.writer.write(Change(adding("b")))
    await gate.open()
    await asyncio.gather(*tasks, closing)
    assert await names(database) == ["a"]
    await database.writer.close()


async def test_it_settles_behind_the_commit_and_before_it_tells(database: Database) -> None:
    order: list[str] = []
    engine: Engine = database.engine
    event.listen(engine, "commit", lambda connection: order.append("commit"))
    await database.writer.write(
        Change(adding("a"), settle=lambda _: order.append("settle"), tell=lambda _: order.append("tell"))
    )
    assert order == ["commit", "settle", "tell"]


async def test_what_happens_after_a_commit_does_not_end_the_writer(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(result: None) -> None:
        raise RuntimeError("unforeseen")

    await database.writer.write(Change(adding("a"), settle=fail))
    assert "could not be settled" in caplog.text
    await database.writer.write(Change(adding("b")))
    assert await names(database) == ["a", "b"]
