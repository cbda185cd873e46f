"""The simulated Theta is strict: what a real one refuses, it refuses, with the code and status of Ricoh's table."""

from __future__ import annotations

import asyncio
import base64
import io
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from onlooker.clock import ManualClock
from onlooker.simulation.theta import protocol
from onlooker.simulation.theta.camera import Nature
from onlooker.simulation.theta.models import TRAITS, Model
from onlooker.simulation.theta.protocol import OscError
from tests.simulation.osc import SMALL, Osc, camera

EXECUTE = "/osc/commands/execute"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/osc/info", 405),
        ("GET", "/osc/state", 405),
        ("GET", EXECUTE, 405),
        ("GET", "/osc/commands/status", 405),
        ("GET", "/osc/checkForUpdates", 405),
        ("GET", "/", 404),
        ("POST", "/osc/nothing", 404),
        ("GET", "/files/100RICOH/R0099999.JPG", 404),
        ("GET", "/files/%2e%2e%2fosc%2finfo", 404),
        ("POST", "/files/100RICOH/R0010008.JPG", 405),
    ],
)
async def test_methods_and_addresses(method: str, path: str, status: int) -> None:
    async with camera() as osc, osc.http.request(method, path) as answer:
        assert answer.status == status
        if status == 404:
            assert (await answer.json())["error"]["code"] == "notFound"


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b'{"name":"camera.getOptions"}', "text/plain", "invalidParameterValue"),
        (b"{", "application/json", "invalidParameterValue"),
        (b"\xff", "application/json", "invalidParameterValue"),
        (b"[" * 5000, "application/json", "invalidParameterValue"),
        (b"[]", "application/json", "invalidParameterValue"),
        (b"{}", "application/json", "missingParameter"),
        (b'{"name":7}', "application/json", "invalidParameterValue"),
        (b'{"name":"camera.reset","more":1}', "application/json", "invalidParameterName"),
        (b'{"name":"camera.getOptions","parameters":[]}', "application/json", "invalidParameterValue"),
        (b'{"name":"camera.nothing"}', "application/json", "unknownCommand"),
        (b'{"name":"camera.getOptions"}', "application/json;charset=utf-8", "missingParameter"),
    ],
)
async def test_bodies(body: bytes, kind: str, code: str) -> None:
    async with camera() as osc:
        status, told = await osc.json("POST", EXECUTE, data=body, headers={"Content-Type": kind})
        assert (status, told["state"], told["error"]["code"]) == (400, "error", code)


async def test_a_body_without_end_is_refused() -> None:
    async with camera() as osc:
        status, told = await osc.json(
            "POST", EXECUTE, data=b" " * (protocol.MAX_BODY + 1), headers={"Content-Type": "application/json"}
        )
        assert (status, told["error"]["code"]) == (403, "tooManyParameters")


LIST: dict[str, Any] = {"fileType": "image", "entryCount": 1, "maxThumbSize": 0}


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("camera.listFiles", {"fileType": "image", "entryCount": 1}, "missingParameter"),
        ("camera.listFiles", LIST | {"entryCount": -1}, "invalidParameterValue"),
        ("camera.listFiles", LIST | {"entryCount": True}, "invalidParameterValue"),
        ("camera.listFiles", LIST | {"fileType": "photo"}, "invalidParameterValue"),
        ("camera.listFiles", LIST | {"startFrom": 1}, "invalidParameterName"),
        ("camera.listFiles", LIST | {"entryCount": 3, "maxThumbSize": 640}, "invalidParameterValue"),
        ("camera.listFiles", LIST | {"_startFileUrl": "http://x/files/nothing"}, "invalidParameterValue"),
        ("camera.getOptions", {"optionNames": []}, "invalidParameterValue"),
        ("camera.getOptions", {"optionNames": ["iso", "nothing"]}, "invalidParameterName"),
        ("camera.getOptions", {"optionNames": ["_password"]}, "invalidParameterName"),
        ("camera.setOptions", {"options": {"iso": 123}}, "invalidParameterValue"),
        ("camera.setOptions", {"options": {"iso": True}}, "invalidParameterValue"),
        ("camera.setOptions", {"options": {"sleepDelay": 59}}, "invalidParameterValue"),
        ("camera.setOptions", {"options": {"remainingPictures": 1}}, "invalidParameterName"),
        ("camera.setOptions", {"options": {"clientVersion": 1}}, "invalidParameterValue"),
        ("camera.setOptions", {"options": {"previewFormat": {"width": 1, "height": 1}}}, "invalidParameterValue"),
        ("camera.takePicture", {"sessionId": "SID_0001"}, "invalidParameterName"),
        ("camera.startSession", {}, "unknownCommand"),
        ("camera._getLivePreview", {}, "unknownCommand"),
        ("camera.listImages", {"entryCount": 1}, "unknownCommand"),
    ],
)
async def test_commands_that_are_refused(name: str, parameters: dict[str, Any], code: str) -> None:
    async with camera() as osc:
        assert await osc.code(name, **parameters) == (400, code)


