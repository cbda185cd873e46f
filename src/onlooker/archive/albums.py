"""An album while the hub runs: what is configured, where its log stands, and how much it holds."""

from __future__ import annotations

from dataclasses import dataclass

from onlooker.archive.options import AlbumPlan
from onlooker.events.feed import Feed


@dataclass(slots=True, eq=False)
class Album:
    """One album. `plan` changes with the configuration; `shown` counts photos, `size` the bytes of all of them."""

    id: int
    plan: AlbumPlan
    feed: Feed
    shown: int
    size: int

    @property
    def name(self) -> str:
        """As in URLs."""
        return self.plan.name
