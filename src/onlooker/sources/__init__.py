"""Sources: one file per kind of camera.

A kind is a module here with two names:

- `SCHEMES`: the URL schemes it takes, e.g. `("rtsp", "rtsps")`;
- `Source`: a class built with the camera's URL and keyword-only options. Those keyword-only arguments, with their
  types, defaults and the lines of the class docstring's "Options:" section, *are* the options of the kind in
  `onlooker.toml`.

`Source(url, **options).run(clock)` is one async generator. It connects, yields `Media`, and ends with an error named
for what to do next (`SourceLost`, `SourceMissing`, `SourceRefused`); ending without an error means the same as
`SourceLost`. It runs once: trying again, back-off, stall detection and state belong to `live/camera.py`. Closing the
generator releases the device or the socket before `aclose()` returns. Credentials stand in the URL (`user:password@`)
and never in an error.

A kind whose cameras can do more than give pictures has a `Device` instead of a `Source` (`onlooker.devices`): built
alike, with the same meaning of its keyword-only arguments, but one object for as long as the camera is configured
alike; `Device(url, **options).source()` gives the source of one run. Building either does no I/O.

Kinds never import each other; what they share stands in `onlooker.readers`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from onlooker.clock import Clock
from onlooker.devices import Device
from onlooker.errors import ConfigError
from onlooker.media import Media


class Source(Protocol):
    """One connection to one camera."""

    def run(self, clock: Clock) -> AsyncGenerator[Media]:
        """Connect and yield until the connection ends; see the package's docstring."""


@cache
def kinds() -> dict[str, ModuleType]:
    """Every kind by the schemes it takes, in alphabetical order of their files."""
    found: dict[str, ModuleType] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{entry.name}")
        for scheme in module.SCHEMES:
            found[scheme] = module
    return found


def kind_of(url: str) -> ModuleType:
    """The module that takes this URL; ConfigError names the schemes there are."""
    scheme = url.partition(":")[0].lower()
    module = kinds().get(scheme)
    if module is None:
        allowed = ", ".join(f"{name}:" for name in sorted(kinds()))
        raise ConfigError(f"No kind of camera takes “{scheme}:”. A source starts with one of {allowed}")
    return module


def built_by(module: ModuleType) -> type:
    """The class of a kind that takes the URL and the options."""
    made: type = module.Device if hasattr(module, "Device") else module.Source
    return made


def make(url: str, options: Mapping[str, Any]) -> Device | Source:
    """The device of a camera, or the source of one run where the kind has no devices; ConfigError."""
    made: Device | Source = built_by(kind_of(url))(url, **options)
    return made


def source_of(made: Device | Source) -> Source:
    """The source of one run."""
    return made.source() if isinstance(made, Device) else made
