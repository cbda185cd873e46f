"""360° cameras: both API levels, all that goes wrong with them, and several at once, against a simulated Theta."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from onlooker.clock import ManualClock
from onlooker.devices import Ability, Taken
from onlooker.errors import (
    CannotDo,
    ConfigError,
    DeviceAway,
    DeviceBusy,
    DeviceError,
    DeviceRefused,
    PasswordNeeded,
    SourceError,
    SourceLost,
    SourceRefused,
    UnfitOption,
)
from onlooker.formats import jpeg
from onlooker.live.hub import CameraPlan, Hub
from onlooker.live.status import ORIGINAL, State
from onlooker.media import Frame, Projection
from onlooker.simulation.theta.camera import Nature
from onlooker.simulation.theta.faults import Fault
from onlooker.simulation.theta.models import Model
from onlooker.simulation.theta.server import Login, Theta, simulated
from onlooker.sources import built_by, kind_of
from onlooker.sources.osc import Device
from tests.live.scripted import Notebook

LOGIN = Login("THETAYN10013308", 'p@ss:w/or"d')
SMALL = Nature(still=(512, 256), seconds=1.5)
STREAMS = [
    *(Fault.THUMBNAILS, Fault.NO_LENGTH, Fault.DASHES, Fault.LINE_FEEDS, Fault.GARBAGE),
    *(Fault.PACKED, Fault.SPLIT, Fault.UNCHUNKED),
]


async def until(true: Callable[[], bool]) -> None:
    """Wait for what other tasks of this loop bring about."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@dataclass
class Watch:
    """Somebody who watches a camera's live view, run after run: as its supervision does, without the waiting."""

    frames: int = 0
    errors: list[SourceError] = field(default_factory=list)
    last: Frame | None = None

    async def run(self, device: Device, clock: ManualClock, *, again: bool) -> None:
        while True:
            try:
                async with aclosing(device.source().run(clock)) as media:
                    async for item in media:
                        assert isinstance(item, Frame)
                        assert jpeg.end(item.data) == len(item.data)
                        self.frames, self.last = self.frames + 1, item
            except SourceError as error:
                self.errors.append(error)
                if not again:
                    return
                await clock.sleep(1.0)

    async def more(self, count: int = 3) -> None:
        """Until there are more pictures than now."""
        wanted = self.frames + count
        await until(lambda: self.frames >= wanted)

    async def ended(self) -> SourceError:
        """Until the live view has ended once more than now."""
        before = len(self.errors)
        await until(lambda: len(self.errors) > before)
        return self.errors[-1]


class FastClock(ManualClock):
    """A clock on which time passes faster, in steps."""

    step = 0.05


@pytest.fixture
async def clock() -> AsyncIterator[FastClock]:
    made = FastClock()

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.004)
            await made.advance(made.step)

    task = asyncio.create_task(tick())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def camera(
    clock: ManualClock, model: Model = Model.S, *faults: Fault, login: Login | None = None, **options: object
) -> AsyncIterator[tuple[Theta, Device]]:
    """A simulated camera, and ours that talks to it."""
    async with simulated(model, faults, login=login, nature=SMALL, clock=clock) as theta:
        device = Device(theta.url, clock, **{"timeout": 5.0, **options})  # type: ignore[arg-type]
        try:
            yield theta, device
        finally:
            await device.close()


@asynccontextmanager
async def watched(device: Device, clock: ManualClock, *, again: bool = True) -> AsyncIterator[Watch]:
    watch = Watch()
    task = asyncio.create_task(watch.run(device, clock, again=again))
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def content(taken: Taken) -> bytes:
    return b"".join([chunk async for chunk in taken.chunks])


