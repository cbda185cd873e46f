"""Liveness and readiness are public and say nothing else."""

from __future__ import annotations

from typing import Any

import aiohttp

from onlooker.web import health

House = Any  # the fixtures of conftest.py
Serve = Any


async def test_health_and_readiness(house: House, serve: Serve, client: aiohttp.ClientSession) -> None:
    ready = False
    house.app.include_router(health.router(lambda: ready))
    base = await serve(house.gated())
    async with client.get(base + "/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")
    async with client.get(base + "/readyz") as answer:
        assert (answer.status, await answer.text()) == (503, "not ready\n")
    ready = True
    async with client.get(base + "/readyz") as answer:
        assert (answer.status, await answer.text()) == (200, "ready\n")
