"""USB cameras, without one: names, formats and errors; FFmpeg's own patterns stand in for the device."""

from __future__ import annotations

import asyncio
import errno
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from onlooker.clock import SystemClock
from onlooker.errors import ConfigError, SourceMissing, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.live.transcode import Decoder, encode_jpeg
from onlooker.media import Frame, Media, Sample
from onlooker.sources import built_by, usb
from tests.clips import write_video


@pytest.fixture
def sysfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cameras, one of them with a node for metadata, the other numbered above ten."""
    root = tmp_path / "video4linux"
    for node, name, index in (("video10", "Desk", "0"), ("video2", "HD Webcam", "0"), ("video3", "HD Webcam", "1")):
        (root / node).mkdir(parents=True)
        (root / node / "name").write_text(f"{name}\n")
        (root / node / "index").write_text(f"{index}\n")
    monkeypatch.setattr(usb, "SYSFS", root)
    return root


async def first(source: usb.Source) -> Media:
    async with asyncio.timeout(20), aclosing(source.run(SystemClock())) as run:
        return await anext(run)


def test_the_cameras_there_are(sysfs: Path, tmp_path: Path) -> None:
    assert usb.webcams(sysfs) == [usb.Webcam("/dev/video2", "HD Webcam"), usb.Webcam("/dev/video10", "Desk")]
    assert usb.webcams(tmp_path / "nothing") == []


@pytest.mark.parametrize(
    ("url", "platform", "expected"),
    [
        ("usb:0", "linux", ("v4l2", "/dev/video0", {})),
        ("v4l2:/dev/video7", "linux", ("v4l2", "/dev/video7", {})),
        ("v4l2:///dev/v4l/by-id/cam", "linux", ("v4l2", "/dev/v4l/by-id/cam", {})),
        ("usb:1", "darwin", ("avfoundation", "1:none", {"framerate": "30"})),
        ("usb:Integrated Camera", "win32", ("dshow", "video=Integrated Camera", {})),
    ],
)
def test_each_platform_names_cameras_its_own_way(
    url: str, platform: str, expected: tuple[str, str, dict[str, str]]
) -> None:
    assert usb.device_input(url, platform) == expected


@pytest.mark.parametrize(("url", "platform"), [("usb:", "linux"), ("usb:0", "win32")])
def test_urls_that_name_no_camera(url: str, platform: str) -> None:
    with pytest.raises(ConfigError):
        usb.device_input(url, platform)


async def test_a_missing_camera_names_those_there_are(sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(SourceMissing, match=r"no camera at /dev/video99.*/dev/video2 \(HD Webcam\)"):
        await first(usb.Source("usb:99"))


async def test_a_camera_one_may_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    device = tmp_path / "video0"
    device.touch()

    def forbid(self: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", forbid)
    with pytest.raises(SourceRefused, match="group “video”"):
        await first(usb.Source(f"v4l2:{device}"))


async def test_what_is_no_camera_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "video0").write_bytes(b"")
    with pytest.raises(SourceRefused, match="video0 is no camera"):
        await first(usb.Source(f"v4l2:{tmp_path}/video0"))


async def test_raw_pictures_are_samples_that_decode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = tmp_path / "yuyv"
    recording.write_bytes(bytes([235, 128] * 64 * 48) * 3)
    options = {"pixel_format": "yuyv422"}
    monkeypatch.setattr(usb, "device_input", lambda url, platform: ("rawvideo", str(recording), options))
    sample = await first(usb.Source("usb:0", size="64x48", fps=15))
    assert isinstance(sample, Sample)
    assert sample.key
    fmt = sample.format
    assert (fmt.codec, fmt.width, fmt.height, fmt.rate) == ("rawvideo", 64, 48, 15.0)
    (picture,) = Decoder(fmt).decode(sample)
    assert jpegcodec.decode_rgb(encode_jpeg(picture)).mean() > 250


async def test_motion_jpeg_passes_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = write_video(tmp_path / "clip.avi", "mjpeg")
    monkeypatch.setattr(usb, "device_input", lambda url, platform: ("avi", str(clip), {}))
    assert isinstance(await first(usb.Source("usb:0")), Frame)


async def test_without_motion_jpeg_the_next_format_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def read(self: usb.Source, wish: dict[str, str], clock: object) -> object:
        asked.append(wish)
        if wish:
            raise SourceRefused("it has no MJPEG")
        yield Frame(b"picture", 0.0)

    monkeypatch.setattr(usb.Source, "_read", read)
    monkeypatch.setattr(sys, "platform", "linux")
    assert await first(usb.Source("usb:0")) == Frame(b"picture", 0.0)
    assert asked == [{"input_format": "mjpeg"}, {}]
    with pytest.raises(SourceRefused):
        await first(usb.Source("usb:0", input_format="mjpeg"))


@pytest.mark.parametrize("options", [{"size": "big"}, {"fps": 0.0}])
def test_options_that_make_no_sense(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        usb.Source("usb:0", **options)  # type: ignore[arg-type]


def test_the_kind_is_a_source_and_has_no_device() -> None:
    assert built_by(usb) is usb.Source