class TestLiveView:
    @pytest.mark.parametrize("model", [Model.X, Model.V, Model.S])
    async def test_of_each_level(self, clock: ManualClock, model: Model) -> None:
        async with camera(clock, model) as (theta, device), watched(device, clock) as watch:
            await watch.more(5)
            assert device.projection is Projection.EQUIRECTANGULAR
            assert theta.counters.previews_at_most == 1
            assert watch.errors == []
            assert theta.camera.level == 2  # the S was switched

    async def test_at_level_1_and_its_session_ends_with_it(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S, level=1) as (theta, device):
            async with watched(device, clock) as watch:
                await watch.more(5)
            asked = theta.counters.commands
            assert asked["camera._getLivePreview"] == 1
            assert asked["camera.startSession"] == asked["camera.closeSession"] == 1
            assert asked["camera.getLivePreview"] == 0
            assert theta.camera.level == 1

    @pytest.mark.parametrize("fault", STREAMS)
    async def test_however_it_is_written(self, clock: ManualClock, fault: Fault) -> None:
        async with camera(clock, Model.S, fault) as (_, device), watched(device, clock, again=False) as watch:
            await watch.more(6)
            assert watch.errors == []
            assert watch.last
            assert jpeg.dimensions(watch.last.data) == (640, 320)

    async def test_a_square_picture_is_one_lens(self, clock: ManualClock) -> None:
        options = {"preview_format": "512x512@30"}
        async with camera(clock, Model.X, **options) as (_, device), watched(device, clock) as watch:
            await watch.more()
            assert device.projection is Projection.FISHEYE

    async def test_the_chosen_format(self, clock: ManualClock) -> None:
        options = {"preview_format": "640x320@8"}
        async with camera(clock, Model.V, **options) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            assert watch.last
            assert jpeg.dimensions(watch.last.data) == (640, 320)
            assert theta.camera.preview_format.framerate == 8
            # Set once, and nothing is set that is so already.
            before = theta.counters.commands["camera.setOptions"]
            theta.lose_network()
            await watch.ended()
            await watch.more()
            assert theta.counters.commands["camera.setOptions"] == before

    async def test_a_format_that_it_does_not_have(self, clock: ManualClock) -> None:
        options = {"preview_format": "3840x1920@30"}
        async with camera(clock, Model.V, **options) as (_, device), watched(device, clock, again=False) as watch:
            error = await watch.ended()
            assert type(error) is SourceRefused
            assert "1920x960@8" in str(error)

    @pytest.mark.parametrize("awake", [True, False])
    async def test_it_is_kept_awake(self, clock: ManualClock, awake: bool) -> None:
        async with camera(clock, Model.V, keep_awake=awake) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            assert theta.camera.options["sleepDelay"] == (65535 if awake else 300)

    async def test_it_is_let_go(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S) as (theta, device):
            async with watched(device, clock) as watch:
                await watch.more()
                assert theta.counters.previews_open == 1
            await until(lambda: not theta.counters.previews_open)
            assert not device._wire.in_use


