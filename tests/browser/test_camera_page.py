"""One camera: its picture, its figures, and a friendly word for a name that is none."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, ServeHub, cards

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
