"""Opens the database: pragmas, migrations, the writer, and threads to read with."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from onlooker.db.failures import storage_error
from onlooker.db.schema import metadata
from onlooker.db.writer import Writer
from onlooker.errors import ConfigError

T = TypeVar("T")

# As Alembic makes it.
_VERSIONS = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
HEAD = "0002"  # the newest step of migrations/versions
READERS = 4
BUSY = 10.0  # seconds to wait for another process that has the database open


class Database:
    """The writer, and `read` for everything else. Open one a process, close it when done."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.writer = Writer(engine)
        self.reads = 0  # how many times rows were asked for
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="onlooker-rows")

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What `query` finds, in a thread; StorageError if the database cannot be read."""
        self.reads += 1
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query)

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            with self.engine.connect() as connection:
                return query(connection)
        except DBAPIError as error:
            raise storage_error(error) from error

    async def close(self) -> None:
        """Commit what waits, then let go of the file."""
        await self.writer.close()
        self._readers.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self.engine.dispose)


def open_database(path: Path) -> Database:
    """Open or make the SQLite database at `path`; blocks. ConfigError says what is wrong with it."""
    return Database(open_engine(path))


def open_engine(path: Path) -> Engine:
    """The migrated database without threads, for commands; blocks. ConfigError as above."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with engine.connect() as connection:
            _migrate(connection, path)
    except DBAPIError as error:
        engine.dispose()
        raise ConfigError(f"{path}: the database cannot be opened: {error.orig}") from None
    except OSError as error:
        engine.dispose()
        raise ConfigError(f"{path}: the database cannot be opened: {error.strerror}") from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_to_look(path: Path) -> Engine:
    """The database as it is, not to be written; blocks. ConfigError if there is none, or not one of this version."""
    if not path.exists():
        raise ConfigError(
            f"{path}: there is no such database. Start the hub with this folder first, or choose another."
        )
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true", connect_args={"timeout": BUSY})
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        engine.dispose()
        raise ConfigError(f"{path}: the database cannot be opened: {error.orig}") from None
    if version != HEAD:
        engine.dispose()
        raise ConfigError(f"{path}: this database is of version {version}, not {HEAD}. Start this Onlooker's hub once.")
    return engine


def _prepare(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_size_limit = 67108864")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that may write asks for the right to at once: asking later can fail half-way.
    mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


def _migrate(connection: Connection, path: Path) -> None:
    versioned = inspect(connection).has_table("alembic_version")
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if versioned else None
    empty = not versioned and not inspect(connection).get_table_names()
    connection.rollback()
    if empty:
        _make(connection.execution_options(writes=True))
    elif version != HEAD:
        upgrade(connection, path, version)


def _make(connection: Connection) -> None:
    """A new one at once, without the steps that led here; a test holds that both come to the same."""
    with connection.begin():
        metadata.create_all(connection)
        _VERSIONS.create(connection)
        connection.execute(_VERSIONS.insert().values(version_num=HEAD))


def upgrade(connection: Connection, path: Path, version: str | None = None) -> None:
    """Take the steps from that version on; ConfigError where it is one that is not known."""
    # Imported only when there is something to do: it takes a while.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection.execution_options(writes=True)
    try:
        command.upgrade(settings, HEAD)
        connection.commit()
    except CommandError:
        raise ConfigError(
            f"{path}: this database was made by a newer Onlooker (version {version}). Install that one, or use another "
            "data folder."
        ) from None
