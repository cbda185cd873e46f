"""Guests of a real `onlooker serve`: no spelling of a URL leads out of what is shared; no log line shows a token."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.peers.served import ONLOOKER, Served

pytestmark = pytest.mark.peers

CONFIG = """
[server]
access_log = true
[cameras.yard]
source = "testcard:"
size = "320x240"
[cameras.door]
source = "testcard:"
size = "320x240"
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("hub"), CONFIG) as served:
        yield served


def share(hub: Served, *arguments: str) -> str:
    """The output of `onlooker share` beside the running hub."""
    folder = hub.log.parent
    where = ["--config", str(folder / "onlooker.toml"), "--data", str(folder / "data")]
    done = subprocess.run(
        [ONLOOKER, "share", *arguments, *where], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def asked(hub: Served, target: str, *headers: str, method: str = "GET") -> tuple[int, str]:
    """Status and head of the answer to a request sent byte for byte."""
    with socket.create_connection(("127.0.0.1", hub.port), timeout=20) as connection:
        lines = [f"{method} {target} HTTP/1.1", "Host: hub", "Connection: close", "Content-Length: 0", *headers]
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(65_536)):
            head += more
    text = head.partition(b"\r\n\r\n")[0].decode("latin-1")
    return int(text.split()[1]), text


@pytest.fixture(scope="module")
def guest(hub: Served) -> str:
    """The Cookie header of a guest of the camera yard."""
    link = share(hub, "camera", "yard", "--url", "http://hub")
    status, head = asked(hub, link.removeprefix("http://hub"))
    assert status == 303
    cookie = next(line for line in head.splitlines() if line.lower().startswith("set-cookie:"))
    return "Cookie: " + cookie.partition(":")[2].partition(";")[0].strip()


@pytest.mark.parametrize(
    "target",
    [
        "/cameras/yard",
        "/cameras/yard/still.jpg",
        "/cameras/yard/live.mjpg",
        "/api/v1/cameras/yard",
        "/live?cameras=yard",
        "/cameras/%79ard",  # the router sees the same
        "/cameras%2Fyard",
    ],
)
def test_what_is_shared(hub: Served, guest: str, target: str) -> None:
    assert asked(hub, target, guest)[0] == 200
    assert asked(hub, target)[0] == 401


@pytest.mark.parametrize(
    "target",
    [
        *("/", "//", "/cameras", "/cameras/door", "/cameras/none", "/cameras/door/live.mjpg", "/cameras/Yard"),
        *("/cameras/yard/../door", "/cameras/yard/%2e%2e/door", "/cameras/yard/..%2fdoor", "/cameras/yard%2f..%2fdoor"),
        *("/cameras/yard/", "//cameras/yard", "/cameras//yard", "/./cameras/yard", "/cameras/yard;x", "/CAMERAS/yard"),
        *("/cameras/yard%00", "/cameras/yard%2525", "/cameras/yard%20", "/cameras/y%C3%A4rd", "/cameras/yard%5cx"),
        *("/cameras/yard%3fx", "/cameras/yard%23", "/cameras/yard/live.mjpg%2f", "/cameras/%2e/yard"),
        *(
            "/live",
            "/live?cameras=",
            "/live?cameras=door",
            "/live?cameras=yard,door",
            "/live?cameras=yard&cameras=door",
        ),
        *("/live?cameras=yard%2Cdoor", "/live?cameras=yard&%63ameras=door", "/live?cameras=door#cameras=yard"),
        *("/api/v1/cameras", "/api/v1/cameras/door", "/api/v1/cameras/yard/", "/api/v1/shares", "/metrics", "/docs"),
        *("/video_feed/0", "/video_feed", "/?action=stream", "/api/stream.mjpeg?src=yard", "/api/v1/clock"),
        *("/static/../cameras/door", "/static/%2e%2e/cameras/door", "/s/../cameras/door", "/login/../cameras/door"),
        "http://hub/cameras/door",
    ],
)
def test_what_is_not_shared_is_not_there(hub: Served, guest: str, target: str) -> None:
    assert asked(hub, target, guest)[0] == 404
    assert asked(hub, target, guest, "X-Forwarded-Prefix: /cameras", "X-Original-URL: /cameras/yard")[0] == 404


def test_a_revoked_share_ends_at_once(hub: Served) -> None:
    link = share(hub, "camera", "door", "--url", "http://hub").removeprefix("http://hub")
    token = f"Authorization: Bearer {link.removeprefix('/s/')}"
    assert asked(hub, "/cameras/door", token)[0] == 200
    (line,) = [line for line in share(hub, "list").splitlines() if "camera door" in line]
    share(hub, "revoke", line.split()[0])
    assert asked(hub, "/cameras/door", token)[0] == 401
    assert asked(hub, link)[0] == 404


def test_no_log_line_shows_a_token(hub: Served) -> None:
    link = share(hub, "album", "photos", "--upload", "--url", "http://hub").removeprefix("http://hub")
    token = link.removeprefix("/s/")
    assert asked(hub, link)[0] == 303
    assert asked(hub, f"/upload?x=1&token={token}", method="POST")[0] in (200, 404, 411, 415, 422)
    assert asked(hub, f"/upload?token={token}", "Accept: text/html")[0] == 303
    assert asked(hub, f"/login?next=%2Fupload%3Ftoken%3D{token}")[0] == 200
    assert asked(hub, "/healthz")[0] == 200
    text = hub.log.read_text()
    assert "/upload?x=1&token=***" in text
    assert token not in text
