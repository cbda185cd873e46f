"""OSC requests read strictly: what is wrong with one is an `OscError` with the camera's own code and status."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_BODY = 64 * 1024
CONTENT_TYPE = "application/json;charset=utf-8"

Parameters = Mapping[str, Any]
Check = Callable[[Any], bool]


class Code(StrEnum):
    """Why a camera did not do something."""

    UNKNOWN_COMMAND = "unknownCommand"
    DISABLED = "disabledCommand"
    MISSING = "missingParameter"
    WRONG_NAME = "invalidParameterName"
    WRONG_VALUE = "invalidParameterValue"
    TOO_MANY = "tooManyParameters"
    CORRUPTED = "corruptedFile"
    UNAVAILABLE = "serviceUnavailable"
    CANCELED = "canceledShooting"
    UNEXPECTED = "unexpected"
    NOT_FOUND = "notFound"
    WRONG_SESSION = "invalidSessionId"
    IN_USE = "cameraInExclusiveUse"


_STATUS = {
    Code.UNKNOWN_COMMAND: 400,
    Code.DISABLED: 403,
    Code.MISSING: 400,
    Code.WRONG_NAME: 400,
    Code.WRONG_VALUE: 400,
    Code.TOO_MANY: 403,
    Code.CORRUPTED: 403,
    Code.UNAVAILABLE: 503,
    Code.CANCELED: 403,
    Code.UNEXPECTED: 503,
    Code.NOT_FOUND: 404,
    Code.WRONG_SESSION: 403,
    Code.IN_USE: 400,
}


class OscError(Exception):
    """The camera refuses."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> int:
        """Of the HTTP answer."""
        return _STATUS[self.code]

    def as_json(self) -> dict[str, str]:
        return {"code": self.code.value, "message": str(self)}


@dataclass(frozen=True, slots=True)
class Shape:
    """The parameters that a command takes, each with what its value has to be."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check]

    def check(self, parameters: Parameters) -> None:
        """OscError for the first that is missing, unknown or of the wrong kind."""
        for name in self.required:
            if name not in parameters:
                raise OscError(Code.MISSING, f"{name} is missing.")
        for name, value in parameters.items():
            fits = self.required.get(name) or self.optional.get(name)
            if fits is None:
                raise OscError(Code.WRONG_NAME, f"{name} is not a parameter of this command.")
            if not fits(value):
                raise OscError(Code.WRONG_VALUE, f"{name} does not have a value that can be used.")


def body(content_type: str, data: bytes) -> dict[str, Any]:
    """The JSON object that was sent."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise OscError(Code.WRONG_VALUE, "The body has to be application/json.")
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError):
        raise OscError(Code.WRONG_VALUE, "The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise OscError(Code.WRONG_VALUE, "The body is not a JSON object.")
    return parsed


def command(content_type: str, data: bytes) -> tuple[str, Parameters]:
    """The command of an execute request and its parameters; none may be left out."""
    said = body(content_type, data)
    Shape({"name": is_text}, {"parameters": is_object}).check(said)
    return said["name"], said.get("parameters", {})


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


def one_of(*allowed: object) -> Check:
    """A check for one of these values; `True` is not 1."""
    return lambda value: any(type(value) is type(one) and value == one for one in allowed)