async def test_a_change_of_options_is_whole_or_nothing() -> None:
    async with camera() as osc:
        await osc.code("camera.setOptions", options={"sleepDelay": 65535, "iso": 123})
        assert await osc.options("sleepDelay", "iso") == {"sleepDelay": 300, "iso": 0}
        await osc.results("camera.setOptions", options={"sleepDelay": 65535, "iso": 100, "exposureCompensation": 1})
        assert await osc.options("sleepDelay", "iso") == {"sleepDelay": 65535, "iso": 100}


@pytest.mark.parametrize("model", [model for model in Model if model is not Model.S])
async def test_what_a_model_can_show(model: Model) -> None:
    async with camera(model) as osc:
        told = await osc.options("previewFormat", "previewFormatSupport")
        assert told["previewFormatSupport"] == [one.as_json() for one in TRAITS[model].previews]
        assert (told["previewFormat"] in told["previewFormatSupport"]) == (model is not Model.X)
        for one in told["previewFormatSupport"]:
            await osc.results("camera.setOptions", options={"previewFormat": one})
            assert await osc.options("previewFormat") == {"previewFormat": one}


async def test_levels_and_sessions() -> None:
    clock = ManualClock()
    async with camera(Model.S, clock=clock) as osc:
        assert await osc.code("camera.takePicture") == (400, "missingParameter")
        assert await osc.code("camera.takePicture", sessionId="SID_0001") == (403, "invalidSessionId")
        assert await osc.code("camera.getLivePreview") == (400, "unknownCommand")
        first = (await osc.results("camera.startSession"))["sessionId"]
        second = (await osc.results("camera.startSession"))["sessionId"]
        assert await osc.code("camera.updateSession", sessionId=first) == (403, "invalidSessionId")
        await clock.advance(179)
        await osc.results("camera.updateSession", sessionId=second)
        await clock.advance(181)
        assert await osc.code("camera.updateSession", sessionId=second) == (403, "invalidSessionId")
        third = (await osc.results("camera.startSession"))["sessionId"]
        await osc.results("camera.setOptions", sessionId=third, options={"clientVersion": 2})
        assert await osc.code("camera.startSession") == (400, "unknownCommand")
        assert await osc.code("camera.getOptions", sessionId=third, optionNames=["iso"]) == (
            400,
            "invalidParameterName",
        )
        assert await osc.options("clientVersion") == {"clientVersion": 2}


async def test_an_s_forgets_its_level_with_its_network() -> None:
    clock = ManualClock()
    async with camera(Model.S, clock=clock) as osc:
        session = (await osc.results("camera.startSession"))["sessionId"]
        await osc.results("camera.setOptions", sessionId=session, options={"clientVersion": 2})
        await clock.advance(1)
        async with osc.preview() as live:
            assert len(await live.parts(1)) == 1
            osc.theta.lose_network()
            with pytest.raises(aiohttp.ClientError):
                await live.parts(1000)
        assert (await osc.state())["state"]["_apiVersion"] == 1
        assert await osc.code("camera.updateSession", sessionId=session) == (403, "invalidSessionId")


