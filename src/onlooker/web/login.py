"""Logs browsers in and out: the form, and log-in links that work once."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from onlooker.clock import Clock
from onlooker.errors import ConfigError, OnlookerError
from onlooker.web.credentials import Credentials
from onlooker.web.gate import client_of
from onlooker.web.origin import local_path
from onlooker.web.problems import problem
from onlooker.web.sessions import Sessions, clear_cookie
from onlooker.web.templating import Pages
from onlooker.web.throttle import TooManyTries

LINK_LIFETIME = 900.0  # seconds
_MOST_LINKS = 100
_LARGEST_FORM = 16_384  # bytes
_FORM_PATIENCE = 10.0  # seconds


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


class _UnfitForm(Exception):
    """What was posted is not our form; carries the status to answer with."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


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
            sent = await _read(request)
        except _UnfitForm as error:
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


async def _read(request: Request) -> _Form:
    """The posted form, bounded in size and time."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise _UnfitForm(415, "Send the log-in form as application/x-www-form-urlencoded.")
    body = b""
    try:
        async with asyncio.timeout(_FORM_PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LARGEST_FORM:
                    raise _UnfitForm(413, "The log-in form is too large.")
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10, errors="strict")
    except TimeoutError:
        raise _UnfitForm(408, "The log-in form did not come in time.") from None
    except ValueError:
        raise _UnfitForm(400, "The log-in form cannot be read.") from None

    def last(name: str) -> str:
        return fields.get(name, [""])[-1]

    return _Form(last("username").strip(), last("password"), last("next"))
