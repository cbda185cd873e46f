"""A kind of camera made for these tests, so that they do not depend on the options of real ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from types import ModuleType
from typing import Annotated, Literal

import pytest
from pydantic import Field

from onlooker import sources
from onlooker.clock import Clock
from onlooker.config import json_schema
from onlooker.errors import ConfigError
from onlooker.media import Frame, Media


class Lamp:
    """A lamp.

    Options:
        transport: how the light travels, "tcp" or
            "udp".
        width: pixels across.
        bright (bool) — whether it shines.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: Literal["tcp", "udp"] = "tcp",
        width: Annotated[int, Field(ge=1, le=4096)] = 640,
        bright: bool = True,
        wait: float | None = None,
        password: str = "",
    ) -> None:
        if url == "lamp:broken":
            raise ConfigError("a lamp is not “broken”. Write lamp:NAME")
        self.options = (transport, width, bright, wait, password)

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        yield Frame(b"", clock.now())


@pytest.fixture(autouse=True)
def lamp(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The kind `lamp`, the only one there is."""
    module = ModuleType("onlooker.sources.lamp")
    module.SCHEMES = ("lamp", "lantern")  # type: ignore[attr-defined]
    module.Source = Lamp  # type: ignore[attr-defined]
    for place in (sources, json_schema):
        monkeypatch.setattr(place, "kinds", lambda: {"lamp": module, "lantern": module})
    return module
