"""Puts right what a crash left in `incoming/`: every committed photo goes to its place, every torso goes."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection

from onlooker.archive.layout import Layout
from onlooker.db import photos

log = logging.getLogger(__name__)


def recover(connection: Connection, layout: Layout) -> None:
    """Before anything is taken in; blocks. Running it again, or after a crash in its midst, changes nothing more.

    Resumable uploads (those with a .json) stay: their senders come back for them.
    """
    for part in sorted(layout.incoming.glob("*.part")):
        _decide(connection, layout, part)


def _decide(connection: Connection, layout: Layout, part: Path) -> None:
    photo = photos.anywhere(connection, part.stem)
    if photo is not None:
        layout.settle(photo)
        log.info("%s was moved to its place", photo.path)
    elif not part.with_suffix(".json").exists():
        part.unlink()
        log.info("%s was never finished and is gone", part.name)
