"""ONVIF with a real camera program in a network of its own: video, pictures, moving, passwords, and losing it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from onlooker.clock import SystemClock
from onlooker.devices import Ability
from onlooker.errors import DeviceRefused, SourceLost, SourceMissing, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.live.transcode import Decoder
from onlooker.media import Sample
from onlooker.sources.onvif import Device
from tests.peers.namespace import Namespace
from tests.peers.onvif_camera import MAIN, SUB, OnvifCamera, why_no_camera
from tests.peers.served import Served

pytestmark = [pytest.mark.peers, pytest.mark.skipif(bool(why_no_camera()), reason=why_no_camera())]

CLOCK = SystemClock()


@pytest.fixture(scope="module")
def network() -> Iterator[Namespace]:
    with Namespace() as namespace:
        yield namespace


@pytest.fixture(scope="module")
def porch(network: Namespace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnvifCamera]:
    with OnvifCamera(network, tmp_path_factory.mktemp("ipycam")) as camera:
        yield camera


@pytest.mark.parametrize(("stream", "size"), [("main", MAIN), ("sub", SUB)])
def test_video(network: Namespace, porch: OnvifCamera, stream: str, size: tuple[int, int]) -> None:
    async def work() -> None:
        device = Device(porch.url, stream=stream)  # type: ignore[arg-type]
        try:
            async with aclosing(device.source().run(CLOCK)) as run:
                samples = [await anext(run) for _ in range(5)]
        finally:
            await device.close()
        first = samples[0]
        assert isinstance(first, Sample)
        assert (first.format.codec, first.format.width, first.format.height) == ("h264", *size)
        decoder = Decoder(first.format)
        pictures = [picture for one in samples if isinstance(one, Sample) for picture in decoder.decode(one)]
        assert (pictures[0].width, pictures[0].height) == size

    network.run(work)


def test_what_it_is_a_picture_and_moving(network: Namespace, porch: OnvifCamera) -> None:
    async def work() -> None:
        device = Device(porch.url)
        try:
            said = await device.details()
            assert (said.maker, said.model, said.serial) == ("PythonCam", "VirtualCam-1", "PY-000001")
            assert {Ability.MOVE, Ability.ZOOM, Ability.PRESETS, Ability.HOME, Ability.SHOOT} == said.abilities
            async with device.shoot(lambda _: None) as taken:
                picture = b"".join([chunk async for chunk in taken.chunks])
            assert jpegcodec.decode_rgb(picture).shape == (MAIN[1], MAIN[0], 3)
            await device.move(0.5, 0.25, 0)
            await device.stop()
            assert [place.name for place in await device.presets()] == ["Home"]
            await device.go_to("home")
            await device.home()
        finally:
            await device.close()

    network.run(work)


def test_a_wrong_password_and_a_wrong_profile(network: Namespace, porch: OnvifCamera) -> None:
    async def work() -> None:
        device = Device(porch.url.replace("w0rd", "another-secret"))
        try:
            with pytest.raises(SourceRefused, match="user name or password") as refusal:
                await device.video()
            with pytest.raises(DeviceRefused, match="user name or password"):
                await device.details()
            assert "another-secret" not in str(refusal.value)
        finally:
            await device.close()
        device = Device(porch.url + "?profile=nine")
        try:
            with pytest.raises(SourceMissing, match="MainStream"):
                await device.video()
        finally:
            await device.close()

    network.run(work)


def test_a_power_cut(tmp_path: Path) -> None:
    # One in a network of its own, for the others need theirs.
    with Namespace() as other, OnvifCamera(other, tmp_path) as camera:

        async def work() -> None:
            device = Device(camera.url, timeout=2.0)
            try:
                async with aclosing(device.source().run(CLOCK)) as run:
                    await anext(run)
                    camera.kill()
                    with pytest.raises(SourceLost):
                        async for _ in run:
                            pass
                with pytest.raises(SourceLost, match="cannot be reached"):
                    await anext(device.source().run(CLOCK))
            finally:
                await device.close()

        other.run(work)


def test_the_hub_shows_it(network: Namespace, porch: OnvifCamera, tmp_path: Path) -> None:
    config = f'[cameras.porch]\ntitle = "Porch"\nsource = "{porch.url}"\nstream = "sub"\n'

    async def work() -> None:
        # Whatever this thread starts or asks is in the same network.
        with Served(tmp_path, config) as hub:
            picture = hub.get("/cameras/porch/still.jpg")
            status = json.loads(hub.get("/api/v1/cameras/porch"))
            log = hub.log.read_text()
        assert jpegcodec.decode_rgb(picture).shape == (SUB[1], SUB[0], 3)
        assert status["kind"] == "onvif"
        assert "w0rd" not in log + json.dumps(status)

    network.run(work)
