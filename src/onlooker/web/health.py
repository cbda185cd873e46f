"""Says to supervisors and load balancers whether the process lives and whether it serves; public, and silent else."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response


def router(ready: Callable[[], bool]) -> APIRouter:
    """/healthz and /readyz; `ready` says whether the configuration is loaded and the hub runs."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Response:
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

    @routes.api_route("/readyz", methods=["GET", "HEAD"])
    async def readyz() -> Response:
        text, status = ("ready\n", 200) if ready() else ("not ready\n", 503)
        return PlainTextResponse(text, status, headers={"Cache-Control": "no-store"})

    return routes
