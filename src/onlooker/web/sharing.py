"""Opens share links: /s/{token} asks for the password, if there is one, and leads on to what is shared."""

from __future__ import annotations

import logging
import math

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from onlooker.clock import Clock
from onlooker.errors import ConfigError, OnlookerError
from onlooker.web.credentials import Credentials, neighbourhood
from onlooker.web.forms import UnfitForm, read_form
from onlooker.web.guest_cookie import GuestCookie
from onlooker.web.nothing import nothing_here
from onlooker.web.problems import problem
from onlooker.web.shares import Kind, Share, Shares
from onlooker.web.templating import Pages
from onlooker.web.throttle import Throttle, TooManyTries
from onlooker.web.visitor import client_of

log = logging.getLogger(__name__)

# The address is the secret: it is not for search engines, for other sites or for a cache.
UNTOLD = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
_UPLOADING: dict[Kind, str] = {"album": "/snap", "camera": "/broadcast"}  # where guests do what they were asked for
_ROBOTS = "User-agent: *\nDisallow: /\n"


def router(pages: Pages, shares: Shares, cookie: GuestCookie, credentials: Credentials, clock: Clock) -> APIRouter:
    """/s/{token} and /robots.txt."""
    routes = APIRouter(include_in_schema=False)
    unknown_links = Throttle(clock, burst=20, interval=10.0)

    def gone(request: Request) -> Response:
        """Right links never count and never wait: a whole party may come from one address."""
        wait = unknown_links.take(neighbourhood(client_of(request.scope)))
        if not wait:
            return nothing_here(request.scope, pages)
        headers = {"Retry-After": str(math.ceil(wait))}
        return problem(429, "Too many links were tried that are none. Wait a little and try again.", headers=headers)

    def welcome(request: Request, share: Share) -> Response:
        below = _UPLOADING[share.kind] if share.upload else ""
        response = RedirectResponse(f"{request.scope['root_path']}/{share.kind}s/{share.name}{below}", 303)
        response.headers["Set-Cookie"] = cookie.set_cookie(request.scope, share)
        return response

    def form(request: Request, share: Share, *, error: str | None = None, status: int = 200) -> Response:
        return pages.render(request, "share.html", status_code=status, title=share.title, error=error)

    @routes.api_route("/s/{token}", methods=["GET", "HEAD"])
    async def open_link(request: Request, token: str) -> Response:
        share = shares.by_token(token)
        if share is None:
            return _untold(gone(request))
        opened = share.password is None or any(known.id == share.id for known in cookie.read(request.scope))
        return _untold(welcome(request, share) if opened else form(request, share))

    @routes.post("/s/{token}")
    async def try_password(request: Request, token: str) -> Response:
        share = shares.by_token(token)
        if share is None:
            return _untold(gone(request))
        if share.password is None:
            return _untold(welcome(request, share))
        try:
            password = (await read_form(request)).get("password", "")
        except UnfitForm as error:
            return _untold(problem(error.status, str(error)))
        try:
            right = await credentials.check_share(share.id, share.password, password, client_of(request.scope))
        except ConfigError:
            raise
        except OnlookerError as error:
            response = form(request, share, error=str(error), status=429)
            response.headers["Retry-After"] = str(error.retry_after if isinstance(error, TooManyTries) else 5)
            return _untold(response)
        if right and shares.by_id(share.id) is not None:  # it may have been revoked while the password was checked
            return _untold(welcome(request, share))
        log.warning("Wrong password for the share %s from %s", share.id, client_of(request.scope))
        return _untold(form(request, share, error="This password is not right.", status=403))

    @routes.api_route("/robots.txt", methods=["GET", "HEAD"])
    async def robots() -> Response:
        return PlainTextResponse(_ROBOTS)

    return routes


def _untold(response: Response) -> Response:
    response.headers.update(UNTOLD)
    return response
