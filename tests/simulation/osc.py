"""A small OSC client for the simulator's tests: asks, and gives status and JSON as they came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from onlooker.clock import ManualClock
from onlooker.formats.multipart import MultipartReader, Part, boundary_of
from onlooker.simulation.theta.camera import Nature
from onlooker.simulation.theta.models import Model
from onlooker.simulation.theta.preview import COMMAND
from onlooker.simulation.theta.server import Theta, simulated

SMALL = Nature(still=(512, 256), stored=3)
Reply = tuple[int, dict[str, Any]]


class Osc:
    """Talks to one camera."""

    def __init__(self, theta: Theta, session: aiohttp.ClientSession) -> None:
        self.theta = theta
        self.http = session

    async def json(self, method: str, path: str, **more: Any) -> Reply:
        async with self.http.request(method, path, **more) as answer:
            return answer.status, await answer.json(content_type="application/json")

    async def info(self) -> dict[str, Any]:
        return (await self.json("GET", "/osc/info"))[1]

    async def state(self) -> dict[str, Any]:
        return (await self.json("POST", "/osc/state"))[1]

    async def execute(self, name: str, **parameters: Any) -> Reply:
        return await self.json("POST", "/osc/commands/execute", json={"name": name, "parameters": parameters})

    async def results(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Of a command that must succeed at once."""
        status, told = await self.execute(name, **parameters)
        assert (status, told["state"]) == (200, "done"), told
        results: dict[str, Any] = told.get("results", {})
        return results

    async def code(self, name: str, **parameters: Any) -> tuple[int, str]:
        """Of a command that must fail."""
        status, told = await self.execute(name, **parameters)
        assert told["state"] == "error"
        assert set(told["error"]) == {"code", "message"}
        return status, told["error"]["code"]

    async def status(self, id: str) -> Reply:
        return await self.json("POST", "/osc/commands/status", json={"id": id})

    async def options(self, *names: str) -> dict[str, Any]:
        options: dict[str, Any] = (await self.results("camera.getOptions", optionNames=list(names)))["options"]
        return options

    async def get(self, url: str, **more: Any) -> tuple[int, bytes]:
        async with self.http.get(url, **more) as answer:
            return answer.status, await answer.read()

    async def shot(self, clock: ManualClock) -> dict[str, Any]:
        """Take a picture; what the camera told last."""
        _, told = await self.execute("camera.takePicture")
        while told["state"] == "inProgress":
            await clock.advance(0.5)
            _, told = await self.status(told["id"])
        return told

    @asynccontextmanager
    async def preview(self, **parameters: Any) -> AsyncIterator[Live]:
        body = {"name": COMMAND[self.theta.camera.level], "parameters": parameters}
        async with self.http.post("/osc/commands/execute", json=body) as answer:
            assert answer.status == 200, await answer.text()
            yield Live(answer)


class Live:
    """One live picture that is read; `raw` is all that came."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer
        self.raw = b""
        self.chunks: list[bytes] = []  # as the camera cut it
        self._chunk = b""
        self._reader = MultipartReader(boundary_of(answer.headers["Content-Type"]))
        self._parts: list[Part] = []

    async def parts(self, count: int) -> list[Part]:
        """So many pictures; fewer if it ends before."""
        while len(self._parts) < count:
            data, whole = await self.answer.content.readchunk()
            if not data and not whole:
                break
            self.raw += data
            self._chunk += data
            if whole:
                self.chunks.append(self._chunk)
                self._chunk = b""
            self._parts += self._reader.feed(data)
        taken, self._parts = self._parts[:count], self._parts[count:]
        return taken


@asynccontextmanager
async def camera(model: Model = Model.X, *faults: str, **more: Any) -> AsyncIterator[Osc]:
    """A simulated camera and somebody who talks to it."""
    more = {"nature": SMALL, **more}
    async with (
        simulated(model, faults, **more) as theta,
        aiohttp.ClientSession(f"http://{theta.address}", timeout=aiohttp.ClientTimeout(total=30)) as session,
    ):
        yield Osc(theta, session)
