"""Users of OmmShot can switch: its checklist, A1 to A10, on the real command; A4 and A8 also in tests/browser."""

from __future__ import annotations

import http.client
import json
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from onlooker.formats.sse import Message, Reader
from tests.archive.sending import jpeg
from tests.peers.served import AUTHORIZATION, ONLOOKER, Served

CONFIG = '[albums.shots]\ntitle = "Shots"\n[archive]\nmax_photo = "2MB"\n'
PHONE = {"Authorization": AUTHORIZATION}
EVENTS = "/albums/shots/events"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("hub"), CONFIG) as served:
        yield served


def ask(
    hub: Served, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
    try:
        visit.request(method, path, body, PHONE if headers is None else headers)
        answer = visit.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        visit.close()


class Onlooker:
    """A viewer of the album: reads in a thread of its own, so that a test can take what came."""

    def __init__(self, hub: Served, path: str = EVENTS) -> None:
        self._visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=60)
        self._visit.request("GET", path, headers=PHONE)
        self._socket = self._visit.sock
        self._answer = self._visit.getresponse()
        assert self._answer.status == 200
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def next(self) -> tuple[str, dict[str, object]]:
        """The next message that is no presence, as OmmShot's viewers know it: what happened, and its data."""
        while True:
            message = self._messages.get(timeout=20)
            if message.event != "presence":
                return message.event, json.loads(message.data)

    def nothing_more(self) -> bool:
        return self._messages.empty()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(20)
        self._answer.close()

    def _read(self) -> None:
        reader = Reader()
        try:
            while data := self._answer.read1(1 << 14):
                for message in reader.feed(data):
                    self._messages.put(message)
        except (OSError, http.client.HTTPException):
            pass  # closed


@contextmanager
def looking(hub: Served, path: str = EVENTS) -> Iterator[Onlooker]:
    viewer = Onlooker(hub, path)
    try:
        yield viewer
    finally:
        viewer.close()


def test_a1_a_raw_jpeg_is_answered_with_1(hub: Served) -> None:
    for number, kind in enumerate(("image/jpeg", "application/x-www-form-urlencoded", "application/octet-stream")):
        status, headers, body = ask(hub, "POST", "/upload", jpeg(10 + number), PHONE | {"Content-Type": kind})
        assert (status, body) == (200, b"1")
        assert headers["content-type"].startswith("text/plain")
    status, _, body = ask(hub, "POST", "/upload", jpeg(13), PHONE | {"Accept": "application/json"})
    about = json.loads(body)
    assert status == 201
    assert about["key"] == f"images/{about['id']}.jpg"


def test_a1_also_on_a_slow_disk(tmp_path: Path) -> None:
    slow = [sys.executable, str(Path(__file__).parent / "faults" / "slow_disk.py")]
    with Served(tmp_path, CONFIG, program=slow) as hub:
        assert ask(hub, "POST", "/upload", jpeg(1))[::2] == (200, b"1")


def test_a2_two_events_a_photo_in_order_to_every_viewer(hub: Served) -> None:
    with looking(hub) as first, looking(hub) as second:
        keys = []
        for number in range(20, 24):
            body = ask(hub, "POST", "/upload", jpeg(number), PHONE | {"Accept": "application/json"})[2]
            keys.append(json.loads(body)["key"])
        for viewer in (first, second):
            for key in keys:
                uploading, complete = viewer.next(), viewer.next()
                assert (uploading[0], uploading[1]["key"]) == ("uploading", key)
                assert (complete[0], complete[1]["key"]) == ("complete", key)
                assert "url" in complete[1]
                assert "url" not in uploading[1]


def test_a2_a_photo_that_is_not_stored_is_a_third_event(hub: Served) -> None:
    with looking(hub) as viewer:
        status, _, _ = ask(hub, "POST", "/upload", jpeg(30)[:-200])  # it begins well
        assert status == 422
        (_, uploading), (kind, failed) = viewer.next(), viewer.next()
        assert kind == "failed"
        assert failed["key"] == uploading["key"]
        ask(hub, "POST", "/upload", jpeg(31))
        assert [viewer.next()[0], viewer.next()[0]] == ["uploading", "complete"]


def test_a3_the_url_works_the_moment_it_is_announced(hub: Served) -> None:
    with looking(hub) as viewer:
        for number in range(40, 46):
            thread = threading.Thread(target=ask, args=(hub, "POST", "/upload", jpeg(number)))
            thread.start()
            viewer.next()
            _, complete = viewer.next()
            assert re.fullmatch(r"images/[a-z2-7]{26}\.jpg", str(complete["key"]))
            status, headers, body = ask(hub, "GET", str(complete["url"]))
            assert status == 200
            assert headers["content-type"] == "image/jpeg"
            assert Image.open(BytesIO(body)).format == "JPEG"
            assert ask(hub, "GET", str(complete["original"]))[2] == jpeg(number)
            thread.join()


