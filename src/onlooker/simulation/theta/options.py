"""What can be looked at and set: a model's options, the values each takes, and what it says of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onlooker.simulation.theta.models import Model, Traits
from onlooker.simulation.theta.protocol import Check, Code, OscError, is_object, is_text, one_of

NEVER = 65535  # seconds, of the two delays
_SUPPORT = "Support"
_DATE = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d")


@dataclass(slots=True)
class Setting:
    """One option. `support` is what the camera says it takes, None if it says nothing; without `fits` it stays."""

    value: Any
    support: Any = None
    fits: Check | None = None


class Options:
    """Those of one camera."""

    def __init__(self, traits: Traits) -> None:
        self._settings = _settings(traits)

    def __getitem__(self, name: str) -> Any:
        return self._settings[name].value

    def get(self, names: list[str], counted: Mapping[str, Any]) -> dict[str, Any]:
        """The values by name; `counted` has those that nobody sets. OscError for a name there is not."""
        return {name: self._value(name, counted) for name in names}

    def set(self, changes: Mapping[str, Any]) -> None:
        """All of them or, with an OscError, none."""
        for name, value in changes.items():
            setting = self._settings.get(name)
            if setting is None or setting.fits is None:
                raise OscError(Code.WRONG_NAME, f"{name} is not an option that can be set.")
            if not setting.fits(value):
                raise OscError(Code.WRONG_VALUE, f"{name} does not take this value.")
        for name, value in changes.items():
            self._settings[name].value = value

    def _value(self, name: str, counted: Mapping[str, Any]) -> Any:
        if name in counted:
            return counted[name]
        if name in self._settings and name != "_password":
            return self._settings[name].value
        setting = self._settings.get(name.removesuffix(_SUPPORT)) if name.endswith(_SUPPORT) else None
        if setting is None or setting.support is None:
            raise OscError(Code.WRONG_NAME, f"{name} is not an option.")
        return setting.support


def _settings(traits: Traits) -> dict[str, Setting]:
    small = traits.model in (Model.S, Model.SC2)
    previews = [one.as_json() for one in traits.previews]
    still = {"type": "jpeg", "width": traits.still[0], "height": traits.still[1]}
    compensations = [-2.0, -1.7, -1.3, -1.0, -0.7, -0.3, 0.0, 0.3, 0.7, 1.0, 1.3, 1.7, 2.0]
    settings = {
        "captureMode": _choice("image", "video"),
        "exposureProgram": _choice(2, 1, 4, 9),
        "iso": _choice(0, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600),
        "shutterSpeed": Setting(
            0, [0, 0.001, 0.002, 0.008, 0.0166, 0.125], _near(0, 0.001, 0.002, 0.008, 0.0166, 0.125)
        ),
        "exposureCompensation": Setting(0.0, compensations, _near(*compensations)),
        "whiteBalance": _choice("auto", "daylight", "shade", "cloudy-daylight", "incandescent", "fluorescent"),
        "exposureDelay": _choice(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        "fileFormat": Setting(still, [still], one_of(still)),
        "previewFormat": Setting(traits.preview.as_json(), previews, one_of(*previews)),
        "sleepDelay": _delay(300, 30 if small else 60, 1800 if small else 65534),
        "offDelay": _delay(NEVER, 600 if traits.model is Model.X else 30 if small else 600, 1800 if small else 172800),
        "dateTimeZone": Setting(
            "2026:01:01 00:00:00+00:00", None, lambda value: is_text(value) and bool(_DATE.fullmatch(value))
        ),
        "gpsInfo": Setting({"lat": 65535, "lng": 65535}, None, is_object),
        "_shutterVolume": Setting(40, {"minShutterVolume": 0, "maxShutterVolume": 100}, _between(0, 100)),
        "_filter": _choice("off", "DR Comp", "Noise Reduction", "hdr"),
        "_language": _choice("en-US", "de", "fr", "it", "ja", "ko", "zh-CN", "zh-TW"),
        "clientVersion": Setting(traits.levels[0], list(traits.levels), one_of(*traits.levels)),
    }
    if traits.account:
        settings["_networkType"] = Setting("AP", ["AP", "CL", "OFF"], one_of("AP", "CL", "OFF"))
        settings["_username"] = Setting(traits.account, None, is_text)
        settings["_password"] = Setting("", None, lambda value: is_text(value) and 8 <= len(value) <= 63)
    if traits.model is Model.X:
        settings["_cameraPower"] = _choice("on", "off", "powerSaving", "silentMode")
        settings["_shootingMethod"] = _choice("normal", "interval", "moveInterval", "fixed", "bracket")
    return settings


def _choice(*values: object) -> Setting:
    """The first is what it is set to."""
    return Setting(values[0], list(values), one_of(*values))


def _delay(value: int, least: int, most: int) -> Setting:
    return Setting(value, [least, most, NEVER], lambda asked: asked == NEVER or _between(least, most)(asked))


def _between(least: int, most: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _near(*numbers: float) -> Check:
    """0 and 0.0 are the same here."""
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value in numbers
