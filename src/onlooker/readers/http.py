"""Opens HTTP answers of one camera: log-in, limits on waiting, and errors that say what to do next.

Credentials come from the URL (`user:password@`, percent-encoded) and go to that host only, wherever the camera
redirects to. No error text holds them, nor a path or query, where cameras take passwords as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import ClientResponse, hdrs
from yarl import URL

from onlooker.errors import ConfigError, PasswordNeeded, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.readers.http_login import HttpLogin

_MAX_REDIRECTS = 5
_RETRY_LATER = frozenset({408, 425, 429})
_PATIENCE = 3  # times the timeout, for a whole answer that comes bit by bit


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind of camera says what is wrong, where it knows better; `{timeout:g}` is how long nothing came."""

    closed: str = "cannot be reached. Check its power, its network and the port."  # the port, by a machine that is on
    unreachable: str = "cannot be reached. Check its power, its network and the port."
    silent: str = "has sent nothing for {timeout:g} s. Check its power and network."  # connected, and no answer
    stalled: str = "has sent nothing for {timeout:g} s. Check its power and network."  # within an answer


@dataclass(frozen=True, slots=True)
class _Teller:
    """What the errors of one camera are made from."""

    camera: str
    timeout: float
    words: Words

    def told(self, words: str) -> SourceLost:
        return SourceLost(f"{self.camera} {words.format(timeout=self.timeout)}")


class Answer:
    """One answer; its body is read once."""

    def __init__(self, response: ClientResponse, teller: _Teller) -> None:
        self._response = response
        self._teller = teller
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.content_type = self.headers.get("content-type", "")
        self.length = response.content_length  # None for a body without an announced end

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it arrives; ends where the camera ends it, SourceLost where it is cut or falls silent."""
        with _named_errors(self._teller, within=True):
            async for chunk in self._response.content.iter_any():
                yield chunk

    async def read(self, limit: int) -> bytes:
        """The whole body, of at most `limit` bytes and in bounded time; SourceRefused, SourceLost."""
        body = bytearray()
        try:
            async with asyncio.timeout(_PATIENCE * self._teller.timeout), aclosing(self.chunks()) as chunks:
                async for chunk in chunks:
                    body += chunk
                    if len(body) > limit:
                        raise SourceRefused(f"{self._teller.camera} sends more than {limit} bytes where few are due.")
        except TimeoutError:
            raise self._teller.told(self._teller.words.stalled) from None
        return bytes(body)

    def cut(self) -> None:
        """Close the connection now; whoever reads the body is told that it was cut."""
        self._response.close()

    def check(self) -> None:
        """A SourceError named for what to do next unless the status is good."""
        _check_status(self.status, self._teller.camera)


class HttpCamera:
    """One camera that is asked over HTTP or HTTPS.

    `timeout` is in seconds: for connecting, log-in and headers together, and again for each silence within a body.
    `host` names the camera in an error, without anything secret. `keep_alive` False: a connection for each question,
    for cameras that close or lose them without a word.
    """

    def __init__(
        self, url: str, *, timeout: float, verify_tls: bool, words: Words | None = None, keep_alive: bool = True
    ) -> None:
        try:
            parsed = URL(url)
            self._user, self._password = parsed.user, parsed.password or ""
        except ValueError:
            parsed, self._user = URL(), None
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ConfigError(
                "An HTTP source needs the camera's address, as in http://user:password@192.168.1.20/video; "
                "characters such as @ : / # in a password are written as %40 %3A %2F %23."
            )
        if self._user and ":" in self._user:
            raise ConfigError("The user name in an HTTP source cannot hold a colon.")
        self._url = parsed.with_user(None)
        self.host = parsed.host_port_subcomponent or parsed.host
        self._teller = _Teller(f"The camera at {self.host}", timeout, words or Words())
        self._verify_tls = verify_tls
        self._keep_alive = keep_alive

    @asynccontextmanager
    async def session(self) -> AsyncIterator[HttpSession]:
        """Keeps connections and log-in from one answer to the next; all are closed at the end."""
        timeout = self._teller.timeout
        login = [HttpLogin(self._url, self._user, self._password)] if self._user else []
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._verify_tls, force_close=not self._keep_alive),
            # Less than for the answer, so that a machine that is not there is told from one that says nothing.
            timeout=aiohttp.ClientTimeout(sock_connect=timeout * 0.6, sock_read=timeout),
            headers={hdrs.USER_AGENT: "Onlooker"},
            middlewares=login,
        ) as client:
            yield HttpSession(client, self._url, self._teller)


class HttpSession:
    """Connections to one camera."""

    def __init__(self, client: aiohttp.ClientSession, url: URL, teller: _Teller) -> None:
        self._client = client
        self._url = url
        self._teller = teller

    @asynccontextmanager
    async def get(self) -> AsyncIterator[Answer]:
        """Ask for the camera's URL; a SourceError named for what to do next unless the status is good."""
        async with self._answer(hdrs.METH_GET, self._url, max_redirects=_MAX_REDIRECTS) as answer:
            answer.check()
            yield answer

    @asynccontextmanager
    async def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Answer]:
        """Ask the camera for something else, whatever the status; `path` is percent-encoded and may have a query.

        It is not followed to where it redirects to.
        """
        url = self._url.join(URL(path, encoded=True))
        if not path.startswith("/") or url.origin() != self._url.origin():
            raise SourceRefused(f"{self._teller.camera} has no such path.")
        async with self._answer(method, url, data=body, headers=headers, allow_redirects=False) as answer:
            yield answer

    @asynccontextmanager
    async def _answer(self, method: str, url: URL, **options: Any) -> AsyncIterator[Answer]:
        with _named_errors(self._teller):
            async with asyncio.timeout(self._teller.timeout):
                response = await self._client.request(method, url, **options)
        try:
            yield Answer(response, self._teller)
        finally:
            response.release()  # closes the connection, too, if there is body left


