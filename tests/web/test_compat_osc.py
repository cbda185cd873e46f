"""OSCVideoStreamExample's URLs on the hub: the same answers, nothing changed by a link, errors that say what to do."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.clock import Clock, SystemClock
from onlooker.devices import Ability, Adjustable, Details, Device, Json, Option, SpeaksOsc
from onlooker.errors import DeviceAway, DeviceRefused, UnfitOption
from onlooker.live.hub import CameraPlan, Hub
from onlooker.media import Media
from onlooker.web import compat_osc
from tests.web.conftest import House, Pictures, Serve

BASIC = aiohttp.encode_basic_auth("anna", "correct horse")


class Theta(Device, Adjustable, SpeaksOsc):
    """A camera that answers, refuses or is away, as the test says."""

    def __init__(self) -> None:
        self.set: list[tuple[str, Json]] = []
        self.error: Exception | None = None

    def source(self) -> Theta:
        return self

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        async for media in Pictures(90).run(clock):
            yield media

    async def details(self) -> Details:
        return Details(frozenset({Ability.OPTIONS}), 0.0)

    async def options(self) -> tuple[Option, ...]:
        return ()

    async def set_option(self, name: str, value: Json) -> Option:
        if self.error is not None:
            raise self.error
        self.set.append((name, value))
        return Option(name, value)

    async def osc_info(self) -> Json:
        return self._said({"model": "RICOH THETA X", "api": ["/osc/info"], "firmwareVersion": "2.71.1"})

    async def osc_state(self) -> Json:
        return self._said({"state": {"batteryLevel": 0.5}, "fingerprint": "FIG_0001"})

    async def osc_option(self, name: str) -> Json:
        return self._said({"state": "done", "name": "camera.getOptions", "results": {"options": {name: 100}}})

    def _said(self, answer: Json) -> Json:
        if self.error is not None:
            raise self.error
        return answer

    async def close(self) -> None:
        pass


class Relay:
    def __init__(self, address: str, client: aiohttp.ClientSession, theta: Theta) -> None:
        self.address = address
        self.client = client
        self.theta = theta

    async def ask(self, method: str, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        async with self.client.request(
            method, f"{self.address}/cams{path}", headers=headers, allow_redirects=False
        ) as answer:
            return answer, await answer.text()

    async def get(self, path: str) -> tuple[aiohttp.ClientResponse, str]:
        return await self.ask("GET", path, Authorization=BASIC)


@pytest.fixture
async def relay(house: House, serve: Serve, client: aiohttp.ClientSession) -> AsyncIterator[Relay]:
    theta, hub = Theta(), Hub(SystemClock())
    await hub.apply(
        [
            CameraPlan("yard", "The yard", "http", lambda: Pictures(40), fingerprint="a"),
            CameraPlan("terrace", "Terrace", "osc", lambda: theta, fingerprint="b"),
        ]
    )
    house.app.include_router(compat_osc.router(hub))
    yield Relay(await serve(house.gated(root_path="/cams")), client, theta)
    await hub.close()


@pytest.mark.parametrize(("path", "first"), [("/info", "api"), ("/state", "fingerprint"), ("/getOption/iso", "name")])
async def test_the_cameras_own_answers_are_pretty_json(relay: Relay, path: str, first: str) -> None:
    answer, text = await relay.get(path)
    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert text == json.dumps(json.loads(text), indent=4, sort_keys=True)
    assert text.startswith(f'{{\n    "{first}"')


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DeviceAway("Terrace sleeps. Wake it."), 503),
        (DeviceRefused("Terrace refuses.", "disabledCommand"), 409),
        (UnfitOption("There is no such setting.", "invalidParameterName"), 422),
    ],
)
async def test_what_the_camera_refuses_is_an_error_with_its_code(
    relay: Relay, error: DeviceRefused, status: int
) -> None:
    relay.theta.error = error
    answer, text = await relay.get("/getOption/iso")
    assert answer.status == status
    problem = json.loads(text)
    assert problem["detail"] == str(error)
    assert problem.get("code", "") == error.code


async def test_a_setting_is_changed_by_post_or_by_a_program_only(relay: Relay, house: House) -> None:
    for headers in (house.cookie(), {"Authorization": BASIC, "Sec-Fetch-Site": "cross-site"}):
        answer, _ = await relay.ask("GET", "/setOption/iso/200", **headers)
        assert answer.status == 405
    answer, _ = await relay.ask("POST", "/setOption/iso/200", **house.cookie(), Origin="http://evil.example")
    assert answer.status == 403
    assert relay.theta.set == []
    answer, text = await relay.ask("GET", "/setOption/iso/200", Authorization=BASIC)
    assert answer.status == 200
    assert json.loads(text)["results"] == {"options": {"iso": 200}}
    answer, _ = await relay.ask(
        "POST", "/setOption/captureMode/image", **house.cookie(), **{"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status == 200
    assert relay.theta.set == [("iso", 200), ("captureMode", "image")]


async def test_the_pages_and_the_preview_are_still_there(relay: Relay) -> None:
    for path in ("/public/index.html", "/public/stream.html"):
        answer, _ = await relay.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, "/cams/cameras/terrace")
    for path in ("/raw_live_preview",):
        answer, _ = await relay.ask("HEAD", path, Authorization=BASIC)
        assert answer.status == 200
        assert answer.content_type == "multipart/x-mixed-replace"


async def test_strangers_and_guests_get_nothing(relay: Relay, house: House) -> None:
    _, token = house.shares.add("camera", "terrace")
    for path in ("/info", "/state", "/getOption/iso", "/raw_live_preview", "/public/index.html"):
        assert (await relay.ask("GET", path))[0].status == 401
        assert (await relay.ask("GET", path, Authorization=f"Bearer {token}"))[0].status == 404


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200", 200),
        ("-0.7", -0.7),
        ("true", True),
        ("image", "image"),
        ('{"width": 1024, "height": 512}', {"width": 1024, "height": 512}),
        ("1024x512@30", "1024x512@30"),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
    ],
)
def test_values_have_the_type_they_are_spelt_with(text: str, value: Json) -> None:
    assert compat_osc.typed(text) == value


@given(st.text(max_size=200))
def test_every_text_is_some_value(text: str) -> None:
    json.dumps(compat_osc.typed(text), allow_nan=False)
