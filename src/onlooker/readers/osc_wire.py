"""Asks one OSC camera over HTTP: one question after the other, answers bounded, errors named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from typing import Any

from onlooker.clock import Clock
from onlooker.errors import DeviceError, MalformedInput, SourceError
from onlooker.formats import osc
from onlooker.readers import osc_errors
from onlooker.readers.http import Answer, HttpCamera, HttpSession, Words

EXECUTE, STATUS = "/osc/commands/execute", "/osc/commands/status"

WORDS = Words(
    closed="refuses the connection: it sleeps, is still starting, or another machine has this address. "
    "Wake it with its power button.",
    unreachable="cannot be reached. Check that it is switched on and that this hub is in its network; "
    "if its lamp is lit, it hangs: switch it off and on.",
    silent="takes the connection but has not answered for {timeout:g} s: it hangs. Switch it off and on.",
    stalled="has stopped in the middle of an answer, for {timeout:g} s. "
    "If it does not come back by itself, switch it off and on.",
)

_MAX_JSON = 1024 * 1024
_MAX_ERROR = 64 * 1024
_GRUDGE = 60.0  # seconds for which a refused password is not tried again: some cameras lock whoever insists
_HEADERS = {
    "Content-Type": "application/json;charset=utf-8",
    "Accept": "application/json",
    "X-XSRF-Protected": "1",  # wanted by those of the ONE family, no matter to the others
}


class Body:
    """The bytes of an answer, its errors as DeviceErrors."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.content_type = answer.content_type
        self.length = answer.length

    async def chunks(self) -> AsyncGenerator[bytes]:
        """As they arrive."""
        with _as_device():
            async with aclosing(self._answer.chunks()) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def read(self, limit: int) -> bytes:
        """All of them; DeviceError beyond `limit`."""
        with _as_device():
            return await self._answer.read(limit)

    def cut(self) -> None:
        """Close its connection now."""
        self._answer.cut()


class OscWire:
    """The way to one camera. Opens by itself; `close` lets go, and it may be used again.

    Commands wait for the answer to the one before them; a body that goes on (a live view, a file) keeps nobody waiting.
    """

    def __init__(self, camera: HttpCamera, clock: Clock) -> None:
        self._camera = camera
        self._clock = clock
        self.name = f"The camera at {camera.host}"
        self._turn = asyncio.Lock()
        self._session: HttpSession | None = None
        self._closing = AsyncExitStack()
        self._in_use = 0
        self._refused: tuple[DeviceError, float] | None = None

    @property
    def in_use(self) -> bool:
        """Whether somebody waits for an answer, or reads one."""
        return self._in_use > 0

    def forgive(self) -> None:
        """Try a refused password once more."""
        self._refused = None

    async def get(self, path: str) -> dict[str, Any]:
        """The JSON at a path."""
        return await self._json("GET", path, None)

    async def post(self, path: str, said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON that the camera answers with, an error of its own raised."""
        return await self._json("POST", path, said)

    async def execute(self, name: str, parameters: Mapping[str, Any]) -> osc.Execution:
        """Have a command begun, or done; a DeviceError with the camera's code where it fails."""
        return self.read(await self.post(EXECUTE, {"name": name, "parameters": dict(parameters)}))

    async def status(self, command: str) -> osc.Execution:
        """How far a command is."""
        return self.read(await self.post(STATUS, {"id": command}))

    def read(self, said: Mapping[str, Any]) -> osc.Execution:
        """An answer about a command."""
        try:
            execution = osc.execution(said)
        except MalformedInput as error:
            raise DeviceError(f"{self.name} does not answer as an OSC camera does. {error}") from None
        if execution.fault is not None:
            raise osc_errors.named(execution.fault, 200, self.name)
        return execution

    @asynccontextmanager
    async def body(self, method: str, path: str, said: Mapping[str, Any] | None = None) -> AsyncIterator[Body]:
        """An answer that is not JSON; where it is, it is an error and raised as one."""
        async with AsyncExitStack() as stack:
            async with self._turn:
                answer = await stack.enter_async_context(self._answer(method, path, said))
                if not 200 <= answer.status < 300 or _is_json(answer.content_type):
                    raise await self._failure(answer)
            yield Body(answer)

    async def close(self) -> None:
        """Let go of every connection."""
        closing, self._closing, self._session = self._closing, AsyncExitStack(), None
        await closing.aclose()

    async def _json(self, method: str, path: str, said: Mapping[str, Any] | None) -> dict[str, Any]:
        async with self._turn, self._answer(method, path, said) as answer:
            if not 200 <= answer.status < 300:
                raise await self._failure(answer)
            return self._document(await Body(answer).read(_MAX_JSON))

    async def _failure(self, answer: Answer) -> DeviceError:
        if answer.status == 401:
            error = osc_errors.unexplained(401, self.name)
            self._refused = (error, self._clock.monotonic())
            return error
        try:
            fault = osc.fault(osc.document(await Body(answer).read(_MAX_ERROR)))
        except (MalformedInput, DeviceError):
            fault = None
        if fault is not None:
            return osc_errors.named(fault, answer.status, self.name)
        if answer.status < 300:
            return DeviceError(f"{self.name} sends JSON where a picture is due.")
        return osc_errors.unexplained(answer.status, self.name)

    def _document(self, data: bytes) -> dict[str, Any]:
        try:
            return osc.document(data)
        except MalformedInput as error:
            raise DeviceError(
                f"{self.name} does not answer as an OSC camera does. {error} Check its address."
            ) from None

    @asynccontextmanager
    async def _answer(self, method: str, path: str, said: Mapping[str, Any] | None) -> AsyncIterator[Answer]:
        if self._refused is not None and self._clock.monotonic() - self._refused[1] < _GRUDGE:
            raise type(self._refused[0])(str(self._refused[0]), osc_errors.LOGIN)
        self._in_use += 1
        try:
            async with AsyncExitStack() as stack:
                with _as_device():
                    session = await self._open()
                    body = b"" if said is None else json.dumps(said).encode()
                    answer = await stack.enter_async_context(
                        session.ask(method, path, body=body if method == "POST" else None, headers=_HEADERS)
                    )
                yield answer
        finally:
            self._in_use -= 1

    async def _open(self) -> HttpSession:
        if self._session is None:
            self._session = await self._closing.enter_async_context(self._camera.session())
        return self._session


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() in ("application/json", "text/json")


@contextmanager
def _as_device() -> Iterator[None]:
    try:
        yield
    except SourceError as error:
        raise osc_errors.as_device(error) from None