def _check_status(status: int, camera: str) -> None:
    if 200 <= status < 300:
        return
    if status == 401:
        raise PasswordNeeded(f"{camera} refuses the user name or password. Correct them in its source URL.")
    if status == 403:
        raise PasswordNeeded(f"{camera} forbids this (403). Give its source URL a user who may watch.")
    if status in (404, 410):
        raise SourceMissing(f"{camera} has nothing at this path ({status}). Check the path of its source URL.")
    if status in _RETRY_LATER or status >= 500:
        raise SourceLost(f"{camera} cannot answer now ({status}). It is tried again.")
    raise SourceRefused(f"{camera} answers with status {status}, not with a picture. Check its source URL.")


@contextmanager
def _named_errors(teller: _Teller, *, within: bool = False) -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        # Not chained: the client's own texts hold whole URLs.
        raise _named(error, teller, within) from None


def _named(error: Exception, teller: _Teller, within: bool) -> SourceError:
    camera, words = teller.camera, teller.words
    match error:
        case aiohttp.ConnectionTimeoutError():
            return teller.told(words.unreachable)
        case TimeoutError():
            return teller.told(words.stalled if within else words.silent)
        case aiohttp.ClientConnectorCertificateError():
            return SourceRefused(
                f"{camera} shows a certificate that nobody vouches for. "
                "If you trust the network between, set verify_tls = false for this camera."
            )
        case aiohttp.ClientSSLError():
            return SourceRefused(f"{camera} does not speak TLS there. Try http:// or another port.")
        case aiohttp.ClientConnectorDNSError():
            return SourceLost(f"{camera} cannot be found by that name. Check the name and the network.")
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return teller.told(words.closed)
        case aiohttp.ClientConnectorError():
            return teller.told(words.unreachable)
        case aiohttp.TooManyRedirects():
            return SourceRefused(f"{camera} redirects in a circle. Check the path of its source URL.")
        case aiohttp.InvalidURL() | aiohttp.RedirectClientError():
            return SourceRefused(f"{camera} redirects to something that is not a web address.")
        case aiohttp.ClientResponseError():
            return SourceRefused(f"{camera} does not answer in HTTP. Check the port of its source URL.")
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
            return SourceLost(f"{camera} has cut the connection.")
        case _:
            return SourceRefused(f"{camera} asks for a kind of log-in that is not supported.")
