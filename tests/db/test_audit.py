"""The questions that `check` asks the rows stay fast as an archive grows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from onlooker.db import audit
from onlooker.db.opening import open_engine


def test_a_photos_events_are_found_by_their_index(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "onlooker.db")
    with engine.connect() as connection:
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {audit._DISAGREES}"))]
    engine.dispose()
    # A covering index only gives the oldest number of an album; any other search is for the events of one photo.
    searches = [step for step in plan if "events" in step and "COVERING" not in step]
    assert searches
    assert set(searches) == {"SEARCH events USING INDEX ix_events_photo (photo_id=?)"}
