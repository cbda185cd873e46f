"""Clients that know nothing of Onlooker get a valid stream: curl, FFmpeg as program and as library, a bare socket."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from typing import BinaryIO, cast

import av
import pytest

from tests.peers.served import AUTHORIZATION, PASSWORD, USER, Served
from tests.peers.wire import is_jpeg, read_line, read_part

pytestmark = pytest.mark.peers

LIVE = "/cameras/card/live.mjpg"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("plain")) as server:
        server.get("/cameras/card/still.jpg")  # the camera is live before the first client asks
        yield server


@pytest.mark.parametrize("version", ["--http1.0", "--http1.1"])
@pytest.mark.parametrize("path", [LIVE, "/live?cameras=card", "/video_feed/0", "/?action=stream"])
def test_curl(served: Served, version: str, path: str) -> None:
    command = ["curl", "--silent", "--no-buffer", version, "--user", f"{USER}:{PASSWORD}", served.url(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        stream = cast(BinaryIO, curl.stdout)
        parts = [read_part(stream) for _ in range(5)]
        curl.kill()
    assert all(is_jpeg(part.body) for part in parts)
    assert all(part.headers["content-type"] == "image/jpeg" for part in parts)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_bare_socket(served: Served, version: str) -> None:
    """The response is the same for both: never chunked, so that a client of ten lines can read it."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        request = f"GET {LIVE} HTTP/{version}\r\nHost: 127.0.0.1\r\nAuthorization: {AUTHORIZATION}\r\n\r\n"
        connection.sendall(request.encode())
        with connection.makefile("rb") as stream:
            assert read_line(stream).split(b" ")[1] == b"200"
            head = []
            while line := read_line(stream):
                head.append(line.lower())
            assert b"content-type: multipart/x-mixed-replace;boundary=frame" in [
                line.replace(b"; ", b";") for line in head
            ]
            assert not [line for line in head if line.startswith((b"transfer-encoding:", b"content-length:"))]
            for _ in range(5):
                assert is_jpeg(read_part(stream).body)


def test_ffprobe_finds_motion_jpeg(served: Served) -> None:
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", served.url(LIVE, login=True)]
    found = subprocess.run(command, capture_output=True, timeout=60, check=True)
    [stream] = json.loads(found.stdout)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("mjpeg", 320, 240)


def test_ffmpeg_decodes_without_a_complaint(served: Served) -> None:
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-i",
        served.url(LIVE, login=True),
        "-frames:v",
        "10",
        "-f",
        "null",
        "-",
    ]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert ran.stderr == b""


def test_ffmpegs_library_decodes(served: Served) -> None:
    with av.open(served.url(LIVE, login=True), timeout=30) as container:
        pictures = [picture for _, picture in zip(range(5), container.decode(video=0), strict=False)]
    assert [(picture.width, picture.height) for picture in pictures] == [(320, 240)] * 5
