"""`[albums.NAME]`: one album; and which albums there are, given those and the cameras."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from onlooker.archive.options import AlbumPlan
from onlooker.config.amounts import SizeOrNone
from onlooker.config.cameras import CameraSettings
from onlooker.config.problems import Problems, checked

# The album there is while none is configured.
FIRST = AlbumPlan(name="photos", title="Photos")


class AlbumOptions(BaseModel):
    """The keys of an album."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: str = Field("", max_length=120, description="What people read; without it, the name made readable.")
    approve: bool = Field(False, description="Photos wait until somebody with an account approves them.")
    quota: SizeOrNone = Field(0, description="Most that all photos of the album may take up; empty or 0: no limit.")
    public: bool = Field(False, description="Anyone who reaches the hub may look at this album, without a log-in.")


@dataclass(frozen=True, slots=True)
class AlbumSettings:
    """One album as configured. `quota` is in bytes, 0: no limit."""

    name: str
    title: str
    approve: bool = False
    quota: int = 0
    public: bool = False

    def plan(self) -> AlbumPlan:
        """What the archive needs."""
        return AlbumPlan(name=self.name, title=self.title, approve=self.approve, quota=self.quota, public=self.public)


def album_settings(
    name: str, table: dict[str, Any], raw: Mapping[str, Any], title: str, problems: Problems
) -> AlbumSettings | None:
    """One album from its expanded table, `title` if it has none of its own; None when a problem was found."""
    options = checked(AlbumOptions, table, raw, f"albums.{name}", problems)
    if options is None:
        return None
    return AlbumSettings(name, options.title or title, options.approve, options.quota, options.public)


def album_plans(albums: Iterable[AlbumSettings], cameras: Iterable[CameraSettings]) -> tuple[AlbumPlan, ...]:
    """The configured albums, or the one there is without any; then one for each camera that has none among them."""
    of_cameras = {camera.name: AlbumPlan(name=camera.name, title=camera.title) for camera in cameras}
    # A camera called “photos” shares its album with the photos that are sent; somebody may have given it a title.
    configured = [album.plan() for album in albums] or [of_cameras.get(FIRST.name, FIRST)]
    there = {plan.name for plan in configured}
    return (*configured, *(plan for name, plan in of_cameras.items() if name not in there))
