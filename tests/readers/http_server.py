"""Small HTTP cameras inside the test's own process: any handler on a port of its own, and a strict Digest log-in."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serve(handler: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Every request goes to `handler`; gives the port on 127.0.0.1. Streams that still run are cut at the end."""
    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    assert site._server is not None
    try:
        yield site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serve_bytes(reply: bytes, *, then: str = "close") -> AsyncIterator[int]:
    """A server without HTTP: whatever is asked, `reply` is sent as it is; `then` "close", "reset" or "stay" silent."""
    done = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        if then == "stay":
            await done.wait()
        if then == "reset":
            writer.transport.abort()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        done.set()
        server.close()
        await server.wait_closed()


class Basic:
    """Asks for Basic; remembers each Authorization it got."""

    def __init__(self, inner: Handler, authorization: str, challenge: str = 'Basic realm="camera"') -> None:
        self._inner = inner
        self._authorization = authorization
        self._challenge = challenge
        self.seen: list[str | None] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        given = request.headers.get("Authorization")
        self.seen.append(given)
        if given == self._authorization:
            return await self._inner(request)
        headers = {"WWW-Authenticate": self._challenge} if self._challenge else {}
        return web.Response(status=401, text="Log in", headers=headers)


class Digest:
    """Checks every field of RFC 7616's answer; a nonce is good for `uses` requests, whose counters must rise by one.

    `algorithm` stands in the challenge as given, None leaves it out; `beside` are other challenges, sent before.
    """

    def __init__(
        self,
        inner: Handler,
        user: str,
        password: str,
        *,
        algorithm: str | None = "MD5",
        qop: str = 'qop="auth"',
        uses: int = 100,
        beside: tuple[str, ...] = (),
    ) -> None:
        self._inner, self._user, self._password = inner, user, password
        self._algorithm, self._qop, self._uses, self._beside = algorithm, qop, uses, beside
        self._nonces: dict[str, int] = {}
        self._stale: set[str] = set()
        self.refusals: list[str] = []
        self.schemes: list[str] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        self.schemes.append(given.partition(" ")[0])
        wrong = self._wrong(request, given)
        if not wrong:
            return await self._inner(request)
        self.refusals.append(wrong)
        return self._challenge(stale=wrong == "stale")

    def _challenge(self, *, stale: bool) -> web.Response:
        nonce = secrets.token_hex(8)
        self._nonces[nonce] = 0
        fields = ['realm="RICOH THETA, Z1"', f'nonce="{nonce}"', 'opaque="x\\"y"', self._qop]
        if self._algorithm is not None:
            fields.append(f"algorithm={self._algorithm}")
        if stale:
            fields.append("stale=true")
        response = web.Response(status=401, text="Log in")
        for challenge in (*self._beside, "Digest " + ", ".join(field for field in fields if field)):
            response.headers.add("WWW-Authenticate", challenge)
        return response

    def _wrong(self, request: web.BaseRequest, given: str) -> str:
        """What is wrong with this answer, "" if nothing is."""
        if not given:
            return "none"
        if not given.startswith("Digest "):
            return "not digest"
        fields = {
            name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))', given)
        }
        nonce = fields.get("nonce", "")
        if nonce in self._stale:
            return "stale"
        if nonce not in self._nonces:
            return "unknown nonce"
        self._nonces[nonce] += 1
        if self._nonces[nonce] > self._uses:
            self._stale.add(nonce)
            return "stale"
        expected = {"username": self._user, "realm": "RICOH THETA, Z1", "uri": request.raw_path, "opaque": 'x\\"y'}
        for name, value in expected.items():
            if fields.get(name) != value:
                return f"{name}: {fields.get(name)!r}"
        if self._algorithm is not None and fields.get("algorithm") != self._algorithm:
            return "algorithm"
        if fields.get("response") != self._response(request, fields):
            return "response"
        return ""

    def _response(self, request: web.BaseRequest, fields: dict[str, str]) -> str:
        name = (self._algorithm or "MD5").lower().replace("-", "")

        def digest(text: str) -> str:
            return hashlib.new(name, text.encode()).hexdigest()

        secret = digest(f"{self._user}:{fields['realm']}:{self._password}")
        what = digest(f"{request.method}:{fields['uri']}")
        if not self._qop:
            return digest(f"{secret}:{fields['nonce']}:{what}")
        count = f"{self._nonces[fields['nonce']]:08x}"
        return digest(f"{secret}:{fields['nonce']}:{count}:{fields['cnonce']}:auth:{what}")
