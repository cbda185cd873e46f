"""Each fault does what its meaning says, and goes away again."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import pytest

from onlooker.clock import ManualClock
from onlooker.formats import exif, jpeg
from onlooker.simulation.theta import faults as module
from onlooker.simulation.theta.faults import MEANINGS, BadFault, Fault, Faults, Wanted, wanted
from onlooker.simulation.theta.models import Model
from onlooker.simulation.theta.preview import BOUNDARY
from tests.simulation.osc import Live, Osc, camera

MANY = 100_000_000


async def shown(osc: Osc, count: int = 4) -> Live:
    """A live picture of which so many parts were read by the hub's own reader."""
    async with osc.preview() as live:
        parts = await live.parts(count)
        assert len(parts) == count
        assert all(jpeg.end(part.body) == len(part.body) for part in parts)
        return live


async def test_without_faults_it_is_as_ricoh_writes_it() -> None:
    async with camera() as osc:
        live = await shown(osc)
        assert re.match(
            rb"---osclivepreview---\r\nContent-type: image/jpeg\r\nContent-Length: \d+\r\n\r\n\xff\xd8", live.raw
        )
        assert len(live.chunks) == 4
        assert all(chunk.startswith(b"---osclivepreview---\r\n") for chunk in live.chunks)
        assert b"\r\n--" + BOUNDARY.encode() not in live.raw


@pytest.mark.parametrize(
    "fault", ["thumbnails", "no-length", "dashes", "lf", "garbage", "packed=3", "split=7", "unchunked"]
)
async def test_the_hubs_reader_takes_each(fault: str) -> None:
    async with camera() as osc:
        asked = wanted(fault)
        osc.theta.fault(asked.fault, value=asked.value)
        live = await shown(osc, 6)
        match asked.fault:
            case Fault.THUMBNAILS:
                first = live.raw[live.raw.index(b"\xff\xd8") :]
                facts = exif.read(first[: jpeg.end(first)], max_pixels=MANY)
                assert jpeg.end(facts.thumbnail) == len(facts.thumbnail) > 500
                assert first.index(b"\xff\xd9") < jpeg.end(first) - 2
            case Fault.NO_LENGTH:
                assert b"ength" not in live.raw
            case Fault.DASHES:
                assert live.raw.startswith(b"--" + BOUNDARY.encode())
            case Fault.LINE_FEEDS:
                assert live.raw.startswith(BOUNDARY.encode() + b"\nContent-type: image/jpeg\nContent-Length: ")
            case Fault.GARBAGE:
                assert live.raw.count(b"X-Rubbish") >= 6
            case Fault.PACKED:
                assert [chunk.count(b"Content-type") for chunk in live.chunks] == [3, 3]
            case Fault.SPLIT:
                assert sum(b"Content-type" in chunk for chunk in live.chunks[:8]) == 1
            case Fault.UNCHUNKED:
                assert "Transfer-Encoding" not in live.answer.headers
                assert "Content-Length" not in live.answer.headers


async def test_all_of_them_at_once() -> None:
    async with camera(Model.V, *(fault for fault in ("thumbnails", "dashes", "lf", "garbage", "split"))) as osc:
        await shown(osc, 8)


async def test_a_stall_and_its_end() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc, osc.preview() as live:
        assert len(await live.parts(1)) == 1
        osc.theta.fault("stall", seconds=30)
        more = asyncio.create_task(live.parts(1))
        for _ in range(29):
            await clock.advance(1)
            await osc.info()
        assert not more.done()
        assert osc.theta.counters.previews_open == 1
        while not more.done():
            await clock.advance(0.1)
        assert len(await more) == 1


async def test_a_stall_after_some_pictures_and_who_leaves_meanwhile() -> None:
    async with camera() as osc:
        osc.theta.fault("stall", value=3)
        async with osc.preview() as live:
            assert len(await live.parts(3)) == 3
        while osc.theta.counters.previews_open:
            await osc.info()
        assert osc.theta.counters.pictures == 3


async def test_a_connection_that_is_cut_within_a_picture() -> None:
    async with camera() as osc:
        osc.theta.fault("drop", value=2, times=1)
        async with osc.preview() as live:
            assert len(await live.parts(2)) == 2
            with pytest.raises(aiohttp.ClientError):
                await live.parts(1)
        await shown(osc)  # it happened once


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("403", 403, None), ("503", 503, "serviceUnavailable"), ("disabled", 403, "disabledCommand")],
)
async def test_refusals(fault: str, status: int, code: str | None) -> None:
    async with camera() as osc:
        osc.theta.fault(fault, times=2, command="camera.getLivePreview")
        await osc.results("camera.getOptions", optionNames=["iso"])
        body = {"name": "camera.getLivePreview"}
        for _ in range(2):
            async with osc.http.post("/osc/commands/execute", json=body) as answer:
                assert answer.status == status
                if code is None:
                    assert answer.content_type == "text/plain"
                else:
                    assert (await answer.json())["error"]["code"] == code
        await shown(osc)
        assert osc.theta.faults.names() == []


async def test_errors_that_look_like_success() -> None:
    async with camera(Model.V, "200") as osc:
        assert await osc.code("camera.nothing") == (200, "unknownCommand")


async def test_slow_answers() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:
        osc.theta.fault("slow", value=5)
        asked = asyncio.create_task(osc.info())
        while not osc.theta.counters.requests:
            await clock.advance(0)
        await clock.advance(4.9)
        assert not asked.done()
        await clock.advance(0.1)
        assert (await asked)["model"] == "RICOH THETA X"