class TestEndings:
    async def test_somebody_presses_the_shutter(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            theta.press()
            assert type(await watch.ended()) is SourceLost
            await watch.more()

    @pytest.mark.parametrize("model", [Model.S, Model.X])
    async def test_its_network_drops(self, clock: ManualClock, model: Model) -> None:
        async with camera(clock, model) as (theta, device), watched(device, clock) as watch:
            for _ in range(2):
                await watch.more()
                theta.lose_network()
                assert type(await watch.ended()) is SourceLost
            await watch.more()
            assert theta.camera.level == 2
            assert theta.counters.previews_at_most == 1

    async def test_it_is_cut_within_a_picture(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            theta.fault(Fault.DROP, value=2)
            assert type(await watch.ended()) is SourceLost
            theta.clear()
            await watch.more()

    async def test_it_stalls(self, clock: ManualClock) -> None:
        options = {"timeout": 0.5}
        async with camera(clock, Model.S, **options) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            theta.fault(Fault.STALL)
            error = await watch.ended()
            assert type(error) is SourceLost
            assert "in the middle of an answer" in str(error)
            theta.clear()
            await watch.more()

    @pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.UNAVAILABLE, Fault.DISABLED])
    @pytest.mark.parametrize("errors", [None, Fault.OK_ERRORS])
    async def test_it_is_busy(self, clock: ManualClock, fault: Fault, errors: Fault | None) -> None:
        async with camera(clock, Model.S) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            theta.fault(fault, times=2, command="camera.getLivePreview")
            if errors:
                theta.fault(errors)
            theta.press()
            await watch.ended()
            assert "busy" in str(await watch.ended())
            await watch.more()
            assert all(type(error) is SourceLost for error in watch.errors)

    async def test_asleep_and_hung_are_told_apart(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S, timeout=0.5) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            theta.fault(Fault.ASLEEP, seconds=30)
            await watch.ended()
            error = await watch.ended()
            assert type(error) is SourceLost
            assert "it sleeps" in str(error)
            theta.clear()
            await theta.awake()
            await watch.more()
            theta.fault(Fault.HUNG)
            theta.lose_network()
            await watch.ended()
            error = await watch.ended()
            assert type(error) is SourceLost
            assert "it hangs" in str(error)
            theta.clear()
            await watch.more()

    async def test_a_command_ends_it_with_some(self, clock: ManualClock) -> None:
        async with camera(clock, Model.SC2) as (_, device), watched(device, clock) as watch:
            await watch.more()
            await device.details()
            await watch.ended()
            await watch.more()
            # What a page asks again and again costs no command, so no live view.
            ended = len(watch.errors)
            for _ in range(3):
                await clock.sleep(2.5)
                await device.details()
            await watch.more()
            assert len(watch.errors) == ended


