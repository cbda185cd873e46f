"""What a camera can do, asked for over a real socket from a real hub with a scripted camera."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from onlooker.archive.archive import Archive
from onlooker.archive.options import AlbumPlan, ArchiveOptions
from onlooker.clock import SystemClock
from onlooker.devices import Option
from onlooker.errors import DeviceAway, DeviceBusy, DeviceError, DeviceRefused, UnfitOption
from onlooker.live.hub import CameraPlan, Hub
from onlooker.web import device_jobs
from onlooker.web.api import devices
from onlooker.web.device_jobs import Jobs
from tests.archive.sending import jpeg
from tests.web.conftest import House, Pictures, Serve
from tests.web.gadget import Gadget, Lump

EYE = "/api/v1/cameras/eye/device"


@dataclass
class Asker:
    client: aiohttp.ClientSession
    hub: str
    headers: dict[str, str]

    async def __call__(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> tuple[int, Any]:
        headers = {**self.headers, "Origin": self.hub}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        async with self.client.request(method, self.hub + path, data=data, headers=headers) as answer:
            data = await answer.read()
            return answer.status, json.loads(data) if data and "json" in answer.content_type else data

    async def job(self, path: str, until: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(10):
            while True:
                status, job = await self("GET", path)
                assert status == 200
                if until(job):
                    return job
                await asyncio.sleep(0.005)


@pytest.fixture
def eye() -> Gadget:
    return Gadget(
        settings={
            "iso": Option("iso", 100, (100, 200, 400)),
            "format": Option("format", {"width": 1024}, ({"width": 1024}, {"width": 1920})),
            "gain": Option("gain", 0.5, minimum=0.0, maximum=1.0),
            "sound": Option("sound", True),
        },
        card={f"http://10.0.0.9/files/R{number}.JPG": jpeg(number) for number in range(5)},
    )


@pytest.fixture
async def hub(eye: Gadget) -> AsyncIterator[Hub]:
    hub = Hub(SystemClock())
    lump = Lump()
    await hub.apply(
        [
            eye.plan(),
            CameraPlan("yard", "The yard", "http", lambda: Pictures(40), fingerprint="a"),
            CameraPlan("lump", "The lump", "x", lambda: lump, fingerprint="b"),
        ]
    )
    yield hub
    await hub.close()


@pytest.fixture
async def jobs() -> AsyncIterator[Jobs]:
    made = Jobs()
    yield made
    await made.close()


@pytest.fixture
async def ask(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub, archive: Archive, jobs: Jobs
) -> Asker:
    await archive.apply([AlbumPlan("eye", "Eye")])
    house.app.include_router(devices.router(hub, archive, jobs, house.clock))
    return Asker(client, await serve(house.gated()), house.cookie())


async def test_what_it_says_of_itself(ask: Asker) -> None:
    status, told = await ask("GET", EYE)
    assert status == 200
    assert told == {
        "abilities": ["card", "home", "move", "options", "presets", "shoot", "zoom"],
        "as_of": "2027-01-15T08:00:00Z",
        **{"maker": "Acme", "model": "Eye 3", "firmware": "1.2", "serial": "0042"},
        **{"battery": 0.57, "charging": False, "storage_left": 3_000_000_000, "storage": 8_000_000_000},
        **{"pictures_left": 412, "capture": "idle", "problems": ["The lens cap is on."]},
    }


@pytest.mark.parametrize("camera", ["yard", "lump"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/options"),
        ("PUT", "/options/iso"),
        ("POST", "/shoot"),
        ("GET", "/files"),
        ("GET", "/files/YQ/thumbnail"),
        ("POST", "/files/YQ/fetch"),
        ("POST", "/stop"),
        ("POST", "/home"),
        ("GET", "/presets"),
        ("POST", "/presets/1"),
    ],
)
async def test_what_a_camera_cannot_do_is_not_there(ask: Asker, camera: str, method: str, path: str) -> None:
    status, told = await ask(method, f"/api/v1/cameras/{camera}/device{path}")
    assert (status, told["detail"].startswith(f"The {camera} ")) == (404, True)


async def test_a_camera_without_a_device_or_name(ask: Asker) -> None:
    assert (await ask("GET", "/api/v1/cameras/yard/device"))[0] == 404
    assert (await ask("GET", "/api/v1/cameras/lump/device"))[0] == 502
    assert (await ask("POST", "/api/v1/cameras/yard/device/move", {"pan": 1}))[0] == 404
    assert (await ask("GET", "/api/v1/cameras/nobody/device"))[0] == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DeviceAway("It sleeps. Wake it.", ""), 503),
        (DeviceBusy("It takes a film.", "disabledCommand", 7), 503),
        (DeviceRefused("It wants another password.", ""), 409),
        (UnfitOption("It takes 1 or 2.", "invalidParameterValue"), 422),
        (DeviceError("It failed.", "unexpected"), 502),
    ],
)
async def test_what_goes_wrong_is_said_in_the_cameras_words(
    ask: Asker, eye: Gadget, error: DeviceError, status: int
) -> None:
    eye.fails = error
    for method, path in [("GET", ""), ("GET", "/options"), ("GET", "/files"), ("POST", "/stop"), ("GET", "/presets")]:
        got, told = await ask(method, EYE + path)
        assert (got, told["detail"], told.get("code", "")) == (status, str(error), error.code)


async def test_a_camera_that_never_answers_is_given_up(
    ask: Asker, eye: Gadget, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(devices, "PATIENCE", 0.05)
    monkeypatch.setattr(eye, "stop", never)
    status, told = await ask("POST", f"{EYE}/stop")
    assert status == 503
    assert "did not answer" in told["detail"]


async def test_options_as_they_are_and_set(ask: Asker, eye: Gadget) -> None:
    _, told = await ask("GET", f"{EYE}/options")
    assert told["options"][0] == {
        "name": "iso",
        "value": 100,
        "choices": [100, 200, 400],
        "minimum": None,
        "maximum": None,
    }
    for name, value in [("iso", 400), ("format", {"width": 1920}), ("gain", 0.25), ("sound", False)]:
        status, told = await ask("PUT", f"{EYE}/options/{name}", {"value": value})
        assert (status, told["value"]) == (200, value)
        assert eye.settings[name].value == value
        assert type(eye.settings[name].value) is type(value)


@pytest.mark.parametrize("body", [b"", b"400", b'{"wert": 400}', b'{"value": NaN}', b'{"value": 1e999}', b"{"])
async def test_what_is_no_value_never_reaches_the_camera(ask: Asker, eye: Gadget, body: bytes) -> None:
    status, told = await ask("PUT", f"{EYE}/options/gain", raw=body)
    assert status == 422
    assert "detail" in told
    assert eye.settings["gain"].value == 0.5


async def test_a_camera_whose_numbers_are_none(ask: Asker, eye: Gadget) -> None:
    eye.settings["gain"] = Option("gain", float("nan"))
    assert (await ask("GET", f"{EYE}/options"))[0] == 502


async def test_a_setting_is_not_endless(ask: Asker) -> None:
    assert (await ask("PUT", f"{EYE}/options/iso", {"value": "x" * 70_000}))[0] == 413


async def test_a_value_that_does_not_fit_says_so(ask: Asker) -> None:
    status, told = await ask("PUT", f"{EYE}/options/iso", {"value": "400"})
    assert (status, told["code"]) == (422, "invalidParameterValue")


async def test_a_picture_is_taken_and_kept_byte_for_byte(ask: Asker, eye: Gadget, archive: Archive) -> None:
    data = jpeg(9, (640, 320))
    eye.size = len(data)
    status, job = await ask("POST", f"{EYE}/shoot")
    assert (status, job["kind"], job["state"], job["step"], job["progress"]) == (
        202,
        "shoot",
        "running",
        "taking",
        None,
    )
    place = f"{EYE}/jobs/{job['id']}"
    await ask.job(place, lambda _: eye.progress is not None)
    assert eye.progress is not None
    eye.progress(0.25)
    assert (await ask("GET", place))[1]["progress"] == 0.25
    eye.progress(float("nan"))
    assert (await ask("GET", place))[1]["progress"] is None
    assert (await ask("POST", f"{EYE}/shoot"))[0] == 503
    eye.may_take.set()
    await ask.job(place, lambda job: job["step"] == "fetching")
    eye.pieces.put_nowait(data[: len(data) // 2])
    half = await ask.job(place, lambda job: job["progress"])
    assert half["progress"] == pytest.approx(0.5, abs=0.01)
    assert half["photo"] is None
    eye.pieces.put_nowait(data[len(data) // 2 :])
    eye.pieces.put_nowait(None)
    over = await ask.job(place, lambda job: job["state"] != "running")
    assert (over["state"], over["new"], over["error"]) == ("done", True, None)
    photo = over["photo"]
    assert (photo["kind"], photo["album"], photo["author"]) == ("snapshot", "eye", "anna")
    assert photo["sha256"] == hashlib.sha256(data).hexdigest()
    kept = await archive.photo(archive.album("eye"), photo["id"])
    assert kept.filename == "R0010001.JPG"
    assert archive.layout.find(kept).read_bytes() == data
    assert eye.open == 0
    listed = (await ask("GET", f"{EYE}/jobs"))[1]["jobs"]
    assert listed == [over]


async def test_a_picture_that_breaks_off_leaves_nothing(
    ask: Asker, eye: Gadget, archive: Archive, options: ArchiveOptions
) -> None:
    eye.may_take.set()
    for last in (DeviceAway("The camera is gone. Come closer.", "gone"), None):
        eye.size = 90_000
        _, job = await ask("POST", f"{EYE}/shoot")
        eye.pieces.put_nowait(jpeg(3))
        eye.pieces.put_nowait(last)
        job = await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running")
        assert job["state"] == "failed"
        assert job["photo"] is None
        if last is not None:
            assert job["error"] == {"detail": "The camera is gone. Come closer.", "code": "gone"}
        else:
            assert "broke off" in job["error"]["detail"]
    assert archive.album("eye").shown == 0
    assert list((options.data / "incoming").iterdir()) == []


async def test_a_camera_that_refuses_to_shoot_says_why(ask: Asker, eye: Gadget) -> None:
    eye.fails = DeviceRefused("The card is full. Delete something.", "storeFull")
    _, job = await ask("POST", f"{EYE}/shoot")
    job = await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running")
    assert job["error"] == {"detail": "The card is full. Delete something.", "code": "storeFull"}


async def test_a_defect_of_ours_is_not_shown(ask: Asker, eye: Gadget, caplog: pytest.LogCaptureFixture) -> None:
    eye.fails = ZeroDivisionError("inside")
    _, job = await ask("POST", f"{EYE}/shoot")
    job = await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running")
    assert "inside" not in job["error"]["detail"]
    assert "inside" in caplog.text


async def test_a_job_that_takes_for_ever_is_given_up(ask: Asker, eye: Gadget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_jobs, "LONGEST", 0.05)
    _, job = await ask("POST", f"{EYE}/shoot")
    job = await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running")
    assert "given up" in job["error"]["detail"]
    assert eye.open == 0


async def test_a_job_is_stopped(ask: Asker, eye: Gadget, archive: Archive) -> None:
    _, job = await ask("POST", f"{EYE}/shoot")
    place = f"{EYE}/jobs/{job['id']}"
    assert (await ask("DELETE", place))[1]["state"] == "stopped"
    assert eye.open == 0
    assert (await ask("DELETE", place))[1]["state"] == "stopped"
    assert (await ask("GET", f"{EYE}/jobs/nothing"))[0] == 404
    assert (await ask("GET", f"/api/v1/cameras/lump/device/jobs/{job['id']}"))[0] == 404
    eye.may_take.set()
    assert (await ask("POST", f"{EYE}/shoot"))[0] == 202


async def test_jobs_end_with_the_hub(ask: Asker, eye: Gadget, jobs: Jobs) -> None:
    _, job = await ask("POST", f"{EYE}/shoot")
    await jobs.close()
    assert (await ask("GET", f"{EYE}/jobs/{job['id']}"))[1]["state"] == "stopped"
    assert eye.open == 0
    assert (await ask("POST", f"{EYE}/shoot"))[0] == 503


async def test_what_is_on_the_card(ask: Asker, eye: Gadget) -> None:
    _, first = await ask("GET", f"{EYE}/files?limit=3")
    assert [file["name"] for file in first["files"]] == ["R0.JPG", "R1.JPG", "R2.JPG"]
    assert first["total"] == 5
    _, last = await ask("GET", f"{EYE}/files?limit=3&after={first['next']}")
    assert [file["name"] for file in last["files"]] == ["R3.JPG", "R4.JPG"]
    assert last["next"] is None
    file = first["files"][0]
    status, small = await ask("GET", file["links"]["thumbnail"])
    assert (status, small[:2]) == (200, b"\xff\xd8")


async def test_a_stored_picture_is_fetched_once(ask: Asker, eye: Gadget, archive: Archive) -> None:
    file = (await ask("GET", f"{EYE}/files"))[1]["files"][2]
    seen = []
    for _ in range(2):
        status, job = await ask("POST", file["links"]["fetch"])
        assert (status, job["kind"], job["file"]) == (202, "fetch", file["id"])
        seen.append(await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running"))
    assert [(job["state"], job["new"]) for job in seen] == [("done", True), ("done", False)]
    assert seen[0]["photo"]["id"] == seen[1]["photo"]["id"]
    assert seen[0]["photo"]["sha256"] == hashlib.sha256(jpeg(2)).hexdigest()
    assert archive.album("eye").shown == 1


@pytest.mark.parametrize("file", ["!!", "_w", "bm90aGluZw", "a"])
async def test_a_file_that_is_not_there(ask: Asker, file: str) -> None:
    assert (await ask("GET", f"{EYE}/files/{file}/thumbnail"))[0] == 404
    status, job = await ask("POST", f"{EYE}/files/{file}/fetch")
    if status == 202:  # only the camera knows
        job = await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running")
        assert job["error"]["detail"] == "The camera has no such file."
    else:
        assert status == 404


async def test_what_is_no_jpeg_is_not_handed_on(ask: Asker, eye: Gadget, monkeypatch: pytest.MonkeyPatch) -> None:
    async def page(_: str) -> bytes:
        return b"<script>"

    monkeypatch.setattr(eye, "thumbnail", page)
    assert (await ask("GET", f"{EYE}/files/YQ/thumbnail"))[0] == 404


async def test_too_much_at_once(ask: Asker, eye: Gadget, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_jobs, "MOST_OF_CAMERA", 1)
    assert (await ask("POST", f"{EYE}/shoot"))[0] == 202
    status, told = await ask("POST", f"{EYE}/files/YQ/fetch")
    assert status == 503
    assert "Try again" in told["detail"]


async def test_jobs_that_are_over_are_forgotten_in_the_end(
    ask: Asker, eye: Gadget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_jobs, "MOST_OVER", 2)
    eye.fails = DeviceAway("Gone.")
    begun = []
    for _ in range(4):
        _, job = await ask("POST", f"{EYE}/shoot")
        begun.append(job["id"])
        await ask.job(f"{EYE}/jobs/{job['id']}", lambda job: job["state"] != "running")
    listed = [job["id"] for job in (await ask("GET", f"{EYE}/jobs"))[1]["jobs"]]
    assert listed == begun[:0:-1]


async def test_it_moves(ask: Asker, eye: Gadget) -> None:
    assert await ask("POST", f"{EYE}/move", {"pan": 0.5, "tilt": -1}) == (204, b"")
    assert await ask("POST", f"{EYE}/stop") == (204, b"")
    assert await ask("POST", f"{EYE}/home") == (204, b"")
    _, told = await ask("GET", f"{EYE}/presets")
    assert told == {"presets": [{"id": "1", "name": "Gate"}, {"id": "a/b c", "name": "Yard"}]}
    assert await ask("POST", f"{EYE}/presets/a%2Fb%20c") == (204, b"")
    assert eye.done == [(0.5, -1.0, 0.0), "stop", "home", ("preset", "a/b c")]


@pytest.mark.parametrize("body", [{"pan": 1.5}, {"pan": "left"}, {"speed": 1}, {"zoom": None}, [1]])
async def test_a_movement_that_is_none(ask: Asker, eye: Gadget, body: Any) -> None:
    assert (await ask("POST", f"{EYE}/move", body))[0] == 422
    assert eye.done == []


PATHS = [
    *[("GET", path) for path in ("", "/options", "/files", "/files/YQ/thumbnail", "/jobs", "/jobs/x", "/presets")],
    *[("POST", path) for path in ("/shoot", "/files/YQ/fetch", "/move", "/stop", "/home", "/presets/1")],
    *[("PUT", "/options/iso"), ("DELETE", "/jobs/x")],
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_nothing_of_it_is_for_guests_or_strangers(
    ask: Asker, house: House, eye: Gadget, method: str, path: str
) -> None:
    _, token = house.shares.add("camera", "eye")
    guest = Asker(ask.client, ask.hub, {"Authorization": f"Bearer {token}"})
    assert (await guest(method, EYE + path, {}))[0] == 404
    stranger = Asker(ask.client, ask.hub, {})
    assert (await stranger(method, EYE + path, {}))[0] == 401
    assert eye.done == []


async def test_another_site_moves_nothing(ask: Asker, eye: Gadget) -> None:
    headers = {**ask.headers, "Origin": "https://elsewhere.example"}
    for path in ("/stop", "/shoot", "/home"):
        async with ask.client.post(ask.hub + EYE + path, headers=headers) as answer:
            assert answer.status == 403
    assert eye.done == []
