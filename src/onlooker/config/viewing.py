"""Keeps how a camera is looked at, as somebody at its page asks for it; what the hub cannot change is said by hand."""

from __future__ import annotations

import logging
from pathlib import Path

from onlooker.config.editing import set_view
from onlooker.errors import ConfigError, NotWritable
from onlooker.media import Projection

log = logging.getLogger(__name__)


def keep_view(path: Path, name: str, projection: Projection | None, heading: float, pitch: float) -> None:
    """Write it to the file at `path`; blocks. NotWritable says what to write by hand, the log says why."""
    try:
        set_view(path, name, projection, heading, pitch)
    except (ConfigError, OSError) as error:
        log.error("%s cannot be changed: %s", path, error)
        said = f'projection = "{projection or "auto"}"', f"heading = {heading:g}", f"pitch = {pitch:g}"
        by_hand = "\n".join((f"[cameras.{name}]", *said))
        raise NotWritable(
            "The hub could not change its configuration; its log says why. Whoever runs it can write "
            f"{', '.join(said)} there, under [cameras.{name}].",
            by_hand,
        ) from None
    log.info("how it is looked at was changed", extra={"camera": name})
