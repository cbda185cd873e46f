"""What an OSC camera answers when it does not do something, as errors named for what to do next."""

from __future__ import annotations

from collections.abc import Iterable

from onlooker.errors import (
    CannotDo,
    DeviceAway,
    DeviceBusy,
    DeviceError,
    DeviceRefused,
    OnlookerError,
    PasswordNeeded,
    SourceError,
    SourceLost,
    SourceMissing,
    SourceRefused,
    UnfitOption,
)
from onlooker.formats.osc import Fault

LOGIN = "unauthorized"
"""The code of a refused log-in."""

CANCELLED = "canceledShooting"
SESSION_OVER = "invalidSessionId"
UNKNOWN_COMMAND = "unknownCommand"
DISABLED = "disabledCommand"
NAME, VALUE = "invalidParameterName", "invalidParameterValue"

_BUSY = {
    DISABLED: "cannot do this now: it is busy, or in another mode",
    "serviceUnavailable": "is busy",
    "unexpected": "is busy",
    "cameraInExclusiveUse": "is used by another program at the moment",
}
_REFUSED = {
    CANCELLED: "has cancelled the picture: somebody stopped it at the camera",
    "canceledConversion": "has cancelled the conversion",
    "unactivated": "has not been activated yet: do that once in its maker's app",
}
_UNFIT = frozenset((NAME, VALUE, "missingParameter", "tooManyParameters"))
_MISSING = {
    UNKNOWN_COMMAND: "does not know this command",
    "notFound": "has no such file",
    "invalidFileUri": "has no such file",
    "corruptedFile": "has stored this file damaged",
    "invalidFileFormat": "has stored this in a form that it cannot hand out",
}

# Why it may not take pictures; https://docs-theta-api.ricoh360.com has more, which are shown as they are written.
_PROBLEMS = {
    "NO_MEMORY": "Its storage is full.",
    "FILE_NUMBER_OVER": "It cannot number more files. Delete some, or format its storage.",
    "NO_DATE_SETTING": "Its clock is not set.",
    "HIGH_TEMPERATURE": "It is too hot. Let it cool down.",
    "HIGH_TEMPERATURE_WARNING": "It is getting hot.",
    "BATTERY_HIGH_TEMPERATURE": "Its battery is too hot. Let it cool down.",
    "CAPTURE_HW_FAILED": "Its hardware failed while it took a picture. Switch it off and on.",
    "COMPASS_CALIBRATION": "Its compass needs calibrating.",
    "ELECTRONIC_COMPASS_CALIBRATION": "Its compass needs calibrating.",
}
_WARNINGS = frozenset(
    ("NO_DATE_SETTING", "HIGH_TEMPERATURE_WARNING", "COMPASS_CALIBRATION", "ELECTRONIC_COMPASS_CALIBRATION")
)


def named(fault: Fault, status: int, camera: str) -> DeviceError:
    """The error for a camera's own code, else for its HTTP status."""
    code = fault.code
    said = f" It says “{fault.message.rstrip('. ')}”." if fault.message else ""
    if code in _BUSY:
        return DeviceBusy(f"{camera} {_BUSY[code]}.{said} Try again in a moment.", code)
    if code in _REFUSED:
        return DeviceRefused(f"{camera} {_REFUSED[code]}.", code)
    if code in _MISSING:
        return CannotDo(f"{camera} {_MISSING[code]}.", code)
    if code in _UNFIT:
        return UnfitOption(f"{camera} does not take this ({code}).{said}", code)
    if code == "powerOffSequenceRunning":
        return DeviceAway(f"{camera} is switching itself off.", code)
    if status == 503:
        return DeviceBusy(f"{camera} is busy ({code}).{said} Try again in a moment.", code)
    return DeviceError(f"{camera} could not do this ({code}).{said} Try again, or switch it off and on.", code)


def unexplained(status: int, camera: str) -> DeviceError:
    """The error for an HTTP status without an answer in OSC's form."""
    if status == 401:
        return DeviceRefused(f"{camera} refuses the user name or password. Correct them in its source URL.", LOGIN)
    if status in (403, 408, 425, 429, 503):  # a plain 403 comes right after a picture was taken
        return DeviceBusy(f"{camera} is busy ({status}). Try again in a moment.", str(status))
    if status in (404, 410):
        return CannotDo(f"{camera} has nothing at this path ({status}).", str(status))
    if 300 <= status < 400:
        return DeviceError(f"{camera} redirects elsewhere, which no OSC camera does. Check its address.", str(status))
    return DeviceError(f"{camera} answers with status {status}, which says nothing of why.", str(status))


def as_device(error: SourceError) -> DeviceError:
    """What went wrong on the way to the camera."""
    if isinstance(error, SourceLost):
        return DeviceAway(str(error))
    if isinstance(error, PasswordNeeded):
        return DeviceRefused(str(error), LOGIN)
    if isinstance(error, SourceMissing):
        return CannotDo(str(error))
    return DeviceError(str(error))


def as_source(error: OnlookerError) -> SourceError:
    """What a failed question means for a live picture."""
    if isinstance(error, DeviceRefused) and error.code == LOGIN:
        return PasswordNeeded(str(error))
    if isinstance(error, DeviceRefused | CannotDo | UnfitOption):
        return SourceRefused(str(error))
    return SourceLost(str(error))


def problem(code: str) -> str:
    """One of its `_cameraError`s as a sentence."""
    return _PROBLEMS.get(code) or f"It reports {code.lower().replace('_', ' ')}."


def hindrances(codes: Iterable[str]) -> list[str]:
    """Those of its `_cameraError`s for which it takes no pictures, as sentences."""
    return [problem(code) for code in codes if code not in _WARNINGS]
