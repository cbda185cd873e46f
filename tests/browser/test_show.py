"""The show: every screen shows the same photo from the same instant on, whatever its own clock says."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser.album import FAIR, PARTY, picture, send
from tests.browser.conftest import OpenPage, ServeHub
from tests.peers.served import Served

pytestmark = pytest.mark.browser

# Both clocks of a page, wrong by so many ms.
SKEW = """
const [wall, monotonic] = [Date.now, performance.now.bind(performance)];
Date.now = () => wall() + (SKEW);
performance.now = () => monotonic() - (SKEW) / 3;
"""
PLAN = """async ([photos, moments]) => {
  const { Plan } = await import('/static/show-plan.js');
  const plan = new Plan(photos.map(([id, order, show]) => ({ id, order, show })));
  return moments.map((now) => {
    const step = plan.at(now);
    return step && [step.photo?.id ?? null, step.from, step.until];
  });
}"""


async def plan(tab: Page, photos: list[tuple[str, int, int]], moments: list[int]) -> list[Any]:
    found: list[Any] = await tab.evaluate(PLAN, [photos, moments])
    return found


async def test_the_plan(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(PARTY), "/login", login=False)
    assert await plan(tab, [], [0, 9000]) == [None, None]
    old = [("a", 1, -90_000_000), ("b", 2, -80_000_000), ("c", 3, -70_000_000)]
    # In turn, oldest first, by the hub's own steps of eight seconds.
    assert await plan(tab, old, [0, 7999, 8000, 16_000, 24_000]) == [
        ["a", 0, 8000],
        ["a", 0, 8000],
        ["b", 8000, 16_000],
        ["c", 16_000, 24_000],
        ["a", 24_000, 32_000],
    ]
    # However the list was put together.
    assert await plan(tab, old[::-1], [8000]) == await plan(tab, old, [8000])
    # A new one comes when its time is there, stays eight seconds, and until the next step; before that nobody shows it.
    new = [*old, ("d", 4, 9500)]
    assert await plan(tab, new, [8000, 9499, 9500, 23_999, 24_000]) == [
        ["b", 8000, 9500],
        ["b", 8000, 9500],
        ["d", 9500, 24_000],
        ["d", 9500, 24_000],
        ["d", 24_000, 32_000],  # slot 3 of four photos
    ]
    # Several at once come one after the other.
    burst = [*old, ("d", 4, 9500), ("e", 5, 9600), ("f", 6, 9700)]
    assert await plan(tab, burst, [9700, 12_500, 15_500, 31_999]) == [
        ["d", 9500, 12_500],
        ["e", 12_500, 15_500],
        ["f", 15_500, 24_000],
        ["d", 24_000, 32_000],
    ]
    # Of a thousand at once some wait for nothing but their turn with the others.
    flood = [(f"n{number:04}", number, 1000) for number in range(1000)]
    last = await plan(tab, flood, [61_000, 72_001])
    assert last == [["n0020", 61_000, 72_000], ["n0009", 72_000, 80_000]]


async def show(open_page: OpenPage, hub: Served, skew: int = 0, album: str = "party") -> Page:
    tab = await open_page(hub)
    await tab.context.add_init_script(SKEW.replace("SKEW", str(skew)))
    await tab.goto(hub.url(f"/albums/{album}/show"))
    await tab.get_by_role("button", name="Start here").click()
    await tab.wait_for_selector("#show[data-complete][data-offset]")
    return tab


async def stage(tab: Page) -> dict[str, Any]:
    found: dict[str, Any] = await tab.evaluate("({ ...document.getElementById('show').dataset })")
    return found


async def shown(tab: Page, photo: str) -> dict[str, Any]:
    await expect(tab.locator("#show")).to_have_attribute("data-photo", photo, timeout=30_000)
    return await stage(tab)


async def test_a_page_knows_the_hubs_time(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    for skew in (-86_400_000, 0, 5_000):
        tab = await show(open_page, hub, skew)
        before = time.time() * 1000
        said = await tab.evaluate("performance.now() + Number(document.getElementById('show').dataset.offset)")
        after = time.time() * 1000
        wrong = float((await stage(tab))["uncertainty"])
        assert before - wrong - 1 <= said <= after + wrong + 1


async def test_all_screens_show_a_new_photo_from_the_same_instant_on(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    one, other = await show(open_page, hub, 4000), await show(open_page, hub, -7000)
    await expect(one.get_by_text("No photos yet.")).to_be_visible()
    photo = send(hub, picture(1), query="?caption=The+cake&author=Mia")
    facts = [await shown(one, photo["id"]), await shown(other, photo["id"])]
    instant = datetime.fromisoformat(photo["show_at"]).timestamp() * 1000
    for said in facts:
        assert float(said["planned"]) == pytest.approx(instant, abs=1.0)
        assert float(said["revealed"]) >= float(said["planned"])
    await expect(one.locator("#caption")).to_have_text("The cake")
    await expect(one.get_by_role("img", name="The cake")).to_be_visible()
    # And they go on in step: the next photos come to both at the same planned instants.
    second, third = send(hub, picture(2)), send(hub, picture(3))
    for photo in (second, third):
        await one.wait_for_selector(f"#show[data-photo='{photo['id']}']", timeout=30_000)
        await other.wait_for_selector(f"#show[data-photo='{photo['id']}']", timeout=30_000)
        assert (await stage(one))["planned"] == (await stage(other))["planned"]


async def test_what_is_taken_away_is_gone_from_the_screen(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    photo = send(hub, picture(1))
    tab = await show(open_page, hub)
    await shown(tab, photo["id"])
    await tab.evaluate(
        "(id) => fetch(`/api/v1/albums/party/photos/${id}`, { method: 'DELETE' })",
        photo["id"],
    )
    await expect(tab.locator("#show")).not_to_have_attribute("data-photo", photo["id"])
    await expect(tab.get_by_text("No photos yet.")).to_be_visible()


async def test_an_approved_photo_comes_when_it_is_approved(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(FAIR)
    tab = await show(open_page, hub, album="fair")
    shares = Shares(hub.log.parent / "data", SystemClock())
    _, token = shares.add("album", "fair", upload=True)
    guest = await open_page(hub, f"/s/{token}", login=False)
    photo = await guest.evaluate(
        """async (bytes) => (await fetch('/api/v1/albums/fair/photos', {
          method: 'POST', body: new Uint8Array(bytes) })).json()""",
        list(picture(1)),
    )
    assert photo["state"] == "waiting"
    await expect(tab.get_by_text("No photos yet.")).to_be_visible()
    await tab.evaluate(
        """(id) => fetch(`/api/v1/albums/fair/photos/${id}`, {
          method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"state": "shown"}' })""",
        photo["id"],
    )
    await shown(tab, photo["id"])


