"""The albums in the API: what there is, how full, who watches, what happened; and the hub's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from onlooker.archive.albums import Album
from onlooker.archive.archive import Archive
from onlooker.clock import Clock
from onlooker.db import log as event_log
from onlooker.db import photos
from onlooker.events import wire
from onlooker.events.wire import Position
from onlooker.web import guests
from onlooker.web.gate import visitor_of
from onlooker.web.problems import described, problem

Name = Annotated[str, Path(description="The album's name.")]
MOST_EVENTS = 1000
# For albums that are open to everybody. Short: what is hidden should be gone soon, and who has an answer of this age
# goes on from the position in it.
_CACHED = "public, max-age=10, stale-while-revalidate=60"


class Links(BaseModel):
    """Where an album is; paths on this hub, with its prefix."""

    page: str = Field(description="The page of this album, for people.")
    show: str = Field(description="The screen for an event: full screen, new photos at once.")
    snap: str = Field(description="The page that shoots and sends photos.")
    events: str = Field(description="What happens in it, as Server-Sent Events.")
    zip: str = Field(description="All of its originals in one file.")


class May(BaseModel):
    """What the visitor who asks may do."""

    upload: bool = Field(description="Add photos.")
    edit: bool = Field(description="Caption, approve, hide and delete photos.")


class AlbumFacts(BaseModel):
    """An album at this moment."""

    name: str = Field(description="The album's name in URLs and in the configuration.")
    title: str = Field(description="The album's name for people.")
    approve: bool = Field(description="Whether photos wait until a user approves them.")
    public: bool = Field(description="Whether anybody may look, without a log-in.")
    photos: int = Field(description="How many photos are shown.")
    size: int = Field(description="Bytes of all of its photos, the hidden and deleted ones included.")
    watching: int = Field(description="How many viewers there are now.")
    position: str = Field(description="Behind its newest event: `<epoch>.<seq>`.")
    may: May
    links: Links


class Albums(BaseModel):
    """Every album, in the order of the configuration."""

    albums: list[AlbumFacts]


class Day(BaseModel):
    """A day on which photos arrived."""

    day: str = Field(description="The date, `YYYY-MM-DD`, in the time zone that was asked for.")
    photos: int = Field(description="How many are shown.")
    order: int = Field(description="`order` of its newest photo; one more, as `before`, lists from there.")


class Days(BaseModel):
    """Every day with photos, newest first."""

    days: list[Day]


class EventFacts(BaseModel):
    """One event."""

    id: str = Field(description="`<epoch>.<seq>`")
    event: str = Field(description="`complete`, `updated`, `hidden`, `deleted` or `waiting`.")
    data: dict[str, Any] = Field(description="The photo, or what tells which one.")


class Events(BaseModel):
    """What happened behind a position, in order."""

    position: str = Field(description="Behind the last of these events: where to go on.")
    events: list[EventFacts]
    more: bool = Field(description="Whether there are more right now.")


class Now(BaseModel):
    """The hub's clock."""

    now: datetime = Field(description="Pages compare it with their own, to show photos at the same instant.")


def router(archive: Archive, clock: Clock) -> APIRouter:
    """/api/v1/albums, each album under it, and /api/v1/clock."""
    routes = APIRouter(prefix="/api/v1", tags=["albums"])
    unknown: dict[int | str, dict[str, Any]] = {404: described("There is no such album.")}

    @routes.get("/albums", summary="Every album")
    async def every_album(request: Request) -> Albums:
        """All albums, in the order of the configuration."""
        return Albums(albums=[_facts(album, request) for album in archive.albums.values()])

    @routes.get("/albums/{album}", summary="One album", responses=unknown)
    async def one_album(request: Request, album: Name) -> AlbumFacts:
        """One album, and what the visitor may do with it."""
        return _facts(archive.album(album), request)

    @routes.get("/albums/{album}/days", summary="The days with photos", responses=unknown)
    async def days(
        album: Name,
        offset: Annotated[
            int, Query(ge=-840, le=840, description="Minutes east of UTC, to know when a day begins")
        ] = 0,
    ) -> Days:
        """How many photos were first shown on which day, newest first."""
        found_in = archive.album(album)
        found = await archive.database.read(lambda connection: photos.days(connection, found_in.id, offset))
        return Days(
            days=[
                Day(day=wire.instant(one.start + offset * 60_000_000)[:10], photos=one.photos, order=one.place)
                for one in found
            ]
        )

    @routes.get(
        "/albums/{album}/events",
        summary="What happened",
        response_model=Events,
        responses={**unknown, 410: described("What happened behind this position is no longer known: list anew.")},
    )
    async def happened(
        request: Request,
        album: Name,
        after: Annotated[str, Query(max_length=64, description="A position; empty: from the oldest on")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = 500,
    ) -> Response:
        """The events behind a position, in order; caches may keep the answer for a while."""
        feed = archive.album(album).feed
        position = Position.parsed(after) if after else Position(feed.epoch, feed.oldest - 1)
        if position is None or not feed.reaches(position):
            return _out_of_reach(feed.position)
        told = feed.since(position.seq, limit)
        if told is None:
            album_id = archive.album(album).id
            events = await archive.database.read(
                lambda connection: event_log.after(connection, album_id, position.seq, limit)
            )
            told = [wire.told(event, feed.epoch, request.scope["root_path"]) for event in events]
            if told and told[0].seq != position.seq + 1:  # forgotten in this moment
                return _out_of_reach(feed.position)
        last = Position(feed.epoch, told[-1].seq if told else position.seq)
        headers = {
            "Cache-Control": _CACHED if archive.album(album).plan.public else "private, no-cache",
            "ETag": f'"{feed.epoch}:{position.seq}:{last.seq}"',
        }
        if request.headers.get("if-none-match") == headers["ETag"] and not told:
            return Response(status_code=304, headers=headers)
        inner = ",".join(
            f'{{"id":"{feed.epoch}.{event.seq}","event":"{event.kind}","data":{event.data}}}' for event in told
        )
        more = "true" if last.seq < feed.last_seq else "false"
        body = f'{{"position":"{last}","events":[{inner}],"more":{more}}}'
        return Response(body, media_type="application/json", headers=headers)

    @routes.get("/clock", summary="The hub's clock")
    async def now() -> JSONResponse:
        """The time of the hub, to the microsecond."""
        return JSONResponse(
            {"now": wire.instant(round(clock.now() * 1_000_000))}, headers={"Cache-Control": "no-store"}
        )

    return routes


def _out_of_reach(position: Position) -> Response:
    return problem(
        410,
        "What happened behind this position is not known here any more. List the photos anew, and go on from the "
        "position that comes with the list.",
        reset=True,
        position=str(position),
    )


def _facts(album: Album, request: Request) -> AlbumFacts:
    visitor = visitor_of(request.scope)
    place = f"{request.scope['root_path']}/albums/{quote(album.name, safe='')}"
    return AlbumFacts(
        name=album.name,
        title=album.plan.title,
        approve=album.plan.approve,
        public=album.plan.public,
        photos=album.shown,
        size=album.size,
        watching=album.feed.watching,
        position=str(album.feed.position),
        may=May(upload=guests.may_upload(visitor, album.name), edit=guests.may_edit(visitor, album.name)),
        links=Links(
            page=place,
            show=f"{place}/show",
            snap=f"{place}/snap",
            events=f"{place}/events",
            zip=f"{place}/all.zip",
        ),
    )