async def test_asleep_nobody_listens() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:
        await osc.info()
        port = osc.theta.port
        osc.theta.fault("asleep", seconds=60)
        with pytest.raises(aiohttp.ClientError):
            await osc.info()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await clock.advance(60)
        await osc.theta.awake()
        assert (await osc.info())["model"] == "RICOH THETA X"
        assert osc.theta.port == port
        osc.theta.fault("asleep")
        osc.theta.clear("asleep")
        await osc.theta.awake()
        await osc.info()


async def test_hung_it_takes_connections_and_is_silent() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:
        osc.theta.fault("hung", seconds=20)
        asked = asyncio.create_task(osc.info())
        while not osc.theta.counters.requests:
            await clock.advance(0)
        await clock.advance(19)
        assert not asked.done()
        osc.theta.clear()
        assert (await asked)["model"] == "RICOH THETA X"


async def test_addresses_of_another_host() -> None:
    async with camera(Model.Z1, "wrong-host") as osc:
        listed = await osc.results("camera.listFiles", fileType="image", entryCount=1, maxThumbSize=0)
        url = listed["entries"][0]["fileUrl"]
        assert url.startswith("http://192.168.1.1/files/")
        assert (await osc.get(url.removeprefix("http://192.168.1.1")))[0] == 200


@pytest.mark.parametrize(("fault", "word"), [("hot", "HIGH_TEMPERATURE"), ("full", "NO_MEMORY")])
async def test_a_camera_in_trouble_does_not_shoot(fault: str, word: str) -> None:
    async with camera(Model.V, fault) as osc:
        assert (await osc.state())["state"]["_cameraError"] == [word]
        assert await osc.code("camera.takePicture") == (403, "disabledCommand")
        assert ((await osc.options("remainingSpace"))["remainingSpace"] == 0) == (fault == "full")
        osc.theta.clear(fault)
        assert (await osc.state())["state"]["_cameraError"] == []


async def test_it_is_told_while_it_runs() -> None:
    clock = ManualClock()
    async with camera(clock=clock) as osc:

        async def tell(**said: Any) -> tuple[int, dict[str, Any]]:
            return await osc.json("POST", "/_simulator", json=said)

        status, told = await tell(fault="503", times=1, command="camera.takePicture")
        assert (status, told["faults"], told["model"]) == (200, ["503"], "RICOH THETA X")
        assert await osc.code("camera.takePicture") == (503, "serviceUnavailable")
        await tell(fault="stall", seconds=5)
        assert (await tell(clear="stall"))[1]["faults"] == []
        await tell(fault="hot")
        assert (await tell(clear="all"))[1]["faults"] == []
        await tell(press=True)
        assert (await osc.state())["state"]["_captureStatus"] == "shooting"
        for wrong in (
            {"fault": "nothing"},
            {"fault": "asleep"},
            {"clear": 1},
            {"more": 1},
            {"fault": "hot", "seconds": -1},
        ):
            assert (await tell(**wrong))[0] == 400
        async with osc.http.post(
            "/_simulator", data='{"fault":"hot"}', headers={"Content-Type": "text/plain"}
        ) as answer:
            assert answer.status == 400
        counted = (await osc.json("GET", "/_simulator"))[1]
        assert counted["commands"] == {"camera.takePicture": 1}
        assert counted["faults"] == []


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1", "192.0.2.1", "::ffff:192.0.2.1", None, "nonsense"])
def test_only_this_machine_tells_it(remote: str | None) -> None:
    from onlooker.simulation.theta.control import is_here

    assert is_here(remote) == (remote in ("127.0.0.1", "::1"))


def test_every_fault_has_a_meaning() -> None:
    assert list(MEANINGS) == list(Fault)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stall", Wanted(Fault.STALL)),
        ("stall=20", Wanted(Fault.STALL, value=20)),
        ("503=2", Wanted(Fault.UNAVAILABLE, times=2)),
        ("slow=1.5", Wanted(Fault.SLOW, value=1.5)),
    ],
)
def test_faults_as_they_are_asked_for(text: str, expected: Wanted) -> None:
    assert wanted(text) == expected


@pytest.mark.parametrize("text", ["", "sleepy", "slow=", "slow=x", "slow=-1", "slow=nan", "slow=inf", "503=1e9"])
def test_what_is_no_fault(text: str) -> None:
    with pytest.raises(BadFault):
        wanted(text)


async def test_faults_end_by_time_by_count_and_by_word() -> None:
    clock = ManualClock()
    faults = Faults(clock)
    faults.begin(Fault.HOT, seconds=10)
    faults.begin(Fault.UNAVAILABLE, times=1)
    faults.begin(Fault.FULL, command="camera.takePicture")
    assert faults.on(Fault.FULL, "camera.getOptions") is None
    assert faults.on(Fault.FULL, "camera.takePicture")
    assert faults.strikes(Fault.UNAVAILABLE)
    assert not faults.strikes(Fault.UNAVAILABLE)
    over = asyncio.create_task(faults.over(Fault.HOT))
    await clock.advance(9.9)
    assert not over.done()
    await clock.advance(0.1)
    await over
    faults.begin(Fault.HUNG)
    over = asyncio.create_task(faults.over(Fault.HUNG))
    await clock.advance(1e9)
    assert not over.done()
    faults.end()
    await over
    assert module.Fault.FULL not in faults.names()
