"""The gate: no request gets past it without a session, a name and password, an API token or a share."""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onlooker.errors import OnlookerError
from onlooker.outputs.connection import ADMITTED
from onlooker.web import guests
from onlooker.web.credentials import Credentials
from onlooker.web.guest_cookie import COOKIE as GUEST_COOKIE
from onlooker.web.guest_cookie import GuestCookie
from onlooker.web.nothing import nothing_here, wants_page
from onlooker.web.options import WebOptions
from onlooker.web.origin import SAFE_METHODS, same_site
from onlooker.web.problems import problem, problem_of
from onlooker.web.proxies import Proxies
from onlooker.web.running import Closable, Proof, Running
from onlooker.web.sessions import COOKIE as SESSION_COOKIE
from onlooker.web.sessions import Sessions, cookie_in
from onlooker.web.shares import Shares
from onlooker.web.templating import Pages
from onlooker.web.users import Users
from onlooker.web.visitor import Grant, Visitor, client_of, mark_visitor, visitor_of

__all__ = ["Gate", "Visitor", "client_of", "visitor_of"]

log = logging.getLogger(__name__)

PUBLIC = frozenset(
    {
        *("/healthz", "/readyz", "/login", "/logout", "/robots.txt"),
        *("/favicon.ico", "/favicon.svg", "/manifest.webmanifest", "/sw.js"),
    }
)
PUBLIC_FOLDERS = ("/static/", "/s/")
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


class _WrongCredentials(Exception):
    """What the Authorization header says is not so."""


class Gate:
    """Wraps the whole application, outermost; also makes the scope what the visitor sees and adds security headers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        users: Users,
        credentials: Credentials,
        sessions: Sessions,
        shares: Shares,
        guest_cookie: GuestCookie,
        pages: Pages,
        options: WebOptions,
        public_albums: Callable[[], Iterable[str]] = tuple,
        running: Running | None = None,
    ) -> None:
        self._app = app
        self._users = users
        self._credentials = credentials
        self._sessions = sessions
        self._shares = shares
        self._guest_cookie = guest_cookie
        self._pages = pages
        self._public_albums = public_albums
        self._running = running
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
                refusal = self._refusal(scope, visitor)
            refusal = refusal or _cross_site(scope, visitor)
        except _WrongCredentials:
            log.warning("Wrong name, password or token from %s", client_of(scope))
            refusal = _unauthorized(scope, "This name, password or token is not right.")
        except OnlookerError as error:
            log.warning("A request from %s was refused: %s", client_of(scope), error)
            refusal = problem_of(error)
        mark_visitor(scope, visitor)
        if visitor is not None and self._running is not None:
            scope[ADMITTED] = partial(self._admit, self._running, scope, visitor)
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, refused=refusal is not None)
            return
        await (refusal or self._app)(scope, receive, self._adding_headers(scope, visitor, send))

    async def _visitor(self, scope: Scope) -> Visitor | None:
        authorization = Headers(scope=scope).get("authorization")
        if authorization is None:
            token = _token_in_url(scope)
            return self._by_cookie(scope) if token is None else self._by_token(token)
        kind, _, value = authorization.partition(" ")
        if kind.lower() == "basic":
            name, password = _basic(value)
            if await self._credentials.check(name, password, client_of(scope)):
                return Visitor(name, "password")
        elif kind.lower() == "bearer":
            return self._by_token(value.strip())
        raise _WrongCredentials

    def _by_cookie(self, scope: Scope) -> Visitor | None:
        if session := self._sessions.of(scope):
            return Visitor(session[0], "session", session[1], by_cookie=True)
        public = tuple(Grant("album", name, upload=False) for name in self._public_albums())
        if opened := self._guest_cookie.read(scope):
            return Visitor("", "share", by_cookie=True, grants=(*(share.grant() for share in opened), *public))
        return Visitor("", "public", grants=public) if public else None

    def _by_token(self, token: str) -> Visitor:
        if owner := self._users.token_owner(token):
            return Visitor(owner, "token", token=hashlib.sha256(token.encode()).hexdigest())
        share = self._shares.by_token(token)
        if share is None or share.password is not None:  # the token is only half of the proof then
            raise _WrongCredentials
        return Visitor("", "share", grants=(share.grant(),))

    def _admit(self, running: Running, scope: Scope, visitor: Visitor, stream: Closable) -> None:
        running.admit(tuple(self._proofs(scope, visitor)), stream)

    def _proofs(self, scope: Scope, visitor: Visitor) -> Iterator[Proof]:
        """What let this visitor in, to this."""
        if visitor.by == "token":
            yield Proof("token", visitor.token)
        elif not guests.is_guest(visitor):
            entry = self._users.entry(visitor.name)
            yield Proof("user", visitor.name, entry.stamp if entry else "")
        for grant in visitor.grants:
            only = replace(visitor, grants=(grant,))
            if guests.may(only, _method(scope), _path(scope), scope["query_string"]):
                yield Proof("share", grant.share_id) if grant.share_id else Proof("public", grant.name)

    def _refusal(self, scope: Scope, visitor: Visitor | None) -> Response | None:
        if visitor is None:
            return _challenge(scope)
        if not guests.is_guest(visitor):
            return None
        if guests.may(visitor, _method(scope), _path(scope), scope["query_string"]):
            return None
        # Who proved nothing yet may have an account.
        return _challenge(scope) if visitor.by == "public" else nothing_here(scope, self._pages)

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
                # Never on what a cache in between may keep and hand to others.
                may_be_kept = headers.get("cache-control", "").startswith("public")
                if visitor is not None and visitor.prolong and not may_be_kept and "set-cookie" not in headers:
                    headers["Set-Cookie"] = self._sessions.set_cookie(scope, visitor.name)
            await send(message)

        return send_with_headers


def _head(message: MutableMapping[str, Any]) -> MutableHeaders:
    message["headers"] = list(message.get("headers", ()))
    return MutableHeaders(scope=message)


def _path(scope: Scope) -> str:
    """The path the router sees."""
    path: str = scope["path"][len(scope["root_path"]) :]
    return path


def _method(scope: Scope) -> str:
    """The request's method; a WebSocket has none, and is none of those that a page or a program sends by itself."""
    return "WEBSOCKET" if scope["type"] == "websocket" else scope["method"]


