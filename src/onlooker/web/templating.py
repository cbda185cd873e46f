"""Renders the pages: Jinja2 templates with links that honour the path prefix and static files that cache well."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HERE = Path(__file__).parent
_YEAR = "public, max-age=31536000, immutable"


class Pages:
    """`root` holds the folders `templates` and `static`.

    Every template has `url(path)` (a path of the hub, with the prefix), `static(name)` (a static file's URL that
    changes with its content) and `request`. A value that a template names and nobody gave is an error.
    """

    def __init__(self, root: Path = HERE) -> None:
        self._static = root / "static"
        self._hashes: dict[str, tuple[int, int, str]] = {}
        self.environment = Environment(
            loader=FileSystemLoader(root / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(
        self,
        request: Request,
        template: str,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> HTMLResponse:
        """The page as a response."""
        root_path = request.scope.get("root_path", "")

        def url(path: str) -> str:
            return f"{root_path}{path}"

        def static(name: str) -> str:
            return f"{root_path}/static/{name}?v={self.hash(name)}"

        text = self.environment.get_template(template).render(request=request, url=url, static=static, **values)
        return HTMLResponse(text, status_code, headers)

    def hash(self, name: str) -> str:
        """The start of the SHA-256 of a static file, computed again when the file changes."""
        path = self._static / name
        stat = path.stat()
        known = self._hashes.get(name)
        if known is None or known[:2] != (stat.st_mtime_ns, stat.st_size):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            known = self._hashes[name] = (stat.st_mtime_ns, stat.st_size, digest)
        return known[2]

    def static_files(self) -> StaticFiles:
        """The application to mount at /static; what it serves is public."""
        return _StaticFiles(self)

    @property
    def static_folder(self) -> Path:
        """Where the static files lie."""
        return self._static


class _StaticFiles(StaticFiles):
    """Kept for a year where the URL names the content, else asked for again each time (an ETag makes that cheap)."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(directory=pages.static_folder)
        self._pages = pages

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        version = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        named = response.status_code in (200, 304) and version == [self._pages.hash(path)]
        response.headers["Cache-Control"] = _YEAR if named else "no-cache"
        return response
