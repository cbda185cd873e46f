"""Logs in to a camera over HTTP: Digest where it is offered, else Basic, and only at the camera's own address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, DigestAuthMiddleware, encode_basic_auth, hdrs
from multidict import CIMultiDict
from yarl import URL

_DIGEST = re.compile(r"(?:^|,\s*)(digest\s.*)", re.IGNORECASE)
_SCHEME = re.compile(r"(?:^|,\s*)([a-z]+)(?=\s|$)", re.IGNORECASE)
_ANY_AUTH = re.compile(r'qop\s*=\s*"[^"]*\bauth\b(?!-)[^"]*"', re.IGNORECASE)
_MAX_REFUSAL = 64 * 1024  # a longer page is not worth keeping the connection for


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A 401 as the Digest middleware wants to see it: its own challenge alone, whatever else the camera offers.

    The middleware looks at the first WWW-Authenticate header only, and at nothing but these three of the answer.
    """

    status: int
    url: URL
    headers: CIMultiDict[str]
    response: ClientResponse


class HttpLogin:
    """A middleware of the HTTP client; knows after the first answer how this camera wants to be asked."""

    def __init__(self, home: URL, user: str, password: str) -> None:
        self._home = home
        self._user = user
        self._password = password
        self._digest: dict[URL, DigestAuthMiddleware] = {}
        self._basic: str | None = None  # the header, once it was asked for

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        if not self._is_home(request.url):
            return await handler(request)
        if self._basic is not None:
            request.headers[hdrs.AUTHORIZATION] = self._basic
            return await handler(request)

        async def send(request: ClientRequest) -> ClientResponse:
            response = await handler(request)
            return await _refusal(response) if response.status == 401 else response

        answer: ClientResponse | _Refusal = await self._digest_for(request.url)(request, send)
        if not isinstance(answer, _Refusal):
            return answer
        if not _wants_basic(answer.response):
            return answer.response
        self._basic = encode_basic_auth(self._user, self._password, encoding="utf-8")
        request.headers[hdrs.AUTHORIZATION] = self._basic
        return await handler(request)

    def _is_home(self, url: URL) -> bool:
        if url.origin() == self._home.origin():
            return True
        # The same camera, asking to be asked over TLS.
        return url.host == self._home.host and (self._home.scheme, self._home.port, url.scheme, url.port) == (
            "http",
            80,
            "https",
            443,
        )

    def _digest_for(self, url: URL) -> DigestAuthMiddleware:
        origin = url.origin()
        if origin not in self._digest:
            self._digest[origin] = DigestAuthMiddleware(self._user, self._password)
        return self._digest[origin]


async def _refusal(response: ClientResponse) -> ClientResponse:
    if response.content_length is not None and response.content_length <= _MAX_REFUSAL:
        await response.read()  # so that its connection can be used again
    response.release()
    headers = CIMultiDict[str]()
    for offered in response.headers.getall(hdrs.WWW_AUTHENTICATE, ()):
        if found := _DIGEST.search(offered):
            # Of several qualities take plain “auth”: some cameras offer “auth-int” and cannot do it.
            headers.add(hdrs.WWW_AUTHENTICATE, _ANY_AUTH.sub('qop="auth"', found[1]))
    return cast(ClientResponse, _Refusal(response.status, response.url, headers, response))


def _wants_basic(response: ClientResponse) -> bool:
    """Whether Basic is the way: offered without Digest, or nothing is offered at all.

    Never where Digest is offered: a password that failed there must not go over the wire readable.
    """
    offered = ",".join(response.headers.getall(hdrs.WWW_AUTHENTICATE, ()))
    schemes = {scheme.lower() for scheme in _SCHEME.findall(offered)}
    return "digest" not in schemes and (not offered or "basic" in schemes)
