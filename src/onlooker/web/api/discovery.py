"""Finding, trying, adding and removing cameras in the API; for people with an account, so nothing here is a guest's."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Container
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import JSONResponse, Response

from onlooker.clock import Clock
from onlooker.devices import Details
from onlooker.discovery import probing
from onlooker.discovery.found import plain
from onlooker.discovery.naming import name_of, title_of
from onlooker.discovery.proposal import Book, Proposal
from onlooker.discovery.search import Search, Searched
from onlooker.errors import MalformedInput, NotWritable, PasswordNeeded, TooMany, UnfitCamera
from onlooker.formats.urls import redacted
from onlooker.live.hub import Hub
from onlooker.web.problems import described, problem

MEASURE = 1.0  # seconds: somebody waits for the picture
PATIENCE = 8.0  # seconds
PREVIEW_WIDTH = 960
MOST_PROBES = 4
_APPLIED_WITHIN = 8.0  # seconds: the configuration is looked at every second, and a save settles first
_LOOK_EVERY = 0.1

_OPTIONS: Any = Field(default_factory=dict, max_length=32, description="Options of its kind, as in the configuration.")
_SOURCE = Field(min_length=1, max_length=2048, description="Where its pictures come from: a URL like those in `found`.")
_USER = Field("", max_length=256, description="The camera's user; empty: the one in `source`, if any.")
_PASSWORD = Field(SecretStr(""), max_length=256, description="The user's password. No answer ever holds it.")


class Thing(BaseModel):
    """Something that the search found."""

    kind: Literal["onvif", "osc", "usb", "hub"] = Field(description="What it is; a `hub` is another Onlooker.")
    url: str = Field(description="What `source` takes, without a password; of a hub its page.")
    title: str = Field(description="What it calls itself.")
    model: str = Field(description="Its model, if it says so.")
    address: str = Field(description="Where it is.")
    added: str = Field(description="The name of the camera of this hub that is there already; empty: none.")


class Searching(BaseModel):
    """How far the search is."""

    number: int = Field(description="Counts the searches of this hub; 0: there was none yet.")
    running: bool = Field(description="Whether more may still be found.")
    writable: bool = Field(description="Whether this hub may add what was found to its configuration.")
    found: list[Thing] = Field(description="What was found, in the order in which it answered.")
    problems: list[str] = Field(description="Sentences about ways to search that do not work here.")


class Described(BaseModel):
    """A camera, as the configuration would have it."""

    model_config = ConfigDict(extra="forbid")
    source: str = _SOURCE
    user: str = _USER
    password: SecretStr = _PASSWORD
    options: dict[str, str] = _OPTIONS


class Trial(Described):
    """A camera to try."""

    said: str = Field("", max_length=256, description="What it called itself in a search: a hint for its title.")


class Tried(BaseModel):
    """What a camera gave."""

    kind: str = Field(description="The kind of source, like `rtsp`.")
    source: str = Field(description="Its URL without user and password.")
    needs_password: bool = Field(description="It wants a user and a password, or others than these.")
    reason: str = Field(description="What it said to that, as a sentence; else empty.")
    codec: str = Field(description="What it sends: `mjpeg`, `h264` …; empty where somebody has to send first.")
    width: int = Field(description="Pixels.")
    height: int = Field(description="Pixels.")
    frame_rate: float = Field(description="Frames a second.")
    picture: str = Field(description="A picture of it as a `data:` URL, made smaller; empty where there is none.")
    title: str = Field(description="A title that would suit it.")
    name: str = Field(description="A name that would suit it, and is free.")


class Wanted(Described):
    """A camera to add."""

    name: str = Field(min_length=1, max_length=63, description="Its name in URLs: lower-case letters, digits, - and _.")
    title: str = Field("", max_length=120, description="What people read; empty: the name made readable.")


class Added(BaseModel):
    """Where the new camera is."""

    name: str = Field(description="Its name.")
    page: str = Field(description="Its page, a path on this hub.")
    ready: bool = Field(description="Whether it is there already; false: within seconds.")


def router(search: Search, book: Book, hub: Hub, clock: Clock) -> APIRouter:
    """/api/v1/discovery, /api/v1/probe, and what adds and removes a camera."""
    routes = APIRouter(prefix="/api/v1", tags=["adding cameras"])
    probes = asyncio.Semaphore(MOST_PROBES)
    by_hand = described("The hub may not change its configuration; `by_hand` is what to change in it.")
    unfit = described("It would not work as it is described.")

    async def applied(name: str, there: bool) -> bool:
        """Whether the hub has taken over the change of its configuration, which this waits for a while."""
        end = clock.monotonic() + _APPLIED_WITHIN
        while (name in hub.cameras) != there and clock.monotonic() < end:
            await clock.sleep(_LOOK_EVERY)
        return (name in hub.cameras) == there

    @routes.post("/discovery", summary="Search for cameras", status_code=202)
    async def start() -> Searching:
        """Starts a search of the network and this computer, unless one is running; ask `GET` for what it finds."""
        return await asyncio.to_thread(_searching, search.start(), book)

    @routes.get("/discovery", summary="What the search found")
    async def state() -> Searching:
        """What the running or the last search found so far."""
        return await asyncio.to_thread(_searching, search.state, book)

    @routes.post(
        "/probe",
        summary="Try a camera",
        responses={422: unfit, 503: described("It gives no picture, or too many are being tried.")},
    )
    async def probe(trial: Trial) -> Tried:
        """Connects once, measures for a second and takes a picture; changes nothing."""
        if probes.locked():
            raise TooMany("As many cameras are being tried as the hub does at once. Try again in a moment.")
        async with probes:
            return await _tried(_proposal(trial), trial.said, book, hub.cameras, clock)

    @routes.post(
        "/cameras",
        summary="Add a camera",
        status_code=201,
        response_model=Added,
        responses={409: by_hand, 422: unfit},
    )
    async def add(request: Request, wanted: Wanted) -> Response:
        """Writes it to the configuration, its password apart in `.env`, and answers once the hub has it."""
        if wanted.name in hub.cameras:
            raise UnfitCamera(f"There is a camera named “{wanted.name}” already. Choose another name.")
        try:
            await asyncio.to_thread(book.add, wanted.name, wanted.title.strip(), _proposal(wanted))
        except NotWritable as error:
            return problem(409, str(error), by_hand=error.by_hand)
        page = f"{request.scope['root_path']}/cameras/{quote(wanted.name, safe='')}"
        told = Added(name=wanted.name, page=page, ready=await applied(wanted.name, there=True))
        return JSONResponse(told.model_dump(), 201, {"Location": page})

    @routes.delete(
        "/cameras/{name}",
        summary="Remove a camera",
        status_code=204,
        responses={404: described("There is no such camera."), 409: by_hand},
    )
    async def remove(name: Annotated[str, Path(description="The camera's name.")]) -> Response:
        """Takes it out of the configuration, and its password out of `.env`; its photos stay."""
        hub.camera(name)
        try:
            await asyncio.to_thread(book.remove, name)
        except NotWritable as error:
            return problem(409, str(error), by_hand=error.by_hand)
        await applied(name, there=False)
        return Response(status_code=204)

    return routes


def _searching(state: Searched, book: Book) -> Searching:
    return Searching(
        number=state.number,
        running=state.running,
        writable=book.writable(),
        found=[
            Thing(
                kind=one.kind,
                url=one.url,
                title=one.title,
                model=one.model,
                address=one.address,
                added="" if one.kind == "hub" else book.added(one.url),
            )
            for one in state.found
        ],
        problems=list(state.problems),
    )


def _proposal(trial: Described) -> Proposal:
    return Proposal(trial.source, trial.user, trial.password.get_secret_value(), trial.options)


async def _tried(proposal: Proposal, said: str, book: Book, taken: Container[str], clock: Clock) -> Tried:
    # Building one may import what its kind needs, and look at a file.
    tried = await asyncio.to_thread(book.check, proposal)
    reason, details, small = "", None, b""
    finding = probing.Finding(tried.kind, "", 0, 0, 0.0, 0.0, 0.0)
    try:
        finding, picture = await probing.probe(
            tried.kind, tried.made, clock, patience=PATIENCE, want_picture=True, measure=MEASURE
        )
        small = await asyncio.to_thread(_smaller, picture)
        details = await probing.about(tried.made)
    except PasswordNeeded as error:
        reason = str(error)
    title = plain(title_of(proposal.bare, said, *_said(details)))
    return Tried(
        kind=tried.kind,
        source=redacted(proposal.bare),
        needs_password=bool(reason),
        reason=reason,
        codec=finding.codec,
        width=finding.width,
        height=finding.height,
        frame_rate=finding.frame_rate,
        picture=f"data:image/jpeg;base64,{base64.b64encode(small).decode()}" if small else "",
        title=title,
        name=name_of(title, taken),
    )


def _smaller(picture: bytes) -> bytes:
    try:
        return probing.preview(picture, PREVIEW_WIDTH)
    except MalformedInput:
        return b""


def _said(details: Details | None) -> tuple[str, ...]:
    if details is None:
        return ()
    named = details.model.lower().startswith(details.maker.lower())
    return (details.model if named else f"{details.maker} {details.model}",)
