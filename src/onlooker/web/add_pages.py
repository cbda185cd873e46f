"""The page on which somebody with an account finds a camera, tries it and adds it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from onlooker.web.gate import visitor_of
from onlooker.web.templating import Pages


def router(pages: Pages) -> APIRouter:
    """/add."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/add", methods=["GET", "HEAD"])
    async def add(request: Request) -> Response:
        return pages.render(request, "add.html", visitor=visitor_of(request.scope))

    return routes
