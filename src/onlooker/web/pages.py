"""The pages people open: the wall of every camera, and one camera full size."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from onlooker.devices import Adjustable, Card, Moving, Receiving, Shooting
from onlooker.errors import UnknownCamera
from onlooker.live.camera import Camera
from onlooker.live.hub import Hub
from onlooker.web.compat import legacy_action
from onlooker.web.gate import Visitor, visitor_of
from onlooker.web.guests import is_guest, may_send
from onlooker.web.templating import Pages

_READING = ["GET", "HEAD"]
_FACETS = {"shoot": Shooting, "options": Adjustable, "card": Card, "move": Moving}


def router(hub: Hub, pages: Pages) -> APIRouter:
    """/, /cameras/{name} and the icon that browsers ask for unprompted."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/", methods=_READING)
    async def wall(request: Request) -> Response:
        if (answer := await legacy_action(request, hub)) is not None:
            return answer
        cameras = [camera.status() for camera in hub.cameras.values()]
        return pages.render(request, "wall.html", cameras=cameras, visitor=visitor_of(request.scope))

    @routes.api_route("/cameras/{name}", methods=_READING)
    async def camera(request: Request, name: str) -> Response:
        try:
            shown = hub.camera(name)
        except UnknownCamera:
            return pages.render(request, "unknown.html", status_code=404, name=name)
        visitor = visitor_of(request.scope)
        names = [name] if is_guest(visitor) else list(hub.cameras)  # a guest does not learn which others there are
        place = names.index(name)
        return pages.render(
            request,
            "camera.html",
            camera=shown.status(),
            can=frozenset() if is_guest(visitor) else _abilities(shown),
            previous=hub.cameras[names[place - 1]] if place > 0 else None,
            next=hub.cameras[names[place + 1]] if place + 1 < len(names) else None,
            may=_may(visitor, shown),
            visitor=visitor,
        )

    @routes.api_route("/favicon.svg", methods=_READING)
    @routes.api_route("/favicon.ico", methods=_READING)
    async def icon() -> Response:
        return FileResponse(pages.static_folder / "favicon.svg", media_type="image/svg+xml")

    return routes


def _may(visitor: Visitor | None, camera: Camera) -> dict[str, bool]:
    """What the page offers besides looking: to make links, and to be the camera where it shows what is sent to it."""
    receives = isinstance(camera.device, Receiving)
    return {
        "share": visitor is not None and not is_guest(visitor),
        "send": receives and may_send(visitor, camera.name),
        "receive": receives,
    }


def _abilities(camera: Camera) -> frozenset[str]:
    """What its kind can do: known without asking the camera, so that the page does not wait for it."""
    return frozenset(name for name, facet in _FACETS.items() if isinstance(camera.device, facet))
