"""The settings of an OSC camera: read with what each may be, and checked before they are changed.

What a camera takes is what it says itself in an option's “…Support”; no table of models is kept here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from onlooker.devices import Json, Option
from onlooker.errors import UnfitOption
from onlooker.formats import osc
from onlooker.readers import osc_errors
from onlooker.readers.osc import OscCamera

NAMES = (
    "captureMode",
    "previewFormat",
    "fileFormat",
    "exposureProgram",
    "exposureCompensation",
    "iso",
    "isoAutoHighLimit",
    "shutterSpeed",
    "aperture",
    "whiteBalance",
    "_colorTemperature",
    "_filter",
    "hdr",
    "exposureDelay",
    "_imageStitching",
    "photoStitching",
    "_topBottomCorrection",
    "_shutterVolume",
    "_powerSaving",
    "sleepDelay",
    "offDelay",
)
"""Those that are shown, in an order for people; others can be asked for and set by name."""

_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,60}")
_SECRET = re.compile(r"password|secret|token|passphrase", re.IGNORECASE)
_DELAYS = frozenset(("sleepDelay", "offDelay"))  # of which a list names the bounds, not each of the thousands
_OURS = frozenset(("clientVersion",))
_PREVIEW = "previewFormat"
_SUPPORT = "Support"
_SHOWN = 12  # choices that an error names


class OscOptions:
    """The settings of one camera; remembers which it has until `forget`."""

    def __init__(self, camera: OscCamera) -> None:
        self._camera = camera
        self._known: dict[str, bool] = {}

    def forget(self) -> None:
        """It is another camera."""
        self._known = {}

    async def shown(self) -> tuple[Option, ...]:
        """Those of `NAMES` that it has."""
        values = await self.read([*NAMES, *(name + _SUPPORT for name in NAMES)])
        return tuple(_option(name, values) for name in NAMES if name in values)

    async def one(self, name: str) -> Option:
        """One by name, with what it may be; UnfitOption."""
        self._check_name(name)
        values = await self.read([name, name + _SUPPORT])
        if name not in values:
            raise UnfitOption(f"{self._camera.name} has no option “{osc.text(name)}”.", osc_errors.NAME)
        return _option(name, values)

    async def value(self, name: str) -> Json:
        """One as the camera writes it; UnfitOption."""
        self._check_name(name.removesuffix(_SUPPORT))
        values = await self.read([name])
        if name not in values:
            raise UnfitOption(f"{self._camera.name} has no option “{osc.text(name)}”.", osc_errors.NAME)
        found: Json = values[name]
        return found

    async def set(self, name: str, value: Json) -> Option:
        """Change one and give it as it is then; UnfitOption says what is allowed."""
        before = await self.one(name)
        if name in _OURS:
            raise UnfitOption(
                f"“{name}” is how the hub talks to the camera; it is not changed by hand.", osc_errors.NAME
            )
        await self._camera.set_options({name: self.fitted(before, value)})
        return await self.one(name)

    async def read(self, names: list[str]) -> dict[str, Any]:
        """The values of those that it has: one question, or where it refuses that one for each, once."""
        wanted = [name for name in names if self._known.get(name, True)]
        if not wanted:
            return {}
        try:
            values = await self._camera.get_options(wanted)
        except UnfitOption:
            if len(wanted) == 1:
                self._known[wanted[0]] = False
                return {}
            return await self._read_each(wanted)
        return {name: value for name, value in values.items() if name in wanted}

    async def _read_each(self, names: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in names:
            try:
                values.update(await self._camera.get_options([name]))
                self._known[name] = True
            except UnfitOption:
                self._known[name] = False
        return {name: value for name, value in values.items() if name in names}

    def _check_name(self, name: str) -> None:
        if not _NAME.fullmatch(name) or name.endswith(_SUPPORT) or _SECRET.search(name):
            raise UnfitOption(f"“{osc.text(name)}” is not an option that can be looked at or set.", osc_errors.NAME)

    def fitted(self, option: Option, value: Json) -> Any:
        """The value as the camera takes it; UnfitOption says what is allowed."""
        name = option.name
        if name == _PREVIEW:
            return self._fit_preview(option, value)
        if option.choices is not None:
            for candidate in (value, _typed(value)):
                for choice in option.choices:
                    if _same(candidate, choice):
                        return choice
            raise UnfitOption(
                f"{name} cannot be {_written(value)}. It may be {_listed(option.choices)}.", osc_errors.VALUE
            )
        if isinstance(option.value, bool | int | float) and isinstance(value, str):
            value = _typed(value)
        bounds = (option.minimum, option.maximum)
        if bounds != (None, None):
            number = osc.number(value)
            low, high = option.minimum, option.maximum
            if number is None or (low is not None and number < low) or (high is not None and number > high):
                raise UnfitOption(
                    f"{name} cannot be {_written(value)}. It may be {_between(low, high)}.", osc_errors.VALUE
                )
        elif option.value is not None and not _alike(value, option.value):
            raise _unfit(name, value, f"It is {_written(option.value)} now, so write it alike.")
        return value

    def _fit_preview(self, option: Option, value: Json) -> dict[str, int]:
        asked = osc.preview_format(value)
        if asked is not None:
            for choice in option.choices or (asked.label,):
                known = osc.preview_format(choice)
                if known is not None and (known == asked or (asked.rate is None and _size(known) == _size(asked))):
                    return known.wire
        allowed = f"It may be {_listed(option.choices)}." if option.choices else "Write it as in “1024x512@30”."
        raise _unfit(option.name, value, allowed)


def _unfit(name: str, value: Json, allowed: str) -> UnfitOption:
    return UnfitOption(f"{name} cannot be {_written(value)}. {allowed}", osc_errors.VALUE)


def _option(name: str, values: Mapping[str, Any]) -> Option:
    value, support = values.get(name), values.get(name + _SUPPORT)
    if name == _PREVIEW:
        formats = [found for one in support if (found := osc.preview_format(one))] if isinstance(support, list) else []
        now = osc.preview_format(value)
        return Option(name, now.label if now else value, tuple(dict.fromkeys(f.label for f in formats)) or None)
    if isinstance(support, list) and support and name not in _DELAYS:
        return Option(name, value, tuple(support))
    low, high = _bounds(support)
    return Option(name, value, None, low, high)


def _bounds(support: object) -> tuple[float | None, float | None]:
    """The bounds in a Support like {"minShutterVolume": 0, "maxShutterVolume": 100}, or in a list of examples."""
    if isinstance(support, list):
        numbers = [number for one in support if (number := osc.number(one)) is not None]
        return (min(numbers), max(numbers)) if numbers else (None, None)
    if not isinstance(support, dict):
        return None, None
    low = [osc.number(value) for key, value in support.items() if key.lower().startswith("min")]
    high = [osc.number(value) for key, value in support.items() if key.lower().startswith("max")]
    return (low[0] if low else None), (high[0] if high else None)


def _typed(value: Json) -> Json:
    """What a text stands for when it was typed: “100” is a number, “true” is true."""
    if not isinstance(value, str):
        return value
    try:
        found: Json = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, bool | int | float) else value


def _same(one: Json, other: Json) -> bool:
    """Equal, and true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _alike(one: Json, other: Json) -> bool:
    numbers = (osc.number(one) is not None, osc.number(other) is not None)
    return all(numbers) if any(numbers) else type(one) is type(other)


def _size(one: osc.PreviewFormat) -> tuple[int, int]:
    return one.width, one.height


def _written(value: object) -> str:
    return osc.text(value if isinstance(value, str) else json.dumps(value))[:80] or "empty"


def _listed(choices: tuple[Json, ...] | None) -> str:
    words = [_written(choice) for choice in choices or ()]
    return ", ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")


def _between(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"{low:g} to {high:g}" if high is not None else f"{low:g} or more"
