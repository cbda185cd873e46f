"""Who sent a request, as the gate found out and every endpoint may ask."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.types import Scope

_VISITOR = "onlooker.visitor"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a share lets its guest reach: one album or camera, and whether they may send pictures to it.

    `share_id` is empty for an album that is open to everybody.
    """

    kind: Literal["album", "camera"]
    name: str
    upload: bool
    share_id: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent the request, and how we know.

    `prolong`: the session is past half of its life. `by_cookie`: the browser sent the proof by itself, so another site
    may have made it. `grants` are a guest's, who has no name and may do nothing else: one who came by a share, or,
    where `by` is "public", anybody at all. `token` is the SHA-256 of an API token.
    """

    name: str
    by: Literal["session", "password", "token", "share", "public"]
    prolong: bool = False
    by_cookie: bool = False
    grants: tuple[Grant, ...] = ()
    token: str = ""


def visitor_of(scope: Scope) -> Visitor | None:
    """Who the gate let in; None on public paths."""
    visitor = scope.get(_VISITOR)
    return visitor if isinstance(visitor, Visitor) else None


def mark_visitor(scope: MutableMapping[str, Any], visitor: Visitor | None) -> None:
    """For the gate alone: say who it let in."""
    scope[_VISITOR] = visitor


def client_of(scope: Scope) -> str:
    """The visitor's address, for the log and the limits on tries."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"
