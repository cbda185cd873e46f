"""The album's page: photos come by themselves and stay in order, one opens, users change them, nothing is missed."""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import urllib.request
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser import album as albums
from tests.browser.conftest import OpenPage, ServeHub
from tests.browser.snapshots import snapshot, swatch
from tests.live.scripted import settle
from tests.peers.served import AUTHORIZATION, Served

pytestmark = pytest.mark.browser

TILES = ".grid li[data-kind=photo] a"
IDS = "(tiles) => tiles.map((tile) => tile.dataset.photo)"
SHIFTS = """window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: 'layout-shift', buffered: true });"""
NOTHING_MISSING = """() => [...document.querySelectorAll('.grid section > div:not([hidden])')]
  .every((rest) => rest.getBoundingClientRect().top > innerHeight)"""
PLACES = """(tiles) => tiles.map((tile) => {
  const { left, top, width, height } = tile.getBoundingClientRect();
  return [tile.dataset.photo, Math.round(left), Math.round(top), Math.round(width), Math.round(height)];
})"""


def call(hub: Served, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
    """Ask the hub's API."""
    headers = {"Authorization": AUTHORIZATION, "Content-Type": kind, "Accept": "application/json"}
    request = urllib.request.Request(hub.url(path), body, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def fill(hub: Served, count: int, *, start: int = 0, album: str = "photos") -> list[str]:
    """Send so many small photos; their ids, newest first."""
    return [albums.send(hub, swatch(number), album=album)["id"] for number in range(start, start + count)][::-1]


async def shown(tab: Page) -> Sequence[str]:
    ids: list[str] = await tab.locator(TILES).evaluate_all(IDS)
    return ids


def opened(tab: Page) -> Locator:
    return tab.locator("#lightbox")


async def expect_photos(tab: Page, ids: Sequence[str]) -> None:
    await expect(tab.locator(TILES)).to_have_count(len(ids))
    assert await shown(tab) == list(ids)


@pytest.mark.parametrize("count", [0, 1, 7])
async def test_what_is_there_is_shown(serve_hub: ServeHub, open_page: OpenPage, count: int) -> None:
    hub = serve_hub("")
    ids = fill(hub, count)
    tab = await open_page(hub, "/albums/photos")
    await expect_photos(tab, ids)
    await expect(tab.get_by_role("heading", name="No photos yet")).to_be_visible(visible=count == 0)
    await expect(tab.locator("#all")).to_be_visible(visible=count > 0)
    said = {0: "", 1: "1 photo", 7: "7 photos"}[count]
    await expect(tab.locator("#count")).to_have_text(said)


@pytest.mark.parametrize("width", [360, 1280])
async def test_photos_sharpen_in_place(serve_hub: ServeHub, open_page: OpenPage, width: int) -> None:
    hub = serve_hub("")
    for number in range(9):
        albums.send(hub, snapshot(number), album="photos")
    tab = await open_page(hub, "/albums/photos", viewport={"width": width, "height": 740})
    await tab.add_init_script(SHIFTS)
    await tab.reload()
    await expect(tab.locator(".grid li[data-sharp]")).to_have_count(9)
    assert await tab.evaluate("window.shift") < 0.02
    sources = await tab.locator(".grid img").evaluate_all("(images) => images.map((image) => image.src)")
    assert all(source.endswith("/320.webp") for source in sources)


async def test_a_photo_that_is_sent_appears_at_the_top(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    old = fill(hub, 5)
    tab = await open_page(hub, "/albums/photos")
    await expect_photos(tab, old)
    await settle(lambda: call(hub, "GET", "/api/v1/albums/photos")["watching"] == 1)
    # From now on nothing is loaded but what the events bring.
    placeholder = tab.locator(".grid li[data-kind=pending]")
    photo = snapshot(1)
    phone = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    phone.putrequest("POST", "/api/v1/albums/photos/photos?author=Grace")
    for name, value in (("Authorization", AUTHORIZATION), ("Content-Length", str(len(photo)))):
        phone.putheader(name, value)
    phone.endheaders(photo[: len(photo) // 2])
    await expect(placeholder).to_have_count(1)
    phone.send(photo[len(photo) // 2 :])
    new = json.loads(phone.getresponse().read())
    phone.close()
    await expect_photos(tab, [new["id"], *old])
    await expect(tab.locator("#count")).to_have_text("6 photos")
    await expect(tab.locator(TILES).first).to_have_attribute("aria-label", re.compile("Photo by Grace"))
    await expect(placeholder).to_have_count(0)
    await expect(tab.get_by_role("status").filter(has_text="1 new photo")).to_be_attached()


async def test_what_one_looks_at_does_not_move(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    old = fill(hub, 60)
    tab = await open_page(hub, "/albums/photos", viewport={"width": 360, "height": 640})
    await expect(tab.locator(TILES).first).to_be_visible()
    await tab.mouse.wheel(0, 900)
    await tab.wait_for_function("() => scrollY >= 890")
    before = await tab.locator(TILES).evaluate_all(PLACES)
    for number in range(3):
        albums.send(hub, swatch(100 + number), album="photos")
    pill = tab.get_by_role("button", name="3 new photos")
    await expect(pill).to_be_visible()
    call(hub, "DELETE", f"/api/v1/albums/photos/photos/{old[0]}")  # the top one, out of sight
    await expect(tab.locator("#count")).to_have_text("62 photos")
    in_sight = [place for place in before if 0 <= place[2] <= 600]
    after = {place[0]: place for place in await tab.locator(TILES).evaluate_all(PLACES)}
    first = in_sight[0]
    assert after[first[0]][2] == pytest.approx(first[2], abs=1)
    await pill.click()
    await tab.wait_for_function("() => scrollY === 0")
    await expect(pill).to_be_hidden()
    assert len(set(await shown(tab)) & set(old)) < len(await shown(tab))
    assert (await shown(tab))[3] == old[1]


async def test_history_loads_as_one_scrolls_and_nothing_is_doubled(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 300)
    tab = await open_page(hub, "/albums/photos")
    await expect(tab.locator(TILES).first).to_be_visible()
    seen: dict[str, None] = {}
    for _ in range(400):
        seen |= dict.fromkeys(await shown(tab))
        if ids[-1] in seen:
            break
        await tab.mouse.wheel(0, 500)
        await tab.wait_for_timeout(30)
        await tab.wait_for_function(NOTHING_MISSING)
    seen |= dict.fromkeys(await shown(tab))
    assert [ids.index(one) for one in seen] == list(range(300))
    assert await tab.locator(TILES).count() < 150  # what is far away is not in the document


async def test_the_rail_leads_through_years_without_loading_them(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 300)
    hub.__exit__(None, None, None)
    with sqlite3.connect(hub.log.parent / "data" / "onlooker.db") as database:  # ten a day, a month apart
        months = "(SELECT MAX(place) FROM photos) - place"
        database.execute(f"UPDATE photos SET shown_at = shown_at - ({months}) / 10 * 30 * 86400000000")
    database.close()
    hub.__enter__()
    tab = await open_page(hub, "/albums/photos")
    await expect(tab.get_by_role("heading", name="Today")).to_be_visible()
    lists: list[str] = []
    tab.on("request", lambda request: lists.append(request.url) if "/photos?" in request.url else None)
    rail = tab.get_by_role("slider", name="Go to a day")
    await expect(rail).to_have_attribute("aria-valuemax", "29")  # it knows every day, not only those that are loaded
    await rail.press("End")
    await expect(tab.locator(f"a[data-photo='{ids[-1]}']")).to_be_visible()
    assert len([url for url in lists if "before=" in url]) <= 3
    days = tab.locator(".grid h2")
    box = await rail.bounding_box()
    assert box is not None
    await tab.mouse.move(box["x"] + 30, box["y"] + box["height"] - 5)
    await tab.mouse.down()
    await tab.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2, steps=8)
    await tab.mouse.up()
    await expect(tab.locator(f"a[data-photo='{ids[150]}'], a[data-photo='{ids[140]}']").first).to_be_attached()
    for _ in range(60):  # back to the top, through all that was skipped
        await tab.mouse.wheel(0, -600)
        await tab.wait_for_timeout(50)
    await tab.evaluate("scrollTo(0, 0)")
    await expect(days.first).to_contain_text("Today")
    assert (await shown(tab))[:10] == ids[:10]


async def test_the_lightbox_by_keyboard(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 5)
    tab = await open_page(hub, "/albums/photos")
    await expect_photos(tab, ids)
    await tab.locator(TILES).nth(1).focus()
    await tab.keyboard.press("Enter")
    await expect(opened(tab)).to_be_visible()
    for key, index in [
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", 4),
        ("ArrowRight", 4),
        ("Home", 0),
        ("ArrowLeft", 0),
    ]:
        await tab.keyboard.press(key)
        await tab.wait_for_url(f"**/albums/photos#photo={ids[index]}")
    await tab.keyboard.press("i")
    await expect(tab.locator("#about")).to_be_visible()
    await tab.keyboard.press("i")
    await expect(tab.locator("#about")).to_be_hidden()
    await tab.keyboard.press("ArrowRight")
    await tab.wait_for_url(f"**#photo={ids[1]}")
    await tab.keyboard.press("Escape")
    await expect(opened(tab)).to_be_hidden()
    await tab.wait_for_url("**/albums/photos")
    await expect(tab.locator(TILES).nth(1)).to_be_focused()


async def test_an_address_opens_its_photo_and_back_closes_it(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 80)
    tab = await open_page(hub, "/albums/photos")
    await tab.goto("about:blank")
    await tab.goto(hub.url(f"/albums/photos#photo={ids[75]}"))  # which is on the second page of the list
    await expect(opened(tab)).to_be_visible()
    await tab.keyboard.press("ArrowRight")
    await tab.wait_for_url(f"**#photo={ids[76]}")
    await tab.keyboard.press("ArrowLeft")
    await tab.wait_for_url(f"**#photo={ids[75]}")
    await tab.keyboard.press("ArrowLeft")
    await tab.wait_for_url(f"**#photo={ids[74]}")
    await tab.keyboard.press("Escape")
    await expect(opened(tab)).to_be_hidden()
    await tab.evaluate("scrollTo(0, 0)")
    await tab.locator(TILES).first.click()
    await expect(opened(tab)).to_be_visible()
    await tab.go_back()
    await expect(opened(tab)).to_be_hidden()
    await tab.goto(hub.url("/albums/photos#photo=" + "a" * 26))
    await expect(tab.get_by_text("This photo cannot be shown")).to_be_visible()


async def test_a_swipe_turns_and_a_pull_closes(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 3)
    tab = await open_page(hub, "/albums/photos", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    await tab.locator(TILES).first.tap()
    await expect(opened(tab)).to_be_visible()
    await swipe(tab, (300, 320), (60, 330))
    await tab.wait_for_url(f"**#photo={ids[1]}")
    await swipe(tab, (300, 320), (60, 330))
    await tab.wait_for_url(f"**#photo={ids[2]}")
    await swipe(tab, (60, 320), (300, 330))
    await tab.wait_for_url(f"**#photo={ids[1]}")
    await swipe(tab, (180, 200), (190, 500))
    await expect(opened(tab)).to_be_hidden()


async def test_two_fingers_zoom(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    albums.send(hub, snapshot(1), album="photos")
    tab = await open_page(hub, "/albums/photos", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    await tab.locator(TILES).first.tap()
    await expect(opened(tab)).to_be_visible()
    session = await tab.context.new_cdp_session(tab)

    async def touch(kind: str, *points: tuple[int, int]) -> None:
        touched = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    await touch("touchStart", (150, 320), (210, 320))
    for spread in (20, 40, 60):
        await touch("touchMove", (150 - spread, 320), (210 + spread, 320))
    await touch("touchEnd")
    scale = (
        "document.querySelector('.frame').getBoundingClientRect().width / document.querySelector('.frame').offsetWidth"
    )
    assert await tab.evaluate(scale) == pytest.approx(3, rel=0.2)
    await swipe(tab, (300, 320), (60, 320))  # moves the photo, does not turn
    await expect(opened(tab)).to_be_visible()


async def swipe(tab: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """One finger, in steps, as a screen reports it."""
    session = await tab.context.new_cdp_session(tab)
    for step in range(6):
        x, y = (start[axis] + (end[axis] - start[axis]) * step / 5 for axis in (0, 1))
        kind = "touchMove" if step else "touchStart"
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def test_delete_can_be_undone(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 3)
    tab, other = await open_page(hub, "/albums/photos"), await open_page(hub, "/albums/photos")
    await tab.locator(TILES).nth(1).click()
    await tab.get_by_role("button", name="Delete").click()
    await tab.wait_for_url(f"**#photo={ids[2]}")  # the next one is shown
    await expect_photos(other, [ids[0], ids[2]])
    await tab.get_by_role("button", name="Undo").click()
    await expect_photos(other, ids)
    await tab.keyboard.press("Escape")
    await expect_photos(tab, ids)


async def test_hiding_is_seen_by_everybody_and_can_be_taken_back_later(
    serve_hub: ServeHub, open_page: OpenPage
) -> None:
    hub = serve_hub("")
    ids = fill(hub, 2)
    tab, other = await open_page(hub, "/albums/photos"), await open_page(hub, "/albums/photos")
    await other.locator(TILES).first.click()
    await expect(opened(other)).to_be_visible()
    await tab.locator(TILES).first.click()
    await tab.get_by_role("button", name="Hide").click()
    await other.wait_for_url(f"**#photo={ids[1]}")  # who looks at it comes to the next
    await tab.keyboard.press("Escape")
    await tab.get_by_role("link", name="Hidden").click()
    await tab.get_by_role("button", name="Show").click()
    await expect(tab.get_by_role("heading", name="No photo is hidden")).to_be_visible()
    await other.keyboard.press("Escape")
    await expect_photos(other, ids)


async def test_a_caption_is_written_and_read(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    fill(hub, 1)
    tab, other = await open_page(hub, "/albums/photos"), await open_page(hub, "/albums/photos")
    await other.locator(TILES).first.click()
    await tab.locator(TILES).first.click()
    await tab.keyboard.press("i")
    await tab.get_by_label("Caption").fill("The boats <come> in")
    await tab.get_by_role("button", name="Save").click()
    await expect(other.locator(".said")).to_have_text("The boats <come> in")


async def test_photos_wait_for_approval(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub('[albums.wedding]\ntitle = "The wedding"\napprove = true\n')
    tab, other = await open_page(hub, "/albums/wedding"), await open_page(hub, "/albums/wedding")
    ids = fill(hub, 2, album="wedding")
    await expect(tab.locator("#waits")).to_have_text("2")
    await expect(other.locator(TILES)).to_have_count(0)
    await tab.get_by_role("link", name="Waiting").click()
    await expect(tab.locator(".review li")).to_have_count(2)
    await tab.get_by_role("button", name="Approve").nth(1).click()
    await expect_photos(other, [ids[1]])
    await expect(tab.locator("#waits")).to_have_text("1")
    await tab.locator(".review li a").first.click()
    await opened(tab).get_by_role("button", name="Approve").click()
    await expect_photos(other, ids)
    await expect(opened(tab)).to_be_hidden()


async def test_a_page_catches_up_after_the_hub_was_away(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 3)
    tab = await open_page(hub, "/albums/photos")
    await expect_photos(tab, ids)
    hub.__exit__(None, None, None)
    await expect(tab.get_by_text("Not connected")).to_be_visible()
    hub.__enter__()
    call(hub, "DELETE", f"/api/v1/albums/photos/photos/{ids[1]}")
    ids = [*fill(hub, 2, start=10), ids[0], ids[2]]
    await expect(tab.locator(TILES)).to_have_count(4, timeout=30_000)
    assert await shown(tab) == ids
    await expect(tab.get_by_text("Not connected")).to_be_hidden()
    assert fill(hub, 1, start=20) + ids == [call(hub, "GET", "/api/v1/albums/photos/photos")["photos"][0]["id"], *ids]
    await expect(tab.locator(TILES)).to_have_count(5)


async def test_a_page_catches_up_after_it_was_offline(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 3)
    tab = await open_page(hub, "/albums/photos")
    await expect_photos(tab, ids)
    await tab.context.set_offline(True)
    ids = fill(hub, 4, start=10) + ids
    await tab.context.set_offline(False)
    await expect_photos(tab, ids)


async def test_an_archive_that_is_another_one_is_listed_anew(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    tab = await open_page(hub, "/albums/photos")
    fill(hub, 3)
    await expect(tab.locator(TILES)).to_have_count(3)
    hub.__exit__(None, None, None)
    data = hub.log.parent / "data"
    for database in data.glob("onlooker.db*"):
        database.unlink()
    hub.__enter__()
    ids = fill(hub, 2, start=50)
    await expect(tab.locator(TILES)).to_have_count(2, timeout=30_000)
    assert await shown(tab) == ids


async def test_guests_see_what_they_may_do_and_nothing_else(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    fill(hub, 2)
    shares = Shares(hub.log.parent / "data", SystemClock())
    for upload in (False, True):
        _, token = shares.add("album", "photos", upload=upload)
        tab = await open_page(hub, f"/s/{token}", login=False)
        await tab.goto(hub.url("/albums/photos"))
        await expect(tab.locator(TILES)).to_have_count(2)
        assert await tab.get_by_role("link", name="Add photos").count() == upload
        await expect(tab.locator("#share, .filters, #sharing, #delete, #hide, #captioning")).to_have_count(0)
        await expect(tab.locator("a[href='/albums'], a[href='/']")).to_have_count(0)
        await tab.locator(TILES).first.click()
        await tab.keyboard.press("i")
        await expect(tab.locator("#about")).to_contain_text("Original")


async def test_a_link_is_made_used_and_revoked(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    fill(hub, 1)
    tab = await open_page(hub, "/albums/photos")
    await tab.get_by_role("button", name="Share").click()
    await tab.get_by_text("Look and add photos").click()
    await tab.get_by_role("button", name="Make a link").click()
    await expect(tab.locator("#made-link")).not_to_have_value("")
    link = await tab.locator("#made-link").input_value()
    assert link.startswith(hub.url("/s/"))
    await expect(tab.get_by_role("img", name="QR code")).to_be_visible()
    guest = await open_page(hub, "/login", login=False)
    await guest.goto(link)
    await guest.goto(hub.url("/albums/photos"))
    await expect(guest.locator(TILES)).to_have_count(1)
    await tab.get_by_role("button", name="Revoke").click()
    await expect(tab.locator("#existing li")).to_have_count(0)
    await guest.reload()
    await expect(guest.locator(TILES)).to_have_count(0)


async def test_all_albums_and_one_that_is_not_there(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub('[albums.party]\ntitle = "Summer party"\n[albums.empty]\n')
    fill(hub, 2, album="party")
    tab = await open_page(hub)
    await tab.get_by_role("link", name="Albums").click()
    party = tab.get_by_role("link", name="Summer party")
    await expect(party).to_contain_text("2 photos")
    await expect(tab.get_by_text("No photos yet")).to_be_visible()
    await party.click()
    await tab.wait_for_url(hub.url("/albums/party"))
    answer = await tab.goto(hub.url("/albums/nowhere"))
    assert answer is not None
    assert answer.status == 404
    await expect(tab.get_by_role("heading", name="There is no such album")).to_be_visible()


async def test_behind_a_path_prefix(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub('[server]\nroot_path = "/cam"\n')
    tab = await open_page(hub, "/cam/albums/photos")
    call(hub, "POST", "/cam/api/v1/albums/photos/photos", snapshot(1), "image/jpeg")
    await expect(tab.locator(".grid li[data-sharp]")).to_have_count(1)
    await tab.locator(TILES).first.click()
    await expect(tab.locator(".large[data-sharp]")).to_have_count(1)


async def test_without_scripts_the_newest_photos_are_links(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    fill(hub, 3)
    tab = await open_page(hub, "/albums/photos", java_script_enabled=False)
    await expect(tab.locator(".plain-photos img")).to_have_count(3)


async def test_keyboard_reaches_everything(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub("")
    ids = fill(hub, 2)
    tab = await open_page(hub, "/albums/photos")
    await expect_photos(tab, ids)
    reached = []
    for _ in range(20):
        await tab.keyboard.press("Tab")
        reached.append(
            await tab.evaluate("document.activeElement.textContent.trim() || document.activeElement.ariaLabel || ''")
        )
    for name in ["All albums", "Add photos", "Screen", "Share", "Download all", "Hidden", "Trash"]:
        assert any(name in one for one in reached), name
    assert sum(one.startswith("Photo") for one in reached) == 2
    await tab.locator(TILES).first.focus()
    await tab.keyboard.press("Enter")
    names = []
    for _ in range(9):
        await tab.keyboard.press("Tab")
        names.append(await tab.evaluate("document.activeElement.ariaLabel ?? document.activeElement.title"))
    assert {"Hide", "Delete", "Download the original", "About this photo (i)", "Close (Esc)", "Older (→)"} <= set(names)
    assert await tab.evaluate("document.querySelector('#lightbox').contains(document.activeElement)")


SLEEPER = """
  // A page that sleeps: its stream stays open, and what came over it meanwhile never arrives.
  window.asleep = false;
  const Real = window.EventSource;
  window.EventSource = class extends Real {
    addEventListener(kind, heard, ...more) {
      super.addEventListener(kind, (event) => window.asleep || heard(event), ...more);
    }
  };
"""


@pytest.mark.parametrize("waking", ["visibilitychange", "pageshow", "online"])
async def test_a_page_that_slept_catches_up_when_it_wakes(
    serve_hub: ServeHub, open_page: OpenPage, waking: str
) -> None:
    hub = serve_hub(albums.PARTY)
    before = fill(hub, 2, album="party")
    tab = await open_page(hub, "/albums/party")
    await tab.context.add_init_script(SLEEPER)
    await tab.reload()
    await expect_photos(tab, before)
    await tab.evaluate("window.asleep = true")
    missed = fill(hub, 3, start=2, album="party")
    await tab.wait_for_function("performance.now() > 0")
    assert await shown(tab) == list(before)
    await tab.evaluate(
        """(kind) => {
          window.asleep = false;
          const event = kind === 'pageshow' ? new PageTransitionEvent(kind, { persisted: true }) : new Event(kind);
          (kind === 'visibilitychange' ? document : window).dispatchEvent(event);
        }""",
        waking,
    )
    await expect_photos(tab, [*missed, *before])