async def test_level_one_lists_and_hands_out() -> None:
    async with camera(Model.S) as osc:
        first = await osc.results("camera.listImages", entryCount=2)
        rest = await osc.results("camera.listImages", entryCount=2, continuationToken=first["continuationToken"])
        names = [one["uri"] for one in (*first["entries"], *rest["entries"])]
        assert names == ["100RICOH/R0010008.JPG", "100RICOH/R0010007.JPG", "100RICOH/R0010006.JPG"]
        assert "continuationToken" not in rest
        for kind, size in (("full", (512, 256)), ("thumb", (640, 320))):
            body = {"name": "camera.getImage", "parameters": {"fileUri": names[0], "_type": kind}}
            async with osc.http.post(EXECUTE, json=body) as answer:
                assert answer.content_type == "image/jpeg"
                assert Image.open(io.BytesIO(await answer.read())).size == size
        assert (await osc.code("camera.listImages", entryCount=2, continuationToken="x"))[1] == "invalidParameterValue"


async def test_files_in_pages_and_both_sizes() -> None:
    async with camera() as osc:
        told = [await osc.results("camera.listFiles", **LIST, startPosition=at) for at in range(4)]
        names = [one["name"] for page in told for one in page["entries"]]
        assert names == ["R0010008.JPG", "R0010007.JPG", "R0010006.JPG"]
        entry = told[0]["entries"][0]
        assert "dateTime" in entry  # an X tells little unless it is asked
        status, data = await osc.get(entry["fileUrl"], headers={"Range": "bytes=0-9"})
        assert (status, len(data)) == (200, entry["size"])
        assert (await osc.get(entry["fileUrl"]))[1] == data
        _, small = await osc.get(f"{entry['fileUrl']}?type=thumb")
        listed = await osc.results("camera.listFiles", **{**LIST, "maxThumbSize": 640}, _detail=True)
        assert base64.b64decode(listed["entries"][0]["thumbnail"]) == small
        assert listed["entries"][0]["_thumbSize"] == len(small)
        assert (await osc.results("camera.listFiles", **{**LIST, "fileType": "video"}))["entries"] == []
        oldest = await osc.results("camera.listFiles", **LIST, _sort="oldest")
        assert oldest["entries"][0]["name"] == "R0010006.JPG"
        await osc.results("camera.delete", fileUrls=[entry["fileUrl"]])
        assert (await osc.get(entry["fileUrl"]))[0] == 404


async def test_shooting_and_what_it_forbids() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:
        before = await osc.options("remainingPictures", "remainingSpace")
        _, told = await osc.execute("camera.takePicture")
        assert (await osc.state())["state"]["_captureStatus"] == "shooting"
        for name, parameters in (
            ("camera.takePicture", {}),
            ("camera.getLivePreview", {}),
            ("camera.setOptions", {"options": {"iso": 100}}),
        ):
            assert await osc.code(name, **parameters) == (403, "disabledCommand")
        while told["state"] == "inProgress":
            await clock.advance(0.5)
            _, told = await osc.status(told["id"])
        state = (await osc.state())["state"]
        assert (state["_captureStatus"], state["_latestFileUrl"]) == ("idle", told["results"]["fileUrl"])
        after = await osc.options("remainingPictures", "remainingSpace")
        assert all(after[name] < before[name] for name in before)
        assert (await osc.json("POST", "/osc/commands/status", json={"id": "99"}))[1]["error"]["code"] == (
            "invalidParameterValue"
        )


async def test_the_self_timer_counts_first() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:
        await osc.results("camera.setOptions", options={"exposureDelay": 3})
        await clock.advance(1)
        await osc.execute("camera.takePicture")
        assert (await osc.state())["state"]["_captureStatus"] == "self-timer countdown"
        await clock.advance(3.5)
        assert (await osc.state())["state"]["_captureStatus"] == "shooting"


async def test_a_pause_after_options() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:
        await osc.results("camera.setOptions", options={"iso": 100})
        await clock.advance(0.9)
        assert await osc.code("camera.getLivePreview") == (503, "serviceUnavailable")
        assert await osc.code("camera.takePicture") == (403, "disabledCommand")
        await clock.advance(0.1)
        async with osc.preview() as live:
            assert len(await live.parts(1)) == 1


