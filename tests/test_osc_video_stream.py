"""Users of OSCVideoStreamExample can switch: its checklist, C1 to C12, on the real command and a simulated camera."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from onlooker.simulation.theta.faults import Fault
from tests.peers.served import AUTHORIZATION, ONLOOKER, Served, free_port
from tests.peers.wire import read_part

ID, PASSWORD = "THETAYN10013308", "10013308 secret"


class Theta:
    """`onlooker simulate theta` in a process of its own, told what to do wrong over its own address."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.port = free_port()
        self.log = folder / "theta.log"
        self._command = [ONLOOKER, "simulate", "theta", "--port", str(self.port), *flags]

    def __enter__(self) -> Theta:
        with self.log.open("w") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: self.is_there(), "the camera did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def is_there(self) -> bool:
        try:
            return bool(self.counted())
        except OSError:
            return False

    def loses(self, **told: object) -> None:
        """Tell it something that cuts every connection, this one too."""
        with contextlib.suppress(OSError):
            self.counted(**told)

    def counted(self, **told: object) -> dict[str, Any]:
        """What was asked of it so far, after it was told something."""
        body = json.dumps(told).encode() if told else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_simulator", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            counted: dict[str, Any] = json.loads(answer.read())
            return counted


@pytest.fixture(scope="module")
def theta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theta]:
    folder = tmp_path_factory.mktemp("theta")
    (folder / "password").write_text(PASSWORD)
    with Theta(folder, "--model", "z1", "--id", ID, "--password-file", str(folder / "password")) as camera:
        yield camera


@pytest.fixture(scope="module")
def hub(theta: Theta, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hub")
    where = ("-r", "-o", "127.0.0.1", "-p", str(theta.port), "-i", ID, "--pwd", PASSWORD)
    with Served(folder, '[cameras.card]\nsource = "testcard:"\n', command=("osc", *where)) as served:
        yield served


@pytest.fixture(autouse=True)
def healthy(theta: Theta) -> Iterator[None]:
    yield
    theta.counted(clear="all")


def ask(
    hub: Served, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=40)
    try:
        visit.request(method, path, headers={"Authorization": AUTHORIZATION} if headers is None else headers)
        answer = visit.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        visit.close()


def pictures(hub: Served, count: int, path: str = "/video_feed") -> list[bytes]:
    """So many live pictures, placards not counted."""
    visit = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=60)
    try:
        visit.request("GET", path, headers={"Authorization": AUTHORIZATION})
        stream = visit.getresponse()
        assert stream.status == 200
        found: list[bytes] = []
        while len(found) < count:
            part = read_part(stream)  # type: ignore[arg-type]
            if part.headers["x-state"] == "live":
                found.append(part.body)
        return found
    finally:
        visit.close()


def until(holds: Any, otherwise: str, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)


def command_line(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ONLOOKER, "osc", *arguments], capture_output=True, text=True, timeout=60)


def test_c1_flags_that_do_not_fit_are_refused_in_one_line() -> None:
    for flags in (["-r"], ["-r", "-o", "127.0.0.1", "-i", ID], ["-o", "127.0.0.1"], ["-p", "80"], ["-i", ID]):
        done = command_line(*flags)
        assert done.returncode != 0
        assert done.stderr.startswith("onlooker: ")
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_c1_the_password_is_nowhere_to_be_seen(hub: Served, theta: Theta) -> None:
    assert ask(hub, "/info")[0] == 200
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [one for one in arguments if PASSWORD.encode() in one and b"pytest" not in one]
    assert PASSWORD not in hub.log.read_text()
    assert PASSWORD not in theta.log.read_text()
    pages = [ask(hub, path)[2] for path in ("/", "/cameras/theta", "/api/v1/cameras", "/api/v1/cameras/theta/device")]
    assert not [page for page in pages if PASSWORD.encode() in page or ID.encode() in page]


def test_c2_pages_and_streams_are_where_they_were(hub: Served) -> None:
    for path in ("/public/index.html", "/public/stream.html"):
        status, headers, _ = ask(hub, path)
        assert (status, headers["location"]) == (303, "/cameras/theta")
    status, headers, _ = ask(hub, "/raw_live_preview", "HEAD")
    assert status == 200
    assert headers["content-type"].startswith("multipart/x-mixed-replace")
    for path in ("/video_feed", "/raw_live_preview"):
        assert Image.open(BytesIO(pictures(hub, 1, path)[0])).size == (1024, 512)


@pytest.mark.parametrize(
    ("path", "holds"), [("/info", "model"), ("/state", "fingerprint"), ("/getOption/iso", "results")]
)
def test_c3_its_answers_are_the_same_pretty_json(hub: Served, path: str, holds: str) -> None:
    status, headers, body = ask(hub, path)
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    said = json.loads(body)
    assert holds in said
    assert body.decode() == json.dumps(said, indent=4, sort_keys=True, ensure_ascii=False)


def test_c3_a_camera_that_refuses_or_is_away_says_so(hub: Served, theta: Theta) -> None:
    status, _, body = ask(hub, "/getOption/nonsense")
    assert 400 <= status < 600
    assert json.loads(body)["code"]
    theta.loses(fault="asleep", seconds=4)
    status, _, body = ask(hub, "/getOption/exposureCompensation")
    assert status == 503
    assert "Traceback" not in body.decode()
    assert json.loads(body)["detail"]
    until(theta.is_there, "the camera did not wake")