def _is_public(scope: Scope) -> bool:
    path = _path(scope)
    return scope["type"] == "http" and (path in PUBLIC or path.startswith(PUBLIC_FOLDERS))


def _token_in_url(scope: Scope) -> str | None:
    """The token of phones that cannot send a header: on the one URL made for them, and only spelt plainly."""
    if scope["type"] != "http" or scope["method"] != "POST" or _path(scope) != "/upload":
        return None
    for pair in scope["query_string"].split(b"&"):
        name, sign, value = pair.partition(b"=")
        if name == b"token" and sign:
            return str(value.decode("latin-1"))
    return None


def _cross_site(scope: Scope, visitor: Visitor | None) -> Response | None:
    """Browsers add cookies, and passwords they remember, to what other sites make them send."""
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return None
    same = same_site(scope)
    proof_needed = visitor is not None and visitor.by_cookie
    if same or (same is None and not proof_needed):
        return None
    return problem(
        403,
        "This request does not come from a page of this hub. If a proxy stands in front, let it pass the Host header "
        "on, or name it in trusted_proxies and let it send X-Forwarded-Host.",
    )


def _challenge(scope: Scope) -> Response:
    """What a request without credentials gets: people the log-in page, everything else a challenge."""
    if wants_page(scope) and scope["method"] in ("GET", "HEAD"):
        root_path = scope["root_path"]
        wanted = quote(_path(scope) or "/", safe="/")
        if query := scope["query_string"].decode("latin-1"):
            wanted += f"?{query}"
        return RedirectResponse(f"{root_path}/login?{urlencode({'next': wanted})}", 303)
    return _unauthorized(scope, "Log in, or send a name and password or an API token.")


def _unauthorized(scope: Scope, detail: str) -> Response:
    headers = Headers(scope=scope)
    by_page = any(cookie_in(scope, name) for name in (SESSION_COOKIE, GUEST_COOKIE)) or headers.get(
        "sec-fetch-mode"
    ) in ("cors", "same-origin")
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
