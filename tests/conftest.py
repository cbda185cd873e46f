"""An archive in a folder of its own, with an album for everybody and one where photos wait for approval."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from onlooker.archive.archive import Archive
from onlooker.archive.opening import opened
from onlooker.archive.options import AlbumPlan, ArchiveOptions
from onlooker.clock import SystemClock

PARTY = AlbumPlan("party", "Party")
MODERATED = AlbumPlan("moderated", "Moderated", approve=True)


@pytest.fixture
def options(tmp_path: Path) -> ArchiveOptions:
    return ArchiveOptions(tmp_path / "data", reserve=0)


@pytest.fixture
async def archive(options: ArchiveOptions) -> AsyncIterator[Archive]:
    async with opened(options, SystemClock()) as archive:
        await archive.apply([PARTY, MODERATED])
        yield archive
