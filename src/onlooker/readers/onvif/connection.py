"""A conversation with one ONVIF camera: where its services are, how late its clock is, and asking it something."""

from __future__ import annotations

import asyncio
import importlib
import time
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from onlooker.errors import SourceMissing, SourceRefused
from onlooker.formats import onvif_answers as answers
from onlooker.formats.onvif import Fault, Node
from onlooker.readers.onvif.address import Address
from onlooker.readers.onvif.failures import FaultAnswered, WrongLogin
from onlooker.readers.onvif.wire import Wire

if TYPE_CHECKING:
    from onlooker.readers.onvif.requests import Message, Params, Requests


_DRIFT = 3.0  # seconds by which no clock goes wrong by itself between two requests


class Connection:
    """What is known of a camera is kept from one question to the next, until `forget`.

    `camera` names it in sentences. Every question raises a SourceError named for what to do next.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self.camera = f"The camera at {address.shown}"
        self._wire = Wire(address, timeout)
        self._requests: Requests | None = None
        self._services: dict[str, str] | None = None
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def ahead(self) -> float:
        """By how many seconds the camera's clock is ahead of ours."""
        return self._requests.ahead if self._requests is not None else 0.0

    def in_seconds(self, seconds: int) -> str:
        """That instant on the camera's clock."""
        assert self._requests is not None, "ask it something first"
        return self._requests.in_seconds(seconds)

    def forget(self) -> None:
        """It may have been restarted, moved or set up anew: find out everything again."""
        self._services = None

    async def close(self) -> None:
        """Let go of its connections; it may be asked again."""
        self.forget()
        await self._wire.close()

    async def services(self) -> dict[str, str]:
        """The addresses that work, by namespace; the first question finds them out."""
        async with self._opening:
            if self._services is None:
                self._services = await self._open()
            return self._services

    async def ask(
        self,
        namespace: str,
        operation: str,
        params: Params = MappingProxyType({}),
        *,
        service: str = "",
        address: str = "",
        parameters: tuple[Node, ...] = (),
        patience: float = 0.0,
    ) -> Node:
        """The answer of one of its services; `service` is the library's name where it is not the namespace's own.

        `address`, already brought home, and `parameters` are those of a subscription.
        """
        where = address or (await self.services()).get(namespace, "")
        if not where:
            raise SourceMissing(f"{self.camera} has no such service. Its firmware may be too old.")
        message = await self._write(namespace, service, operation, where, parameters, params)
        answer = await self._wire.post(where, message.body, message.headers, patience)
        if isinstance(answer, Fault) and answer.unauthorized and self.address.user:
            before = self.ahead
            await self._set_clock()
            # A clock that was set meanwhile makes a good password bad. Otherwise it is not tried a second time: cameras
            # lock out who is wrong too often.
            if abs(self.ahead - before) > _DRIFT:
                message = await self._write(namespace, service, operation, where, parameters, params)
                answer = await self._wire.post(where, message.body, message.headers, patience)
        return self._good(answer)

    async def _open(self) -> dict[str, str]:
        if self._requests is None:
            # Half a second of reading modules, in which the loop goes on.
            module = await asyncio.to_thread(importlib.import_module, "onlooker.readers.onvif.requests")
            self._requests = module.Requests(self.address.user, self.address.password)
        await self._set_clock()
        try:
            found = answers.services(await self._ask_device("GetServices", {"IncludeCapability": False}))
        except FaultAnswered:
            found = {}
        if not set(found) & {answers.MEDIA, answers.MEDIA2}:
            found |= answers.services(await self._ask_device("GetCapabilities", {"Category": "All"}))
        if not found:
            raise SourceRefused(f"{self.camera} names no services at all. Restart it, or update its firmware.")
        self.address.claimed(found.get(answers.DEVICE, ""))
        return {namespace: self.address.home(url) for namespace, url in found.items()}

    async def _ask_device(self, operation: str, params: Params) -> Node:
        where = self.address.device
        message = await self._write(answers.DEVICE, "", operation, where, (), params)
        return self._good(await self._wire.post(where, message.body, message.headers))

    async def _set_clock(self) -> None:
        """Ask what time it is there; a camera that says nothing of use is believed to go right."""
        assert self._requests is not None
        where, asked = self.address.device, time.time()
        message = await self._requests.write("devicemgmt", "GetSystemDateAndTime", where, (), False, {})
        answer = await self._wire.post(where, message.body, message.headers)
        if isinstance(answer, Fault):  # it wants to know who asks even for that
            message = await self._requests.write("devicemgmt", "GetSystemDateAndTime", where, (), True, {})
            answer = await self._wire.post(where, message.body, message.headers)
        said = answers.utc(answer) if isinstance(answer, Node) else None
        # It says whole seconds: on average half a second has passed since.
        self._requests.ahead = said + 0.5 - (asked + time.time()) / 2 if said is not None else 0.0

    async def _write(
        self, namespace: str, service: str, operation: str, where: str, parameters: tuple[Node, ...], params: Params
    ) -> Message:
        assert self._requests is not None
        if namespace == answers.MEDIA2:
            return self._requests.write_media2(operation, params)
        name = service or _NAMES[namespace]
        return await self._requests.write(name, operation, where, parameters, bool(self.address.user), params)

    def _good(self, answer: Node | Fault) -> Node:
        if not isinstance(answer, Fault):
            return answer
        if answer.unauthorized:
            raise WrongLogin(self.camera, self.address.user)
        raise FaultAnswered(self.camera, answer)


_NAMES = {
    answers.DEVICE: "devicemgmt",
    answers.MEDIA: "media",
    answers.PTZ: "ptz",
    answers.EVENTS: "events",
}
