"""The simulator's own address, which no camera has: from this machine, faults are turned on and off while it runs."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from onlooker.simulation.theta import protocol
from onlooker.simulation.theta.faults import Fault
from onlooker.simulation.theta.protocol import OscError, Shape

if TYPE_CHECKING:
    from onlooker.simulation.theta.server import Theta

_ALL = "all"


class Control:
    """`GET` says what is on and was asked; `POST` takes `{"fault": …}`, `{"clear": …}`, `{"press": true}` and more."""

    def __init__(self, theta: Theta) -> None:
        self._theta = theta

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """To anybody on this machine; a browser's page from elsewhere cannot send JSON here."""
        if not is_here(request.remote):
            return web.Response(status=403, text="The simulator is told what to do on its own machine only.")
        if request.method == "POST":
            try:
                self._do(protocol.body(request.headers.get("Content-Type", ""), await request.content.read(4096)))
            except OscError as error:
                return web.json_response({"error": str(error)}, status=400)
        return web.json_response(
            {
                "model": self._theta.camera.traits.name,
                "faults": self._theta.faults.names(),
                **self._theta.counters.as_json(),
            }
        )

    def _do(self, said: dict[str, Any]) -> None:
        _SHAPE.check(said)
        if said.get("fault") == Fault.ASLEEP and "seconds" not in said:
            raise OscError(protocol.Code.MISSING, "For how many seconds is it to sleep? Asleep, it cannot be woken.")
        if "fault" in said:
            keywords = {name: said[name] for name in ("seconds", "times", "value", "command") if name in said}
            self._theta.fault(said["fault"], **keywords)
        if "clear" in said:
            self._theta.clear(None if said["clear"] == _ALL else said["clear"])
        if said.get("press"):
            self._theta.press()
        if said.get("lose_network"):
            self._theta.lose_network()


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1_000_000


_SHAPE = Shape(
    {},
    {
        "fault": protocol.one_of(*(fault.value for fault in Fault)),
        "clear": protocol.one_of(_ALL, *(fault.value for fault in Fault)),
        "press": protocol.is_flag,
        "lose_network": protocol.is_flag,
        "seconds": _is_amount,
        "times": protocol.is_count,
        "value": _is_amount,
        "command": protocol.is_text,
    },
)


def is_here(remote: str | None) -> bool:
    try:
        return remote is not None and ipaddress.ip_address(remote).is_loopback
    except ValueError:
        return False
