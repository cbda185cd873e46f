"""The archive's own options, as the configuration hands them over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """Sizes in bytes, times in seconds; `data` is the hub's folder.

    `files` is the template of a photo's path: `{album}` and strftime's fields of the local time it was taken.
    """

    data: Path
    files: str = "{album}/%Y_%m_%d/%H_%M_%S"
    max_photo: int = 100_000_000
    max_pixels: int = 64_000_000
    reserve: int = 500_000_000  # free space of the disk that uploads leave alone
    keep_deleted: float = 30 * 86_400.0
    keep_events: float = 90 * 86_400.0
    keep_uploads: float = 7 * 86_400.0  # an unfinished upload can be resumed for so long


@dataclass(frozen=True, slots=True)
class AlbumPlan:
    """An album as it is configured.

    `approve`: photos wait until a user approves them. `quota` 0: no limit. `public`: anyone may look, without a log-in.
    """

    name: str
    title: str
    approve: bool = False
    quota: int = 0
    public: bool = False