class TestPassword:
    async def test_on_every_question_its_renewal_included(
        self, clock: ManualClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with camera(clock, Model.Z1, login=LOGIN) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            before = theta.counters.challenges
            theta.fault(Fault.NONCE)
            await device.options()
            async with device.shoot(lambda _: None) as taken:
                assert jpeg.is_jpeg(await content(taken))
            await watch.more()
            assert theta.counters.challenges > before + 3
            assert theta.counters.passwords_wrong == 0
            assert watch.errors == []
        assert LOGIN.password not in caplog.text

    async def test_that_is_wrong_is_not_tried_again_and_again(self, clock: ManualClock) -> None:
        async with camera(clock, Model.Z1, login=LOGIN) as (theta, _):
            wrong = Device(f"osc://{LOGIN.username}:wrong@{theta.address}", clock)
            async with watched(wrong, clock, again=False) as watch:
                error = await watch.ended()
            assert type(error) is PasswordNeeded
            assert "wrong" not in str(error)
            for _ in range(5):
                with pytest.raises(DeviceRefused, match="user name or password"):
                    await wrong.options()
            assert theta.counters.requests <= 3
            assert theta.counters.passwords_wrong == 1
            await wrong.close()

    async def test_that_is_missing(self, clock: ManualClock) -> None:
        async with camera(clock, Model.Z1, login=LOGIN) as (theta, _):
            without = Device(f"osc://{theta.address}", clock)
            async with watched(without, clock, again=False) as watch:
                assert type(await watch.ended()) is PasswordNeeded
            await without.close()


class TestDetails:
    async def test_of_a_camera(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X) as (_, device):
            details = await device.details()
        assert details.abilities == {Ability.SHOOT, Ability.OPTIONS, Ability.CARD}
        assert (details.maker, details.model, details.serial) == ("RICOH", "RICOH THETA X", "10010065")
        assert details.battery == pytest.approx(0.67, abs=0.05)
        assert details.storage
        assert details.storage_left
        assert 0 < details.storage_left < details.storage == 20_000_000_000
        assert details.pictures_left
        assert (details.capture, details.charging, details.problems) == ("idle", False, ())

    async def test_its_problems_are_sentences(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X, Fault.HOT, Fault.FULL) as (_, device):
            details = await device.details()
        assert details.problems == ("Its storage is full.", "It is too hot. Let it cool down.")
        assert details.pictures_left == 0

    async def test_many_who_look_cost_as_much_as_one(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X) as (theta, device):
            await asyncio.gather(*(device.details() for _ in range(50)))
            assert theta.counters.requests <= 4
            await asyncio.gather(*(device.osc_info() for _ in range(50)))
            assert theta.counters.requests <= 5

    async def test_of_one_that_is_away(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X) as (theta, device):
            theta.fault(Fault.ASLEEP)
            with pytest.raises(DeviceAway, match="it sleeps"):
                await device.details()


class TestOptions:
    async def test_are_read_with_what_they_may_be(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X) as (theta, device):
            options = {option.name: option for option in await device.options()}
            asked = theta.counters.commands["camera.getOptions"]
            assert len(await device.options()) == len(options)
            # Which of them it has is found out once.
            assert theta.counters.commands["camera.getOptions"] == asked + 1
        # What the X is set to is not among what it can be set to.
        assert options["previewFormat"].value == "1024x512@15"
        assert options["previewFormat"].choices == ("3840x1920@30", "1920x960@30", "1024x512@30", "512x512@30")
        assert options["iso"].choices
        assert 800 in options["iso"].choices
        assert (options["_shutterVolume"].minimum, options["_shutterVolume"].maximum) == (0, 100)
        assert (options["sleepDelay"].minimum, options["sleepDelay"].maximum) == (60, 65535)
        assert "clientVersion" not in options
        assert "_password" not in options

    @pytest.mark.parametrize(
        ("name", "value", "then"),
        [
            ("previewFormat", "1920x960@30", "1920x960@30"),
            ("previewFormat", {"width": 512, "height": 512, "framerate": 30}, "512x512@30"),
            ("previewFormat", "1920x960", "1920x960@30"),
            ("iso", 800, 800),
            ("iso", "800", 800),
            ("captureMode", "video", "video"),
            ("exposureCompensation", -0.3, -0.3),
            ("exposureCompensation", "1", 1.0),
            ("_shutterVolume", 55, 55),
            ("_shutterVolume", "0", 0),
            ("sleepDelay", 600, 600),
            ("_language", "de", "de"),
            ("dateTimeZone", "2026:11:21 12:00:00+01:00", "2026:11:21 12:00:00+01:00"),
        ],
    )
    async def test_are_set(self, clock: ManualClock, name: str, value: object, then: object) -> None:
        async with camera(clock, Model.X) as (_, device):
            assert (await device.set_option(name, value)).value == then  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("previewFormat", "640x320@8", "It may be 3840x1920@30, 1920x960@30"),
            ("previewFormat", "large", "cannot be large"),
            ("iso", 799, "It may be 0, 100"),
            ("iso", True, "cannot be true"),
            ("captureMode", "", "cannot be empty"),
            ("_shutterVolume", 101, "0 to 100"),
            ("_shutterVolume", "loud", "0 to 100"),
            ("sleepDelay", None, "60 to 65535"),
            ("dateTimeZone", 5, "write it alike"),
            ("dateTimeZone", "soon", "does not take this"),
            ("nothing", 1, "has no option"),
            ("_password", "12345678", "not an option that can be looked at"),
            ("clientVersion", 1, "not changed by hand"),
            ("isoSupport", [1], "not an option"),
            ("a/../b", 1, "not an option"),
        ],
    )
    async def test_that_do_not_fit(self, clock: ManualClock, name: str, value: object, words: str) -> None:
        async with camera(clock, Model.X) as (theta, device):
            with pytest.raises(UnfitOption, match=words):
                await device.set_option(name, value)  # type: ignore[arg-type]
            assert theta.counters.commands["camera.setOptions"] <= (value == "soon")

    async def test_the_live_view_gives_way_and_comes_back(self, clock: ManualClock) -> None:
        async with camera(clock, Model.V) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            await device.set_option("previewFormat", "640x320@8")
            await watch.more()
            assert watch.last
            assert jpeg.dimensions(watch.last.data) == (640, 320)
            assert watch.errors == []
            assert theta.counters.previews_at_most == 1

    async def test_its_own_answers(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X) as (_, device):
            info, state = await device.osc_info(), await device.osc_state()
            assert isinstance(info, dict)
            assert info["model"] == "RICOH THETA X"
            assert isinstance(state, dict)
            assert "fingerprint" in state
            assert await device.osc_option("iso") == {
                "name": "camera.getOptions",
                "results": {"options": {"iso": 0}},
                "state": "done",
            }
            assert "previewFormatSupport" in str(await device.osc_option("previewFormatSupport"))
            for name in ("_password", "nothing"):
                with pytest.raises(UnfitOption):
                    await device.osc_option(name)


