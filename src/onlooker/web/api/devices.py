"""What a camera can do besides giving pictures, in the API: say how it is, be set, take a picture, hand out, move."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from onlooker.archive.archive import Archive, Kept
from onlooker.archive.shooting import take_in
from onlooker.clock import Clock
from onlooker.devices import Adjustable, Card, Moving, Shooting
from onlooker.errors import CannotDo, DeviceAway, DeviceError, TooLarge
from onlooker.live.camera import Camera
from onlooker.live.hub import Hub
from onlooker.web.api.device_facts import (
    DeviceFacts,
    JobFacts,
    JobList,
    Movement,
    OptionFacts,
    Options,
    Presets,
    Stored,
    Wanted,
    details_json,
    device_place,
    file_id,
    job_json,
    option_json,
    stored_json,
)
from onlooker.web.device_jobs import Job, JobKind, Jobs, Step
from onlooker.web.gate import visitor_of
from onlooker.web.photo_bodies import body_of
from onlooker.web.problems import described

T = TypeVar("T")

PATIENCE = 60.0  # seconds for one answer; devices have shorter limits of their own
_LARGEST_BODY = 64 * 1024  # bytes
_LARGEST_THUMBNAIL = 4 << 20  # bytes

Name = Annotated[str, Path(description="The camera's name.")]
FileId = Annotated[str, Path(description="The file's id, as listed.", max_length=2048)]
JobId = Annotated[str, Path(description="The job's id.", max_length=64)]


def router(hub: Hub, archive: Archive, jobs: Jobs, clock: Clock) -> APIRouter:
    """/api/v1/cameras/{name}/device and what is below it; none of it for guests, which the gate sees to."""
    routes = APIRouter(
        prefix="/api/v1/cameras/{name}/device",
        tags=["devices"],
        responses={
            404: described("There is no such camera, or it has no such ability, file or place."),
            409: described("The camera refuses."),
            502: described("The camera answers with an error, or with what cannot be read."),
            503: described("The camera cannot be reached, sleeps, or is busy; try again after `Retry-After`."),
        },
    )

    @routes.get("", summary="How a camera is", response_model=DeviceFacts)
    async def details(name: Name) -> Response:
        """What it says of itself, and what it can do now."""
        device = hub.camera(name).device
        if device is None:
            raise CannotDo(f"{hub.camera(name).title} gives pictures and nothing else.")
        return _answer(details_json(await _in_time(device.details())))

    @routes.get("/options", summary="A camera's settings", response_model=Options)
    async def options(name: Name) -> Response:
        """All that can be looked at, with what they may be set to where the camera says it."""
        found = await _in_time(_adjustable(hub.camera(name)).options())
        return _answer({"options": [option_json(one) for one in found]})

    @routes.put(
        "/options/{option}",
        summary="Set one",
        response_model=OptionFacts,
        responses={422: described("The camera does not take this value; `detail` says which it takes.")},
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": Wanted.model_json_schema()}}}},
    )
    async def set_option(
        request: Request, name: Name, option: Annotated[str, Path(description="Its name.", max_length=200)]
    ) -> Response:
        """Set it to `value`, and give it as it is then."""
        device = _adjustable(hub.camera(name))
        wanted = await _wanted(request)
        return _answer(option_json(await _in_time(device.set_option(option, wanted))))

    @routes.post("/shoot", summary="Take a picture", response_model=JobFacts, status_code=202)
    async def shoot(request: Request, name: Name) -> Response:
        """Begin to take one in full resolution, and bring the original into the camera's album: a job."""
        camera = hub.camera(name)
        device = _shooting(camera)
        visitor = visitor_of(request.scope)
        album = archive.album(camera.name)

        async def work(job: Job) -> Kept:
            async with device.shoot(job.heard) as taken:
                job.enter(Step.FETCHING)
                return await take_in(archive, album, taken, job.heard, author=visitor.name if visitor else "")

        job = Job(camera.name, JobKind.SHOOT, clock.now())
        jobs.begin(job, work)
        return _begun(job, request)

    @routes.get("/files", summary="What a camera has stored", response_model=Stored)
    async def files(
        request: Request,
        name: Name,
        after: Annotated[str | None, Query(max_length=2048, description="A `next` of before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """Newest first, page by page."""
        page = await _in_time(_card(hub.camera(name)).files(after, limit))
        here = f"{device_place(_root(request), name)}/files"
        return JSONResponse(
            {"files": [stored_json(one, here) for one in page.files], "next": page.next, "total": page.total}
        )

    @routes.get(
        "/files/{file}/thumbnail",
        summary="A small picture of a stored file",
        response_class=Response,
        responses={200: {"description": "A JPEG.", "content": {"image/jpeg": {}}}},
    )
    async def thumbnail(name: Name, file: FileId) -> Response:
        """A JPEG, as the camera makes it."""
        small = await _in_time(_card(hub.camera(name)).thumbnail(file_id(file)))
        if len(small) > _LARGEST_THUMBNAIL or not small.startswith(b"\xff\xd8"):
            raise CannotDo("The camera has no small picture of this file.")
        return Response(small, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=300"})

    @routes.post("/files/{file}/fetch", summary="Fetch a stored file", response_model=JobFacts, status_code=202)
    async def fetch(request: Request, name: Name, file: FileId) -> Response:
        """Begin to bring the original into the camera's album: a job. What the album has already is not added again."""
        camera = hub.camera(name)
        device = _card(camera)
        wanted = file_id(file)
        album = archive.album(camera.name)

        async def work(job: Job) -> Kept:
            async with device.fetch(wanted) as taken:
                return await take_in(archive, album, taken, job.heard)

        job = Job(camera.name, JobKind.FETCH, clock.now(), file)
        jobs.begin(job, work)
        return _begun(job, request)

    @routes.get("/jobs", summary="Pictures on their way", response_model=JobList)
    async def all_jobs(request: Request, name: Name) -> Response:
        """The jobs of this camera that run, and the last ones that are over."""
        found = jobs.of_camera(hub.camera(name).name)
        return JSONResponse({"jobs": [job_json(one, _root(request)) for one in found]})

    @routes.get("/jobs/{job}", summary="One of them", response_model=JobFacts)
    async def onejob_json(request: Request, name: Name, job: JobId) -> Response:
        """How it stands."""
        return JSONResponse(job_json(jobs.job(hub.camera(name).name, job), _root(request)))

    @routes.delete("/jobs/{job}", summary="Stop it", response_model=JobFacts)
    async def stopjob_json(request: Request, name: Name, job: JobId) -> Response:
        """Nothing of what it was bringing is kept; one that is over stays as it is."""
        found = jobs.job(hub.camera(name).name, job)
        await jobs.stop(found)
        return JSONResponse(job_json(found, _root(request)))

    @routes.post("/move", summary="Move", status_code=204, response_class=Response)
    async def move(name: Name, movement: Movement) -> None:
        """Go on moving like this until `stop`, or for a second without another call."""
        device = _moving(hub.camera(name))
        await _in_time(device.move(movement.pan, movement.tilt, movement.zoom))

    @routes.post("/stop", summary="Stand still", status_code=204, response_class=Response)
    async def stop(name: Name) -> None:
        """Move no more."""
        await _in_time(_moving(hub.camera(name)).stop())

    @routes.get("/presets", summary="Places a camera remembers", response_model=Presets)
    async def presets(name: Name) -> Response:
        """The places it can look at by itself."""
        found = await _in_time(_moving(hub.camera(name)).presets())
        return JSONResponse({"presets": [{"id": one.id, "name": one.name} for one in found]})

    @routes.post(
        "/presets/{preset:path}", summary="Look at a remembered place", status_code=204, response_class=Response
    )
    async def go_to(
        name: Name, preset: Annotated[str, Path(description="The place's id, as listed.", max_length=200)]
    ) -> None:
        """Turn there."""
        await _in_time(_moving(hub.camera(name)).go_to(preset))

    @routes.post("/home", summary="Look where it looks by default", status_code=204, response_class=Response)
    async def home(name: Name) -> None:
        """Turn there."""
        await _in_time(_moving(hub.camera(name)).home())

    return routes


def _adjustable(camera: Camera) -> Adjustable:
    if isinstance(camera.device, Adjustable):
        return camera.device
    raise CannotDo(f"{camera.title} has no settings.")


def _shooting(camera: Camera) -> Shooting:
    if isinstance(camera.device, Shooting):
        return camera.device
    raise CannotDo(f"{camera.title} takes no pictures by itself. Its live picture is at still.jpg.")


def _card(camera: Camera) -> Card:
    if isinstance(camera.device, Card):
        return camera.device
    raise CannotDo(f"{camera.title} keeps no pictures.")


def _moving(camera: Camera) -> Moving:
    if isinstance(camera.device, Moving):
        return camera.device
    raise CannotDo(f"{camera.title} cannot move.")


async def _in_time(answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(PATIENCE):
            return await answer
    except TimeoutError:
        raise DeviceAway(f"The camera did not answer within {PATIENCE:g} seconds. Look whether it is on.") from None


async def _wanted(request: Request) -> Any:
    body = bytearray()
    async for chunk in body_of(request):
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise TooLarge("No setting of a camera is this long.")
    try:
        return Wanted.model_validate_json(bytes(body)).value
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


def _answer(said: dict[str, Any]) -> Response:
    try:
        return JSONResponse(said)
    except ValueError:  # a number that is none
        raise DeviceError("The camera answers with a number that is none. Its firmware may need an update.") from None


def _begun(job: Job, request: Request) -> Response:
    location = f"{device_place(_root(request), job.camera)}/jobs/{job.id}"
    return JSONResponse(job_json(job, _root(request)), 202, {"Location": location})


def _root(request: Request) -> str:
    root_path: str = request.scope["root_path"]
    return root_path