def test_a4_who_comes_late_or_back_sees_what_was_before(hub: Served) -> None:
    with looking(hub) as viewer:
        ask(hub, "POST", "/upload", jpeg(50))
        viewer.next()
        _, first = viewer.next()
    listed = json.loads(ask(hub, "GET", "/api/v1/albums/shots/photos?limit=5")[2])
    assert listed["photos"][0]["id"] == first["id"]
    ask(hub, "POST", "/upload", jpeg(51))  # while nobody looks
    with looking(hub, f"{EVENTS}?after={listed['position']}") as viewer:
        kind, missed = viewer.next()
        assert kind == "complete"
        assert missed["order"] == int(str(first["order"])) + 1
    assert len(json.loads(ask(hub, "GET", "/api/v1/albums/shots/photos?limit=5")[2])["photos"]) == 5  # bounded


def test_a5_many_viewers_and_one_that_never_reads(hub: Served) -> None:
    stalled = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=60)
    stalled.request("GET", EVENTS, headers=PHONE)
    viewers = [Onlooker(hub) for _ in range(30)]
    try:
        for number in range(60, 63):
            ask(hub, "POST", "/upload", jpeg(number))
        for viewer in viewers:
            assert [viewer.next()[0] for _ in range(6)] == ["uploading", "complete"] * 3
    finally:
        for viewer in viewers:
            viewer.close()
        stalled.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"<html>hello</html>", 415),
        (b"GIF89a" + bytes(500), 415),
        (jpeg(1) + bytes(3_000_000), 413),
    ],
    ids=["empty", "a page", "a kind that is not taken", "too large"],
)
def test_a6_what_is_refused_is_said_and_tells_nobody(hub: Served, body: bytes, status: int) -> None:
    with looking(hub) as viewer:
        answered, headers, said = ask(hub, "POST", "/upload", body)
        assert answered == status
        assert headers["content-type"] == "application/problem+json"
        assert json.loads(said)["detail"]
        ask(hub, "POST", "/upload", jpeg(70 + status))
        assert viewer.next()[0] == "uploading"  # of the next one: nothing came before
    assert ask(hub, "POST", "/upload", body, {})[0] == 401


def test_a6_phones_without_headers_have_their_token_in_the_url(hub: Served) -> None:
    command = [ONLOOKER, "share", "album", "shots", "--upload", "--data", str(hub.log.parent / "data")]
    said = subprocess.run(
        [*command, "--config", str(hub.log.parent / "onlooker.toml")], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    token = re.search(r"/s/([A-Za-z0-9_-]+)", said.stdout + said.stderr)
    assert token is not None
    status, _, body = ask(hub, "POST", f"/upload?token={token[1]}", jpeg(80), {})
    assert (status, body) == (200, b"1")
    assert ask(hub, "POST", "/upload?token=nonsense", jpeg(81), {})[0] == 401
    assert ask(hub, "GET", f"/albums/shots?token={token[1]}", b"", {})[0] == 401  # nowhere else
    assert token[1] not in hub.log.read_text()


def test_a7_no_cloud_and_private_by_default(hub: Served) -> None:
    folder = hub.log.parent / "data" / "archive" / "shots"
    ask(hub, "POST", "/upload", jpeg(90))
    assert jpeg(90) in [path.read_bytes() for path in folder.rglob("*.jpg")]
    for path in ("/albums/shots", EVENTS, "/api/v1/albums/shots/photos", "/beam", "/albums/shots/latest.jpg"):
        assert ask(hub, "GET", path, b"", {})[0] == 401


def test_a9_the_simulation_tells_by_its_status_how_it_went(hub: Served) -> None:
    command = [ONLOOKER, "simulate", "photos", hub.url("/albums/shots", login=True), "--count", "4", "--rate", "4"]
    command += ["--size", "320x240", "--late", "60s", "--timeout", "60s"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    command[3] = hub.url("/albums/nothing", login=True)
    failed = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert failed.returncode != 0


def test_a10_the_newest_photo_has_a_url(hub: Served) -> None:
    big = BytesIO()
    Image.new("RGB", (400, 300), (200, 30, 60)).save(big, "JPEG")
    ask(hub, "POST", "/upload", big.getvalue())
    for path in ("/beam", "/albums/shots/latest.jpg"):
        status, headers, body = ask(hub, "GET", path)
        assert status == 200
        assert headers["cache-control"] == "no-store"
        assert Image.open(BytesIO(body)).size == (400, 300)
