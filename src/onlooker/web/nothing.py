"""The answer where there is nothing for a guest: the same for what is not theirs, what is gone and what never was."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from onlooker.web.problems import problem
from onlooker.web.templating import Pages


def wants_page(scope: Scope) -> bool:
    """Whether a person waits for a page, and not a program or a script for data."""
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def nothing_here(scope: Scope, pages: Pages) -> Response:
    """404: a page for people, problem+json for programs."""
    if wants_page(scope):
        return pages.render(Request(scope), "share_gone.html", status_code=404)
    return problem(404, f"There is nothing at {scope.get('path', '/')} on this hub.")
