"""The camera in the page: shot in one real browser, seen in another; whatever keeps a camera from working is told."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.browser.album import PARTY, listed
from tests.browser.chromium import ALLOWED, FAKE_CAMERA
from tests.browser.conftest import OpenPage, ServeHub, launched, opening
from tests.browser.test_accessibility import findings
from tests.peers.served import Served

pytestmark = pytest.mark.browser

FULL = (3840, 2160)
SHOTS = "#shots li"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# Every stream the page is given, so that it can be seen whether it lets them go.
STREAMS = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.streams = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.streams.push(stream);
  return stream;
};
let away = false;
Object.defineProperty(document, 'hidden', { get: () => away });
window.look = (at) => { away = !at; document.dispatchEvent(new Event('visibilitychange')); };
"""
RUNNING = "window.streams.flatMap((one) => one.getTracks()).filter(({ readyState }) => readyState === 'live').length"


@pytest.fixture
async def with_camera() -> AsyncIterator[OpenPage]:
    """Open pages in a browser with two cameras, which every page may use."""
    async with launched(*FAKE_CAMERA, *ALLOWED) as browser:
        with opening(browser) as start:
            yield start


async def snap(open_page: OpenPage, hub: Served, script: str = "", **context: object) -> Page:
    tab = await open_page(hub, "/albums/party/snap", **context)
    if script:
        await tab.add_init_script(script)
        await tab.reload()
    await tab.wait_for_selector("#snap[data-ready]", state="attached")
    return tab


async def look(tab: Page, state: str = "live") -> None:
    await tab.get_by_role("button", name="Camera", exact=True).click()
    await expect(tab.locator("#viewfinder")).to_have_attribute("data-state", state)


async def seen(tab: Page, count: int) -> None:
    await expect(tab.locator(f"{SHOTS}[data-state=seen]")).to_have_count(count, timeout=30_000)


def original(hub: Served, number: int = 0) -> tuple[bytes, Image.Image]:
    data = hub.get(listed(hub)[number]["original"])
    return data, Image.open(BytesIO(data))


async def test_shot_in_one_browser_and_seen_in_another(
    serve_hub: ServeHub, open_page: OpenPage, with_camera: OpenPage
) -> None:
    hub = serve_hub(PARTY)
    watcher = await open_page(hub, "/albums/party")
    await expect(watcher.get_by_role("heading", name="No photos yet")).to_be_visible()
    await watcher.evaluate("window.untouched = true")
    shooter = await snap(with_camera, hub)
    # The last bar of a mobile network.
    line = await shooter.context.new_cdp_session(shooter)
    await line.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 20_000}
    await line.send("Network.emulateNetworkConditions", slow)
    await shooter.get_by_label("Caption").fill("The clock")
    await look(shooter)
    await shooter.get_by_role("button", name="Take a photo").click()
    await expect(shooter.locator("#viewfinder .announcing")).to_have_text("1 photo taken.")
    await expect(watcher.locator(".grid li[data-kind=pending]")).to_have_count(1)
    assert listed(hub) == []
    await line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    await expect(watcher.locator(".grid li[data-kind=photo][data-sharp]")).to_have_count(1)
    await expect(watcher.locator(".grid li[data-kind=pending]")).to_have_count(0)
    assert await watcher.evaluate("window.untouched")
    await shooter.keyboard.press("Escape")
    await seen(shooter, 1)
    await expect(shooter.locator(f"{SHOTS} .what")).to_have_text("Safe, and shown to everyone")
    [photo] = listed(hub)
    data, picture = original(hub)
    assert (picture.format, picture.size) == ("JPEG", FULL)
    assert hashlib.sha256(data).hexdigest() == photo["sha256"]
    assert (photo["caption"], photo["taken_from"]) == ("The clock", "client")


@pytest.mark.parametrize(
    "script",
    [
        "delete window.ImageCapture;",
        "ImageCapture.prototype.takePhoto = async () => { throw new DOMException('no', 'UnknownError'); };",
        "ImageCapture.prototype.takePhoto = () => new Promise(() => {});",
    ],
    ids=["no such thing", "fails", "never answers"],
)
async def test_a_frame_stands_in_where_the_camera_gives_no_photo(
    serve_hub: ServeHub, with_camera: OpenPage, script: str
) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(with_camera, hub, script)
    await look(tab)
    for count, said in enumerate(["1 photo taken.", "2 photos taken.", "3 photos taken."], 1):
        await tab.keyboard.press("Enter" if count == 2 else "Space")
        await expect(tab.locator("#viewfinder .announcing")).to_have_text(said, timeout=20_000)
    await tab.get_by_role("button", name="3 photos taken. Back to the list.").click()
    await seen(tab, 3)
    photos = [original(hub, number)[1] for number in range(3)]
    assert [(photo.format, photo.size) for photo in photos] == [("JPEG", FULL)] * 3


