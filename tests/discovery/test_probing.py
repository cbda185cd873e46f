"""What `camera probe` finds out: measured on a real film, and said in a sentence where nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import simplejpeg

from onlooker import cli, sources
from onlooker.clock import Clock, SystemClock
from onlooker.config.adding import proposed
from onlooker.demo import make_film
from onlooker.discovery import probing
from onlooker.errors import ConfigError, OnlookerError, SourceLost, SourceRefused
from onlooker.formats import jpeg
from onlooker.media import Frame, Media, Sample, VideoFormat
from onlooker.sources import make


class Odd:
    """A source that behaves as its URL says."""

    released = 0

    def __init__(self, url: str) -> None:
        self._way = url.partition(":")[2]

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        try:
            if self._way == "silent":
                await asyncio.Event().wait()
            if self._way == "refused":
                raise SourceRefused("The password is wrong.")
            if self._way == "garbage":
                yield Frame(b"no picture", clock.now())
            if self._way == "headless":
                yield Sample(b"\0\0\0\1\x41", False, 0.0, clock.now(), VideoFormat("h264", 640, 480))
        finally:
            Odd.released += 1


@pytest.fixture
def _odd(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("onlooker.sources.odd")
    module.SCHEMES, module.Source = ("odd",), Odd  # type: ignore[attr-defined]
    monkeypatch.setattr(sources, "kinds", lambda: {"odd": module})
    monkeypatch.setattr(Odd, "released", 0)


async def test_coded_video_is_measured_and_decoded(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    await asyncio.to_thread(make_film, film, lambda steps, *_: iter(steps), seconds=2, rate=10, width=320, height=180)
    made = make(f"file:{film}", {})
    finding, picture = await probing.probe("file", made, SystemClock(), patience=20, want_picture=True, measure=0.5)
    assert (finding.kind, finding.codec, finding.width, finding.height) == ("file", "h264", 320, 180)
    assert finding.frame_rate > 0
    assert jpeg.dimensions(picture) == (320, 180)


@pytest.mark.usefixtures("_odd")
@pytest.mark.parametrize(
    ("way", "kind", "said"),
    [
        ("silent", SourceLost, r"No picture came within 0\.05 s\. .*switched on"),
        ("refused", SourceRefused, "The password is wrong"),
        ("ended", SourceLost, "ended before a picture came"),
        ("headless", SourceLost, "no key frame"),
        ("garbage", SourceLost, "it is damaged"),
    ],
)
async def test_a_source_that_gives_nothing_is_a_sentence(way: str, kind: type[OnlookerError], said: str) -> None:
    made = make(f"odd:{way}", {})
    with pytest.raises(kind, match=said):
        await probing.probe("odd", made, SystemClock(), patience=0.05, want_picture=True, measure=0.05)
    assert Odd.released == 1


def test_options_are_checked_as_in_the_file() -> None:
    with pytest.raises(ConfigError, match=r"^fps: “fast” is not allowed"):
        proposed("testcard:x", {"fps": "fast"}, {})
    with pytest.raises(ConfigError, match=r"^source: the environment variable WHICH is not set"):
        proposed("testcard:${WHICH}", {}, {})
    assert proposed("testcard:${WHICH}", {"fps": "2"}, {"WHICH": "one"}).options["fps"] == 2.0


async def test_a_camera_that_waits_for_a_sender_is_no_error() -> None:
    finding, picture = await probing.probe("push", make("push:", {}), SystemClock(), patience=9, want_picture=True)
    assert (finding.kind, finding.codec, picture) == ("push", "", b"")


def test_a_preview_is_no_larger_than_asked_for() -> None:
    large = simplejpeg.encode_jpeg(np.zeros((600, 800, 3), np.uint8))
    assert jpeg.dimensions(probing.preview(large, 400)) == (400, 300)
    assert probing.preview(large, 800) == large


def test_a_picture_that_cannot_be_saved_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["camera", "probe", "testcard:x", "--save", str(tmp_path / "missing" / "x.jpg")]) == 1
    assert "cannot be saved" in capsys.readouterr().err
