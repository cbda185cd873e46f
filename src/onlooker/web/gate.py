"""The gate: no request gets past it without a session, a name and password, or an API token."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onlooker.errors import OnlookerError
from onlooker.web.credentials import Credentials
from onlooker.web.options import WebOptions
from onlooker.web.origin import SAFE_METHODS, same_site
from onlooker.web.problems import problem, problem_of
from onlooker.web.proxies import Proxies
from onlooker.web.sessions import Sessions, cookie_in
from onlooker.web.users import Users

log = logging.getLogger(__name__)

PUBLIC = frozenset({"/healthz", "/readyz", "/login", "/logout", "/favicon.ico", "/favicon.svg"})
PUBLIC_FOLDER = "/static/"
REALM = 'realm="Onlooker", charset="UTF-8"'
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_KEPT_BY_NOBODY = ("text/html", "application/json", "application/problem+json")
_VISITOR = "onlooker.visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent the request, and how we know. `prolong`: the session is past half of its life."""

    name: str
    by: Literal["session", "password", "token"]
    prolong: bool = False


class _WrongCredentials(Exception):
    """What the Authorization header says is not so."""


def visitor_of(scope: Scope) -> Visitor | None:
    """Who the gate let in; None on public paths."""
    visitor = scope.get(_VISITOR)
    return visitor if isinstance(visitor, Visitor) else None


def client_of(scope: Scope) -> str:
    """The visitor's address, for the log and the limits on tries."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


class Gate:
    """Wraps the whole application, outermost; also makes the scope what the visitor sees and adds security headers."""

    def __init__(
        self, app: ASGIApp, *, users: Users, credentials: Credentials, sessions: Sessions, options: WebOptions
    ) -> None:
        self._app = app
        self._users = users
        self._credentials = credentials
        self._sessions = sessions
        self._proxies = Proxies(options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = self._proxies.seen(scope)
        visitor, refusal = None, None
        try:
            if not _is_public(scope):
                visitor = await self._visitor(scope)
                refusal = _refusal(scope) if visitor is None else None
            refusal = refusal or _cross_site(scope, visitor)
        except _WrongCredentials:
            log.warning("Wrong name, password or token from %s", client_of(scope))
            refusal = _unauthorized(scope, "This name, password or token is not right.")
        except OnlookerError as error:
            log.warning("A request from %s was refused: %s", client_of(scope), error)
            refusal = problem_of(error)
        scope[_VISITOR] = visitor
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, refused=refusal is not None)
            return
        await (refusal or self._app)(scope, receive, self._adding_headers(scope, visitor, send))

    async def _visitor(self, scope: Scope) -> Visitor | None:
        authorization = Headers(scope=scope).get("authorization")
        if authorization is None:
            session = self._sessions.of(scope)
            return Visitor(session[0], "session", session[1]) if session else None
        kind, _, value = authorization.partition(" ")
        if kind.lower() == "basic":
            name, password = _basic(value)
            if await self._credentials.check(name, password, client_of(scope)):
                return Visitor(name, "password")
        elif kind.lower() == "bearer" and (owner := self._users.token_owner(value.strip())):
            return Visitor(owner, "token")
        raise _WrongCredentials

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, *, refused: bool) -> None:
        if not refused:
            await self._app(scope, receive, send)
            return
        await receive()  # the websocket.connect that the refusal answers
        await send({"type": "websocket.close", "code": 1008})

    def _adding_headers(self, scope: Scope, visitor: Visitor | None, send: Send) -> Send:
        """Only the head of the response is touched: a live stream takes the connection over right behind it."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = _head(message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith(_KEPT_BY_NOBODY):
                    headers.setdefault("Cache-Control", "no-store")
                if visitor is not None and visitor.prolong and "set-cookie" not in headers:
                    headers["Set-Cookie"] = self._sessions.set_cookie(scope, visitor.name)
            await send(message)

        return send_with_headers


def _head(message: MutableMapping[str, Any]) -> MutableHeaders:
    message["headers"] = list(message.get("headers", ()))
    return MutableHeaders(scope=message)


def _is_public(scope: Scope) -> bool:
    path: str = scope["path"][len(scope["root_path"]) :]
    return scope["type"] == "http" and (path in PUBLIC or path.startswith(PUBLIC_FOLDER))


def _cross_site(scope: Scope, visitor: Visitor | None) -> Response | None:
    """Browsers add sessions, and passwords they remember, to what other sites make them send."""
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return None
    same = same_site(scope)
    proof_needed = visitor is not None and visitor.by == "session"
    if same or (same is None and not proof_needed):
        return None
    return problem(
        403,
        "This request does not come from a page of this hub. If a proxy stands in front, let it pass the Host header "
        "on, or name it in trusted_proxies and let it send X-Forwarded-Host.",
    )


def _refusal(scope: Scope) -> Response:
    """What a request without credentials gets: people the log-in page, everything else a challenge."""
    navigates = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
    if navigates and "text/html" in Headers(scope=scope).get("accept", ""):
        root_path = scope["root_path"]
        wanted = quote(scope["path"][len(root_path) :] or "/", safe="/")
        if query := scope["query_string"].decode("latin-1"):
            wanted += f"?{query}"
        return RedirectResponse(f"{root_path}/login?{urlencode({'next': wanted})}", 303)
    return _unauthorized(scope, "Log in, or send a name and password or an API token.")


def _unauthorized(scope: Scope, detail: str) -> Response:
    headers = Headers(scope=scope)
    by_page = bool(cookie_in(scope)) or headers.get("sec-fetch-mode") in ("cors", "same-origin")
    # A page of ours whose session has ended goes to the log-in by itself; "Basic" would make the browser ask over it.
    scheme = "Session" if by_page and "authorization" not in headers else "Basic"
    return problem(401, detail, headers={"WWW-Authenticate": f"{scheme} {REALM}"})


def _basic(value: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise _WrongCredentials from None
    if not colon or not name:
        raise _WrongCredentials
    return name, password
