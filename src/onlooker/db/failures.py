"""Says in our own words what the database's driver says in its."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from onlooker.errors import NoSpace, StorageError

_FULL = 13  # SQLITE_FULL


def storage_error(error: DBAPIError) -> StorageError:
    """The error of ours that this one is."""
    if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == _FULL:
        return NoSpace("The disk of the hub is full; nothing was stored. Free some space, then send it again.")
    return StorageError(f"The hub's database cannot be used: {error.orig}.")
