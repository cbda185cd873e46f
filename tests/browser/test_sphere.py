"""The 360° view in a real browser: the world turns under the hand, the keys and the numbers, and stays live."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser import spheres
from tests.browser.album import PARTY, picture, send
from tests.browser.conftest import OpenPage, ServeHub, launched, opening
from tests.browser.test_accessibility import findings
from tests.peers.served import Served

pytestmark = pytest.mark.browser

WITH_GRAPHICS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
READY = ".sphere[data-ready]"
COUNTING = """
  // How often a picture is handed to the graphics.
  window.uploads = 0;
  for (const name of ["texImage2D", "texSubImage2D"]) {
    const real = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...all) {
      if (all.some((one) => one instanceof HTMLCanvasElement && one.closest("#stage"))) window.uploads++;
      return real.apply(this, all);
    };
  }
  window.contexts = [];
  const get = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    const context = get.call(this, kind, ...more);
    if (kind === "webgl2" && context) window.contexts.push(context);
    return context;
  };
"""


@pytest.fixture
async def graphics() -> AsyncIterator[Browser]:
    """A Chromium that draws WebGL, on the processor."""
    async with launched(*WITH_GRAPHICS) as browser:
        yield browser


@pytest.fixture
def open_page(graphics: Browser) -> Iterator[OpenPage]:
    with opening(graphics) as start:
        yield start


def camera(image: Image.Image, tmp_path: Path, more: str, fps: float = 10) -> str:
    """A configuration of one camera that sees the world in colours."""
    source = spheres.folder(image, tmp_path / "world")
    return f'[cameras.world]\ntitle = "The square"\nsource = "file:{source}"\nfps = {fps}\n{more}\n'


async def until_seen(tab: Page, wanted: str, selector: str = ".sphere", **where: tuple[float, float]) -> None:
    """Wait until this direction is seen."""
    found = ""
    async with asyncio.timeout(30):
        while found != wanted:
            found, _ = await spheres.seen(tab, selector, **where)


async def until(tab: Page, expression: str) -> None:
    """Wait until this is so in the page, whose policy takes no `wait_for_function`."""
    async with asyncio.timeout(30):
        while not await tab.evaluate(expression):
            await tab.wait_for_timeout(50)


async def ready(tab: Page) -> None:
    """Wait until it can be turned: drawing on the processor takes its time."""
    await expect(tab.locator(READY)).to_have_count(1, timeout=30_000)


async def opened(open_page: OpenPage, hub: Served, **context: object) -> Page:
    tab = await open_page(hub, "/cameras/world", **context)
    await ready(tab)
    return tab


async def test_it_turns_with_a_phone(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    phone = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
    tab = await open_page(hub, "/cameras/world", **phone)
    session = await tab.context.new_cdp_session(tab)

    async def hold(alpha: float) -> None:
        """Upright before one's eyes, turned to the left by so many degrees."""
        held = {"alpha": alpha, "beta": 90, "gamma": 0}
        await session.send("DeviceOrientation.setDeviceOrientationOverride", held)

    await hold(0)
    await tab.reload()
    await expect(tab.locator(READY)).to_be_visible(timeout=30_000)
    motion = tab.locator("#sphere-motion")
    await expect(motion).to_be_visible(timeout=30_000)
    await motion.tap()
    await expect(motion).to_have_attribute("aria-pressed", "true")
    await until_seen(tab, "front")
    await hold(90)
    await until_seen(tab, "left")
    await hold(270)
    await until_seen(tab, "right")
    await motion.tap()
    await expect(motion).to_have_attribute("aria-pressed", "false")