def test_c4_a_link_changes_nothing_and_a_program_changes_with_types(hub: Served) -> None:
    url = "/setOption/previewFormat/1024x512@8"
    for headers in ({"Authorization": AUTHORIZATION, "Sec-Fetch-Site": "cross-site"}, {}):
        assert ask(hub, url, headers=headers)[0] in (401, 405)
    status, _, body = ask(hub, url)
    assert status == 200, body
    now = json.loads(ask(hub, "/getOption/previewFormat")[2])["results"]["options"]["previewFormat"]
    assert now == {"width": 1024, "height": 512, "framerate": 8}
    status, _, body = ask(hub, "/setOption/previewFormat/77x77@1", "POST")
    assert status == 422
    assert "1024" in json.loads(body)["detail"]  # what is allowed
    assert ask(hub, '/setOption/previewFormat/{"width":1024,"height":512,"framerate":30}'.replace('"', "%22"))[0] == 200


def test_c5_every_way_to_write_the_preview_is_read(hub: Served, theta: Theta) -> None:
    ways = [
        (),
        (Fault.DASHES,),
        (Fault.THUMBNAILS,),
        (Fault.NO_LENGTH, Fault.THUMBNAILS),
        (Fault.LINE_FEEDS,),
        (Fault.GARBAGE,),
        (Fault.PACKED,),
        (Fault.SPLIT,),
    ]
    for faults in ways:  # one live view, which changes its ways
        theta.counted(clear="all")
        for fault in faults:
            theta.counted(fault=fault.value)
        look_at(pictures(hub, 8))
    theta.counted(clear="all")
    theta.counted(fault="unchunked")
    theta.counted(fault="drop", times=1, value=0)  # which is decided when it begins
    look_at(pictures(hub, 8))


def look_at(live: list[bytes]) -> None:
    for data in live:
        with Image.open(BytesIO(data)) as picture:
            picture.load()
            assert picture.size == (1024, 512)


def test_c6_one_preview_whatever_the_number_of_viewers(hub: Served, theta: Theta) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert all(len(seen) == 10 for seen in pool.map(lambda _: pictures(hub, 10), range(8)))
    assert theta.counted()["previews_at_most"] == 1
    until(lambda: theta.counted()["previews_open"] == 0, "the preview was not let go")


@pytest.mark.parametrize("fault", ["drop", "stall"])
def test_c7_viewers_stay_and_the_preview_comes_back(hub: Served, theta: Theta, fault: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        seen = pool.submit(pictures, hub, 60)
        until(lambda: theta.counted()["previews_open"] == 1, "nobody watched")
        began = theta.counted()["previews"]
        theta.counted(fault=fault, times=1, seconds=30, value=0)
        until(lambda: theta.counted()["previews"] > began, "the preview was not opened again")
        theta.counted(clear="all")
        assert len(seen.result(60)) == 60


def test_c7_a_camera_that_cannot_now_is_asked_again(hub: Served, theta: Theta) -> None:
    theta.counted(fault="503", times=2)
    assert pictures(hub, 2)


def test_c8_the_password_goes_along_with_every_question_also_when_it_has_to_be_asked_anew(
    hub: Served, theta: Theta
) -> None:
    before = theta.counted()
    theta.counted(fault="nonce")
    for path in ("/state", "/info", "/getOption/iso"):
        assert ask(hub, path)[0] == 200
    assert pictures(hub, 3)
    after = theta.counted()
    assert after["passwords_wrong"] == before["passwords_wrong"]
    assert after["challenges"] > before["challenges"]


def test_c8_a_wrong_password_is_said_and_not_tried_over_and_over(theta: Theta, tmp_path: Path) -> None:
    config = f'[cameras.theta]\nsource = "osc://{ID}:wrong@127.0.0.1:{theta.port}"\nalways_on = true\n'
    before = theta.counted()["passwords_wrong"]
    with Served(tmp_path, config) as served:
        until(lambda: json.loads(served.get("/api/v1/cameras/theta"))["state"] == "refused", "it was not refused")
        assert "password" in json.loads(served.get("/api/v1/cameras/theta"))["reason"]
        for _ in range(5):
            assert ask(served, "/state")[0] >= 400
    assert theta.counted()["passwords_wrong"] - before <= 2


def test_c9_it_is_one_camera_among_the_others(hub: Served) -> None:
    listed = json.loads(hub.get("/api/v1/cameras"))["cameras"]
    assert [camera["name"] for camera in listed] == ["theta", "card"]
    with Image.open(BytesIO(hub.get("/cameras/theta/still.jpg"))) as still:
        assert still.size == (1024, 512)
    assert ask(hub, "/cameras/theta/still.jpg", headers={})[0] == 401


def test_c10_nothing_of_this_needs_opencv() -> None:
    code = "import sys, onlooker.app, onlooker.sources; onlooker.sources.kinds(); sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    lock = Path(__file__).parent.parent / "requirements.lock"
    assert "opencv" not in lock.read_text()


def test_c11_a_theta_s_is_brought_to_level_2_and_again_after_a_loss(tmp_path: Path) -> None:
    with Theta(tmp_path, "--model", "s") as old:
        config = f'[cameras.old]\nsource = "osc://127.0.0.1:{old.port}"\n'
        with Served(tmp_path, config) as served:
            assert len(pictures(served, 3)) == 3
            old.loses(lose_network=True)
            assert len(pictures(served, 3)) == 3
            assert old.counted()["commands"]["camera.startSession"] >= 2


def test_c12_the_camera_that_is_not_there_ships(theta: Theta) -> None:
    assert theta.counted()["model"] == "RICOH THETA Z1"
