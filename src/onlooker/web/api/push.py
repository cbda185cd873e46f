"""Pictures that scripts send to a camera: one JPEG at a time, or a stream of them for as long as it lasts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from onlooker.clock import Clock
from onlooker.devices import Delivery
from onlooker.errors import MalformedInput, OnlookerError, TooLarge, TooSlow, WrongType
from onlooker.formats import broadcast, jpeg
from onlooker.formats.multipart import MultipartReader, boundary_of
from onlooker.live.camera import Camera
from onlooker.live.hub import Hub
from onlooker.media import Frame
from onlooker.web.photo_bodies import body_of, length_of
from onlooker.web.problems import described, problem
from onlooker.web.senders import Ending, Sender, receiving_camera, sender_name

log = logging.getLogger(__name__)

LARGEST = 16 << 20  # bytes of one picture
PATIENCE = 30.0  # seconds that one picture may take
SILENCE = 60.0  # seconds without a byte, in which no picture has begun, until a stream is given up

Name = Annotated[str, Path(description="The camera's name.")]
_NO_PICTURES = described("There is no such camera, or it has pictures of its own.")


class Streamed(BaseModel):
    """What came of a stream."""

    frames: int = Field(description="How many pictures it had.")


def router(hub: Hub, clock: Clock) -> APIRouter:
    """`/cameras/{name}/frame` and `/cameras/{name}/stream`."""
    routes = APIRouter(tags=["push"])
    putting = Putting()

    @routes.put(
        "/cameras/{name}/frame",
        summary="Send one picture",
        status_code=204,
        response_class=Response,
        responses={
            404: _NO_PICTURES,
            400: described("The JPEG is damaged."),
            413: described("It is too large."),
            415: described("It is no JPEG."),
        },
    )
    async def put_frame(request: Request, name: Name) -> Response:
        """Show this JPEG; the camera is live for some seconds after it."""
        camera = receiving_camera(hub, name)
        data = await _picture(request)
        if not jpeg.is_jpeg(data):
            raise WrongType("This is not a JPEG. Send one, with nothing around it.")
        await asyncio.to_thread(broadcast.jpeg_size, data)
        await putting.show(camera, sender_name(request.scope), Frame(data, clock.now()))
        return Response(status_code=204)

    @routes.post(
        "/cameras/{name}/stream",
        summary="Send a stream of pictures",
        response_model=Streamed,
        responses={
            404: _NO_PICTURES,
            400: described("What comes cannot be read as JPEGs."),
            409: described("Somebody else sends now."),
        },
    )
    async def post_stream(request: Request, name: Name) -> Response:
        """Show these JPEGs as they come: multipart, or one right behind another; ends with the body."""
        sender = Sender(receiving_camera(hub, name), request.scope)
        stream = _Stream(sender, clock)
        ending = await sender.run(stream.read(request))
        if ending is Ending.REPLACED:
            return problem(409, "Somebody else sends to this camera now.")
        if ending is Ending.WITHDRAWN:
            return problem(403, "You may not send to this camera any more.")
        if ending is Ending.OVER:
            return problem(408, "No picture came for too long. Begin again when there is one.")
        if not stream.frames:
            return problem(400, "There was no JPEG in this stream.")
        return JSONResponse({"frames": stream.frames})

    return routes


class _Stream:
    """Takes the pictures out of one body."""

    def __init__(self, sender: Sender, clock: Clock) -> None:
        self.frames = 0
        self._sender = sender
        self._clock = clock

    async def read(self, request: Request) -> None:
        """Until the body ends; MalformedInput, Interrupted."""
        reader = MultipartReader(boundary_of(request.headers.get("content-type", "")), max_part=LARGEST)
        async for chunk in _timed(body_of(request), SILENCE):
            for part in reader.feed(chunk):
                data = part.body if part.body.endswith(jpeg.END) else part.body + jpeg.END
                broadcast.check_size(*jpeg.dimensions(data))
                self._sender.put(Frame(data, self._clock.now()))
                self.frames += 1


class Putting:
    """Those who put one picture at a time: together one sender to each camera, as long as pictures keep coming."""

    def __init__(self) -> None:
        self._deliveries: dict[Camera, Delivery] = {}
        self._holding: set[asyncio.Task[None]] = set()

    async def show(self, camera: Camera, sender: str, frame: Frame) -> None:
        """Show this, as the next of a row or as the first of a new one."""
        delivery = self._deliveries.get(camera)
        if delivery is not None and not delivery.over:
            delivery.put(frame)
            return
        begun = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._hold(camera, sender, frame, begun), name=f"frames to {camera.name}")
        self._holding.add(task)
        task.add_done_callback(self._let_go)
        await begun

    async def _hold(self, camera: Camera, sender: str, frame: Frame, begun: asyncio.Future[None]) -> None:
        """Be the sender until nothing came for too long, somebody else sends, or the camera goes."""
        try:
            with camera.receiving(sender) as delivery:
                self._deliveries[camera] = delivery
                delivery.put(frame)
                begun.set_result(None)
                await delivery.until_over()
                if self._deliveries.get(camera) is delivery:
                    del self._deliveries[camera]
        except OnlookerError as error:
            if begun.done():
                raise
            begun.set_exception(error)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._holding.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a sender of single frames ended unexpectedly", exc_info=error)


async def _picture(request: Request) -> bytes:
    """The whole body, bounded in size and time."""
    if (length_of(request) or 0) > LARGEST:
        raise _too_large()
    data = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in body_of(request):
                data += chunk
                if len(data) > LARGEST:
                    raise _too_large()
    except TimeoutError:
        raise TooSlow(f"The picture did not arrive within {PATIENCE:g} seconds.") from None
    if not data:
        raise MalformedInput("There is no picture in this request.")
    return bytes(data)


def _too_large() -> TooLarge:
    return TooLarge(f"This picture is too large; {LARGEST >> 20} MiB are allowed.")


async def _timed(chunks: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    """The chunks; TooSlow where the next one does not come."""
    while True:
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise TooSlow(f"Nothing came for {seconds:g} seconds.") from None
        yield chunk
