"""OSC cameras that are not as the book says: old ones, strange ones, hostile ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from onlooker.clock import ManualClock
from onlooker.errors import (
    CannotDo,
    DeviceAway,
    DeviceBusy,
    DeviceError,
    DeviceRefused,
    SourceRefused,
    UnfitOption,
)
from onlooker.media import Frame
from onlooker.readers import osc_errors
from onlooker.readers.osc_memory import Memory
from onlooker.readers.osc_yielding import RightOfWay
from onlooker.sources.osc import Device
from tests.formats.pictures import picture
from tests.readers.http_server import serve, serve_bytes

JSON = "application/json;charset=utf-8"
THETA = {"manufacturer": "RICOH", "model": "RICOH THETA Z1", "apiLevel": [2]}
INSTA360 = {"manufacturer": "Arashi Vision", "model": "Insta360 X3", "apiLevel": [2]}


class Scripted:
    """A camera whose answers a test writes: by command, or by path; a dict is results, or the answer as it is."""

    def __init__(self, **replies: Any) -> None:
        self.replies: dict[str, Any] = {"/osc/info": THETA, "/osc/state": {"state": {}}, **replies}
        self.asked: list[tuple[str, Any]] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.headers["X-XSRF-Protected"] == "1"
        body = await request.read()
        said = json.loads(body) if body else {}
        name = said.get("name", request.path) if request.path.startswith("/osc/") else request.path
        self.asked.append((name, said.get("parameters", said)))
        reply = self.replies.get(name, {"error": {"code": "unknownCommand ", "message": "no"}, "state": "error"})
        reply = reply(said) if callable(reply) else reply
        if isinstance(reply, web.StreamResponse):
            return reply
        if not name.startswith("/") and not {"state", "error"} & set(reply):
            reply = {"name": name, "state": "done", "results": reply}
        return web.Response(body=json.dumps(reply).encode(), headers={"Content-Type": JSON})

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


@asynccontextmanager
async def device(camera: Scripted, clock: ManualClock | None = None, **options: Any) -> AsyncIterator[Device]:
    async with serve(camera) as port:
        made = Device(f"osc://127.0.0.1:{port}", clock or ManualClock(), **{"timeout": 2.0, **options})
        try:
            yield made
        finally:
            await made.close()


async def frames(camera: Device, count: int) -> list[bytes]:
    found: list[bytes] = []
    async with asyncio.timeout(10), aclosing(camera.source().run(ManualClock())) as media:
        async for item in media:
            assert isinstance(item, Frame)
            found.append(item.data)
            if len(found) == count:
                break
    return found


def live(_: object) -> web.Response:
    parts = [b"---osclivepreview---\r\nContent-type: image/jpeg\r\n\r\n" + picture(seed=n) + b"\r\n" for n in (1, 2)]
    kind = 'multipart/x-mixed-replace; boundary="---osclivepreview---"'
    return web.Response(body=b"".join(parts), headers={"Content-Type": kind})


class TestLevels:
    async def test_an_old_camera_that_does_not_say_its_level(self) -> None:
        camera = Scripted(
            **{
                "/osc/info": {"manufacturer": "NCTech", "model": "iris360"},
                "camera.startSession": {"sessionId": "1", "timeout": 180},
                "camera._getLivePreview": live,
                "camera.closeSession": {},
            }
        )
        async with device(camera) as made:
            assert len(await frames(made, 2)) == 2
        assert ("camera._getLivePreview", {"sessionId": "1"}) in camera.asked
        assert ("camera.closeSession", {"sessionId": "1"}) in camera.asked
        assert made.projection is None  # nobody knows how it shows the world

    async def test_firmware_too_old_to_be_switched_is_used_as_it_is(self) -> None:
        camera = Scripted(
            **{
                "/osc/info": {"model": "RICOH THETA S", "apiLevel": [1, 2]},
                "camera.startSession": {"sessionId": "1"},
                "camera.getOptions": {"options": {}},
                "camera._getLivePreview": live,
            }
        )
        async with device(camera, keep_awake=False) as made:
            # Right after the attempt it is left alone; that takes time.
            clock: ManualClock = made._camera._clock  # type: ignore[assignment]
            task = asyncio.create_task(frames(made, 2))
            while not task.done():
                await asyncio.wait([task], timeout=0.01)
                await clock.advance(0.5)
            assert len(await task) == 2

    async def test_a_level_that_it_does_not_speak(self) -> None:
        async with device(Scripted(), level=1) as made:
            with pytest.raises(DeviceRefused, match="speaks API level 2, not 1"):
                await made.details()

    async def test_somebody_elses_session(self) -> None:
        busy = {"state": "error", "error": {"code": "cameraInExclusiveUse", "message": ""}}
        async with device(Scripted(**{"/osc/info": {}, "camera.startSession": busy})) as made:
            with pytest.raises(DeviceBusy, match="used by another program"):
                await made.options()

    async def test_a_session_without_a_name(self) -> None:
        async with device(Scripted(**{"/osc/info": {}, "camera.startSession": {"timeout": "long"}})) as made:
            with pytest.raises(DeviceError, match="does not begin a session"):
                await made.options()


class TestInsta360:
    async def test_no_live_view_is_said_clearly_and_nothing_is_asked_for(self) -> None:
        camera = Scripted(**{"/osc/info": INSTA360})
        async with device(camera) as made:
            with pytest.raises(SourceRefused, match="Taking pictures and looking at what it has stored works"):
                await frames(made, 1)
        assert camera.names() == ["/osc/info"]

    async def test_a_picture_out_of_a_mode_without_and_one_question_after_the_other(self) -> None:
        modes = iter(["video"])
        tries = iter([{"state": "error", "error": {"code": "disabledCommand"}}])
        done = {"state": "done", "results": {"_fileGroup": ["http://192.168.42.1:80/DCIM/IMG_1.insp"]}}
        camera = Scripted(
            **{
                "/osc/info": INSTA360,
                "camera.takePicture": lambda _: next(tries, done),
                "camera.getOptions": lambda _: {"options": {"captureMode": next(modes)}},
                "camera.setOptions": {},
                "/DCIM/IMG_1.insp": lambda _: web.Response(body=picture(), content_type="image/jpeg"),
            }
        )
        clock = ManualClock()

        async def shot(made: Device) -> tuple[str, bytes]:
            async with made.shoot(lambda _: None) as taken:
                return taken.name, b"".join([chunk async for chunk in taken.chunks])

        async with device(camera, clock) as made:
            task = asyncio.create_task(shot(made))
            while not task.done():
                await asyncio.wait([task], timeout=0.01)
                await clock.advance(0.5)
            assert await task == ("IMG_1.insp", picture())
        assert ("camera.setOptions", {"options": {"captureMode": "image"}}) in camera.asked

    async def test_one_that_was_never_activated(self) -> None:
        error = {"state": "error", "error": {"code": "unactivated"}}
        async with device(Scripted(**{"/osc/info": INSTA360, "camera.takePicture": error})) as made:
            with pytest.raises(DeviceRefused, match="maker's app"):
                async with made.shoot(lambda _: None):
                    pass


class TestOptions:
    async def test_only_those_that_it_has_are_shown_and_it_is_asked_for_each_once(self) -> None:
        def options(said: dict[str, Any]) -> dict[str, Any]:
            names = said["parameters"]["optionNames"]
            if set(names) <= {"iso", "isoSupport"}:
                return {"options": {name: {"iso": 100, "isoSupport": [100, 200]}[name] for name in names}}
            return {"state": "error", "error": {"code": "invalidParameterName "}}

        camera = Scripted(**{"camera.getOptions": options})
        async with device(camera) as made:
            (iso,) = await made.options()
            assert (iso.name, iso.value, iso.choices) == ("iso", 100, (100, 200))
            asked = len(camera.asked)
            await made.options()
            assert len(camera.asked) == asked + 1
            with pytest.raises(UnfitOption, match="It may be 100, 200"):
                await made.set_option("iso", 300)

    @pytest.mark.parametrize("value", [None, [], {}, "x", 5, {"options": 5}, {"options": {"iso": None}}])
    async def test_strange_results(self, value: Any) -> None:
        camera = Scripted(**{"camera.getOptions": {"state": "done", "results": value}})
        async with device(camera) as made:
            for option in await made.options():
                assert option.value is None


HOSTILE: list[tuple[Any, type[DeviceError]]] = [
    (lambda _: web.Response(text="<html>", content_type="text/html"), DeviceError),
    (lambda _: web.Response(body=b""), DeviceError),
    (lambda _: web.Response(body=b"[" * 100_000, content_type="application/json"), DeviceError),
    (lambda _: web.Response(body=bytes(3_000_000), content_type="application/json"), DeviceError),
    (lambda _: web.Response(status=500, text="x" * 200_000), DeviceError),
    (lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}), DeviceError),
    (lambda _: web.Response(status=404), CannotDo),
    (lambda _: web.Response(status=403, text="Forbidden"), DeviceBusy),
    (lambda _: web.Response(status=503), DeviceBusy),
    (lambda _: web.Response(status=401, headers={"WWW-Authenticate": 'Digest realm="x", nonce="y"'}), DeviceRefused),
    ({"state": "perhaps"}, DeviceError),
    ({"state": "error", "error": {"code": "powerOffSequenceRunning"}}, DeviceAway),
    ({"state": "error", "error": {"code": ["x"], "message": {}}}, DeviceError),
    ({"state": "error", "error": {"code": "x" * 5000, "message": "y" * 5000}}, DeviceError),
]


class TestHostile:
    @pytest.mark.parametrize(("answer", "kind"), HOSTILE)
    async def test_answers_end_as_an_error_that_is_a_sentence(self, answer: Any, kind: type[DeviceError]) -> None:
        camera = Scripted(**{"camera.listFiles": answer, "camera.takePicture": answer, "camera.getOptions": answer})
        async with device(camera) as made:

            async def shoot() -> None:
                async with made.shoot(lambda _: None):
                    pass

            for ask in (made.files, shoot):
                with pytest.raises(kind) as caught:
                    await ask()
                assert str(caught.value).startswith("The camera at 127.0.0.1:")
                assert str(caught.value).endswith(".")
                assert len(str(caught.value)) < 800
            # Nothing of it ends the rest.
            camera.replies["camera.listFiles"] = {"entries": []}
            if kind is not DeviceRefused:
                assert (await made.files()).files == ()

    @pytest.mark.parametrize(("answer", "kind"), HOSTILE)
    async def test_instead_of_a_live_view(self, answer: Any, kind: type[DeviceError]) -> None:
        async with device(Scripted(**{"camera.getLivePreview": answer}), keep_awake=False) as made:
            with pytest.raises(Exception, match="The camera at") as caught:
                await frames(made, 1)
            assert type(caught.value).__name__.startswith(("Source", "Password"))

    async def test_an_answer_without_end(self) -> None:
        async with serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{", then="stay") as port:
            made = Device(f"osc://127.0.0.1:{port}", ManualClock(), timeout=0.2)
            with pytest.raises(DeviceAway, match="in the middle of an answer"):
                await made.details()
            await made.close()

    async def test_a_command_that_never_ends(self) -> None:
        going = {"state": "inProgress", "id": 7, "progress": {"completion": 99}}
        clock = ManualClock()
        camera = Scripted(**{"camera.takePicture": going, "/osc/commands/status": going})

        async def shot(made: Device) -> None:
            async with made.shoot(lambda _: None):
                pass

        async with device(camera, clock) as made:
            task = asyncio.create_task(shot(made))
            while not task.done():
                await asyncio.wait([task], timeout=0.001)
                await clock.advance(10.0)
            with pytest.raises(DeviceError, match="within 5 minutes"):
                await task

    async def test_a_command_that_cannot_be_asked_for(self) -> None:
        async with device(Scripted(**{"camera.takePicture": {"state": "inProgress"}})) as made:
            with pytest.raises(DeviceError, match="how to ask for the rest"):
                async with made.shoot(lambda _: None):
                    pass

    async def test_a_picture_that_is_nowhere_and_one_that_only_the_state_knows(self) -> None:
        states = iter(["/files/a.jpg", "/files/b.jpg", "/files/b.jpg", "/files/b.jpg"])
        camera = Scripted(
            **{
                "/osc/state": lambda _: {"state": {"_latestFileUrl": next(states)}},
                "camera.takePicture": {},
                "/files/b.jpg": lambda _: web.Response(body=b"b", content_type="image/jpeg"),
            }
        )
        clock = ManualClock()
        async with device(camera, clock) as made:
            async with made.shoot(lambda _: None) as taken:
                assert [chunk async for chunk in taken.chunks] == [b"b"]
            await clock.advance(5)
            with pytest.raises(DeviceError, match="does not say where"):
                async with made.shoot(lambda _: None):
                    pass

    async def test_files_of_a_camera_that_leads_elsewhere(self) -> None:
        entries = [
            {"fileUrl": url} for url in ("http://192.0.2.1/f/1.jpg", "http://192.0.2.1/osc/info", "//x/y", 5, "")
        ]
        camera = Scripted(
            **{
                "camera.listFiles": {"entries": [*entries, 5, {}]},
                "/f/1.jpg": lambda _: web.Response(body=picture(), content_type="image/jpeg"),
            }
        )
        async with device(camera) as made:
            page = await made.files()
            assert page.next is None
            assert await made.thumbnail(page.files[0].id) == picture()
            with pytest.raises(CannotDo):
                await made.thumbnail(page.files[1].id)

    async def test_a_thumbnail_that_is_none(self) -> None:
        camera = Scripted(**{"/f": lambda _: web.Response(body=b"GIF89a", content_type="image/gif")})
        async with device(camera) as made:
            with pytest.raises(CannotDo, match="no small picture"):
                await made.thumbnail("L2Y")


@pytest.mark.parametrize(
    ("code", "sentence"), [("NO_MEMORY", "Its storage is full."), ("SOMETHING_NEW", "It reports something new.")]
)
def test_problems_are_sentences(code: str, sentence: str) -> None:
    assert osc_errors.problem(code) == sentence


def test_a_warning_keeps_nobody_from_taking_pictures() -> None:
    codes = ("HIGH_TEMPERATURE_WARNING", "NO_MEMORY", "ELECTRONIC_COMPASS_CALIBRATION", "NO_DATE_SETTING")
    assert osc_errors.hindrances(codes) == ["Its storage is full."]


class TestMemory:
    async def test_one_question_for_all_and_again_when_it_is_old(self) -> None:
        clock, asked = ManualClock(), 0

        async def ask() -> int:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0)
            return asked

        memory = Memory(ask, 2.0, clock)
        assert await asyncio.gather(*(memory.answer() for _ in range(5))) == [1] * 5
        await clock.advance(1.9)
        assert await memory.answer() == 1
        await clock.advance(0.2)
        assert await memory.answer() == 2
        memory.forget()
        assert await memory.answer() == 3

    async def test_a_failure_is_remembered_as_well(self) -> None:
        clock, asked = ManualClock(), 0

        async def ask() -> int:
            nonlocal asked
            asked += 1
            raise DeviceBusy("It is busy.", "x")

        memory = Memory(ask, 2.0, clock)
        for _ in range(3):
            with pytest.raises(DeviceBusy):
                await memory.answer()
        assert asked == 1
        await clock.advance(2.0)
        with pytest.raises(DeviceBusy):
            await memory.answer()
        assert asked == 2


class TestRightOfWay:
    async def test_who_needs_the_camera_waits_until_the_live_view_is_gone(self) -> None:
        way, said = RightOfWay(), []
        stopped = asyncio.Event()

        async def view() -> None:
            with way.showing(stopped.set):
                await stopped.wait()
                said.append("gone")
            await way.free()
            said.append("back")

        watching = asyncio.create_task(view())
        await asyncio.sleep(0)
        async with way.claimed_for(), way.claimed_for():
            assert way.claimed
            said.append("mine")
        assert not way.claimed
        await watching
        assert said == ["gone", "mine", "back"]

    async def test_a_live_view_that_comes_meanwhile_is_stopped_at_once(self) -> None:
        way, stopped = RightOfWay(), []
        async with way.claimed_for():
            with way.showing(lambda: stopped.append(1)):
                assert stopped == [1]
