"""Logs browsers in and out: the form, and log-in links that work once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from onlooker.clock import Clock
from onlooker.errors import ConfigError, OnlookerError
from onlooker.web.credentials import Credentials
from onlooker.web.forms import UnfitForm, read_form
from onlooker.web.origin import local_path
from onlooker.web.problems import problem
from onlooker.web.sessions import Sessions, clear_cookie
from onlooker.web.templating import Pages
from onlooker.web.throttle import TooManyTries
from onlooker.web.visitor import client_of

LINK_LIFETIME = 900.0  # seconds
_MOST_LINKS = 100


class LoginLinks:
    """Tokens that log somebody in once, within fifteen minutes; kept in memory only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links: dict[str, tuple[str, float]] = {}

    def make(self, user: str) -> str:
        """A token for /login?token=…"""
        if len(self._links) >= _MOST_LINKS:
            del self._links[next(iter(self._links))]
        token = secrets.token_urlsafe(24)
        self._links[token] = (user, self._clock.monotonic() + LINK_LIFETIME)
        return token

    def use(self, token: str) -> str | None:
        """Whose link this is, or None; it never works again."""
        user, until = self._links.pop(token, (None, 0.0))
        return user if until > self._clock.monotonic() else None


@dataclass(frozen=True, slots=True)
class _Form:
    username: str
    password: str
    next: str

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> _Form:
        return cls(fields.get("username", "").strip(), fields.get("password", ""), fields.get("next", ""))


def router(pages: Pages, credentials: Credentials, sessions: Sessions, links: LoginLinks) -> APIRouter:
    """/login and /logout."""
    routes = APIRouter(include_in_schema=False)

    def welcome(request: Request, user: str, path: str) -> Response:
        response = RedirectResponse(f"{request.scope['root_path']}{local_path(path)}", 303)
        response.headers["Set-Cookie"] = sessions.set_cookie(request.scope, user)
        response.headers["Cache-Control"] = "no-store"
        return response

    def form(
        request: Request, path: str, *, error: str | None = None, username: str = "", status: int = 200
    ) -> Response:
        return pages.render(
            request, "login.html", status_code=status, error=error, next=local_path(path), username=username
        )

    @routes.get("/login")
    async def ask(request: Request, next: str = "/", token: str = "") -> Response:
        if token:
            if (user := links.use(token)) is not None:
                try:
                    return welcome(request, user, next)
                except LookupError:  # removed since the link was made
                    pass
            return form(request, next, error="This log-in link was used already or is too old.", status=403)
        if sessions.of(request.scope) is not None:
            return RedirectResponse(f"{request.scope['root_path']}{local_path(next)}", 303)
        return form(request, next)

    @routes.post("/login")
    async def log_in(request: Request) -> Response:
        try:
            sent = _Form.of(await read_form(request))
        except UnfitForm as error:
            return problem(error.status, str(error))
        try:
            right = await credentials.check(sent.username, sent.password, client_of(request.scope))
            if right:
                return welcome(request, sent.username, sent.next)
            text, status = "This name or password is not right.", 403
        except LookupError:  # removed in this moment
            text, status = "This name or password is not right.", 403
        except ConfigError:
            raise
        except OnlookerError as error:
            response = form(request, sent.next, error=str(error), username=sent.username, status=429)
            response.headers["Retry-After"] = str(error.retry_after if isinstance(error, TooManyTries) else 5)
            return response
        return form(request, sent.next, error=text, username=sent.username, status=status)

    @routes.post("/logout")
    async def log_out(request: Request) -> Response:
        response = RedirectResponse(f"{request.scope['root_path']}/login", 303)
        response.headers["Set-Cookie"] = clear_cookie(request.scope)
        return response

    return routes
