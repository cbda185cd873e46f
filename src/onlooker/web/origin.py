"""Tells whether a request that changes something was sent by our own pages or by somebody else's."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def same_site(scope: Scope) -> bool | None:
    """True: our own page sent it; False: another one did; None: nothing in the request says (no browser sent it).

    The scope's host is the visitor's (see Proxies). Only hosts are compared, not schemes: a proxy that ends TLS may be
    one we were not told about.
    """
    headers = Headers(scope=scope)
    if (site := headers.get("sec-fetch-site")) is not None:  # browsers do not let pages set it
        return site in ("same-origin", "none")
    said = headers.get("origin") or headers.get("referer")
    if said is None:
        return None
    try:
        sender = urlsplit(said)
    except ValueError:
        return False
    return bool(sender.netloc) and _host(sender.netloc) == _host(headers.get("host", ""))


def local_path(path: str) -> str:
    """The path to go to after a log-in: `path` if it stays on this hub for every browser, else the wall."""
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if inside and path.isprintable() and path.isascii() else "/"


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2].lower()
    return host.removesuffix(":80").removesuffix(":443")
