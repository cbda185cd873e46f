"""What a guest may reach: exactly what is named here; for the rest of the hub there is nothing at that address."""

from __future__ import annotations

import re

from starlette.datastructures import QueryParams

from onlooker.web.visitor import Grant, Visitor

_READING = frozenset({"GET", "HEAD"})
_UPLOADING = frozenset({"POST", "HEAD", "PATCH", "DELETE", "OPTIONS"})
# One plain segment of a path. Whatever a router, a proxy or a browser might read in two ways does not match: an empty
# segment, one of dots, a percent sign, a semicolon, a backslash, anything outside ASCII.
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\Z")


def is_guest(visitor: Visitor | None) -> bool:
    """Whether this visitor came without an account: by a share, or to a public album."""
    return visitor is not None and visitor.by in ("share", "public")


def may_look(visitor: Visitor | None, album: str) -> bool:
    """Whether this visitor may see the album."""
    return _may(visitor, album, upload=False)


def may_upload(visitor: Visitor | None, album: str) -> bool:
    """Whether this visitor may add photos to the album."""
    return _may(visitor, album, upload=True)


def may_send(visitor: Visitor | None, camera: str) -> bool:
    """Whether this visitor may be the one whose pictures the camera shows."""
    if visitor is None or not is_guest(visitor):
        return visitor is not None
    return any(grant.kind == "camera" and grant.name == camera and grant.upload for grant in visitor.grants)


def may_edit(visitor: Visitor | None, album: str) -> bool:
    """Whether this visitor may caption, hide, approve and delete the album's photos."""
    return visitor is not None and not is_guest(visitor)


def upload_album(visitor: Visitor | None) -> str | None:
    """The album a guest's photos go to where the URL names none (`POST /upload`): that of the newest share."""
    grants = visitor.grants if visitor is not None else ()
    return next((grant.name for grant in grants if grant.kind == "album" and grant.upload), None)


def may(visitor: Visitor, method: str, path: str, query: bytes) -> bool:
    """Whether this visitor may send this request.

    `path` is the decoded path the router will see, without the hub's prefix; `query` as it came.
    """
    if not is_guest(visitor):
        return True
    segments = path.split("/")[1:] if path.startswith("/") else []
    if not segments or not all(_SEGMENT.match(segment) for segment in segments):
        return False
    return any(_allows(grant, method, segments, query) for grant in visitor.grants)


def _may(visitor: Visitor | None, album: str, *, upload: bool) -> bool:
    if visitor is None or not is_guest(visitor):
        return visitor is not None
    return any(
        grant.kind == "album" and grant.name == album and (grant.upload or not upload) for grant in visitor.grants
    )


def _allows(grant: Grant, method: str, segments: list[str], query: bytes) -> bool:
    if grant.kind == "camera":
        if method in _READING and _shows_camera(grant.name, segments, query):
            return True
        return grant.upload and _sends_to_camera(grant.name, method, segments)
    if method in _READING and _shows_album(grant, segments):
        return True
    return grant.upload and _adds_to_album(grant.name, method, segments)


def _shows_camera(name: str, segments: list[str], query: bytes) -> bool:
    match segments:
        case ["cameras", camera] | ["cameras", camera, "live.mjpg" | "still.jpg"] | ["api", "v1", "cameras", camera]:
            return camera == name
        case ["api", "v1", "cameras", camera, "events"]:  # which tells guests less
            return camera == name
        case ["live"]:  # without `cameras` it would be all of them
            return QueryParams(query).getlist("cameras") == [name]
    return False


def _sends_to_camera(name: str, method: str, segments: list[str]) -> bool:
    match segments:
        case ["cameras", camera, "broadcast"]:
            return method in _READING and camera == name
        case ["cameras", camera, "broadcast", "socket"]:
            return method == "WEBSOCKET" and camera == name
        case ["cameras", camera, "frame"]:
            return method == "PUT" and camera == name
        case ["cameras", camera, "stream"]:
            return method == "POST" and camera == name
    return False


def _shows_album(grant: Grant, segments: list[str]) -> bool:
    match segments:
        case ["albums", album, *below]:
            return album == grant.name and (grant.upload or below[:1] != ["snap"])
        case ["api", "v1", "albums", album] | ["api", "v1", "albums", album, "photos" | "days" | "events"]:
            return album == grant.name
        case ["api", "v1", "albums", album, "photos", _]:  # which tells guests less
            return album == grant.name
    return segments == ["api", "v1", "clock"]


def _adds_to_album(name: str, method: str, segments: list[str]) -> bool:
    match segments:
        case ["api", "v1", "albums", album, "photos"] | ["api", "v1", "albums", album, "photos", "check"]:
            return method == "POST" and album == name
        case ["api", "v1", "uploads"] | ["api", "v1", "uploads", _]:  # which ask may_upload for the album themselves
            return method in _UPLOADING
    return method == "POST" and segments == ["upload"]