class TestShooting:
    @pytest.mark.parametrize(("model", "options"), [(Model.S, {}), (Model.S, {"level": 1}), (Model.Z1, {})])
    async def test_the_original_byte_for_byte_and_the_live_view_comes_back(
        self, clock: ManualClock, model: Model, options: dict[str, object]
    ) -> None:
        async with camera(clock, model, **options) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            progress: list[float | None] = []
            async with device.shoot(progress.append) as taken:
                data = await content(taken)
            latest = theta.camera.card.latest
            assert latest is not None
            assert data == await theta.camera.card.content(latest)
            assert (taken.name, taken.size) == (latest.name, len(data))
            assert progress[-1] == 1.0
            assert progress == sorted(progress, key=lambda done: done or 0.0)
            assert len(progress) > 1
            assert b"GPano" in data
            assert b"Exif" in data
            await watch.more()
            assert watch.errors == []
            assert theta.counters.previews_at_most == 1

    async def test_two_at_once_are_two_pictures(self, clock: ManualClock) -> None:
        async with camera(clock, Model.X) as (theta, device):

            async def shot() -> str:
                async with device.shoot(lambda _: None) as taken:
                    await content(taken)
                    return taken.name

            names = await asyncio.gather(shot(), shot())
            assert len(set(names)) == 2
            assert theta.counters.commands["camera.takePicture"] == 2

    async def test_a_long_one_says_why_there_is_no_live_view(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            way = device._way

            async with way.claimed_for():
                await clock.sleep(5.0)
                assert watch.errors == []  # it waits in its place for a while
                assert "comes back by itself" in str(await watch.ended())
                assert theta.counters.previews_open == 0
            await watch.more()

    async def test_from_a_mode_without_pictures(self, clock: ManualClock) -> None:
        async with camera(clock, Model.V) as (theta, device):
            theta.camera.options.set({"captureMode": "video"})
            async with device.shoot(lambda _: None) as taken:
                assert jpeg.is_jpeg(await content(taken))
            assert theta.camera.options["captureMode"] == "image"

    @pytest.mark.parametrize(
        ("fault", "kind", "code"),
        [
            (Fault.CANCELED, DeviceRefused, "canceledShooting"),
            (Fault.HOT, DeviceRefused, "disabledCommand"),
            (Fault.FULL, DeviceRefused, "disabledCommand"),
            (Fault.DISABLED, DeviceBusy, "disabledCommand"),
            (Fault.UNAVAILABLE, DeviceBusy, "serviceUnavailable"),
            (Fault.FORBIDDEN, DeviceBusy, "403"),
        ],
    )
    async def test_that_fails(self, clock: ManualClock, fault: Fault, kind: type[DeviceError], code: str) -> None:
        async with camera(clock, Model.V) as (theta, device), watched(device, clock) as watch:
            await watch.more()
            theta.fault(fault, command="" if fault in (Fault.CANCELED, Fault.HOT, Fault.FULL) else "camera.takePicture")
            with pytest.raises(kind) as caught:
                async with device.shoot(lambda _: None):
                    pass
            assert (type(caught.value), caught.value.code) == (kind, code)
            await watch.more()

    async def test_the_camera_goes_meanwhile(self, clock: FastClock) -> None:
        clock.step = 0.5
        async with camera(clock, Model.V) as (theta, device):

            def vanish(done: float | None) -> None:
                theta.fault(Fault.ASLEEP)

            with pytest.raises(DeviceAway, match="it sleeps"):
                async with device.shoot(vanish):
                    pass

    async def test_a_moment_without_an_answer_is_no_failure(self, clock: ManualClock) -> None:
        async with camera(clock, Model.V) as (theta, device):
            asked: list[float | None] = []

            def doze(done: float | None) -> None:
                asked.append(done)
                if len(asked) == 1:
                    theta.fault(Fault.ASLEEP, seconds=5)

            async with device.shoot(doze) as taken:
                assert jpeg.is_jpeg(await content(taken))

    async def test_that_is_given_up_lets_the_live_view_come_back(self, clock: ManualClock) -> None:
        async with camera(clock, Model.V) as (_, device), watched(device, clock) as watch:
            await watch.more()
            begun = asyncio.Event()

            async def shot() -> None:
                async with device.shoot(lambda _: begun.set()):
                    pass

            task = asyncio.create_task(shot())
            await asyncio.wait_for(begun.wait(), 10)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await watch.more()


class TestCard:
    @pytest.mark.parametrize(("model", "options"), [(Model.X, {}), (Model.Z1, {}), (Model.S, {"level": 1})])
    async def test_page_by_page_and_each_file(
        self, clock: ManualClock, model: Model, options: dict[str, object]
    ) -> None:
        async with camera(clock, model, Fault.FOREIGN, **options) as (theta, device):
            first = await device.files(limit=2)
            rest = await device.files(first.next, limit=2)
            assert [len(first.files), len(rest.files), rest.next, first.total] == [2, 1, None, 3]
            stored = theta.camera.card.newest_first()
            for file, one in zip([*first.files, *rest.files], stored, strict=True):
                assert (file.name, file.size, file.type) == (one.name, one.size, "image/jpeg")
                assert (file.width, file.height) == SMALL.still
                assert file.taken == one.taken.isoformat()
                assert "/" not in file.id
                async with device.fetch(file.id) as taken:
                    assert await content(taken) == await theta.camera.card.content(one)
                small = await device.thumbnail(file.id)
                assert jpeg.is_jpeg(small)
                assert small == await theta.camera.card.thumbnail(one)

    async def test_of_an_s_that_has_fallen_back(self, clock: ManualClock) -> None:
        async with camera(clock, Model.S) as (theta, device):
            page = await device.files()
            theta.lose_network()
            assert jpeg.is_jpeg(await device.thumbnail(page.files[0].id))
            theta.lose_network()
            assert len((await device.files()).files) == 3
            assert theta.camera.level == 2

    @pytest.mark.parametrize(
        "id", ["", "!", "Lw", "Ly9ldmlsLmV4YW1wbGUv", "L29zYy9pbmZv", "L2ZpbGVzL25vbmUuSlBH", "w6k"]
    )
    async def test_no_such_file(self, clock: ManualClock, id: str) -> None:
        async with camera(clock, Model.X) as (theta, device):
            await device.details()
            asked = theta.counters.requests
            with pytest.raises(CannotDo):
                await device.thumbnail(id)
            with pytest.raises(CannotDo):
                async with device.fetch(id):
                    pass
            assert theta.counters.requests <= asked + 2

    @pytest.mark.parametrize("after", ["-1", "x", "9" * 12])
    async def test_no_such_page(self, clock: ManualClock, after: str) -> None:
        async with camera(clock, Model.X) as (_, device):
            with pytest.raises(CannotDo):
                await device.files(after)


async def test_a_session_that_runs_out_is_begun_anew(clock: FastClock) -> None:
    clock.step = 2.0
    async with camera(clock, Model.S, level=1) as (theta, device):
        await device.options()
        await clock.sleep(200.0)
        await device.options()
        theta.camera.start_session()  # somebody else's: only the newest is good
        await device.options()
        assert theta.counters.commands["camera.startSession"] == 3
        assert theta.counters.commands["camera.updateSession"] >= 1


async def test_a_session_is_renewed_in_time(clock: FastClock) -> None:
    clock.step = 2.0
    async with camera(clock, Model.S, level=1) as (theta, device):
        for _ in range(3):
            await device.options()
            await clock.sleep(120.0)
        assert theta.counters.commands["camera.startSession"] == 1
        assert theta.counters.commands["camera.updateSession"] == 2


async def test_several_cameras_at_once_each_on_its_own(clock: ManualClock) -> None:
    async with AsyncExitStack() as stack:
        watches: list[Watch] = []
        thetas: list[Theta] = []
        for model in (Model.S, Model.S, Model.V):
            theta, device = await stack.enter_async_context(camera(clock, model))
            thetas.append(theta)
            watches.append(await stack.enter_async_context(watched(device, clock)))
        for watch in watches:
            await watch.more()
        thetas[0].fault(Fault.ASLEEP, seconds=60)
        await watches[0].ended()
        for watch in watches[1:]:
            await watch.more()
            assert watch.errors == []


class TestSupervised:
    """As a camera of a hub."""

    async def test_one_live_view_for_a_thousand_viewers_and_its_projection_is_said(self, clock: FastClock) -> None:
        async with simulated(Model.S, nature=SMALL, clock=clock) as theta:
            hub = Hub(clock)
            plan = CameraPlan("terrace", "Terrace", "osc", lambda: Device(theta.url, clock), fingerprint="1")
            try:
                await hub.apply([plan])
                notebooks = [Notebook() for _ in range(1000)]
                watches = [hub.watch(notebook, ["terrace"], ORIGINAL) for notebook in notebooks]
                await until(lambda: all(len(notebook.seen) > 3 for notebook in notebooks))
                assert hub.camera("terrace").state is State.LIVE
                assert hub.camera("terrace").view.projection is Projection.EQUIRECTANGULAR
                assert theta.counters.previews == theta.counters.previews_at_most == 1
                camera = hub.camera("terrace").device
                assert isinstance(camera, Device)
                async with camera.shoot(lambda _: None) as taken:
                    assert jpeg.is_jpeg(await content(taken))
                seen = len(notebooks[0].seen)
                await until(lambda: len(notebooks[0].seen) > seen + 3)
                assert theta.counters.previews_at_most == 1
                assert hub.camera("terrace").status().reconnects == 0
                assert watches
            finally:
                await hub.close()
            await until(lambda: not theta.counters.previews_open)


def test_options_and_addresses() -> None:
    assert built_by(kind_of("osc:")) is Device
    assert "192.168.1.1" in Device("osc:").name
    assert "192.168.1.1:8080" in Device("osc://:8080").name
    assert "192.168.1.1" in Device("osc://id:secret@").name
    assert "10.0.0.7:81" in Device("osc://id:p%40ss@10.0.0.7:81/").name
    assert "[fe80::1]" in Device("osc://[fe80::1]").name
    for url in ("osc://h/osc/info", "osc://id:pa/ss@h", "osc://h?x", "osc://h:port", "osc://i%3Ad:secret@h"):
        with pytest.raises(ConfigError) as caught:
            Device(url)
        assert "secret" not in str(caught.value)
        assert "pa/ss" not in str(caught.value)
    for options in ({"preview_format": "big"}, {"level": 3}, {"timeout": 0}, {"timeout": float("nan")}):
        with pytest.raises(ConfigError):
            Device("osc:", **options)  # type: ignore[arg-type]