async def test_no_picture_in_video_mode() -> None:
    clock = ManualClock()
    async with camera(Model.SC2, clock=clock) as osc:
        await osc.results("camera.setOptions", options={"captureMode": "video"})
        await clock.advance(1)
        assert await osc.code("camera.takePicture") == (403, "disabledCommand")
        assert await osc.code("camera.getLivePreview") == (403, "disabledCommand")


async def _ended(osc: Osc, clock: ManualClock, touch: Any) -> bool:
    """Whether the live picture is over after this."""
    async with osc.preview() as live:
        assert len(await live.parts(1)) == 1
        await touch()
        for _ in range(40):
            await clock.advance(0.1)
        while (await osc.state())["state"]["_captureStatus"] != "idle":
            await clock.advance(0.1)
        return osc.theta.counters.previews_open == 0 and len(await live.parts(1000)) < 1000


@pytest.mark.parametrize("model", [Model.V, Model.SC2])
async def test_what_ends_the_live_picture(model: Model) -> None:
    clock = ManualClock()

    async def press() -> None:
        osc.theta.press()

    async with camera(model, clock=clock) as osc:
        assert await _ended(osc, clock, press)
        assert await _ended(osc, clock, lambda: osc.results("camera.setOptions", options={"iso": 100}))
        assert await _ended(osc, clock, lambda: osc.shot(clock))
        assert await _ended(osc, clock, lambda: osc.results("camera.listFiles", **LIST)) == (model is Model.SC2)
        assert len(osc.theta.camera.card) == 5


async def test_a_second_live_picture_takes_the_first_ones_place() -> None:
    async with camera() as osc, osc.preview() as first:
        await first.parts(1)
        async with osc.preview() as second:
            assert len(await second.parts(2)) == 2
            assert len(await first.parts(1000)) < 1000
        counters = osc.theta.counters
        assert (counters.previews, counters.previews_at_most) == (2, 2)


async def test_updates_are_told_and_hasty_questions_counted() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:

        async def ask(fingerprint: str, **more: int) -> dict[str, Any]:
            body = {"stateFingerprint": fingerprint, **more}
            status, told = await osc.json("POST", "/osc/checkForUpdates", json=body)
            assert status == 200, told
            return told

        known = (await osc.state())["fingerprint"]
        assert await ask(known) == {"stateFingerprint": known, "throttleTimeout": 1}
        assert osc.theta.counters.hasty == 0
        await ask(known)
        assert osc.theta.counters.hasty == 1
        waiting = asyncio.create_task(ask(known, waitTimeout=30))
        while not waiting.done():
            osc.theta.press()
            await clock.advance(0.25)
            await osc.info()
        assert (await waiting)["stateFingerprint"] != known
        assert (await osc.json("POST", "/osc/checkForUpdates", json={}))[0] == 400


async def test_the_battery_drains_and_stays_above_nothing() -> None:
    clock = ManualClock()
    async with camera(clock=clock, nature=Nature(battery=0.5, stored=0)) as osc:
        before = await osc.state()
        await clock.advance(1800)
        after = await osc.state()
        assert (before["state"]["batteryLevel"], after["state"]["batteryLevel"]) == (0.5, 0.4)
        assert before["fingerprint"] != after["fingerprint"]
        await clock.advance(1_000_000)
        assert (await osc.state())["state"]["batteryLevel"] == 0.01
        assert (await osc.state())["state"]["_latestFileUrl"] == ""


async def test_several_at_once_are_apart() -> None:
    async with camera(Model.V) as one, camera(Model.Z1, nature=SMALL) as other:
        await one.results("camera.setOptions", options={"iso": 100})
        assert await other.options("iso") == {"iso": 0}
        assert {(await one.info())["model"], (await other.info())["model"]} == {"RICOH THETA V", "RICOH THETA Z1"}


@given(st.text(), st.binary())
def test_any_bytes_are_a_command_or_an_error(kind: str, data: bytes) -> None:
    for content_type in (kind, "application/json"):
        with suppress(OscError):
            name, parameters = protocol.command(content_type, data)
            assert isinstance(name, str)
            assert isinstance(parameters, dict)