async def test_it_turns_under_the_hand_and_the_keys_and_stays_live(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    tab = await opened(open_page, hub)
    await until_seen(tab, "front")
    sphere = tab.locator(".sphere")
    box = await sphere.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await tab.mouse.move(x, y)
    await tab.mouse.down()
    await tab.mouse.move(x - 500, y, steps=8)
    await tab.mouse.move(x - 620, y, steps=8)
    await tab.mouse.up()
    await until_seen(tab, "right")  # what is pulled to the left makes room for what lies right
    await expect(sphere).to_be_focused()
    await tab.keyboard.press("Home")
    await until_seen(tab, "front")
    for _ in range(15):
        await tab.keyboard.press("ArrowLeft")
    await until_seen(tab, "left")
    for _ in range(15):
        await tab.keyboard.press("ArrowLeft")
    await until_seen(tab, "back")
    for _ in range(15):
        await tab.keyboard.press("ArrowUp")
    await until_seen(tab, "up")
    await tab.keyboard.press("Home")
    for _ in range(15):
        await tab.keyboard.press("ArrowDown")
    await until_seen(tab, "down")
    await tab.keyboard.press("Home")
    lights = set()
    async with asyncio.timeout(30):
        while len(lights) < 2:  # each second picture is dimmed
            lights.add(await spheres.seen(tab))
    assert lights == {("front", False), ("front", True)}
    assert tab.url == hub.url("/cameras/world")  # the arrows were the sphere's, not the page's


async def test_the_wheel_and_keys_zoom(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    tab = await opened(open_page, hub)
    edge = (0.98, 0.5)
    await until_seen(tab, "right", at=edge)
    await tab.locator(".sphere").focus()
    for _ in range(8):
        await tab.keyboard.press("+")
    await until_seen(tab, "front", at=edge)
    for _ in range(8):
        await tab.keyboard.press("-")
    await until_seen(tab, "right", at=edge)
    await tab.locator(".sphere").hover()
    for _ in range(12):
        await tab.mouse.wheel(0, -120)
    await until_seen(tab, "front", at=edge)


async def test_a_finger_turns_it(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    tab = await opened(open_page, hub, has_touch=True, viewport={"width": 390, "height": 800})
    await until_seen(tab, "front")
    box = await tab.locator(".sphere").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    hand = await tab.context.new_cdp_session(tab)
    await hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 370, "y": y}]})
    for x in range(360, 9, -10):
        await hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    await hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await until_seen(tab, "right")


@pytest.mark.parametrize("projection", ["dual-fisheye", "fisheye"])
async def test_circles_are_spread_out(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path, projection: str
) -> None:
    image = spheres.dual_fisheye() if projection == "dual-fisheye" else spheres.fisheye()
    hub = serve_hub(camera(image, tmp_path, f'projection = "{projection}"'))
    tab = await opened(open_page, hub)
    await until_seen(tab, "front")
    await tab.locator(".sphere").focus()
    for turns, direction in ((11, "right"), (19, "back" if projection == "dual-fisheye" else "nothing")):
        for _ in range(turns):
            await tab.keyboard.press("ArrowRight")
        await until_seen(tab, direction)
    await tab.keyboard.press("Home")
    for _ in range(11):
        await tab.keyboard.press("ArrowUp")
    await until_seen(tab, "up")


async def test_the_world_is_turned_once(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    look = 'projection = "equirectangular"\nheading = 90\npitch = 50'
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, look))
    tab = await opened(open_page, hub)
    await until_seen(tab, "up")
    await until_seen(tab, "right", at=(0.5, 0.9))


