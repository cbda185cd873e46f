"""Sends SOAP to one camera: bounded in time and size, to its own host only, logged in by HTTP Digest where it asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

import aiohttp
from aiohttp import hdrs
from yarl import URL

from onlooker.errors import MalformedInput, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.formats.onvif import Fault, Node, answer
from onlooker.readers.http_login import HttpLogin
from onlooker.readers.onvif.address import Address
from onlooker.readers.onvif.failures import WrongLogin

MAX_ANSWER = 2 * 1024 * 1024
_IN_PLACE = 32 * 1024  # a longer answer is read in a thread


class Wire:
    """Connections to one camera, kept from one request to the next. `timeout` is in seconds, for a whole answer."""

    def __init__(self, address: Address, timeout: float) -> None:
        self._address = address
        self._camera = f"The camera at {address.shown}"
        self._timeout = timeout
        self._client: aiohttp.ClientSession | None = None
        self._logins: dict[URL, HttpLogin] = {}

    async def post(self, url: str, message: bytes, headers: Mapping[str, str], patience: float = 0.0) -> Node | Fault:
        """What it answers; `patience` is added to the timeout where it may take its time."""
        limit = self._timeout + patience
        with self._named_errors(limit):
            async with asyncio.timeout(limit):
                status, body = await self._exchange(URL(url), message, headers)
        return await self._read(status, body)

    async def close(self) -> None:
        """Let go of its connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _exchange(self, url: URL, message: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        login = self._logins.get(url.origin())
        status, body, offered = await self._once(url, message, headers, login)
        # Never Basic: WS-Security has proved us already without showing the password to whoever listens.
        if status == HTTPStatus.UNAUTHORIZED and login is None and self._address.user and "digest" in offered:
            login = HttpLogin(url, self._address.user, self._address.password)
            status, body, _ = await self._once(url, message, headers, login)
            if status != HTTPStatus.UNAUTHORIZED:
                self._logins[url.origin()] = login
        return status, body

    async def _once(
        self, url: URL, message: bytes, headers: Mapping[str, str], login: HttpLogin | None
    ) -> tuple[int, bytes, str]:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                headers={hdrs.USER_AGENT: "Onlooker"}, timeout=aiohttp.ClientTimeout(total=None)
            )
        asked = self._client.post(
            url, data=message, headers=headers, allow_redirects=False, middlewares=(login,) if login else ()
        )
        async with asked as response:
            offered = ",".join(response.headers.getall(hdrs.WWW_AUTHENTICATE, ())).lower()
            if response.status == HTTPStatus.UNAUTHORIZED and login is not None:
                return response.status, b"", offered  # the log-in has read and let go of it
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > MAX_ANSWER:
                    raise SourceRefused(
                        f"{self._camera} sends an answer without end. Check the port of its source URL."
                    )
            return response.status, bytes(body), offered

    async def _read(self, status: int, body: bytes) -> Node | Fault:
        try:
            if len(body) <= _IN_PLACE:
                return answer(body)
            return await asyncio.to_thread(answer, body)
        except MalformedInput as error:
            raise self._no_answer(status, body, error) from None

    def _no_answer(self, status: int, body: bytes, error: MalformedInput) -> SourceError:
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return WrongLogin(self._camera, self._address.user)
        if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.METHOD_NOT_ALLOWED):
            return SourceMissing(
                f"{self._camera} has no ONVIF there ({status}). Check the port, and that ONVIF is switched on in it."
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return SourceLost(f"{self._camera} cannot answer now ({status}). It is tried again.")
        if not body.strip():
            return SourceRefused(f"{self._camera} sends an empty answer. Restart it, or update its firmware.")
        return SourceRefused(f"{self._camera} does not answer in ONVIF. {error} Check the port of its source URL.")

    @contextmanager
    def _named_errors(self, limit: float) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise self._named(error, limit) from None

    def _named(self, error: Exception, limit: float) -> SourceError:
        match error:
            case TimeoutError():
                return SourceLost(f"{self._camera} has not answered for {limit:g} s. Check its power and network.")
            case aiohttp.ClientConnectorDNSError():
                return SourceLost(f"{self._camera} cannot be found by that name. Check the name and the network.")
            case aiohttp.ClientConnectorError():
                return SourceLost(f"{self._camera} cannot be reached. Check its power, its network and the port.")
            case aiohttp.ClientResponseError():
                return SourceRefused(f"{self._camera} does not answer in HTTP. Check the port of its source URL.")
            case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError() | OSError():
                return SourceLost(f"{self._camera} has cut the connection.")
            case _:
                return SourceRefused(f"{self._camera} cannot be asked: its address or its log-in is out of order.")
