"""The URLs of OSCVideoStreamExample, which relayed one 360° camera, so that what points at them goes on working.

They are about the first camera of the configuration that speaks OSC.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from onlooker.devices import Adjustable, Device, Json, SpeaksOsc
from onlooker.errors import CannotDo
from onlooker.live.camera import Camera
from onlooker.live.hub import Hub
from onlooker.live.status import ORIGINAL
from onlooker.outputs import mjpeg
from onlooker.web.origin import same_site
from onlooker.web.problems import problem

_READING = ["GET", "HEAD"]
LONGEST_VALUE = 4096  # characters


def router(hub: Hub) -> APIRouter:
    """/state, /info, /getOption, /setOption, /raw_live_preview and the two pages under /public."""
    routes = APIRouter(include_in_schema=False)

    def found() -> tuple[Camera, Device]:
        for camera in hub.cameras.values():
            if isinstance(camera.device, SpeaksOsc):
                return camera, camera.device
        raise CannotDo("None of this hub's cameras speaks OSC.")

    def speaker() -> SpeaksOsc:
        device = found()[1]
        assert isinstance(device, SpeaksOsc)
        return device

    @routes.api_route("/info", methods=_READING)
    async def info() -> Response:
        return _pretty(await speaker().osc_info())

    @routes.api_route("/state", methods=_READING)
    async def state() -> Response:
        return _pretty(await speaker().osc_state())

    @routes.api_route("/getOption/{name}", methods=_READING)
    async def get_option(name: str) -> Response:
        return _pretty(await speaker().osc_option(name))

    @routes.api_route("/setOption/{name}/{value:path}", methods=["GET", "POST"])
    async def set_option(request: Request, name: str, value: str) -> Response:
        if request.method == "GET" and not _is_program(request):
            return problem(
                405,
                "A link alone changes no setting here, since any page could hold it. Send this as POST, or with an "
                "Authorization header; the camera's page changes settings, too.",
                headers={"Allow": "POST"},
            )
        camera, device = found()
        if not isinstance(device, Adjustable):
            raise CannotDo(f"{camera.title} has no settings.")
        option = await device.set_option(name, typed(value))
        return _pretty(
            {"name": "camera.setOptions", "state": "done", "results": {"options": {option.name: option.value}}}
        )

    @routes.api_route("/raw_live_preview", methods=_READING)
    async def preview() -> Response:
        return mjpeg.live(hub, [found()[0].name], ORIGINAL)

    @routes.api_route("/public/index.html", methods=_READING)
    @routes.api_route("/public/stream.html", methods=_READING)
    async def page(request: Request) -> Response:
        return RedirectResponse(f"{request.scope['root_path']}/cameras/{quote(found()[0].name, safe='')}", 303)

    return routes


def typed(text: str) -> Json:
    """The value that a URL spells: a number, true, false, null, an object or a list as JSON has them, else a text."""
    if len(text) > LONGEST_VALUE:
        raise CannotDo(f"No setting takes a value of more than {LONGEST_VALUE} characters.")
    try:
        value: Json = json.loads(text, parse_constant=str)
        json.dumps(value, allow_nan=False)  # 1e999 is no number that could be sent on
    except (ValueError, RecursionError):
        return text
    return value


def _is_program(request: Request) -> bool:
    """Whether it brought its proof itself, and no other site's page made a browser send it."""
    return "authorization" in request.headers and same_site(request.scope) is not False


def _pretty(answer: Json) -> Response:
    """As the predecessor showed it: sorted, four spaces."""
    text = json.dumps(answer, indent=4, sort_keys=True, ensure_ascii=False)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})
