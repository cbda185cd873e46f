"""An album of one photo on a real hub, whose caption is changed: each time an event that is committed and told."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from bench.hub import AUTHORIZATION, Hub
from bench.load import BenchError, Onlookers
from bench.pictures import picture

CONFIG = '[albums.bench]\ntitle = "Bench"\n'
MARKER = '"caption":"n'  # in the event's data, so that a number is found in the same place whoever sends it
IDLE = 2.0  # seconds after which a connection is not used again: the hub soon closes it
API = "/api/v1/albums/bench"


class Album:
    """The album through its API, as a client on one connection sees it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
        self._used = 0.0
        sent = self._ask("POST", f"{API}/photos?caption=n1", picture(640, 480, 0))
        self._photo = f"{API}/photos/{sent['id']}"
        self.number = 1  # of the newest event

    def publish(self, number: int) -> None:
        """Make the event with this number, the next one."""
        if number != self.number + 1:
            raise ValueError(number)
        self._ask("PATCH", self._photo, json.dumps({"caption": f"n{number}"}).encode())
        self.number = number

    def newest(self) -> dict[str, Any]:
        """The data of the newest event."""
        data: dict[str, Any] = self._ask("GET", f"{API}/events")["events"][-1]["data"]
        return data

    def position(self, number: int) -> str:
        """Behind the event with this number."""
        epoch, _, newest = self._ask("GET", API)["position"].partition(".")
        if int(newest) != self.number:
            raise BenchError(f"the album stands at event {newest}, not {self.number}")
        return f"{epoch}.{number}"

    def viewers(self, count: int, *, after: str = "", at_once: int = 64) -> Onlookers:
        """Let this many viewers in, who go on behind the position `after`, or from now on."""
        path = "/albums/bench/events" + (f"?after={after}" if after else "")
        return Onlookers(self._hub.port, path, [f"Authorization: {AUTHORIZATION}"], count, MARKER, at_once)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": AUTHORIZATION}
        if method == "PATCH":
            headers["Content-Type"] = "application/json"
        if time.monotonic() - self._used > IDLE:
            self._connection.close()  # and opened anew
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self._used = time.monotonic()
        if answer.status not in (200, 201):
            raise BenchError(f"{method} {path} was answered {answer.status}: {text[:300].decode()}")
        return json.loads(text)
