"""What happened to a camera and what it noticed, in the API: the newest first to leaf through, or behind a position."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from onlooker.archive.camera_log import CameraLogs
from onlooker.events import camera_wire
from onlooker.events.feed import Feed
from onlooker.events.wire import Position
from onlooker.live.standing import KINDS
from onlooker.media import CameraEvent
from onlooker.web.gate import visitor_of
from onlooker.web.guests import is_guest
from onlooker.web.problems import described, problem

MOST_EVENTS = 500
MOST_KINDS = 20


class Beginning(BaseModel):
    """The event that began what this one ended."""

    id: str = Field(description="`<epoch>.<seq>`")
    at: datetime


class CameraEventFacts(BaseModel):
    """One event of a camera."""

    id: str = Field(description="`<epoch>.<seq>`")
    kind: str = Field(
        description="`lost`, `refused`, `back`: its pictures; `started`, `ended`: somebody who sends them; `motion`, "
        "`line`, `sound`, `input` or the camera's own word: what it noticed."
    )
    at: datetime = Field(description="When.")
    active: bool | None = Field(description="Whether it began or ended; null: it was over at once.")
    began: Beginning | None = Field(description="What this ended, if it did.")
    facts: dict[str, str] = Field(
        description="What there is to say: `reason`, the camera's own words; `ended_by`, where it is not known how "
        "long it took: `silence`, `restart` or `unwatched`."
    )


class CameraEvents(BaseModel):
    """What happened to a camera."""

    position: str = Field(description="Follow from here: `after` these events, or after all if they are the newest.")
    events: list[CameraEventFacts] = Field(description="Newest first; in order where `after` was asked for.")
    more: bool = Field(description="Whether there are more in this direction.")
    going_on: list[CameraEventFacts] = Field(description="What began and has not ended yet.")


def router(logs: CameraLogs) -> APIRouter:
    """/api/v1/cameras/{name}/events."""
    routes = APIRouter(prefix="/api/v1", tags=["cameras"])

    @routes.get(
        "/cameras/{name}/events",
        summary="What happened",
        response_model=CameraEvents,
        responses={
            400: described("`after` and `before` at once."),
            404: described("There is no such camera."),
            410: described("What happened behind this position is no longer known: list anew."),
        },
    )
    async def happened(
        request: Request,
        name: Annotated[str, Path(description="The camera's name.")],
        after: Annotated[str, Query(max_length=64, description="A position: what happened behind it, in order")] = "",
        before: Annotated[str, Query(max_length=64, description="The id of an event: what was before it")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 50,
        kinds: Annotated[str, Query(max_length=1000, description="Only these, separated by commas")] = "",
    ) -> CameraEvents | Response:
        """What happened to a camera. Guests learn what became of its pictures, not why, nor what it noticed."""
        if after and before:
            return problem(400, "`after` and `before` exclude each other: ask for one of them.")
        guest = is_guest(visitor_of(request.scope))
        chosen = _chosen(kinds, guest)
        feed = logs.log(name).feed
        position = _position(after or before, feed) if after or before else Position(feed.epoch, feed.last_seq + 1)
        if position is None or (after and not feed.reaches(position)):
            return _out_of_reach(feed.position)
        look = logs.after if after else logs.before
        page = await look(name, position.seq, limit, chosen)
        going_on = [event for event in logs.going_on(name) if chosen is None or event.kind in chosen]
        return CameraEvents(
            position=str(Position(feed.epoch, page.position)),
            events=[_facts(event, feed.epoch, guest) for event in page.events],
            more=page.more,
            going_on=[_facts(event, feed.epoch, guest) for event in going_on],
        )

    return routes


def _chosen(kinds: str, guest: bool) -> frozenset[str] | None:
    """The kinds that are asked for and may be known; None: all."""
    asked = frozenset(kind for kind in kinds.split(",")[:MOST_KINDS] if kind)
    if guest:
        return asked & KINDS if asked else KINDS
    return asked or None


def _position(text: str, feed: Feed) -> Position | None:
    position = Position.parsed(text)
    return position if position is not None and position.epoch == feed.epoch else None


def _out_of_reach(position: Position) -> Response:
    return problem(
        410,
        "What happened behind this position is not known here any more. List the newest anew, and go on from the "
        "position that comes with the list.",
        reset=True,
        position=str(position),
    )


def _facts(event: CameraEvent, epoch: str, guest: bool) -> CameraEventFacts:
    facts = CameraEventFacts.model_validate(camera_wire.event_json(event, epoch))
    return facts.model_copy(update={"facts": {}}) if guest else facts
