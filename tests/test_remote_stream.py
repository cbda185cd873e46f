"""Users of remote-stream can switch: the live half of its checklist, B1 to B8, B13 to B15, on the real command."""

from __future__ import annotations

import base64
import http.client
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from onlooker.config import ServerSettings
from tests.peers.served import AUTHORIZATION, Served
from tests.peers.wire import read_line, read_part

# Camera 1 is a device that is not there; camera 2 comes and goes.
CAMERAS = """
[cameras.door]
title = "Front door"
source = "testcard:door"
size = "320x180"
fps = 20
[cameras.desk]
title = "Desk"
source = "usb:97"
[cameras.yard]
title = "Yard"
source = "testcard:yard"
size = "320x180"
outage_every = 8
outage_for = 3
[cameras.gate]
title = "Gate"
source = "rtsp://127.0.0.1:9/none"
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("hub"), CAMERAS) as served:
        yield served


def ask(hub: Served, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
    try:
        visit.request("GET", path, headers={"Authorization": AUTHORIZATION} if headers is None else headers)
        answer = visit.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        visit.close()


def parts(hub: Served, path: str, count: int) -> list[tuple[dict[str, str], bytes]]:
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=60)
    try:
        visit.request("GET", path, headers={"Authorization": AUTHORIZATION})
        stream = visit.getresponse()
        assert stream.status == 200
        found = [read_part(stream) for _ in range(count)]  # type: ignore[arg-type]
        return [(part.headers, part.body) for part in found]
    finally:
        visit.close()


def test_b1_one_command_no_prompt_port_5000(hub: Served) -> None:
    assert ServerSettings().port == 5000
    assert ask(hub, "/healthz", {})[0] == 200  # it runs with its standard input closed


def test_b2_name_and_password_from_the_environment(hub: Served) -> None:
    assert ask(hub, "/")[0] == 200
    for path in ("/", "/video_feed/0", "/cameras/door/live.mjpg", "/cameras/door/still.jpg", "/api/v1/cameras"):
        status, headers, _ = ask(hub, path, {})
        assert status == 401
        assert headers["www-authenticate"].startswith("Basic realm=")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer x",
        "Basic",
        "Basic !!!",
        "Basic " + "A" * 5000,
        basic("ada"),
        basic(":"),
        basic("ada:"),
        "Digest a=b",
    ],
)
def test_b3_closed_to_everything_else(hub: Served, authorization: str) -> None:
    assert ask(hub, "/video_feed/0", {"Authorization": authorization})[0] in (401, 429)


def test_b3_without_a_password_in_the_environment_it_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served(tmp_path)
    for name in ("STREAM_USERNAME", "STREAM_PASSWORD"):
        served.environment.pop(name)
    with served:
        assert ask(served, "/", {})[0] == 401
        found = re.search(r"admin with the password (\S+)", served.log.read_text())
        assert found
        assert ask(served, "/", {"Authorization": basic(f"admin:{found[1]}")})[0] == 200


def test_b4_the_page_lists_every_camera(hub: Served) -> None:
    page = ask(hub, "/")[2].decode()
    for name, title in (("door", "Front door"), ("desk", "Desk"), ("yard", "Yard"), ("gate", "Gate")):
        assert title in page
        assert f'href="/cameras/{name}"' in page


def test_b5_video_feed_as_before(hub: Served) -> None:
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
    visit.request("GET", "/video_feed/0", headers={"Authorization": AUTHORIZATION})
    stream = visit.getresponse()
    assert stream.getheader("content-type") == "multipart/x-mixed-replace;boundary=frame"
    assert "no-cache" in (stream.getheader("cache-control") or "")
    assert read_part(stream).headers["x-camera"] == "door"  # type: ignore[arg-type]
    visit.close()
    status, _, body = ask(hub, "/video_feed/4")
    assert (status, json.loads(body)) == (404, {"error": "Camera not found"})
    assert parts(hub, "/video_feed/2", 1)[0][0]["x-camera"] == "yard"


def test_b6_all_viewers_see_every_frame_of_one_capture(hub: Served) -> None:
    with ThreadPoolExecutor(5) as pool:
        seen = list(pool.map(lambda _: parts(hub, "/cameras/door/live.mjpg", 30), range(5)))
    pictures = [{headers["x-sequence"]: body for headers, body in one} for one in seen]
    for one in pictures:
        numbers = sorted(map(int, one))
        assert numbers == list(range(numbers[0], numbers[0] + 30))
    shared = set.intersection(*(set(one) for one in pictures))
    assert shared
    assert all(len({one[number] for one in pictures}) == 1 for number in shared)


def test_b7_a_camera_that_goes_comes_back_to_the_same_viewer(hub: Served) -> None:
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=60)
    visit.request("GET", "/cameras/yard/live.mjpg", headers={"Authorization": AUTHORIZATION})
    stream = visit.getresponse()
    order = ["live", "lost", "live"]
    end = time.monotonic() + 60
    while order and time.monotonic() < end:
        if read_part(stream).headers["x-state"] == order[0]:  # type: ignore[arg-type]
            order.pop(0)
    visit.close()
    assert order == []


def test_b7_offline_is_never_an_empty_200(hub: Served) -> None:
    status, headers, body = ask(hub, "/cameras/desk/still.jpg")
    assert status == 503
    assert int(headers["retry-after"]) >= 1
    assert headers["content-type"] == "application/problem+json"
    assert "Desk" in json.loads(body)["detail"]
    told, picture = parts(hub, "/video_feed/1", 1)[0]
    assert told["x-state"] in ("lost", "refused", "connecting")
    assert Image.open(BytesIO(picture)).size[0] >= 320


def test_b8_starts_with_what_there_is(hub: Served) -> None:
    cameras = json.loads(ask(hub, "/api/v1/cameras")[2])["cameras"]
    assert [camera["name"] for camera in cameras] == ["door", "desk", "yard", "gate"]
    parts(hub, "/video_feed/1", 1)
    reason = json.loads(ask(hub, "/api/v1/cameras/desk")[2])["reason"]
    assert "97" in reason or "video97" in reason


def test_b8_starts_without_any_camera(tmp_path: Path) -> None:
    with Served(tmp_path, "") as served:
        assert "onlooker camera add" in served.get("/").decode()
        assert ask(served, "/video_feed/0")[0] == 404


def test_b13_network_cameras_stand_in_the_same_list(hub: Served) -> None:
    kinds = {camera["name"]: camera["kind"] for camera in json.loads(ask(hub, "/api/v1/cameras")[2])["cameras"]}
    assert kinds == {"door": "testcard", "desk": "usb", "yard": "testcard", "gate": "rtsp"}


def test_b14_behind_a_tunnel_that_knows_no_prefix(hub: Served) -> None:
    """A tunnel passes requests on with a host of its own; links are relative to it."""
    status, _, body = ask(hub, "/", {"Authorization": AUTHORIZATION, "Host": "abc.tunnel.example"})
    assert status == 200
    assert b"127.0.0.1" not in body


def _read_to_the_end(stream: http.client.HTTPResponse) -> None:
    while True:
        read_line(stream)  # type: ignore[arg-type]


def test_b15_stops_on_sigterm_while_watched_and_names_the_camera_in_its_log(tmp_path: Path) -> None:
    with Served(tmp_path, CAMERAS) as served:
        visit = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        visit.request("GET", "/live", headers={"Authorization": AUTHORIZATION})
        stream = visit.getresponse()
        read_part(stream)  # type: ignore[arg-type]
    # Served sent SIGTERM and waited; the viewer's connection was closed.
    with pytest.raises((AssertionError, OSError)):
        _read_to_the_end(stream)
    log = served.log.read_text()
    assert "camera=door" in log
    assert "stopped" in log
    assert "Traceback" not in log
