"""What a camera can do, on its page: a simulated 360° camera that is told to fail, and one that moves."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from onlooker.clock import SystemClock
from onlooker.simulation.theta.camera import Nature
from onlooker.simulation.theta.server import Theta, simulated
from onlooker.web.shares import Shares
from tests.browser.album import listed
from tests.browser.conftest import OpenPage, ServeHub, cards
from tests.browser.test_accessibility import findings
from tests.peers.served import AUTHORIZATION, Served
from tests.readers.http_server import serve
from tests.readers.onvif.stub import Stub, fault, url

pytestmark = pytest.mark.browser

SLOW = 30_000  # ms that a camera may take on a machine that does much else


@pytest.fixture
async def theta() -> AsyncIterator[Theta]:
    async with simulated("z1", nature=Nature(still=(1024, 512), stored=30, seconds=1.0)) as theta:
        yield theta


def around(theta: Theta) -> str:
    return f'[cameras.round]\ntitle = "All around"\nsource = "{theta.url}"\n'


def original(hub: Served, photo: dict[str, str]) -> bytes:
    request = urllib.request.Request(hub.url(photo["original"]), headers={"Authorization": AUTHORIZATION})
    with urllib.request.urlopen(request, timeout=20) as answer:
        body: bytes = answer.read()
        return body


async def test_what_it_says_of_itself(serve_hub: ServeHub, open_page: OpenPage, theta: Theta) -> None:
    hub = serve_hub(around(theta))
    tab = await open_page(hub, "/cameras/round")
    facts = tab.locator("#facts")
    await expect(facts).to_contain_text("RICOH THETA Z1")
    await expect(facts).to_contain_text("67%")
    await expect(facts).to_contain_text("left of")
    await expect(facts.locator("svg")).to_have_count(2)
    await expect(facts).to_contain_text("Nothing just now")


async def test_a_picture_is_taken_into_the_album(serve_hub: ServeHub, open_page: OpenPage, theta: Theta) -> None:
    hub = serve_hub(around(theta))
    tab = await open_page(hub, "/cameras/round")
    said = tab.locator("#shot .said")
    await expect(said).to_contain_text("goes into this camera’s album")
    await expect(tab.locator("#facts")).to_contain_text("RICOH")
    before = await tab.locator("#facts").bounding_box()
    await tab.get_by_role("button", name="Take a picture").click()
    await expect(said).to_have_text("Taking the picture …")
    await expect(tab.locator("#shot progress")).to_be_visible()
    await expect(said).to_have_text("It is in the album.", timeout=SLOW)
    await expect(tab.locator("#shot progress")).to_be_hidden()
    await expect(tab.locator("#shot img")).to_have_js_property("complete", True)
    assert await tab.locator("#shot img").evaluate("image => image.naturalWidth") > 0
    assert await tab.locator("#facts").bounding_box() == before  # nothing jumped
    [photo] = listed(hub, album="round")
    assert (photo["kind"], photo["width"], photo["panorama"]) == ("snapshot", 1024, True)
    assert b"GPano" in original(hub, photo)
    await tab.locator("#shot .taken").click()
    await tab.wait_for_url(re.compile(f"/albums/round#photo={photo['id']}$"))
    await expect(tab.locator(".large[data-sharp]").first).to_be_visible()


async def test_a_camera_that_refuses_says_so_in_place(serve_hub: ServeHub, open_page: OpenPage, theta: Theta) -> None:
    hub = serve_hub(around(theta))
    tab = await open_page(hub, "/cameras/round")
    shoot = tab.get_by_role("button", name="Take a picture")
    await expect(tab.locator("#facts")).to_contain_text("RICOH")
    theta.fault("disabled", command="camera.takePicture")
    await shoot.click()
    await expect(tab.locator("#shot .wrong-said")).not_to_be_empty()
    await expect(shoot).to_have_attribute("aria-disabled", "false")
    assert await findings(tab) == []
    theta.clear()
    await shoot.click()
    await expect(tab.locator("#shot .said")).to_have_text("It is in the album.", timeout=SLOW)


async def test_a_picture_that_is_being_taken_is_found_again_and_stopped(
    serve_hub: ServeHub, open_page: OpenPage
) -> None:
    async with simulated("z1", nature=Nature(still=(512, 256), seconds=60)) as theta:
        hub = serve_hub(around(theta))
        tab = await open_page(hub, "/cameras/round")
        async with tab.expect_response(re.compile("/device/shoot$")):
            await tab.get_by_role("button", name="Take a picture").click()
        await tab.reload()
        await expect(tab.locator("#shot .said")).to_have_text("Taking the picture …")
        await tab.get_by_role("button", name="Stop").click()
        await expect(tab.locator("#shot .said")).to_have_text("Stopped. Nothing was kept.")
        assert listed(hub, album="round") == []


async def test_settings_are_saved_at_once(serve_hub: ServeHub, open_page: OpenPage, theta: Theta) -> None:
    hub = serve_hub(around(theta))
    tab = await open_page(hub, "/cameras/round")
    await tab.get_by_text("Settings of the camera").click()
    choice = tab.get_by_label("Exposure compensation")
    await expect(choice).to_be_visible()
    await choice.select_option(label="1")
    await expect(tab.locator("#options > .said")).to_have_text("Exposure compensation saved.", timeout=SLOW)
    await expect(tab.locator("#setting-exposureCompensation-note")).to_have_text("Saved")
    assert await _option(hub, "exposureCompensation") == 1
    theta.fault("disabled", command="camera.setOptions")
    await choice.select_option(label="0.3")
    await expect(tab.locator("#setting-exposureCompensation-note.wrong-said")).not_to_be_empty()
    await expect(choice).to_have_value("1")
    assert await findings(tab) == []


async def _option(hub: Served, name: str) -> object:
    # In a thread: the simulated camera answers in this one.
    options = json.loads(await asyncio.to_thread(hub.get, "/api/v1/cameras/round/device/options"))["options"]
    return next(option["value"] for option in options if option["name"] == name)


async def test_what_is_on_the_card_is_fetched(serve_hub: ServeHub, open_page: OpenPage, theta: Theta) -> None:
    hub = serve_hub(around(theta))
    tab = await open_page(hub, "/cameras/round")
    await tab.get_by_text("On the camera").click()
    tiles = tab.locator(".stored li")
    await expect(tiles).to_have_count(24)
    await expect(tab.locator("#card .count")).to_have_text("30 files")
    await expect(tiles.first.locator("img")).to_have_js_property("complete", True)
    await tiles.nth(0).get_by_role("checkbox").check()
    await tiles.nth(1).get_by_role("checkbox").check()
    await tab.get_by_role("button", name="2 into the album").click()
    await expect(tab.locator("#card .said")).to_have_text("2 of 2 are in the album.", timeout=SLOW)
    await expect(tiles.nth(1).get_by_role("link", name="In the album")).to_be_visible()
    assert len(listed(hub, album="round")) == 2
    await tiles.nth(2).get_by_role("button").click()
    await expect(tab.locator("#card .said")).to_have_text("It is in the album.", timeout=SLOW)
    await tab.get_by_role("button", name="More").click()
    await expect(tiles).to_have_count(30)
    await expect(tab.get_by_role("button", name="More")).to_have_count(0)


async def test_a_camera_that_sleeps_says_so_and_comes_back(
    serve_hub: ServeHub, open_page: OpenPage, theta: Theta
) -> None:
    hub = serve_hub(around(theta))
    theta.fault("asleep")
    tab = await open_page(hub, "/cameras/round")
    await expect(tab.locator("#device-trouble")).to_be_visible(timeout=30_000)
    theta.clear()
    await expect(tab.locator("#facts")).to_contain_text("RICOH", timeout=40_000)
    await expect(tab.locator("#device-trouble")).to_be_hidden()


async def test_it_moves_by_buttons_keys_and_drag(serve_hub: ServeHub, open_page: OpenPage) -> None:
    stub = Stub()
    async with serve(stub) as port:
        hub = serve_hub(cards(1) + f'[cameras.dome]\ntitle = "Dome"\nsource = "{url(port)}"\n')
        tab = await open_page(hub, "/cameras/dome")
        up = tab.get_by_role("button", name="Up")
        await up.hover()
        await tab.mouse.down()
        await stub.was_asked("ContinuousMove", 2)  # it goes on while it is held
        assert moved(stub) == (0.0, 0.4)
        await tab.mouse.up()
        await stub.was_asked("Stop")
        stops = stub.operations().count("Stop")

        await up.focus()
        await tab.keyboard.down("ArrowLeft")
        await stub.was_asked("ContinuousMove", stub.operations().count("ContinuousMove") + 1)
        assert moved(stub) == (-0.4, 0.0)
        await tab.keyboard.up("ArrowLeft")
        await stub.was_asked("Stop", stops + 1)

        await tab.evaluate("scrollTo(0, 0)")
        box = await tab.locator("#stage").bounding_box()
        assert box is not None
        await tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await tab.mouse.down()
        await tab.mouse.move(box["x"] + box["width"] / 2 + box["height"], box["y"] + box["height"] / 2, steps=3)
        await expect(tab.locator(".drag")).to_be_visible()
        await stub.was_asked("ContinuousMove", stub.operations().count("ContinuousMove") + 1)
        assert moved(stub) == (1.0, 0.0)
        await tab.mouse.up()
        await expect(tab.locator(".drag")).to_have_count(0)
        await stub.was_asked("Stop", stops + 2)

        await tab.locator("#wall").focus()
        await tab.keyboard.press("Shift+ArrowDown")
        await stub.was_asked("Stop", stops + 3)
        assert moved(stub) == (0.0, -0.4)
        await tab.keyboard.press("ArrowLeft")
        await tab.wait_for_url(hub.url("/cameras/card1"))
        assert stub.refused == []


def moved(stub: Stub) -> tuple[float, float]:
    velocity = next(one for one in stub.last("ContinuousMove").iter() if one.tag.endswith("}PanTilt"))
    return float(velocity.get("x", "0")), float(velocity.get("y", "0"))


async def test_it_looks_at_places_and_says_what_does_not_work(serve_hub: ServeHub, open_page: OpenPage) -> None:
    stub = Stub()
    async with serve(stub) as port:
        hub = serve_hub(f'[cameras.dome]\ntitle = "Dome"\nsource = "{url(port)}"\n')
        tab = await open_page(hub, "/cameras/dome", color_scheme="dark", viewport={"width": 360, "height": 800})
        await tab.get_by_role("button", name="Door").click()
        await expect(tab.locator("#moved")).to_have_text("Looking at “Door”.")
        assert "GotoPreset" in stub.operations()
        await tab.get_by_role("button", name="Back to where it looks by default").click()
        await stub.was_asked("GotoHomePosition")
        await expect(tab.get_by_role("button", name="Closer")).to_have_count(0)  # its motor has no zoom
        assert await findings(tab) == []
        stub.answers["ContinuousMove"] = fault("InvalidArgVal", "Motor blocked")
        await tab.get_by_role("button", name="Up").click()
        await expect(tab.locator("#moved.wrong-said")).not_to_be_empty()


async def test_it_comes_closer_as_long_as_it_is_told_to(serve_hub: ServeHub, open_page: OpenPage) -> None:
    spaces = "<tt:SupportedPTZSpaces><tt:ContinuousZoomVelocitySpace/></tt:SupportedPTZSpaces>"
    nodes = f'<tptz:GetNodesResponse><tptz:PTZNode token="n">{spaces}</tptz:PTZNode></tptz:GetNodesResponse>'
    stub = Stub(answers={"GetNodes": nodes})
    async with serve(stub) as port:
        hub = serve_hub(f'[cameras.dome]\ntitle = "Dome"\nsource = "{url(port)}"\n')
        tab = await open_page(hub, "/cameras/dome")
        for name, way in (("Closer", 1.0), ("Farther", -1.0)):
            moves, stops = (stub.operations().count(one) for one in ("ContinuousMove", "Stop"))
            button = tab.get_by_role("button", name=name)
            await button.hover()
            await tab.mouse.down()
            await stub.was_asked("ContinuousMove", times=moves + 1)
            await tab.mouse.up()
            await stub.was_asked("Stop", times=stops + 1)
            zoom = next(one for one in stub.last("ContinuousMove").iter() if one.tag.endswith("}Zoom"))
            assert float(zoom.get("x", "0")) * way > 0
        assert stub.refused == []


async def test_what_a_camera_does_not_have_is_not_there(serve_hub: ServeHub, open_page: OpenPage, theta: Theta) -> None:
    hub = serve_hub(cards(1) + around(theta))
    tab = await open_page(hub, "/cameras/card1")
    await expect(tab.locator("#state")).to_have_text("Live")
    await expect(tab.locator("#device")).to_have_count(0)
    await tab.goto(hub.url("/cameras/round"))
    await expect(tab.locator("#facts")).to_contain_text("RICOH")
    await expect(tab.locator("#move")).to_have_count(0)
    shares = Shares(hub.log.parent / "data", SystemClock())
    _, token = shares.add("camera", "round")
    guest = await open_page(hub, f"/s/{token}", login=False)
    await guest.wait_for_url(hub.url("/cameras/round"))
    await expect(guest.locator("#state")).to_have_text("Live")
    await expect(guest.locator("#device, #shoot")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing(
    serve_hub: ServeHub, open_page: OpenPage, theta: Theta, scheme: str, width: int
) -> None:
    hub = serve_hub(around(theta))
    tab = await open_page(hub, "/cameras/round", color_scheme=scheme, viewport={"width": width, "height": 800})
    await expect(tab.locator("#facts")).to_contain_text("RICOH")
    await _open_all(tab)
    assert await findings(tab) == []
    ids = await tab.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
    assert sorted(set(ids)) == sorted(ids)
    assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def _open_all(tab: Page) -> None:
    await tab.get_by_text("Settings of the camera").click()
    await tab.get_by_text("On the camera").click()
    await expect(tab.locator(".setting").first).to_be_visible()
    await expect(tab.locator(".stored li").first).to_be_visible()
