"""A phone as a live camera: one real browser sends, by H.264 and by JPEG, another one watches on the wall."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser.chromium import ALLOWED, FAKE_CAMERA
from tests.browser.conftest import OpenPage, ServeHub, cards, launched, log_in, opening
from tests.browser.test_accessibility import findings
from tests.browser.test_viewfinder import PHONE, RUNNING, STREAMS
from tests.browser.test_wall import PIXELS, until
from tests.peers.served import Served

pytestmark = pytest.mark.browser

PUSH = '[cameras.phone]\ntitle = "Mia’s phone"\nsource = "push:"\n'
PATH = "/cameras/phone/broadcast"
TILE = ".view"


@pytest.fixture
async def with_camera() -> AsyncIterator[OpenPage]:
    """Open pages in a browser with two cameras, which every page may use."""
    async with launched(*FAKE_CAMERA, *ALLOWED) as browser:
        with opening(browser) as start:
            yield start


async def sender(open_page: OpenPage, hub: Served, query: str = "", **context: object) -> Page:
    tab = await open_page(hub, PATH + query, **context)
    await ready(tab)
    return tab


async def ready(tab: Page) -> None:
    await tab.wait_for_selector("#broadcast[data-ready]", state="attached")
    await expect(tab.locator("#broadcast")).to_have_attribute("data-state", "live")


async def go_live(tab: Page) -> None:
    await tab.get_by_role("button", name="Go live").click()
    await is_live(tab)


async def is_live(tab: Page) -> None:
    await expect(tab.locator("#broadcast")).to_have_attribute("data-sending", "live", timeout=20_000)


def phone(hub: Served) -> dict[str, Any]:
    camera: dict[str, Any] = json.loads(hub.get("/api/v1/cameras/phone"))
    return camera


async def moves(tab: Page) -> None:
    """Its pictures change."""
    await expect(tab.locator(TILE).first).to_have_attribute("data-state", "live", timeout=20_000)
    before = await tab.evaluate(PIXELS)
    await tab.wait_for_function(f"(before) => ({PIXELS})()[0] !== before[0]", arg=before, polling=100)


@pytest.mark.parametrize(("query", "codec", "said"), [("", "h264", "H.264"), ("?codec=jpeg", "mjpeg", "JPEG")])
async def test_one_browser_sends_and_another_watches_on_the_wall(
    serve_hub: ServeHub, open_page: OpenPage, with_camera: OpenPage, query: str, codec: str, said: str
) -> None:
    hub = serve_hub(PUSH)
    wall = await open_page(hub)
    await expect(wall.locator(TILE)).to_have_attribute("data-state", "ended")
    await expect(wall.get_by_text("Not started yet")).to_be_visible()
    await expect(wall.locator("#missing")).to_be_hidden()
    await wall.evaluate("window.untouched = true")
    tab = await sender(with_camera, hub, query, **PHONE)
    await go_live(tab)
    await moves(wall)
    await expect(tab.get_by_text("1 watching")).to_be_visible()
    await expect(tab.locator(".delay")).to_contain_text(said)
    assert phone(hub)["codec"] == codec
    assert phone(hub)["width"] in (1280, 960, 640, 480, 320)
    await tab.get_by_role("button", name="Stop").click()
    await expect(wall.locator(TILE)).to_have_attribute("data-state", "ended", timeout=20_000)
    await expect(wall.locator(TILE)).to_contain_text("ago")
    await go_live(tab)
    await moves(wall)
    assert await wall.evaluate("window.untouched")
    assert phone(hub)["reconnects"] == 0


async def test_the_picture_can_be_turned_and_comes_from_the_other_camera(
    serve_hub: ServeHub, with_camera: OpenPage
) -> None:
    hub = serve_hub(PUSH)
    tab = await sender(with_camera, hub)
    await go_live(tab)
    shape = (phone(hub)["width"], phone(hub)["height"])
    assert shape[0] > shape[1]
    await tab.get_by_role("button", name="Turn the picture").click()
    await expect(tab.locator("video")).to_have_attribute("data-turn", "90")
    await until(lambda: phone(hub)["width"] < phone(hub)["height"], "the picture is upright")
    label = await tab.evaluate("document.querySelector('video').srcObject.getVideoTracks()[0].label")
    await tab.get_by_role("button", name="Other camera").click()
    await tab.wait_for_function(
        "(label) => (document.querySelector('video').srcObject?.getVideoTracks()[0].label ?? label) !== label",
        arg=label,
    )
    await is_live(tab)


async def test_whoever_comes_later_takes_over_and_the_first_page_says_so(
    serve_hub: ServeHub, with_camera: OpenPage
) -> None:
    hub = serve_hub(PUSH)
    first = await sender(with_camera, hub)
    await go_live(first)
    second = await sender(with_camera, hub)
    await is_live(first)  # looking at the page takes nothing over
    await go_live(second)
    await expect(first.get_by_text("Another device sends to this camera now")).to_be_visible(timeout=20_000)
    await expect(first.get_by_role("button", name="Go live")).to_be_enabled()
    await is_live(second)
    await go_live(first)
    await expect(second.get_by_text("Another device sends to this camera now")).to_be_visible(timeout=20_000)


async def test_a_line_that_is_cut_comes_back_by_itself(serve_hub: ServeHub, with_camera: OpenPage) -> None:
    hub = serve_hub(PUSH)
    tab = await with_camera(hub, "/login", login=False)
    await tab.add_init_script(
        """const Real = WebSocket; window.lines = [];
        window.WebSocket = class extends Real { constructor(...all) { super(...all); window.lines.push(this); } };"""
    )
    await tab.goto(hub.url("/"))
    await log_in(tab)
    await tab.wait_for_url(hub.url("/"))
    await tab.goto(hub.url(PATH))
    await ready(tab)
    await go_live(tab)
    await tab.evaluate("window.lines[0].close()")
    await expect(tab.locator("#broadcast")).to_have_attribute("data-sending", "cut")
    await is_live(tab)
    assert await tab.evaluate("window.lines.length") == 2


async def test_a_guests_phone_is_the_camera_until_its_share_is_revoked(
    serve_hub: ServeHub, open_page: OpenPage, with_camera: OpenPage
) -> None:
    hub = serve_hub(PUSH)
    shares = Shares(hub.log.parent / "data", SystemClock())
    share, token = shares.add("camera", "phone", upload=True)
    tab = await with_camera(hub, f"/s/{token}", login=False, **PHONE)
    await tab.wait_for_url(hub.url(PATH))
    await ready(tab)
    await go_live(tab)
    wall = await open_page(hub)
    await moves(wall)
    shares.revoke(share.id)
    await expect(tab.get_by_text("The link to this camera has ended")).to_be_visible(timeout=20_000)
    await expect(wall.locator(TILE)).to_have_attribute("data-state", "ended", timeout=20_000)


async def test_the_camera_page_makes_a_link_with_which_a_phone_is_the_camera(
    serve_hub: ServeHub, open_page: OpenPage, with_camera: OpenPage
) -> None:
    hub = serve_hub(PUSH + cards(1))
    tab = await open_page(hub, "/cameras/phone")
    await expect(tab.get_by_role("link", name="Be this camera")).to_have_attribute("href", PATH)
    await tab.get_by_role("button", name="Share").click()
    assert await findings(tab) == []
    await tab.get_by_label("Be the camera, with a phone").check()
    await tab.get_by_role("button", name="Make a link").click()
    await expect(tab.get_by_label("Link", exact=True)).to_be_visible()
    link = await tab.get_by_label("Link", exact=True).input_value()
    guest = await with_camera(hub, link.removeprefix(hub.url("")), login=False, **PHONE)
    await guest.wait_for_url(hub.url(PATH))
    await ready(guest)
    await guest.get_by_role("link", name="Look at this camera").click()
    await expect(guest.get_by_role("link", name="Be this camera")).to_be_visible()
    await expect(guest.get_by_role("button", name="Share")).to_have_count(0)
    await tab.goto(hub.url("/cameras/card1"))  # which has pictures of its own
    await expect(tab.get_by_role("link", name="Be this camera")).to_have_count(0)
    await tab.get_by_role("button", name="Share").click()
    await expect(tab.get_by_role("button", name="Make a link")).to_be_visible()
    await expect(tab.get_by_role("radio")).to_have_count(0)


async def test_a_page_that_nobody_sees_sends_nothing_and_goes_on_when_it_is_seen(
    serve_hub: ServeHub, with_camera: OpenPage
) -> None:
    hub = serve_hub(PUSH)
    tab = await with_camera(hub, PATH)
    await tab.add_init_script(STREAMS)
    await tab.reload()
    await ready(tab)
    await go_live(tab)
    await tab.evaluate("window.look(false)")
    assert await tab.evaluate(RUNNING) == 0
    await tab.evaluate("window.look(true)")
    await is_live(tab)


async def test_without_https_the_page_says_so(serve_hub: ServeHub, with_camera: OpenPage) -> None:
    tab = await with_camera(serve_hub(PUSH), PATH)
    await tab.add_init_script("Object.defineProperty(window, 'isSecureContext', { get: () => false })")
    await tab.reload()
    await expect(tab.get_by_text("over HTTPS only")).to_be_visible()
    await expect(tab.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("size", [(360, 740), (740, 360), (1280, 800)])
async def test_axe_finds_nothing_and_all_is_on_the_screen(
    serve_hub: ServeHub, with_camera: OpenPage, size: tuple[int, int]
) -> None:
    tab = await sender(with_camera, serve_hub(PUSH), viewport={"width": size[0], "height": size[1]})
    assert await findings(tab) == []
    await go_live(tab)
    assert await findings(tab) == []
    assert await tab.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for name in ("Stop", "Turn the picture", "Other camera"):
        await expect(tab.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)


PACE = """async (delays) => {
  const { LEVELS, Pace } = await import('/static/broadcast-pace.js');
  const pace = new Pace();
  pace.renew(0);
  const seen = [];
  let at = 0;
  for (const [delay, count] of delays) {
    for (let i = 0; i < count; i++) pace.acked(delay, (at += 100));
    seen.push(LEVELS.indexOf(pace.level));
  }
  return seen;
}"""


async def test_pictures_get_smaller_at_once_and_larger_only_slowly(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(PUSH), "/login", login=False)
    # A good line: the best after some seconds, and it stays there.
    assert await tab.evaluate(PACE, [[20, 50], [20, 20], [20, 500]]) == [1, 0, 0]
    # One that chokes: down with every second, to the least, and up again one by one, in no haste.
    assert await tab.evaluate(PACE, [[20, 70], [900, 1], [900, 9], [900, 60], [20, 119], [20, 5], [20, 120]]) == [
        *(0, 1, 1, 5, 5),
        *(4, 3),
    ]
    # A long line is not a slow one.
    assert await tab.evaluate(PACE, [[400, 200]]) == [0]
