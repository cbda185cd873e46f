"""What happened to a camera, below its picture: the newest first, live, what is older, nothing when nothing did."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.async_api import expect

from onlooker.archive.camera_log import following
from onlooker.clock import SystemClock
from onlooker.media import CameraEvent
from onlooker.web.shares import Shares
from tests.archive.scene import Calendar, scene
from tests.browser.conftest import OpenPage, ServeHub, cards
from tests.browser.mjpeg_camera import MjpegCamera
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser

MINUTE = 60_000_000
ROWS = "#happenings-list li"


async def noticed(folder: Path, *events: tuple[str, float, float | None]) -> None:
    """Let these have happened to the first camera: a kind, how many minutes ago, and how many minutes it took.

    None: it goes on; 0: it was over at once.
    """
    clock = SystemClock()
    now = round(clock.now() * 1_000_000)
    async with scene(folder / "data", Calendar(clock.now())) as there, following(there.archive, clock) as logs:
        await logs.apply(["card1"])
        for kind, ago, lasted in events:
            at = now - round(ago * MINUTE)
            began = await logs.record("card1", CameraEvent(kind, at, None if lasted == 0 else True))
            if lasted:
                end = {"lost": "back"}.get(kind, kind)
                await logs.record("card1", CameraEvent(end, at + round(lasted * MINUTE), False, began.seq, began.at))


async def test_what_happened_stands_below_the_picture(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    happened: Sequence[tuple[str, float, float | None]] = [
        ("lost", 60, 2),
        ("motion", 30, 0.2),
        ("tamper-detected", 20, 0),
        ("motion", 1, None),
    ]
    await noticed(tmp_path, *happened)
    hub = serve_hub(cards(2))
    tab = await open_page(hub, "/cameras/card1")
    await expect(tab.get_by_role("heading", name="What happened")).to_be_visible()
    await expect(tab.locator(f"{ROWS} .what")).to_have_text(
        ["Motion", "Tamper detected", "Motion (12 s)", "No video for 2 min"]
    )
    await expect(tab.locator("#going-on")).to_have_text("Motion")
    await expect(tab.locator("#going-on")).to_be_visible()
    box, theatre = await tab.locator("#going-on").bounding_box(), await tab.locator(".theatre").bounding_box()
    assert box is not None
    assert theatre is not None
    assert theatre["y"] < box["y"] < theatre["y"] + theatre["height"] / 2
    await expect(tab.get_by_role("button", name="Earlier")).to_be_hidden()
    await expect(tab.locator("#happenings-list time").first).to_have_text(re.compile(r"\d\d.\d\d"))
    for width in (360, 1280):
        await tab.set_viewport_size({"width": width, "height": 800})
        assert await findings(tab) == []
        assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await tab.goto(hub.url("/cameras/card2"))
    await expect(tab.locator("#state")).to_have_text("Live")
    await expect(tab.locator("#happenings")).to_be_hidden()


async def test_what_is_older_is_there_on_demand(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    await noticed(tmp_path, *(("sound", 100 - number, 0) for number in range(70)))
    hub = serve_hub(cards(1))
    tab = await open_page(hub, "/cameras/card1")
    more = tab.get_by_role("button", name="Earlier")
    for count in (30, 60):
        await expect(tab.locator(ROWS)).to_have_count(count)
        await more.focus()
        await tab.keyboard.press("Enter")
    await expect(tab.locator(ROWS)).to_have_count(70)
    await expect(more).to_be_hidden()


async def test_a_camera_that_goes_and_comes_back_is_told_live(
    serve_hub: ServeHub, open_page: OpenPage, mjpeg_camera: MjpegCamera
) -> None:
    hub = serve_hub(f'[cameras.door]\ntitle = "Front door"\nsource = "{mjpeg_camera.url}"\n')
    tab = await open_page(hub, "/cameras/door")
    await expect(tab.locator("#state")).to_have_text("Live")
    await expect(tab.locator("#happenings")).to_be_hidden()
    await mjpeg_camera.stop()
    await expect(tab.locator(f"{ROWS} .what")).to_have_text(["No video"], timeout=30_000)
    await expect(tab.locator(f"{ROWS} .why")).not_to_be_empty()
    await mjpeg_camera.start()
    await expect(tab.locator(f"{ROWS} .what")).to_have_text([re.compile("No video for [0-9]+ s")], timeout=40_000)
    await tab.reload()
    await expect(tab.locator(f"{ROWS} .what")).to_have_text([re.compile("No video for [0-9]+ s")])


async def test_a_guest_sees_what_became_of_the_picture_and_nothing_else(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    await noticed(tmp_path, ("lost", 60, 2), ("motion", 30, 0.2), ("motion", 1, None))
    hub = serve_hub(cards(1))
    _, token = Shares(tmp_path / "data", SystemClock()).add("camera", "card1")
    tab = await open_page(hub, f"/s/{token}", login=False)
    await expect(tab.locator(f"{ROWS} .what")).to_have_text(["No video for 2 min"])
    await expect(tab.locator("#going-on")).to_be_empty()