async def test_a_code_to_join_in_is_made_once_and_remembered(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    tab = await open_page(hub, "/albums/party/show")
    await tab.get_by_label("Show a code to join in").check()
    await tab.get_by_label("The code is good").select_option("for a week")
    await tab.get_by_role("button", name="Start here").click()
    await expect(tab.get_by_role("img", name="QR code")).to_be_visible()
    await tab.reload()
    await expect(tab.get_by_role("img", name="QR code")).to_be_visible()
    await expect(tab.locator("dialog")).to_be_hidden()
    [share] = await tab.evaluate("async () => (await (await fetch('/api/v1/shares')).json()).shares")
    assert (share["kind"], share["name"], share["upload"]) == ("album", "party", True)
    link = await tab.evaluate("JSON.parse(localStorage.getItem('onlooker.show./party')).url")
    guest = await open_page(hub, link.removeprefix(hub.url("")), login=False)
    await guest.wait_for_url(hub.url("/albums/party/snap"))
    await guest.goto(hub.url("/albums/party/show"))
    await expect(guest.get_by_role("button", name="Start here")).to_be_visible()
    await expect(guest.get_by_label("Show a code to join in")).to_have_count(0)


async def test_the_keyboard(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    for number in range(4):
        send(hub, picture(number))
    tab = await show(open_page, hub)
    await expect(tab.locator("#show")).to_have_attribute("data-photos", "4")
    await tab.keyboard.press("Space")
    await expect(tab.get_by_text("Paused")).to_be_visible()
    seen = set()
    for _ in range(4):
        await tab.wait_for_selector("#show[data-photo]")
        before = (await stage(tab))["photo"]
        await tab.keyboard.press("ArrowRight")
        await expect(tab.locator("#show")).not_to_have_attribute("data-photo", before)
        seen.add((await stage(tab))["photo"])
    assert len(seen) == 4
    await tab.keyboard.press("Space")
    await expect(tab.get_by_text("Paused")).to_be_hidden()
    await tab.keyboard.press("Escape")
    await tab.wait_for_url(hub.url("/albums/party"))


async def test_a_share_that_has_ended_is_told_over_the_photo(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    photo = send(hub, picture(1))
    shares = Shares(hub.log.parent / "data", SystemClock())
    share, token = shares.add("album", "party")
    tab = await open_page(hub, f"/s/{token}", login=False)
    await tab.goto(hub.url("/albums/party/show"))
    await tab.get_by_role("button", name="Start here").click()
    await shown(tab, photo["id"])
    shares.revoke(share.id)
    await expect(tab.get_by_text("The link to this show has ended.")).to_be_visible(timeout=20_000)
    await expect(tab.locator("#silent")).to_be_hidden()
    assert tab.url == hub.url("/albums/party/show")
    assert (await stage(tab))["photo"] == photo["id"]
