"""Errors as problem+json (RFC 9457): every one a sentence for people, none with our insides."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from onlooker.errors import (
    BeyondLength,
    BrokenPhoto,
    CannotDo,
    ConfigError,
    DeviceAway,
    DeviceBusy,
    DeviceError,
    DeviceRefused,
    Interrupted,
    MalformedInput,
    NoPicture,
    NoSpace,
    NotWritable,
    OnlookerError,
    SourceError,
    StorageError,
    Superseded,
    TooLarge,
    TooMany,
    TooManyUploads,
    TooSlow,
    UnfitCamera,
    UnfitOption,
    UnknownAlbum,
    UnknownCamera,
    UnknownPhoto,
    UnknownUpload,
    UserError,
    WrongChecksum,
    WrongDigest,
    WrongOffset,
    WrongType,
)
from onlooker.web.throttle import TooManyTries

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
BUSY_RETRY_AFTER = 5  # seconds
# The first that fits, so the more special ones stand first.
_STATUS: tuple[tuple[type[OnlookerError], int], ...] = (
    (UnknownCamera, 404),
    (UnfitCamera, 422),
    (NotWritable, 409),
    (UnknownAlbum, 404),
    (UnknownPhoto, 404),
    (TooLarge, 413),
    (WrongType, 415),
    (BrokenPhoto, 422),
    (WrongDigest, 400),
    (NoSpace, 507),
    (StorageError, 503),
    (NoPicture, 503),
    (UnknownUpload, 404),
    (WrongOffset, 409),
    (Superseded, 409),
    (BeyondLength, 413),
    (WrongChecksum, 460),
    (TooSlow, 408),
    (Interrupted, 400),
    (TooManyTries, 429),
    (TooManyUploads, 429),
    (TooMany, 503),
    (MalformedInput, 400),
    (UserError, 409),
    (DeviceAway, 503),
    (DeviceBusy, 503),
    (DeviceRefused, 409),
    (UnfitOption, 422),
    (CannotDo, 404),
    (DeviceError, 502),
    (SourceError, 503),
    (ConfigError, 503),
)


class Problem(BaseModel):
    """A problem as RFC 9457 has it."""

    type: str = Field("about:blank", description="Always about:blank: the status says what kind it is.")
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, to which camera, and what to do next.")


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem+json response; `more` are members of its own."""
    content = Problem(type="about:blank", title=_phrase(status), status=status, detail=detail).model_dump()
    return JSONResponse({**content, **more}, status, dict(headers or {}), MEDIA_TYPE)


def problem_of(error: OnlookerError) -> JSONResponse:
    """The response that an error of ours becomes."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    headers = {}
    if isinstance(error, NoPicture | TooManyTries | DeviceBusy):
        headers["Retry-After"] = str(error.retry_after)
    elif status in (429, 503):
        headers["Retry-After"] = str(BUSY_RETRY_AFTER)
    if isinstance(error, ConfigError):  # names files of this machine: for its log, not for the network
        return problem(status, "The hub's own files need its owner; its log says what to do.", headers=headers)
    if status == 500:
        return problem(500, "The hub could not do this; its log says why.")
    code = {"code": error.code} if isinstance(error, DeviceError) and error.code else {}
    return problem(status, str(error), headers=headers, **code)


def _phrase(status: int) -> str:
    return "Checksum Mismatch" if status == 460 else HTTPStatus(status).phrase  # tus has a status of its own


def described(when: str) -> dict[str, Any]:
    """A problem as an answer in the OpenAPI description."""
    return {"description": when, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}


def install(app: FastAPI) -> None:
    """Let every error of the application answer this way; before its routers are included."""
    app.router.responses = {
        **app.router.responses,
        401: described("No credentials, or wrong ones."),
        422: described("A value does not fit; `errors` says which."),
    }
    app.add_exception_handler(OnlookerError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, OnlookerError)
    if isinstance(error, ConfigError):
        log.error("%s", error)
    return problem_of(error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"There is nothing at {request.url.path} on this hub."
    elif error.status_code == 405 and detail == HTTPStatus.METHOD_NOT_ALLOWED.phrase:
        detail = f"{request.method} is not possible at {request.url.path}."
    return problem(error.status_code, detail, headers=error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Without pydantic's `input`: what was sent may hold a password.
    errors = [{"where": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in error.errors()]
    told = "; ".join(f"{one['where']}: {one['problem']}" for one in errors)
    return problem(422, f"The request has values that do not fit: {told}.", errors=errors)


async def _unexpected(request: Request, error: Exception) -> Response:
    # The server logs the traceback; this line says to which request it belongs.
    log.error("%s %s failed unexpectedly (%s)", request.method, request.url.path, type(error).__name__)
    return problem(500, "Something unexpected went wrong here; the hub's log says what.")