async def test_many_at_once_are_all_there_and_a_held_key_is_one(serve_hub: ServeHub, with_camera: OpenPage) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(with_camera, hub)
    await look(tab)
    for _ in range(4):  # without waiting for any of them
        await tab.locator("[data-act=shoot]").click()
        await tab.wait_for_timeout(120)  # the same picture twice would be one photo
    await expect(tab.locator("#viewfinder .announcing")).to_have_text("4 photos taken.")
    for _ in range(5):
        await tab.keyboard.down("Space")
    await tab.keyboard.up("Space")
    await expect(tab.locator("#viewfinder .announcing")).to_have_text("5 photos taken.")
    await tab.keyboard.press("Escape")
    await seen(tab, 5)
    assert len(listed(hub)) == 5


async def test_a_camera_that_nobody_looks_through_is_let_go(serve_hub: ServeHub, with_camera: OpenPage) -> None:
    tab = await snap(with_camera, serve_hub(PARTY), STREAMS)
    await look(tab)
    assert await tab.evaluate(RUNNING) == 1
    await tab.evaluate("window.look(false)")
    assert await tab.evaluate(RUNNING) == 0
    await tab.evaluate("window.look(true)")
    await tab.wait_for_function(f"() => {RUNNING} === 1")
    await expect(tab.locator("#viewfinder")).to_have_attribute("data-state", "live")
    await tab.keyboard.press("Escape")
    await tab.wait_for_function(f"() => {RUNNING} === 0")
    await tab.evaluate("window.look(true)")  # closed is closed
    assert await tab.evaluate("window.streams.length") == 2


async def test_the_other_camera(serve_hub: ServeHub, with_camera: OpenPage) -> None:
    tab = await snap(with_camera, serve_hub(PARTY), STREAMS)
    await look(tab)
    for count in (2, 3):
        await tab.get_by_role("button", name="Other camera").click()
        await tab.wait_for_function(f"() => window.streams.length === {count}")
        await expect(tab.locator("#viewfinder")).to_have_attribute("data-state", "live")
    used = await tab.evaluate("window.streams.map((one) => one.getVideoTracks()[0].getSettings().deviceId)")
    assert used[0] != used[1]
    assert used[0] == used[2]
    assert await tab.evaluate(RUNNING) == 1


async def test_a_refused_camera_says_how_to_allow_it(serve_hub: ServeHub) -> None:
    hub = serve_hub(PARTY)
    async with launched(*FAKE_CAMERA) as browser:
        with opening(browser) as open_page:
            tab = await snap(open_page, hub)
            await look(tab, "failed")
            await expect(tab.get_by_text("This page may not use the camera. Allow it in the browser’s")).to_be_visible()
            again = tab.get_by_role("button", name="Try again")
            await expect(again).to_be_focused()
            assert await findings(tab) == []
            await tab.context.grant_permissions(["camera"])
            await again.click()
            await expect(tab.locator("#viewfinder")).to_have_attribute("data-state", "live")
            await expect(tab.get_by_role("button", name="Take a photo")).to_be_focused()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [("NotReadableError", "another program"), ("NotFoundError", "No camera was found"), ("OddError", "Try again, or")],
)
async def test_what_keeps_a_camera_from_working_is_told(
    serve_hub: ServeHub, with_camera: OpenPage, error: str, sentence: str
) -> None:
    script = f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{error}'); }};"
    tab = await snap(with_camera, serve_hub(PARTY), script)
    await look(tab, "failed")
    await expect(tab.locator("#viewfinder .saying")).to_contain_text(sentence)


async def test_a_camera_that_is_unplugged(serve_hub: ServeHub, with_camera: OpenPage) -> None:
    tab = await snap(with_camera, serve_hub(PARTY), STREAMS)
    await look(tab)
    await tab.evaluate("window.streams[0].getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    await expect(tab.get_by_text("The camera stopped")).to_be_visible()
    await tab.get_by_role("button", name="Try again").click()
    await expect(tab.locator("#viewfinder")).to_have_attribute("data-state", "live")


async def test_without_a_camera_there_is_no_button(serve_hub: ServeHub, open_page: OpenPage) -> None:
    script = "navigator.mediaDevices.enumerateDevices = async () => { window.asked = true; return []; };"
    tab = await snap(open_page, serve_hub(PARTY), script)
    await tab.wait_for_function("() => window.asked")
    await expect(tab.locator("#look")).to_be_hidden()
    await expect(tab.locator("label.shutter")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
async def test_the_camera_stands_where_it_is_needed(serve_hub: ServeHub, with_camera: OpenPage, phone: bool) -> None:
    """On a phone beside its own camera program, elsewhere in its place."""
    script = "HTMLInputElement.prototype.capture = '';" if phone else ""
    tab = await snap(with_camera, serve_hub(PARTY), script, **(PHONE if phone else {}))
    await expect(tab.locator("#look")).to_be_visible()
    await expect(tab.locator("label.shutter")).to_be_visible(visible=phone)
    assert await findings(tab) == []
    await look(tab)
    await tab.keyboard.press("Space")
    await expect(tab.locator("#viewfinder .announcing")).to_have_text("1 photo taken.")
    assert await findings(tab) == []
    inside = await tab.evaluate("document.querySelector('#viewfinder').contains(document.activeElement)")
    assert inside
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
