"""axe-core finds nothing on any page, in light and dark, wide and narrow, live and lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser.album import PARTY, picture, send
from tests.browser.conftest import AXE, OpenPage, ServeHub, cards
from tests.browser.snapshots import snapshot

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_on_snap(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path, scheme: str, width: int
) -> None:
    hub = serve_hub(PARTY)
    context = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    tab = await open_page(hub, "/albums/party/snap", **context)
    await expect(tab.get_by_role("heading", name="Your photos, for everyone")).to_be_visible()
    assert await findings(tab) == []
    (tmp_path / "party.jpg").write_bytes(picture(1))
    (tmp_path / "letter.jpg").write_text("This is no photo.")
    await tab.locator("#gallery").set_input_files([tmp_path / "party.jpg", tmp_path / "letter.jpg"])
    await expect(tab.locator("#shots li[data-state=seen]")).to_have_count(1)
    await expect(tab.locator("#shots li[data-state=refused]")).to_have_count(1)
    await tab.context.set_offline(True)
    await tab.locator("#gallery").set_input_files(tmp_path / "party.jpg")
    await expect(tab.locator("#shots li[data-state=queued]")).to_have_count(1)
    await expect(tab.locator("#network")).to_be_visible()
    assert await findings(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_the_show(serve_hub: ServeHub, open_page: OpenPage, scheme: str) -> None:
    hub = serve_hub(PARTY)
    context = {"color_scheme": scheme, "viewport": {"width": 1280, "height": 800}}
    tab = await open_page(hub, "/albums/party/show", **context)
    await tab.get_by_label("Show a code to join in").check()
    assert await findings(tab) == []
    await tab.get_by_role("button", name="Start here").click()
    await expect(tab.get_by_role("img", name="QR code")).to_be_visible()
    await expect(tab.get_by_text("No photos yet.")).to_be_visible()
    assert await findings(tab) == []
    send(hub, picture(1), query="?caption=The+cake&author=Mia")
    await expect(tab.locator("#caption")).to_have_text("The cake")
    await tab.wait_for_timeout(900)  # its fade
    assert await findings(tab) == []


@pytest.mark.parametrize("page", ["show", "snap"])
async def test_every_id_names_one_thing(serve_hub: ServeHub, open_page: OpenPage, page: str) -> None:
    tab = await open_page(serve_hub(PARTY), f"/albums/party/{page}")
    ids = await tab.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
    assert sorted(set(ids)) == sorted(ids)


async def test_the_keyboard_reaches_everything_on_snap(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(PARTY), "/albums/party/snap")
    await tab.wait_for_selector("#snap[data-ready]", state="attached")
    reached = []
    for _ in range(5):
        await tab.keyboard.press("Tab")
        reached.append(await tab.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert reached == ["theme", "note", "gallery", "camera", "Album"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
async def test_axe_finds_nothing_in_an_album(serve_hub: ServeHub, open_page: OpenPage, scheme: str, width: int) -> None:
    hub = serve_hub('[albums.party]\ntitle = "The party"\n[albums.wedding]\napprove = true\n')
    tab = await open_page(hub, "/albums/party", color_scheme=scheme, viewport={"width": width, "height": 800})
    await expect(tab.get_by_role("heading", name="No photos yet")).to_be_visible()
    assert await findings(tab) == []
    for number in range(3):
        send(hub, snapshot(number), query="?author=Ada&caption=Before+the+rain")
        send(hub, snapshot(number), album="wedding")
    await expect(tab.locator(".grid li[data-sharp]")).to_have_count(3)
    assert await findings(tab) == []
    await tab.locator(".grid a").first.click()
    await tab.keyboard.press("i")
    await expect(tab.locator("#about dl")).to_contain_text("Ada")
    await expect(tab.locator(".large[data-sharp]")).to_have_count(2)
    assert await findings(tab) == []
    await tab.get_by_role("button", name="Hide").click()
    await expect(tab.get_by_role("button", name="Undo")).to_be_visible()
    assert await findings(tab) == []
    await tab.keyboard.press("Escape")
    await tab.get_by_role("button", name="Share").click()
    await tab.get_by_role("button", name="Make a link").click()
    await expect(tab.locator("#made, #existing li")).to_have_count(2)
    assert await findings(tab) == []
    await tab.goto(hub.url("/albums"))
    assert await findings(tab) == []
    await tab.goto(hub.url("/albums/wedding?state=waiting"))
    await expect(tab.locator(".review li")).to_have_count(3)
    assert await findings(tab) == []
    await tab.goto(hub.url("/albums/nowhere"))
    assert await findings(tab) == []
