"""axe-core finds nothing on any page, in light and dark, wide and narrow, live and lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser.conftest import AXE, OpenPage, ServeHub, cards

pytestmark = pytest.mark.browser

LOST = '\n[cameras.lost]\ntitle = "Attic"\nsource = "rtsp://127.0.0.1:9/stream"\n'


async def findings(tab: Page) -> list[str]:
    if not AXE.exists():
        pytest.skip(f"{AXE} is not there: run `make peers`")
    await tab.evaluate(AXE.read_text())
    found = await tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html']}: {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing(serve_hub: ServeHub, open_page: OpenPage, scheme: str, width: int) -> None:
    hub = serve_hub(cards(2) + LOST)
    context = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    tab = await open_page(hub, "/login", login=False, **context)
    assert await findings(tab) == []
    tab = await open_page(hub, "/", **context)
    await expect(tab.locator(".view[data-state=live]")).to_have_count(2)
    await expect(tab.locator(".view[data-state=lost]")).to_have_count(1)
    assert await findings(tab) == []
    for name, state in [("card1", "live"), ("lost", "lost")]:
        await tab.goto(hub.url(f"/cameras/{name}"))
        await expect(tab.locator("#stage")).to_have_attribute("data-state", state)
        assert await findings(tab) == []
    await tab.goto(hub.url("/cameras/nowhere"))
    assert await findings(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_where_guests_come_in(serve_hub: ServeHub, open_page: OpenPage, scheme: str) -> None:
    hub = serve_hub(cards(2))
    shares = Shares(hub.log.parent / "data", SystemClock())
    _, token = shares.add("camera", "card1", password="open sesame", title="The view from the roof, all summer long")
    context = {"color_scheme": scheme, "viewport": {"width": 360, "height": 740}}
    tab = await open_page(hub, f"/s/{token}", login=False, **context)
    await expect(tab.get_by_role("heading", name="The view from the roof")).to_be_visible()
    assert await findings(tab) == []
    await tab.get_by_label("Password").fill("wrong")
    await tab.get_by_role("button", name="Open").click()
    await expect(tab.get_by_role("alert")).to_contain_text("not right")
    assert await findings(tab) == []
    await tab.get_by_label("Password").fill("open sesame")
    await tab.get_by_role("button", name="Open").click()
    await tab.wait_for_url(hub.url("/cameras/card1"))
    await expect(tab.locator("#stage")).to_have_attribute("data-state", "live")
    await expect(tab.locator("#wall, #next, #previous")).to_have_count(0)
    assert await findings(tab) == []
    await tab.goto(hub.url("/cameras/card2"))
    await expect(tab.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert await findings(tab) == []


async def test_axe_finds_nothing_on_an_empty_wall(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""))
    await expect(tab.get_by_role("heading", name="No cameras yet")).to_be_visible()
    assert await findings(tab) == []
