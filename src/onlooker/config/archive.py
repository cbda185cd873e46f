"""`[archive]`: where photos lie, how large they may be, how long things are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from onlooker.archive.options import ArchiveOptions
from onlooker.config import file_template
from onlooker.config.amounts import Size, SomePixels, SomeSize, SomeSpan, Span


class ArchiveSettings(BaseModel):
    """The keys of `[archive]`; the defaults are those of `ArchiveOptions`, as people write them."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, validate_default=True)

    files: Annotated[str, AfterValidator(file_template.checked)] = Field(
        "{album}/%Y_%m_%d/%H_%M_%S",
        description="Where a photo lies in archive/ of the data folder: {album} and strftime's fields, no extension.",
    )
    # The defaults stand here as people write them, so that the schema shows them so; they are read like the rest.
    max_photo: Annotated[SomeSize, Field("100MB", description="Largest photo that is taken.")]
    max_pixels: Annotated[SomePixels, Field("64MP", description="Most pixels a photo may have; 64MP are 64 million.")]
    reserve: Annotated[Size, Field("500MB", description="Free space of the disk that photos leave alone.")]
    keep_deleted: Annotated[Span, Field("30d", description="How long a deleted photo can be brought back.")]
    keep_events: Annotated[
        SomeSpan, Field("90d", description="How long somebody may be away and still catch up without loading all anew.")
    ]
    keep_uploads: Annotated[SomeSpan, Field("7d", description="How long an unfinished upload can be resumed.")]

    def options(self, data: Path) -> ArchiveOptions:
        """What the archive needs; `data` is the hub's folder."""
        return ArchiveOptions(data=data, **self.model_dump())
