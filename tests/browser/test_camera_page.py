"""One camera: its picture, its figures, and a friendly word for a name that is none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, ServeHub, cards
from tests.browser.mjpeg_camera import MjpegCamera

pytestmark = pytest.mark.browser


async def test_the_picture_and_its_figures(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(2))
    tab = await open_page(hub, "/cameras/card1")
    await expect(tab.locator("#stage")).to_have_attribute("data-state", "live")
    await expect(tab.locator("#state")).to_have_text("Live")
    await expect(tab.locator("#size")).to_have_text("320 × 180 JPEG")
    await expect(tab.locator("#rate")).to_contain_text("frames a second")
    await expect(tab.locator("#viewers")).to_have_text("1 watching")
    first = await tab.locator("canvas").get_attribute("data-sequence")
    await expect(tab.locator("canvas")).not_to_have_attribute("data-sequence", first or "")
    async with tab.expect_download() as download:
        await tab.get_by_role("link", name="Take a picture").click()
    assert (await download.value).suggested_filename == "card1.jpg"


async def test_without_scripts_the_picture_still_moves(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(1))
    tab = await open_page(hub, "/cameras/card1", java_script_enabled=False)
    picture = tab.get_by_role("img", name="Live picture of Card 1")
    await expect(picture.and_(tab.locator("img"))).to_have_js_property("naturalWidth", 320)


async def test_an_unknown_camera_gets_a_page_that_helps(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(1))
    tab = await open_page(hub)
    answer = await tab.goto(hub.url("/cameras/cellar"))
    assert answer is not None
    assert answer.status == 404
    await expect(tab.get_by_role("heading", name="There is no such camera")).to_be_visible()
    await tab.get_by_role("link", name="All cameras").click()
    await tab.wait_for_url(hub.url("/"))


async def test_a_camera_that_is_removed_says_so_on_its_open_page(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(cards(2))
    tab = await open_page(hub, "/cameras/card2")
    await expect(tab.locator("#stage")).to_have_attribute("data-state", "live")
    (tmp_path / "onlooker.toml").write_text(cards(1))
    await expect(tab.get_by_role("heading", name="There is no such camera")).to_be_visible()


async def test_a_lost_camera_says_why_and_offers_no_picture_to_take(
    serve_hub: ServeHub, open_page: OpenPage, mjpeg_camera: MjpegCamera
) -> None:
    hub = serve_hub(f'[cameras.door]\ntitle = "Front door"\nsource = "{mjpeg_camera.url}"\n')
    tab = await open_page(hub, "/cameras/door")
    take = tab.get_by_text("Take a picture")
    await expect(tab.locator("#state")).to_have_text("Live")
    await expect(take).to_be_visible()
    await mjpeg_camera.stop()
    await expect(tab.locator("#state")).to_have_text("No video")
    await expect(tab.locator(".reason")).not_to_be_empty()
    await expect(tab.locator(".since")).to_have_attribute("title", re.compile("Last picture .*[0-9]"))
    await expect(take).to_be_hidden()
    await mjpeg_camera.start()
    await expect(tab.locator("#state")).to_have_text("Live", timeout=40_000)
    await expect(take).to_be_visible()


async def test_the_theme_is_kept(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(1))
    tab = await open_page(hub, color_scheme="light")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = await tab.evaluate(background)
    await tab.get_by_role("button", name="Dark theme").click()
    dark = await tab.evaluate(background)
    assert dark != light
    await tab.reload()
    assert await tab.evaluate(background) == dark
    await expect(tab.get_by_role("button", name="Light theme")).to_be_visible()
