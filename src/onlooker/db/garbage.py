"""The list of files whose rows are gone: they are deleted after the rows, and survive no crash unlisted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from onlooker.db.schema import garbage


def listed(connection: Connection, limit: int, after: str = "") -> list[str]:
    """At most `limit` paths that are to be deleted, in order, behind the path `after`."""
    behind = select(garbage.c.path).where(garbage.c.path > after).order_by(garbage.c.path).limit(limit)
    return list(connection.execute(behind).scalars())


def stir(connection: Connection) -> None:
    """Write something that changes nothing in the end."""
    connection.execute(insert(garbage).prefix_with("OR IGNORE").values(path="", since=0))
    connection.execute(delete(garbage).where(garbage.c.path == ""))


def strike(connection: Connection, paths: Collection[str]) -> None:
    """Take paths off the list, once the files are gone."""
    connection.execute(delete(garbage).where(garbage.c.path.in_(paths)))
