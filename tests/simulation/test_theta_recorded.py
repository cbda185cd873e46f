"""The simulated Thetas answer as recorded ones did: the same names, the same types, the same bytes between pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onlooker.clock import ManualClock
from onlooker.simulation.theta.models import Model
from tests.simulation.osc import camera

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "theta-client"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers of real cameras are not here")


def recorded(path: str) -> Any:
    return json.loads((RECORDED / path).read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """Names and types; whole numbers and others are alike, and of a list only what is in it counts."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return {"each": sorted({json.dumps(shape(one), sort_keys=True) for one in value})}
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name not in names}


@pytest.mark.parametrize(("model", "file"), [(Model.S, "info_s.json"), (Model.X, "info_x.json")])
async def test_info(model: Model, file: str) -> None:
    async with camera(model) as osc:
        told, theirs = await osc.info(), recorded(f"info/{file}")
        assert shape(told) == shape(theirs)
        same = ("manufacturer", "model", "api", "apiLevel", "gps", "gyro", "supportUrl")
        assert [told[name] for name in same] == [theirs[name] for name in same]


async def test_state_of_an_x() -> None:
    async with camera() as osc:
        osc.theta.fault("hot")
        told, theirs = await osc.state(), recorded("state/state_x.json")
        assert shape(told) == shape(theirs)
        assert told["state"]["storageUri"] == theirs["state"]["storageUri"].replace("192.168.1.1", osc.theta.address)
        assert told["state"]["_latestFileUrl"] == f"{told['state']['storageUri']}100RICOH/R0010008.JPG"


async def test_state_of_an_s_on_both_levels() -> None:
    async with camera(Model.S) as osc:
        session = (await osc.results("camera.startSession"))["sessionId"]
        assert shape(await osc.state()) == shape(recorded("state/state_s_api1.json"))
        await osc.results("camera.setOptions", sessionId=session, options={"clientVersion": 2})
        told, theirs = await osc.state(), recorded("state/state_s_api2.json")
        assert shape(told) == shape(theirs)
        assert told["state"]["storageUri"].endswith(theirs["state"]["storageUri"].partition("192.168.1.1")[2])


async def test_session() -> None:
    async with camera(Model.S) as osc:
        assert await osc.execute("camera.startSession") == (200, recorded("startSession/start_session_done.json"))


@pytest.mark.parametrize("file", ["get_options_done.json", "get_options_init_s_done.json"])
@pytest.mark.parametrize("model", [model for model in Model if model is not Model.S])
async def test_options(model: Model, file: str) -> None:
    theirs = recorded(f"getOptions/{file}")
    async with camera(model) as osc:
        names = list(theirs["results"]["options"])
        assert shape((await osc.execute("camera.getOptions", optionNames=names))[1]) == shape(theirs)


async def test_list_of_an_x() -> None:
    async with camera(Model.X) as osc:
        _, told = await osc.execute("camera.listFiles", fileType="image", entryCount=5, maxThumbSize=0, _detail=True)
        theirs = recorded("listFiles/listfiles_x_image_5.json")
        entry = shape(theirs["results"]["entries"][0])
        assert shape(without(told, "results")) == shape(without(theirs, "results"))
        assert set(told["results"]) == set(theirs["results"])
        assert [shape(one) for one in told["results"]["entries"]] == [entry] * 3


async def test_list_of_a_z1() -> None:
    async with camera(Model.Z1) as osc:
        _, told = await osc.execute("camera.listFiles", fileType="image", entryCount=10, maxThumbSize=0)
        theirs = recorded("listFiles/listfiles_image_10.json")["results"]["entries"]
        [entry] = {json.dumps(shape(without(one, "lat", "lng")), sort_keys=True) for one in theirs}
        assert {json.dumps(shape(one), sort_keys=True) for one in told["results"]["entries"]} == {entry}
        storage = theirs[0]["fileUrl"].partition("192.168.1.1")[2].partition("100RICOH")[0]
        assert told["results"]["entries"][0]["fileUrl"].startswith(f"http://{osc.theta.address}{storage}")


async def test_steps_of_a_picture() -> None:
    clock = ManualClock()
    async with camera(Model.Z1, clock=clock) as osc:
        _, told = await osc.execute("camera.takePicture")
        assert shape(told) == shape(recorded("PhotoCapture/takepicture_progress.json"))
        assert told["progress"] == {"completion": 0.0}
        await clock.advance(1)
        halfway = (await osc.status(told["id"]))[1]
        assert halfway["progress"] == {"completion": 0.4}
        osc.theta.fault("canceled", times=1)
        await clock.advance(2)
        status, failed = await osc.status(told["id"])
        assert (status, shape(failed)) == (403, shape(recorded("PhotoCapture/takepicture_cancel.json")))
        assert failed["error"]["code"] == "canceledShooting"
        theirs = recorded("PhotoCapture/takepicture_done.json")
        done = await osc.shot(clock)
        assert shape(done) == shape(theirs)
        assert done["results"]["fileUrl"].endswith("/100RICOH/R0010009.JPG")


async def test_metadata() -> None:
    async with camera(Model.Z1) as osc:
        listed = await osc.results("camera.listFiles", fileType="image", entryCount=1, maxThumbSize=0)
        _, told = await osc.execute("camera._getMetadata", fileUrl=listed["entries"][0]["fileUrl"])
        theirs = recorded("getMetadata/metadata_full_done.json")
        where = [name for name in theirs["results"]["exif"] if name.startswith("GPS")]
        assert shape(without(told["results"]["exif"])) == shape(without(theirs["results"]["exif"], *where))
        ours = without(told["results"]["xmp"], "PosePitchDegrees", "PoseRollDegrees")
        assert shape(ours) == shape(theirs["results"]["xmp"])


async def test_bytes_of_the_live_picture() -> None:
    theirs = (RECORDED / "getLivePreview" / "preview_dummy_1.txt").read_bytes().splitlines()
    async with camera() as osc, osc.preview() as live:
        [part] = await live.parts(1)
        assert live.answer.headers["Content-Type"] == 'multipart/x-mixed-replace; boundary="---osclivepreview---"'
        assert live.answer.headers["Transfer-Encoding"] == "chunked"
        head = live.raw.partition(b"\xff\xd8")[0]
        first, kind, length, blank = head.split(b"\r\n")[:4]
        assert first == theirs[1]
        assert (kind.lower(), blank) == (theirs[2].lower(), b"")
        assert length == theirs[3].partition(b":")[0] + b": %d" % len(part.body)
