"""The rows of albums and photos: adding, finding, changing. Callers commit (writer) or only read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, union_all, update

from onlooker.db.schema import albums, garbage, photos
from onlooker.errors import UnknownPhoto
from onlooker.media import Photo, PhotoState

DAY = 86_400_000_000  # microseconds
_NAMES = tuple(column.name for column in photos.c if column.name != "album_id")
# Statements that every upload needs are built once; building one takes longer than running it.
_EVERY = select(*(column for column in photos.c if column.name != "album_id"), albums.c.name.label("album")).join(
    albums
)
_BY_ID = _EVERY.where(photos.c.album_id == bindparam("in_album"), photos.c.id == bindparam("of_id"))
_BY_SHA256 = _EVERY.where(photos.c.album_id == bindparam("in_album"), photos.c.sha256 == bindparam("of_sha256"))
_ANYWHERE = _EVERY.where(photos.c.id == bindparam("of_id"))
_ADD = insert(photos)
_PATHS = union_all(
    *(
        select(table.c.path).where(table.c.path >= bindparam("first"), table.c.path < bindparam("last"))
        for table in (photos, garbage)
    )
)


@dataclass(frozen=True, slots=True)
class Totals:
    """How much an album holds, the trash included; `size` in bytes."""

    shown: int
    size: int


@dataclass(frozen=True, slots=True)
class Day:
    """How many photos arrived on a day; `start` is its first instant in microseconds, `place` the newest's."""

    start: int
    photos: int
    place: int


def add(connection: Connection, album_id: int, photo: Photo) -> None:
    """Write a new photo."""
    connection.execute(_ADD, {"album_id": album_id, **{name: getattr(photo, name) for name in _NAMES}})


def by_id(connection: Connection, album_id: int, photo_id: str) -> Photo | None:
    """One photo of the album, whatever its state."""
    return _one(connection, _BY_ID, {"in_album": album_id, "of_id": photo_id})


def by_sha256(connection: Connection, album_id: int, sha256: bytes) -> Photo | None:
    """The photo of the album with these bytes, whatever its state."""
    return _one(connection, _BY_SHA256, {"in_album": album_id, "of_sha256": sha256})


def anywhere(connection: Connection, photo_id: str) -> Photo | None:
    """One photo of any album."""
    return _one(connection, _ANYWHERE, {"of_id": photo_id})


def by_ids(connection: Connection, ids: Collection[str]) -> list[Photo]:
    """The photos of any album with these ids."""
    return _all(connection, _EVERY.where(photos.c.id.in_(ids)))


def known(connection: Connection, album_id: int, digests: Collection[bytes]) -> list[Photo]:
    """The photos of the album with any of these SHA-256."""
    return _all(connection, _EVERY.where(photos.c.album_id == album_id, photos.c.sha256.in_(digests)))


def page(
    connection: Connection, album_id: int, states: Iterable[PhotoState], before: int | None, limit: int
) -> list[Photo]:
    """At most `limit` photos in these states, newest first, older than place `before`."""
    chosen = _EVERY.where(photos.c.album_id == album_id, photos.c.state.in_(list(states)))
    if before is not None:
        chosen = chosen.where(photos.c.place < before)
    return _all(connection, chosen.order_by(photos.c.place.desc()).limit(limit))


def totals(connection: Connection, album_id: int) -> Totals:
    """How much the album holds."""
    shown = func.count().filter(photos.c.state == PhotoState.SHOWN)
    row = connection.execute(
        select(shown, func.coalesce(func.sum(photos.c.size), 0)).where(photos.c.album_id == album_id)
    ).one()
    return Totals(row[0], row[1])


def days(connection: Connection, album_id: int, offset: int) -> list[Day]:
    """The days on which photos were first shown, newest first; `offset` is the day's start in minutes before 0:00 UTC.

    That, like `place`, is when one was approved if it had to wait: so the days are in the order of the places.
    """
    day = (func.coalesce(photos.c.shown_at, photos.c.added_at) + offset * 60_000_000) // DAY
    rows = connection.execute(
        select(day, func.count(), func.max(photos.c.place))
        .where(photos.c.album_id == album_id, photos.c.state == PhotoState.SHOWN)
        .group_by(day)
        .order_by(day.desc())
    )
    return [Day(row[0] * DAY - offset * 60_000_000, row[1], row[2]) for row in rows]


def change(connection: Connection, photo_id: str, **values: Any) -> Photo:
    """Change columns of a photo and give it as it is then; UnknownPhoto if it is not there."""
    changed = connection.execute(update(photos).where(photos.c.id == photo_id).values(**values))
    photo = anywhere(connection, photo_id) if changed.rowcount else None
    if photo is None:
        raise UnknownPhoto
    return photo


def in_trash_since(connection: Connection, before: int, limit: int) -> list[Photo]:
    """At most `limit` photos that were deleted before that instant."""
    old = _EVERY.where(photos.c.state == PhotoState.DELETED, photos.c.deleted_at < before)
    return _all(connection, old.limit(limit))


def discard(connection: Connection, gone: Sequence[Photo], now: int) -> None:
    """Take the rows away and put the files on the garbage list."""
    for photo in gone:
        connection.execute(delete(photos).where(photos.c.id == photo.id))
        connection.execute(insert(garbage).prefix_with("OR IGNORE").values(path=photo.path, since=now))


def paths_beginning(connection: Connection, start: str) -> set[str]:
    """The paths of photos, and of files that are to be deleted, that begin like this."""
    return set(connection.execute(_PATHS, {"first": start, "last": f"{start}\uffff"}).scalars())


def behind(connection: Connection, photo_id: str, limit: int) -> list[Photo]:
    """At most `limit` photos of all albums, in the order of their ids, behind that one."""
    return _all(connection, _EVERY.where(photos.c.id > photo_id).order_by(photos.c.id).limit(limit))


def _one(connection: Connection, query: Select[Any], values: dict[str, Any]) -> Photo | None:
    row = connection.execute(query, values).one_or_none()
    return _photo(row) if row is not None else None


def _all(connection: Connection, query: Select[Any]) -> list[Photo]:
    return [_photo(row) for row in connection.execute(query)]


def _photo(row: Row[Any]) -> Photo:
    values = dict(row._mapping)
    values["state"] = PhotoState(values["state"])
    return Photo(**values)
