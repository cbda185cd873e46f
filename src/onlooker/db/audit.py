"""Whether the rows keep what `schema.py` promises: queries for `onlooker check`, each fast on 100,000 photos."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from onlooker.db.schema import albums, garbage, photos

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
