"""The wall: it moves, on one connection, says what is lost, and costs nothing that nobody sees."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.conftest import OpenPage, ServeHub, cards, log_in
from tests.browser.mjpeg_camera import MjpegCamera
from tests.peers.served import Served

pytestmark = pytest.mark.browser

LIVE = ".view[data-state=live]"
PIXELS = """() => [...document.querySelectorAll('canvas')].map((canvas) => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1000003;
  return sum;
})"""


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait for a condition of the hub, which the browser cannot see."""
    for _ in range(200):
        if await asyncio.to_thread(true):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(what)


def viewers(hub: Served) -> list[int]:
    cameras: list[dict[str, Any]] = json.loads(hub.get("/api/v1/cameras"))["cameras"]
    return [camera["viewers"] for camera in cameras]


def live_requests(tab: Page) -> list[Request]:
    """Every live stream that the page asks for from now on."""
    asked: list[Request] = []
    tab.on("request", lambda request: asked.append(request) if "/live" in urlsplit(request.url).path else None)
    return asked


async def test_every_picture_moves_on_one_connection(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(9))
    tab = await open_page(hub, "/login", login=False)
    asked = live_requests(tab)
    await tab.goto(hub.url("/"))
    await log_in(tab)
    await expect(tab.locator(LIVE)).to_have_count(9)
    before = await tab.evaluate(PIXELS)
    await tab.wait_for_function(
        f"(before) => ({PIXELS})().every((sum, index) => sum !== before[index])", arg=before, polling=100
    )
    assert len(asked) == 1
    assert viewers(hub) == [1] * 9


async def test_a_camera_that_drops_out_is_said_to_be_lost_and_comes_back(
    serve_hub: ServeHub, open_page: OpenPage, mjpeg_camera: MjpegCamera
) -> None:
    hub = serve_hub(f'{cards(1)}\n[cameras.door]\ntitle = "Front door"\nsource = "{mjpeg_camera.url}"\n')
    tab = await open_page(hub)
    door = tab.get_by_role("link", name="Front door")
    await expect(door).to_have_attribute("data-state", "live")
    await mjpeg_camera.stop()
    await expect(door).to_have_attribute("data-state", "lost")
    await expect(door.locator(".word")).to_have_text("No video")
    await expect(door.locator(".since")).to_contain_text("No video for")
    await expect(door.locator(".reason")).not_to_be_empty()
    await expect(door.locator(".next")).to_contain_text("Trying again")
    await expect(tab.get_by_role("status").filter(has_text="Front door: no video")).to_be_attached()
    await expect(tab.get_by_role("link", name="Card 1")).to_have_attribute("data-state", "live")
    await mjpeg_camera.start()
    await expect(door).to_have_attribute("data-state", "live", timeout=40_000)
    await expect(door.locator(".since")).to_be_empty()


async def test_a_hidden_tab_costs_nothing(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(2))
    tab = await open_page(hub)
    await expect(tab.locator(LIVE)).to_have_count(2)
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    await tab.evaluate(hide, True)
    await until(lambda: viewers(hub) == [0, 0], "a hidden tab still watches")
    await expect(tab.locator(LIVE)).to_have_count(0)
    await tab.evaluate(hide, False)
    await expect(tab.locator(LIVE)).to_have_count(2)


async def test_cameras_off_screen_are_not_watched(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(30))
    tab = await open_page(hub, viewport={"width": 360, "height": 640})
    await expect(tab.locator(LIVE).first).to_be_visible()
    await until(lambda: viewers(hub)[0] == 1 and viewers(hub)[-1] == 0, "what is off screen is watched")
    await tab.keyboard.press("End")
    await until(lambda: viewers(hub)[0] == 0 and viewers(hub)[-1] == 1, "what came on screen is not watched")


async def test_arrows_walk_enter_opens_escape_returns(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(4))
    tab = await open_page(hub)
    focused = tab.locator(".view:focus .title")
    for key, title in [("ArrowRight", "1"), ("ArrowRight", "2"), ("ArrowDown", "4"), ("ArrowLeft", "3"), ("Home", "1")]:
        await tab.keyboard.press(key)
        await expect(focused).to_have_text(f"Card {title}")
    await tab.keyboard.press("ArrowDown")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(hub.url("/cameras/card3"))
    await tab.keyboard.press("ArrowRight")
    await tab.wait_for_url(hub.url("/cameras/card4"))
    await tab.keyboard.press("Escape")
    await tab.wait_for_url(hub.url("/"))
    await expect(focused).to_have_text("Card 4")


async def test_a_camera_added_while_the_wall_is_open_appears(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub("")
    tab = await open_page(hub)
    await expect(tab.get_by_role("heading", name="No cameras yet")).to_be_visible()
    await expect(tab.get_by_text("onlooker camera add").first).to_be_visible()
    (tmp_path / "onlooker.toml").write_text(cards(2))
    await expect(tab.locator(LIVE)).to_have_count(2)
    await expect(tab.get_by_role("heading", name="No cameras yet")).to_be_hidden()
    (tmp_path / "onlooker.toml").write_text(cards(1))
    await expect(tab.locator(".view")).to_have_count(1)
    await expect(tab.get_by_text("1 camera")).to_be_visible()


async def test_everything_works_behind_a_path_prefix(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub('[server]\nroot_path = "/cam"\n' + cards(2))
    tab = await open_page(hub, "/cam/")
    await expect(tab.locator(LIVE)).to_have_count(2)
    await tab.get_by_role("link", name="Card 2").click()
    await tab.wait_for_url(hub.url("/cam/cameras/card2"))
    await expect(tab.locator("#stage")).to_have_attribute("data-state", "live")
    await tab.context.clear_cookies()
    await tab.wait_for_url("**/cam/login?next=*")
    await log_in(tab)
    await tab.wait_for_url(hub.url("/cam/cameras/card2"))


async def test_a_hub_that_goes_away_is_said_and_found_again(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(1))
    tab = await open_page(hub)
    await expect(tab.locator(LIVE)).to_have_count(1)
    hub.__exit__(None, None, None)
    await expect(tab.get_by_text("The hub does not answer")).to_be_visible()
    await expect(tab.locator(LIVE)).to_have_count(0)
    hub.__enter__()
    await expect(tab.locator(LIVE)).to_have_count(1, timeout=30_000)
    await expect(tab.get_by_text("The hub does not answer")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_jumps_while_the_page_fills(serve_hub: ServeHub, open_page: OpenPage, width: int) -> None:
    hub = serve_hub(cards(7))
    tab = await open_page(hub, viewport={"width": width, "height": 740})
    await tab.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; })
          .observe({ type: 'layout-shift', buffered: true });"""
    )
    await tab.reload()
    await expect(tab.locator(LIVE)).to_have_count(7)
    assert await tab.evaluate("window.shift") < 0.001