async def test_each_picture_is_handed_to_the_graphics_once_and_everything_is_freed(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"', fps=5))
    tab = await opened(open_page, hub)
    await tab.context.add_init_script(COUNTING)
    await tab.context.add_init_script(
        "document.addEventListener('drawn', () => (window.pictures = (window.pictures ?? 0) + 1), { capture: true });"
    )
    await tab.reload()
    await ready(tab)
    await until(tab, "window.uploads >= 8")
    counted = await tab.evaluate("[window.uploads, window.pictures]")
    assert counted[0] <= counted[1]
    flat = tab.get_by_role("button", name="Flat picture")
    await flat.click()
    await expect(flat).to_have_attribute("aria-pressed", "true")
    await expect(tab.locator(".sphere canvas")).to_have_count(0)
    drawn = "window.contexts.filter(({ canvas }) => canvas.className === 'psv-canvas')"
    await until(tab, f"{drawn}.length === 1 && {drawn}[0].isContextLost()")
    before = await tab.evaluate("[window.uploads, window.pictures]")
    await until(tab, f"window.pictures > {before[1] + 2}")
    assert await tab.evaluate("window.uploads") == before[0]
    await flat.click()
    await ready(tab)
    await until_seen(tab, "front")


async def test_a_sphere_gets_the_whole_picture(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(camera(spheres.equirectangular(2048), tmp_path, 'projection = "equirectangular"'))
    tab = await opened(open_page, hub, viewport={"width": 500, "height": 700})
    await expect(tab.locator("#stage > canvas")).to_have_js_property("width", 2048)
    await until_seen(tab, "front")
    await tab.get_by_role("button", name="Flat picture").click()
    await expect(tab.locator("#stage > canvas")).to_have_js_property("width", 640)


async def test_how_it_is_looked_at_is_tried_and_kept(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    note = "# The one on the roof.\n"
    hub = serve_hub(note + camera(spheres.equirectangular(), tmp_path, ""))
    file = tmp_path / "onlooker.toml"
    written = file.read_text()
    tab = await open_page(hub, "/cameras/world")
    await expect(tab.locator("#state")).to_have_text("Live")
    await expect(tab.locator(".sphere")).to_be_hidden()
    await tab.get_by_role("button", name="How to look at it").click()
    kind = tab.get_by_label("Kind of picture")
    await expect(kind).to_have_value("auto")
    await expect(kind.locator("option:checked")).to_have_text("Automatic (Flat)")
    await kind.select_option("equirectangular")
    await until_seen(tab, "front")
    await tab.get_by_label("Front: degrees to the right").last.fill("180")
    await until_seen(tab, "back")
    assert file.read_text() == written  # it was only tried
    await tab.get_by_role("button", name="Cancel").click()
    await expect(tab.locator(".sphere")).to_be_hidden()
    await tab.get_by_role("button", name="How to look at it").click()
    await expect(kind).to_have_value("auto")
    await kind.select_option("equirectangular")
    await ready(tab)
    await tab.locator(".sphere").focus()
    for _ in range(15):
        await tab.keyboard.press("ArrowRight")
    await tab.get_by_role("button", name="Front is here").click()
    await until_seen(tab, "right")
    await tab.get_by_role("button", name="Save").click()
    await expect(tab.locator("#sphere-form")).to_be_hidden()
    world = tomllib.loads(file.read_text())["cameras"]["world"]
    assert (world["projection"], world["heading"]) == ("equirectangular", pytest.approx(90, abs=8))
    assert file.read_text().startswith(written.rstrip())
    await until_seen(tab, "right")
    other = await opened(open_page, hub)  # whoever looks
    await until_seen(other, "right")
    assert '"frames_in"' in hub.get("/api/v1/cameras/world").decode()
    assert '"reconnects":0' in hub.get("/api/v1/cameras/world").decode()


async def test_a_change_reaches_who_looks(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    config = camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"')
    tab = await opened(open_page, serve_hub(config))
    await until_seen(tab, "front")
    (tmp_path / "onlooker.toml").write_text(config + "heading = 180\n")
    await until_seen(tab, "back")
    (tmp_path / "onlooker.toml").write_text(config.replace("equirectangular", "flat"))
    await expect(tab.locator(".sphere")).to_be_hidden()


async def test_guests_turn_it_and_change_nothing(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    _, token = Shares(hub.log.parent / "data", SystemClock()).add("camera", "world")
    tab = await open_page(hub, f"/s/{token}", login=False)
    await tab.goto(hub.url("/cameras/world"))
    await ready(tab)
    await until_seen(tab, "front")
    await tab.locator(".sphere").focus()
    for _ in range(15):
        await tab.keyboard.press("ArrowRight")
    await until_seen(tab, "right")
    await expect(tab.locator("#sphere-settings, #sphere-form")).to_have_count(0)
    await expect(tab.get_by_role("button", name="Flat picture")).to_be_visible()


async def test_without_graphics_it_is_flat_and_says_so(serve_hub: ServeHub, chromium: Browser, tmp_path: Path) -> None:
    hub = serve_hub(PARTY + camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    send(hub, spheres.photo(spheres.equirectangular()))
    with opening(chromium) as open_flat:
        tab = await open_flat(hub, "/cameras/world")
        await tab.context.add_init_script(
            """const get = HTMLCanvasElement.prototype.getContext;
            HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
              return kind.startsWith("webgl") ? null : get.call(this, kind, ...more);
            };"""
        )
        await tab.reload()
        await expect(tab.get_by_text("no WebGL")).to_be_visible()
        await expect(tab.locator("#state")).to_have_text("Live")
        await expect(tab.locator(".sphere")).to_be_hidden()
        await until_seen(tab, "front", "#stage > canvas")
        await until_seen(tab, "back", "#stage > canvas", at=(0.06, 0.5))
        loaded = await tab.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
        assert not any("photo-sphere-viewer" in name for name in loaded)
        await tab.goto(hub.url("/albums/party"))
        await tab.locator(".grid a").first.click()
        await expect(tab.get_by_text("no WebGL")).to_be_visible()
        await expect(tab.locator(".large[data-sharp]")).to_have_count(1)
        await expect(tab.get_by_role("button", name="Flat picture")).to_be_hidden()


async def test_graphics_that_are_taken_away_leave_the_flat_picture(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    tab = await opened(open_page, hub)
    await tab.evaluate(
        "document.querySelector('.sphere canvas').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    )
    await expect(tab.get_by_text("could not be started")).to_be_visible()
    await expect(tab.locator(".sphere")).to_be_hidden()
    await until_seen(tab, "back", "#stage > canvas", at=(0.06, 0.5))


async def test_a_flat_camera_loads_nothing_for_it(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(camera(spheres.equirectangular(), tmp_path, ""))
    tab = await open_page(hub, "/cameras/world")
    await expect(tab.locator("#state")).to_have_text("Live")
    loaded = await tab.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not any("photo-sphere-viewer" in name for name in loaded)


async def test_a_panorama_in_the_lightbox(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    send(hub, picture(1))
    send(hub, spheres.photo(spheres.equirectangular(4000)), query="?caption=The+square")
    tab = await open_page(hub, "/albums/party")
    await tab.locator(".grid a").first.click()
    await ready(tab)
    await until_seen(tab, "front")
    host = tab.locator(".sphere")
    await expect(host).to_have_attribute("aria-label", re.compile("The square"))
    await tab.mouse.move(1150, 400)
    await tab.mouse.down()
    await tab.mouse.move(150, 400, steps=12)
    await tab.mouse.up()
    await until_seen(tab, "right")
    address = tab.url
    await tab.keyboard.press("Home")  # the sphere has the focus: its keys
    await until_seen(tab, "front")
    assert tab.url == address
    flat = tab.get_by_role("button", name="Flat picture")
    await flat.click()
    await expect(host).to_be_hidden()
    await expect(tab.locator(".large[data-sharp]")).not_to_have_count(0)
    await flat.click()
    await ready(tab)
    await tab.locator("#lightbox").focus()
    await tab.keyboard.press("ArrowRight")
    await tab.wait_for_url(lambda url: url != address)
    await expect(host).to_be_hidden()
    await expect(flat).to_be_hidden()
    await tab.keyboard.press("ArrowLeft")
    await ready(tab)
    await tab.keyboard.press("Escape")
    await expect(tab.locator("#lightbox")).to_be_hidden()
    await expect(tab.locator(".sphere canvas")).to_have_count(0)


async def test_a_part_of_a_panorama_and_a_leaning_one_are_put_right(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    whole = spheres.equirectangular(2000)
    part = whole.crop((500, 250, 1500, 750))
    crop = {"FullPanoWidthPixels": 2000, "FullPanoHeightPixels": 1000, "CroppedAreaImageWidthPixels": 1000}
    crop |= {"CroppedAreaImageHeightPixels": 500, "CroppedAreaLeftPixels": 500, "CroppedAreaTopPixels": 250}
    send(hub, spheres.photo(part, **crop))
    send(hub, spheres.photo(whole, InitialViewHeadingDegrees=130, PoseHeadingDegrees=40))
    tab = await open_page(hub, "/albums/party")
    await tab.locator(".grid a").first.click()
    await ready(tab)
    await until_seen(tab, "right")
    await tab.locator("#lightbox").focus()
    await tab.keyboard.press("ArrowRight")
    await ready(tab)
    await until_seen(tab, "front")
    await tab.locator(".sphere").focus()
    for _ in range(11):
        await tab.keyboard.press("ArrowRight")
    await until_seen(tab, "right")
    for _ in range(10):
        await tab.keyboard.press("ArrowRight")
    await until_seen(tab, "nothing")  # the half that is not in the picture


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
async def test_axe_finds_nothing(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path, scheme: str, width: int
) -> None:
    hub = serve_hub(PARTY + camera(spheres.equirectangular(), tmp_path, 'projection = "equirectangular"'))
    send(hub, spheres.photo(spheres.equirectangular()))
    context = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    tab = await opened(open_page, hub, **context)
    assert await findings(tab) == []
    await tab.get_by_role("button", name="How to look at it").click()
    await expect(tab.get_by_label("Kind of picture")).to_have_value("equirectangular")
    assert await findings(tab) == []
    await tab.goto(hub.url("/albums/party"))
    await tab.locator(".grid a").first.click()
    await ready(tab)
    assert await findings(tab) == []
