"""Opens HTTP answers of one camera: log-in, limits on waiting, and errors that say what to do next.

Credentials come from the URL (`user:password@`, percent-encoded) and go to that host only, wherever the camera
redirects to. No error text holds them, nor a path or query, where cameras take passwords as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
from aiohttp import ClientResponse, hdrs
from yarl import URL

from onlooker.errors import ConfigError, PasswordNeeded, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.readers.http_login import HttpLogin

_MAX_REDIRECTS = 5
_RETRY_LATER = frozenset({408, 425, 429})


class Answer:
    """One answer whose status was good; its body is read once."""

    def __init__(self, response: ClientResponse, host: str, timeout: float) -> None:
        self._response = response
        self._host = host
        self._timeout = timeout
        self.headers = {name.lower(): value for name, value in response.headers.items()}
        self.content_type = self.headers.get("content-type", "")
        self.length = response.content_length  # None for a body without an announced end

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it arrives; ends where the camera ends it, SourceLost where it is cut or falls silent."""
        with _named_errors(self._host, self._timeout):
            async for chunk in self._response.content.iter_any():
                yield chunk


class HttpCamera:
    """One camera that is asked over HTTP or HTTPS.

    `timeout` is in seconds: for connecting, log-in and headers together, and again for each silence within a body.
    `host` names the camera in an error, without anything secret.
    """

    def __init__(self, url: str, *, timeout: float, verify_tls: bool) -> None:
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
        self._timeout = timeout
        self._verify_tls = verify_tls

    @asynccontextmanager
    async def session(self) -> AsyncIterator[HttpSession]:
        """Keeps connections and log-in from one answer to the next; all are closed at the end."""
        login = [HttpLogin(self._url, self._user, self._password)] if self._user else []
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._verify_tls),
            timeout=aiohttp.ClientTimeout(sock_read=self._timeout),
            headers={hdrs.USER_AGENT: "Onlooker"},
            middlewares=login,
        ) as client:
            yield HttpSession(client, self._url, self.host, self._timeout)


class HttpSession:
    """Connections to one camera."""

    def __init__(self, client: aiohttp.ClientSession, url: URL, host: str, timeout: float) -> None:
        self._client = client
        self._url = url
        self._host = host
        self._timeout = timeout

    @asynccontextmanager
    async def get(self) -> AsyncIterator[Answer]:
        """Ask for the camera's URL; a SourceError named for what to do next unless the status is good."""
        with _named_errors(self._host, self._timeout):
            async with asyncio.timeout(self._timeout):
                response = await self._client.get(self._url, max_redirects=_MAX_REDIRECTS)
        try:
            _check_status(response.status, self._host)
            yield Answer(response, self._host, self._timeout)
        finally:
            response.release()  # closes the connection, too, if there is body left


def _check_status(status: int, host: str) -> None:
    if 200 <= status < 300:
        return
    camera = f"The camera at {host}"
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
def _named_errors(host: str, timeout: float) -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        # Not chained: the client's own texts hold whole URLs.
        raise _named(error, f"The camera at {host}", timeout) from None


def _named(error: Exception, camera: str, timeout: float) -> SourceError:
    match error:
        case TimeoutError():
            return SourceLost(f"{camera} has sent nothing for {timeout:g} s. Check its power and network.")
        case aiohttp.ClientConnectorCertificateError():
            return SourceRefused(
                f"{camera} shows a certificate that nobody vouches for. "
                "If you trust the network between, set verify_tls = false for this camera."
            )
        case aiohttp.ClientSSLError():
            return SourceRefused(f"{camera} does not speak TLS there. Try http:// or another port.")
        case aiohttp.ClientConnectorDNSError():
            return SourceLost(f"{camera} cannot be found by that name. Check the name and the network.")
        case aiohttp.ClientConnectorError():
            return SourceLost(f"{camera} cannot be reached. Check its power, its network and the port.")
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
