"""An ONVIF camera as the hub uses it, against the strict stub: what it says of itself, pictures, motors, alarms."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from onlooker.clock import SystemClock
from onlooker.devices import Ability, Preset
from onlooker.errors import (
    CannotDo,
    ConfigError,
    DeviceAway,
    DeviceRefused,
    SourceLost,
    SourceMissing,
    SourceRefused,
)
from onlooker.formats.onvif_answers import MEDIA2
from onlooker.readers.onvif import ptz
from onlooker.sources.onvif import Device
from tests.readers.http_server import Digest, Handler, serve
from tests.readers.onvif.stub import PASSWORD, USER, Stub, fault, url

JPEG = b"\xff\xd8\xff" + b"x" * 3000 + b"\xff\xd9"
SECRETS = (PASSWORD, "p%40ss")


@asynccontextmanager
async def device(handler: Handler, *, password: str = PASSWORD, **options: Any) -> AsyncIterator[Device]:
    async with serve(handler) as port:
        made = Device(url(port, password=password), **{"timeout": 5.0, **options})
        try:
            yield made
        finally:
            await made.close()


def with_picture(stub: Stub) -> Handler:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "GET" and request.path_qs == "/snap.jpg?ch=1":
            return web.Response(body=JPEG, content_type="image/jpeg")
        return await stub(request)

    return handler


async def test_what_it_says_of_itself() -> None:
    stub = Stub()
    async with device(stub) as camera:
        said = await camera.details()
        asked = len(stub.asked)
        assert await camera.details() is said
        assert len(stub.asked) == asked
    assert (said.maker, said.model, said.firmware, said.serial) == ("Acme", "Dome 4", "2.1", "S1")
    every = {Ability.MOVE, Ability.PRESETS, Ability.HOME, Ability.SHOOT, Ability.HAPPENINGS}
    assert said.abilities == every  # and no zoom: its motor has none
    assert stub.refused == []


@pytest.mark.parametrize("ahead", [-86400.0 * 400, 7200.0])
async def test_a_clock_that_is_wrong(ahead: float) -> None:
    stub = Stub(ahead=ahead)
    async with device(stub) as camera:
        assert (await camera.details()).maker == "Acme"
    assert stub.refused == []


async def test_a_clock_that_is_set_meanwhile() -> None:
    stub = Stub(ahead=-1000)
    async with device(stub) as camera:
        await camera.details()
        stub.ahead = 0
        await camera.stop()
    assert "Stop" in stub.operations()


@pytest.mark.parametrize(
    ("options", "token"),
    [({}, "P1"), ({"stream": "sub"}, "P2"), ({"profile": "P3"}, "P3"), ({"profile": "SUB"}, "P2")],
)
async def test_the_profile_that_is_shown(options: dict[str, str], token: str) -> None:
    stub = Stub()
    async with device(stub, **options) as camera:
        video = await camera.video()
    assert stub.last("GetStreamUri").findtext("{*}ProfileToken") == token
    # At the host that worked, with our log-in, on the port that the camera names.
    assert video.url == f"rtsp://{USER}:p%40ss%2Fw0rd%3A1@127.0.0.1:8554/main"
    assert not any(secret in repr(video) for secret in SECRETS)


async def test_its_smaller_stream_is_there_beside_the_main_one() -> None:
    stub = Stub()
    async with device(stub) as camera:
        assert camera.small_source() is not None
        await camera.video("sub")
        assert stub.last("GetStreamUri").findtext("{*}ProfileToken") == "P2"
    for options in ({"stream": "sub"}, {"profile": "P3"}):
        async with device(Stub(), **options) as camera:
            assert camera.small_source() is None


async def test_a_camera_with_one_stream_has_no_smaller_one() -> None:
    async with device(Stub(media=(MEDIA2,))) as camera:
        with pytest.raises(SourceRefused, match="one stream only"):
            await camera.video("sub")


async def test_a_profile_that_is_not_there_names_those_that_are() -> None:
    async with device(Stub(), profile="nine") as camera:
        with pytest.raises(SourceMissing, match=r"“nine”\. It has “photo”, “sub”, “main”"):
            await camera.video()


async def test_a_camera_with_the_second_media_service_only() -> None:
    stub = Stub(media=(MEDIA2,))
    async with device(stub) as camera:
        assert (await camera.video()).url.endswith("@127.0.0.1/two")
        assert Ability.SHOOT in (await camera.details()).abilities
        assert Ability.MOVE not in (await camera.details()).abilities
        with pytest.raises(CannotDo, match="cannot be moved"):
            await camera.move(1, 0, 0)
    assert stub.last("GetStreamUri").findtext(f"{{{MEDIA2}}}ProfileToken") == "T1"
    assert stub.refused == []


async def test_services_that_only_get_capabilities_names() -> None:
    stub = Stub()
    stub.answers["GetServices"] = fault("ActionNotSupported", "No such operation")
    listed = "".join(
        f"<tt:{name}><tt:XAddr>{stub.claims}{path}</tt:XAddr></tt:{name}>"
        for name, path in {"Device": "/onvif/device_service", "Media": "/m1", "PTZ": "/ptz"}.items()
    )
    stub.answers["GetCapabilities"] = (
        f"<tds:GetCapabilitiesResponse><tds:Capabilities>{listed}</tds:Capabilities></tds:GetCapabilitiesResponse>"
    )
    async with device(stub) as camera:
        assert "/main" in (await camera.video()).url
        assert Ability.HAPPENINGS not in (await camera.details()).abilities


async def test_http_digest_for_everything_it_is_asked() -> None:
    stub = Stub(wsse=False)
    keeper = Digest(with_picture(stub), USER, PASSWORD)
    async with device(keeper) as camera:
        assert (await camera.details()).maker == "Acme"
        async with camera.shoot(lambda _: None) as taken:
            assert b"".join([chunk async for chunk in taken.chunks]) == JPEG
    assert set(keeper.refusals) == {"none"}
    assert "Basic" not in keeper.schemes
    assert keeper.schemes.count("") == 3  # it is not asked anew each time: once to learn it, then one for each log-in


async def test_a_wrong_password_is_told_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "another-secret"
    async with device(Stub(), password=wrong) as camera:
        with pytest.raises(SourceRefused, match="user name or password") as refusal:
            await camera.video()
        with pytest.raises(DeviceRefused, match="user name or password") as refused:
            await camera.home()
    assert wrong not in caplog.text + str(refusal.value) + str(refused.value)


async def test_a_wrong_password_by_http_digest() -> None:
    keeper = Digest(Stub(wsse=False), USER, PASSWORD)
    async with device(keeper, password="another-secret") as camera:
        with pytest.raises(SourceRefused, match="user name or password"):
            await camera.video()
    assert "Basic" not in keeper.schemes


async def test_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stub = Stub()
    async with device(with_picture(stub)) as camera:
        await camera.details()
        await camera.video()
        async with camera.shoot(lambda _: None) as taken:
            assert [chunk async for chunk in taken.chunks]
    assert not any(secret in caplog.text for secret in SECRETS)


async def test_moving_as_long_as_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub()
    async with device(stub) as camera:
        await camera.move(0.5, -2, 0)
        asked = stub.last("ContinuousMove")
        there = asked.find("{*}Velocity/{*}PanTilt")
        assert there is not None
        assert (there.get("x"), there.get("y")) == ("0.5", "-1.0")
        assert asked.find("{*}Velocity/{*}Zoom") is None
        assert asked.findtext("{*}ProfileToken") == "P1"
        assert asked.findtext("{*}Timeout") == "PT1S"
        await camera.stop()
        assert stub.operations()[-2:] == ["ContinuousMove", "Stop"]
        monkeypatch.setattr(ptz, "MOVES_FOR", 0.01)
        await camera.move(0, 0, 1)
        async with asyncio.timeout(5):
            await stub.was_asked("Stop", times=2)


async def test_a_moving_camera_is_stopped_when_it_is_let_go() -> None:
    stub = Stub()
    async with device(stub) as camera:
        await camera.move(1, 0, 0)
        await camera.close()
        assert stub.operations()[-1] == "Stop"


async def test_a_camera_that_takes_no_timeout_with_a_move() -> None:
    stub = Stub()
    stub.answers["ContinuousMove"] = fault("TimeoutNotSupported", "No timeout")
    async with device(stub) as camera:
        with pytest.raises(DeviceRefused, match="No timeout") as refusal:
            await camera.move(1, 0, 0)
        assert refusal.value.code == "TimeoutNotSupported"
        assert stub.last("ContinuousMove").find("{*}Timeout") is None


async def test_places_it_remembers() -> None:
    stub = Stub()
    async with device(stub) as camera:
        assert await camera.presets() == (Preset("1", "Door"), Preset("2", "Preset 2"))
        await camera.go_to("1")
        await camera.home()
    assert stub.last("GotoPreset").findtext("{*}PresetToken") == "1"
    assert stub.last("GotoHomePosition").findtext("{*}ProfileToken") == "P1"
    assert stub.refused == []


async def test_a_picture_with_progress() -> None:
    progress: list[float | None] = []
    async with device(with_picture(Stub())) as camera, camera.shoot(progress.append) as taken:
        assert (taken.name, taken.size) == ("snapshot.jpg", len(JPEG))
        assert b"".join([chunk async for chunk in taken.chunks]) == JPEG
    assert progress[0] is None
    assert progress[-1] == 1.0


async def test_a_picture_of_a_camera_that_gives_none() -> None:
    stub = Stub(answers={"GetSnapshotUri": fault("ActionNotSupported", "No such operation")})
    async with device(stub) as camera:
        assert Ability.SHOOT not in (await camera.details()).abilities
        with pytest.raises(CannotDo, match="gives no single pictures"):
            async with camera.shoot(lambda _: None):
                pass


async def test_a_picture_that_is_refused() -> None:
    async with device(Stub()) as camera:
        with pytest.raises(DeviceRefused):
            async with camera.shoot(lambda _: None):
                pass


async def test_nothing_listens() -> None:
    async with serve(Stub()) as port:
        pass
    camera = Device(url(port), timeout=2.0)
    with pytest.raises(SourceLost, match="cannot be reached"):
        await camera.video()
    with pytest.raises(DeviceAway, match="cannot be reached"):
        await camera.details()
    await camera.close()


async def test_a_camera_that_was_set_up_anew_is_asked_anew() -> None:
    stub = Stub()
    async with device(stub) as camera:
        await camera.video()
        stub.answers["GetProfiles"] = "<trt:GetProfilesResponse/>"
        with pytest.raises(SourceRefused, match="offers no video"):
            await camera.video()


async def test_events_that_are_switched_off() -> None:
    async with device(Stub(), events=False) as camera:
        assert Ability.HAPPENINGS not in (await camera.details()).abilities
        async with aclosing(camera.happenings(SystemClock())) as noticed:
            with pytest.raises(SourceRefused, match="“events” is off"):
                await anext(noticed)


async def test_a_subscription_goes_on_while_the_device_is_closed() -> None:
    stub = Stub()
    async with device(stub) as camera, aclosing(camera.happenings(SystemClock())) as noticed:
        stub.notice("VideoSource/MotionAlarm", State="true")
        assert (await anext(noticed)).active is True
        await camera.close()
        stub.notice("VideoSource/MotionAlarm", State="false")
        assert (await anext(noticed)).active is False
    assert stub.operations()[-1] == "Unsubscribe"


async def test_a_wrong_password_is_tried_once_so_that_nobody_is_locked_out() -> None:
    stub = Stub()
    async with device(stub, password="wrong") as camera:
        with pytest.raises(SourceRefused):
            await camera.video()
    assert len(stub.refused) == 1


@pytest.mark.parametrize(
    "address",
    ["onvif:", "onvif://", "onvif://user:pass/word@camera", "onvif://camera?profil=x", "onvif://camera:port"],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ConfigError) as error:
        Device(address)
    assert "word" not in str(error.value).replace("password", "")


def test_a_timeout_that_is_none() -> None:
    with pytest.raises(ConfigError, match="timeout"):
        Device("onvif://camera", timeout=0)


def test_the_library_is_not_loaded_before_a_camera_is_asked() -> None:
    check = (
        "import sys; from onlooker.sources import make; make('onvif://camera', {}); "
        "sys.exit(any(name in sys.modules for name in ('zeep', 'lxml', 'onvif')))"
    )
    assert subprocess.run([sys.executable, "-c", check], timeout=60).returncode == 0
