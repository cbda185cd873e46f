"""From nothing to a picture in four clicks, as a person does it; and what happens where something is in the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage, ServeHub
from tests.browser.mjpeg_camera import MjpegCamera
from tests.browser.test_accessibility import findings
from tests.discovery.stub_http_camera import PASSWORD, USER, LockedCamera

pytestmark = pytest.mark.browser
QUIET = '[server]\ndiscover_on = ["127.0.0.1"]\n'
SHOTS = os.environ.get("ONLOOKER_SHOTS", "")


@pytest.fixture
def locked() -> Iterator[LockedCamera]:
    with LockedCamera() as camera:
        yield camera


async def shot(tab: Page, name: str) -> None:
    """Keep a picture for somebody to look at, where ONLOOKER_SHOTS names a folder."""
    if SHOTS:
        await tab.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
async def test_from_nothing_to_a_picture(
    serve_hub: ServeHub, open_page: OpenPage, locked: LockedCamera, scheme: str, width: int, tmp_path: Path
) -> None:
    tab = await open_page(serve_hub(QUIET), color_scheme=scheme, viewport={"width": width, "height": 740})
    await shot(tab, f"empty-{width}")

    async def found(route: object) -> None:
        things = [
            ("onvif", "Front door", "DS-2CD2143G2", "192.168.1.20", "gate"),
            ("osc", "THETAYL00101082", "", "192.168.1.31", ""),
            ("hub", "Onlooker on attic", "Onlooker", "192.168.1.5:5000", ""),
        ]
        rows = [
            {"kind": kind, "url": f"{kind}://{where}", "title": title, "model": model, "address": where, "added": added}
            for kind, title, model, where, added in things
        ]
        rows.append(
            {"kind": "usb", "url": locked.url, "title": "Yard", "model": "", "address": "127.0.0.1", "added": ""}
        )
        state = {"number": 1, "running": False, "writable": True, "found": rows, "problems": []}
        await route.fulfill(json=state)  # type: ignore[attr-defined]

    await tab.route("**/api/v1/discovery", found)
    await tab.get_by_role("main").get_by_role("link", name="Add a camera").click()  # 1
    await expect(tab.get_by_text("3 cameras were found.")).to_be_visible()
    assert await findings(tab) == []
    await shot(tab, f"found-{width}")
    await tab.get_by_role("button", name="Yard").click()  # 2
    await expect(tab.get_by_label("User name")).to_be_focused()
    assert await findings(tab) == []
    await shot(tab, f"password-{width}")
    await tab.get_by_label("User name").fill(USER)
    await tab.get_by_label("Password").fill("wrong")
    await tab.get_by_role("button", name="Try it").click()
    await expect(tab.get_by_role("alert")).to_contain_text("refuses the user name or password")
    await tab.get_by_label("Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Try it").click()  # 3
    await expect(tab.get_by_role("img", name="What the camera sees now")).to_be_visible()
    await expect(tab.get_by_label("Title")).to_have_value("Yard")
    await expect(tab.get_by_label("Name in addresses")).to_have_value("yard")
    await expect(tab.locator("#facts")).to_contain_text("640 × 360")
    assert await findings(tab) == []
    await shot(tab, f"picture-{width}")
    await tab.get_by_role("button", name="Add", exact=True).click()  # 4
    await tab.wait_for_url("**/cameras/yard")
    await expect(tab.locator("#stage")).to_have_attribute("data-state", "live")
    assert PASSWORD not in (tmp_path / "onlooker.toml").read_text()
    assert PASSWORD not in (tmp_path / "onlooker.log").read_text()
    assert PASSWORD in (tmp_path / ".env").read_text()


async def test_an_address_is_pasted_and_what_is_wrong_is_said(
    serve_hub: ServeHub, open_page: OpenPage, mjpeg_camera: MjpegCamera
) -> None:
    hub = serve_hub(QUIET)
    tab = await open_page(hub, "/add")
    await tab.get_by_label("Address of its pictures").fill("http://127.0.0.1:9/nothing")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("alert")).to_contain_text("cannot be reached")
    await expect(tab.get_by_role("button", name="Try again")).to_be_visible()
    await shot(tab, "wrong")
    assert await findings(tab) == []
    await tab.get_by_role("button", name="Choose another").click()
    await tab.get_by_label("Address of its pictures").fill(mjpeg_camera.url)
    await tab.get_by_role("button", name="Try it").click()
    await expect(tab.locator("#picture")).to_be_visible()
    await tab.get_by_label("Title").fill("Größe 2")
    await expect(tab.get_by_label("Name in addresses")).to_have_value("gro-e-2")
    await tab.get_by_label("Name in addresses").fill("size")
    await tab.get_by_label("Title").fill("Another")
    await expect(tab.get_by_label("Name in addresses")).to_have_value("size")
    await tab.get_by_role("button", name="Add", exact=True).click()
    await tab.wait_for_url(hub.url("/cameras/size"))
    await expect(tab.get_by_role("heading", name="Another")).to_be_visible()


async def test_a_search_ends_and_can_be_begun_again(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(QUIET), "/add")
    await expect(tab.get_by_text("Searching for cameras …")).to_be_visible()
    await shot(tab, "searching")
    await tab.get_by_role("button", name="Search again").click()
    await expect(tab.get_by_text("Searching for cameras …")).to_be_visible()


async def test_a_hub_that_may_not_write_shows_what_to_write(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(QUIET), "/add")

    async def refuse(route: object) -> None:
        answer = {
            "status": 409,
            "detail": "Add this to the file:",
            "by_hand": '[cameras.test]\nsource = "testcard:test"',
        }
        await route.fulfill(status=409, json=answer)  # type: ignore[attr-defined]

    await tab.route("**/api/v1/cameras", refuse)
    await tab.get_by_role("button", name="A moving test picture").click()
    await tab.get_by_role("button", name="Add", exact=True).click()
    await expect(tab.get_by_role("alert")).to_contain_text("Add this to the file:")
    await expect(tab.locator("#by-hand")).to_contain_text("[cameras.test]")
    await shot(tab, "by-hand")
    assert await findings(tab) == []


async def test_the_wall_leads_to_it(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(QUIET + '[cameras.card]\nsource = "testcard:"\n')
    tab = await open_page(hub)
    await tab.get_by_role("link", name="Add a camera").click()
    await expect(tab.get_by_role("heading", name="Add a camera")).to_be_visible()
    await tab.get_by_role("link", name="All cameras").click()
    await tab.wait_for_url(hub.url("/"))
