"""The database: migrations make what the schema says, a newer one is refused, and commits are flushed."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from onlooker.db import opening
from onlooker.db.opening import HEAD, open_engine, open_to_look, upgrade
from onlooker.db.schema import metadata
from onlooker.errors import ConfigError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "onlooker.db"


def test_the_migrations_make_the_schema(path: Path) -> None:
    engine = open_engine(path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    stepwise = create_engine(f"sqlite:///{path.with_name('stepwise.db')}")
    with stepwise.connect() as connection:
        upgrade(connection, path)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert shape(stepwise) == shape(engine)
    scripts = ScriptDirectory(str(Path(opening.__file__).parent / "migrations"))
    assert scripts.get_current_head() == HEAD
    for one in (engine, stepwise):
        one.dispose()


def shape(engine: Engine) -> dict[str, object]:
    """Everything that SQLite knows of the tables."""
    found = inspect(engine)
    return {
        table: (
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted((key["constrained_columns"], key["referred_table"]) for key in found.get_foreign_keys(table)),
            sorted(index["column_names"] for index in found.get_indexes(table)),
            sorted(unique["column_names"] for unique in found.get_unique_constraints(table)),
        )
        for table in found.get_table_names()
    }


def test_it_is_private_and_flushed(path: Path) -> None:
    engine = open_engine(path)
    with engine.connect() as connection:
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    engine.dispose()
    assert said == ["wal", 2]
    assert path.stat().st_mode & 0o077 == 0


def test_opening_again_changes_nothing(path: Path) -> None:
    open_engine(path).dispose()
    before = path.read_bytes()
    open_engine(path).dispose()
    assert path.read_bytes() == before


def test_a_newer_one_is_refused(path: Path) -> None:
    engine = open_engine(path)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigError, match="newer Onlooker"):
        open_engine(path)
    with pytest.raises(ConfigError, match="9999"):
        open_to_look(path)


def test_something_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 500)
    for open_it in (open_engine, open_to_look):
        with pytest.raises(ConfigError, match="cannot be opened"):
            open_it(path)


def test_looking_makes_nothing_and_writes_nothing(path: Path) -> None:
    with pytest.raises(ConfigError, match="no such database"):
        open_to_look(path)
    assert not path.parent.exists()
    open_engine(path).dispose()
    engine = open_to_look(path)
    with engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(text("DELETE FROM photos"))
    engine.dispose()


def test_a_database_of_the_first_version_keeps_what_it_has(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(opening, "HEAD", "0001")
        path.parent.mkdir()
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            upgrade(connection, path)
        with engine.connect() as connection, connection.begin():
            assert not inspect(connection).has_table("camera_events")
            connection.execute(text("INSERT INTO albums VALUES (1, 'party', 'e1', 1)"))
            connection.execute(text("INSERT INTO events VALUES (1, 1, 5, 'deleted', 'gone')"))
        engine.dispose()
    with pytest.raises(ConfigError, match="version 0001"):
        open_to_look(path)
    engine = open_engine(path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("SELECT name, epoch, last_seq FROM albums")).all() == [("party", "e1", 1)]
        assert connection.execute(text("SELECT seq, kind FROM events")).all() == [(1, "deleted")]
    engine.dispose()
