"""Whether the rows keep what `schema.py` promises: queries for `onlooker check`, each fast on 100,000 photos."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from onlooker.db.schema import albums, events, garbage, photos

_MOST_SAID = 100  # of what the database says about itself

# The plus signs keep SQLite from walking a whole log for each photo: it is to find them by ix_events_photo.
_TOLD = """
SELECT albums.name AS album, photos.album_id, photos.id, photos.state, photos.path,
  (SELECT kind FROM events WHERE photo_id = photos.id AND +events.album_id = photos.album_id
    ORDER BY +seq DESC LIMIT 1) AS last,
  (SELECT kind FROM events WHERE photo_id = photos.id AND +events.album_id = photos.album_id AND kind != 'updated'
    ORDER BY +seq DESC LIMIT 1) AS last_state,
  photos.place >= coalesce((SELECT min(seq) FROM events WHERE events.album_id = photos.album_id), albums.last_seq + 1)
    AS all_kept
FROM photos JOIN albums ON albums.id = photos.album_id
"""
_DISAGREES = f"""
SELECT * FROM ({_TOLD}) WHERE
  (last IS NULL AND all_kept)
  OR (state = 'shown' AND last NOT IN ('complete', 'updated'))
  OR (state != 'shown' AND last_state IS NOT NULL AND last_state != state)
  OR (state != 'shown' AND last_state IS NULL AND all_kept)
"""
_GAPS = """
SELECT albums.name AS album, album_id, before, seq FROM (
  SELECT album_id, seq, lag(seq) OVER (PARTITION BY album_id ORDER BY seq) AS before FROM events
) JOIN albums ON albums.id = album_id WHERE before IS NOT NULL AND seq != before + 1
"""
_ENDS = """
SELECT albums.name AS album, albums.id AS album_id, last_seq, max(seq) AS newest
FROM albums JOIN events ON events.album_id = albums.id GROUP BY albums.id HAVING max(seq) != last_seq
"""
_PLACES = """
SELECT albums.name AS album, place, count(*) AS times FROM photos JOIN albums ON albums.id = album_id
GROUP BY album_id, place HAVING count(*) > 1 OR place < 1 OR place > last_seq
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A photo whose newest event does not say the state it is in."""

    album: str
    album_id: int
    photo_id: str
    state: str
    path: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of an album are missing between `before` and `seq`."""

    album: str
    album_id: int
    before: int
    seq: int


@dataclass(frozen=True, slots=True)
class WrongEnd:
    """The album's `last_seq` is not the number of its newest event."""

    album: str
    album_id: int
    last_seq: int
    newest: int


def damage(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong with the file, and references that lead nowhere."""
    found: list[str] = []
    try:
        for line in connection.execute(text(f"PRAGMA integrity_check({_MOST_SAID})")).scalars():
            found += [] if line == "ok" else [line]
        lost = connection.execute(text("PRAGMA foreign_key_check")).all()
    except DBAPIError as error:  # too damaged even to say where
        return [*found, str(error.orig)]
    return found + [f"a row of {row[0]} belongs to nothing" for row in lost[:_MOST_SAID]]


def disagreements(connection: Connection) -> Iterator[Disagreement]:
    """Photos that were not told as they are; as far as events are kept."""
    for row in connection.execute(text(_DISAGREES)):
        yield Disagreement(row.album, row.album_id, row.id, row.state, row.path)


def gaps(connection: Connection) -> Iterator[Gap]:
    """Every hole in a log."""
    for row in connection.execute(text(_GAPS)):
        yield Gap(row.album, row.album_id, row.before, row.seq)


def wrong_ends(connection: Connection) -> list[WrongEnd]:
    """Albums whose counter and log differ."""
    return [
        WrongEnd(row.album, row.album_id, row.last_seq, row.newest) for row in connection.execute(text(_ENDS)).all()
    ]


def unfit_places(connection: Connection) -> Iterator[tuple[str, int, int]]:
    """(album, place, how many photos have it): a place belongs to one photo, and was counted."""
    for row in connection.execute(text(_PLACES)):
        yield row.album, row.place, row.times


def doomed(connection: Connection) -> list[str]:
    """Paths on the garbage list that are a photo's."""
    return list(connection.execute(select(garbage.c.path).join(photos, photos.c.path == garbage.c.path)).scalars())


def totals(connection: Connection) -> tuple[int, int]:
    """(photos, bytes) of all albums."""
    row = connection.execute(select(func.count(), func.coalesce(func.sum(photos.c.size), 0)).select_from(photos)).one()
    return row[0], row[1]


def known_paths(connection: Connection, paths: Collection[str]) -> set[str]:
    """Those that a photo or the garbage list has."""
    rows = select(photos.c.path).where(photos.c.path.in_(paths))
    return set(connection.execute(rows.union_all(select(garbage.c.path).where(garbage.c.path.in_(paths)))).scalars())


def known_digests(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Those that a photo of any album has."""
    every = list(connection.execute(select(albums.c.id)).scalars())
    found = select(photos.c.sha256).where(photos.c.album_id.in_(every), photos.c.sha256.in_(digests))
    return set(connection.execute(found).scalars())


def count_last(connection: Connection, album_id: int) -> None:
    """Raise an album's counter to its newest event."""
    newest = select(func.max(events.c.seq)).where(events.c.album_id == album_id).scalar_subquery()
    connection.execute(
        albums.update().where(albums.c.id == album_id, albums.c.last_seq < newest).values(last_seq=newest)
    )


def forget_before(connection: Connection, album_id: int, seq: int) -> None:
    """Forget events before that number: who has not seen them is told to reload, instead of not being told at all."""
    connection.execute(events.delete().where(events.c.album_id == album_id, events.c.seq < seq))
