"""`[cameras.NAME]`: one camera; its kind's own options are keyword-only arguments of its `Source` or `Device`."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from onlooker.config.names import pretty
from onlooker.config.problems import Problems, checked, suggestion
from onlooker.errors import ConfigError, OnlookerError
from onlooker.media import Projection
from onlooker.sources import Source, built_by, kind_of, make, source_of

if TYPE_CHECKING:
    from onlooker.live.hub import CameraPlan

_OPTION_LINE = re.compile(r"^\s*[`*]*(?P<name>[a-z_][a-z0-9_]*)[`*]*(?:\s*\([^)]*\))?\s*[:–—-]\s+(?P<text>.+)$")


class CommonOptions(BaseModel):
    """The keys every camera has, whatever its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    source: str = Field(min_length=1, description="Where the pictures come from: a URL whose scheme names the kind.")
    title: str = Field("", max_length=120, description="What people read; without it, the name made readable.")
    sub: str = Field("", description="A smaller stream of the same camera, shown where its picture is seen small.")
    always_on: bool = Field(False, description="Stay connected even while nobody is watching.")
    idle_after: float = Field(10.0, ge=0, le=86400, description="Seconds after the last viewer until it is let go.")
    stall_after: float = Field(10.0, gt=0, le=86400, description="Seconds without a picture until it counts as lost.")
    projection: Literal["auto", "flat", "equirectangular", "dual-fisheye", "fisheye"] = Field(
        "auto", description="How its pictures are to be looked at; auto: as the camera says, else flat."
    )
    heading: float = Field(0.0, ge=-360, le=360, description="Degrees by which a 360° view is turned to the right.")
    pitch: float = Field(0.0, ge=-90, le=90, description="Degrees by which a 360° view is turned up.")


class SubUnfit(ConfigError):
    """The smaller stream is not one."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """One camera as configured; `source` may hold a password, so neither it nor the options are in the repr."""

    name: str
    title: str
    kind: str
    source: str = field(repr=False)
    sub: str = field(default="", repr=False)
    always_on: bool = False
    idle_after: float = 10.0
    stall_after: float = 10.0
    projection: Projection | None = None
    heading: float = 0.0
    pitch: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def make(self) -> Source:
        """A fresh, unconnected source."""
        return source_of(make(self.source, self.options))

    def plan(self) -> CameraPlan:
        """What the hub needs; two plans with equal fingerprints share a connection."""
        # Imported here: reading, checking and editing a configuration need not load the live side.
        from onlooker.live.hub import CameraPlan

        return CameraPlan(
            name=self.name,
            title=self.title,
            kind=self.kind,
            make=partial(make, self.source, self.options),
            small=partial(make, self.sub, self._sub_options()) if self.sub else None,
            always_on=self.always_on,
            idle_after=self.idle_after,
            stall_after=self.stall_after,
            projection=self.projection,
            heading=self.heading,
            pitch=self.pitch,
            fingerprint=self.fingerprint(),
        )

    def _sub_options(self) -> Mapping[str, Any]:
        """The camera's own options where its smaller stream is of the same kind."""
        return self.options if kind_of(self.sub) is kind_of(self.source) else {}

    def check(self) -> None:
        """Build what it is made of, and let go of it: what is wrong with it, said by whoever will use it."""
        make(self.source, self.options)
        if self.sub:
            try:
                make(self.sub, self._sub_options())
            except (OnlookerError, ValueError) as error:
                raise SubUnfit(str(error)) from None

    def fingerprint(self) -> str:
        """Changes with whatever needs a new connection; a digest, so that no password stands in it."""
        facts = [self.kind, self.source, self.sub, dict(self.options)]
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def kind_name(module: ModuleType) -> str:
    """The kind's word: the name of its file."""
    return module.__name__.rpartition(".")[2]


@cache
def options_model(module: ModuleType) -> type[CommonOptions]:
    """The model of a whole `[cameras.NAME]` table for this kind, made from the signature of what builds it."""
    builder = built_by(module)
    hints = get_type_hints(builder.__init__, include_extras=True)  # type: ignore[misc]  # a class, not an instance
    said = option_descriptions(builder)
    fields: dict[str, Any] = {}
    for name, argument in inspect.signature(builder).parameters.items():
        if argument.kind is inspect.Parameter.KEYWORD_ONLY:
            default = ... if argument.default is argument.empty else argument.default
            fields[name] = (hints[name], Field(default, description=said.get(name)))
    model: type[CommonOptions] = create_model(f"{kind_name(module)}_camera", __base__=CommonOptions, **fields)
    return model


def own_options(module: ModuleType) -> list[str]:
    """The names of the options this kind adds to the common ones."""
    return [name for name in options_model(module).model_fields if name not in CommonOptions.model_fields]


def option_descriptions(source: type) -> dict[str, str]:
    """What the “Options:” section of the docstring says about each option, continuation lines joined."""
    _, _, section = (inspect.getdoc(source) or "").partition("Options:")
    said: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if match := _OPTION_LINE.match(line):
            name = match["name"]
            said[name] = match["text"].strip()
        elif name and line.strip():
            said[name] += f" {line.strip()}"
        elif said:
            break
    return said


def camera_settings(name: str, table: dict[str, Any], raw: dict[str, Any], problems: Problems) -> CameraSettings | None:
    """One camera from its expanded table; None when something is wrong, which is then among the problems.

    `raw` is the table as written: only that is ever quoted in a problem, never the value of a variable.
    """
    key = f"cameras.{name}"
    found = len(problems.lines)
    module = _module_of(table.get("source"), key, problems)
    model = options_model(module) if module else CommonOptions
    # Of a kind that is not known, neither are the options.
    values = table if module else {option: table[option] for option in table if option in model.model_fields}
    options = checked(model, values, raw, key, problems)
    if module is None or options is None or len(problems.lines) > found:
        return None
    settings = CameraSettings(
        name=name,
        title=options.title or pretty(name),
        kind=kind_name(module),
        source=options.source,
        sub=options.sub,
        always_on=options.always_on,
        idle_after=options.idle_after,
        stall_after=options.stall_after,
        projection=None if options.projection == "auto" else Projection(options.projection),
        heading=options.heading,
        pitch=options.pitch,
        options={option: getattr(options, option) for option in own_options(module)},
    )
    try:
        settings.check()
    except SubUnfit as error:
        problems.add(f"{key}.sub", str(error))
        return None
    except (OnlookerError, ValueError) as error:
        culprit = _culprit(settings, [name for name in settings.options if name in table])
        problems.add(f"{key}.{culprit}" if culprit else key, str(error).removeprefix(f"{culprit} "))
        return None
    return settings


def _culprit(settings: CameraSettings, given: list[str]) -> str:
    """Which key a source objects to: the URL, one option, or (empty) only all of them together."""
    trials: list[tuple[str, dict[str, Any]]] = [("source", {})]
    trials += [(name, {name: settings.options[name]}) for name in given]
    for name, options in trials:
        try:
            make(settings.source, options)
        except (OnlookerError, ValueError):
            return name
    return ""


def _module_of(source: object, key: str, problems: Problems) -> ModuleType | None:
    if not isinstance(source, str) or not source.strip():
        return None  # the model says what is wrong with it
    try:
        return kind_of(source.strip())
    except ConfigError as error:
        from onlooker.sources import kinds

        hint = suggestion(source.partition(":")[0], kinds())
        problems.add(f"{key}.source", str(error) + ("" if hint == "." else hint))
        return None
