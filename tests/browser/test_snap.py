"""Snap on a phone: what is chosen arrives, once and whole, through every kind of bad luck, and is told about."""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from onlooker.clock import SystemClock
from onlooker.web.shares import Shares
from tests.browser.album import FAIR, PARTY, files, listed, picture
from tests.browser.chromium import CHROMIUM, QUIET
from tests.browser.conftest import OpenPage, ServeHub, log_in
from tests.peers.served import Served

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SHOTS = "#shots li"
READY = "#snap[data-ready]"


async def snap(open_page: OpenPage, hub: Served, album: str = "party") -> Page:
    tab = await open_page(hub, f"/albums/{album}/snap", **PHONE)
    await tab.wait_for_selector(READY, state="attached")
    return tab


def digests(hub: Served, **where: str) -> list[str]:
    return sorted(photo["sha256"] for photo in listed(hub, **where))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def arrived(tab: Page, count: int, state: str = "seen") -> None:
    await expect(tab.locator(f"{SHOTS}[data-state={state}]")).to_have_count(count, timeout=30_000)


async def shell_is_kept(tab: Page) -> None:
    kept = """async () => (await Promise.all(
      [location.href, '/static/feed.js'].map((address) => caches.match(address)))).every((found) => found)"""
    for _ in range(100):
        if await tab.evaluate(kept):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the page was not kept")


async def test_chosen_photos_arrive_as_they_are(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    await expect(tab.get_by_role("heading", name="Your photos, for everyone")).to_be_visible()
    chosen = files(tmp_path, 5)
    await tab.get_by_label("Caption").fill("The first evening")
    await tab.locator("#gallery").set_input_files(chosen)
    await arrived(tab, 5)
    await expect(tab.locator("#summary")).to_have_text("All 5 photos are safe.")
    assert digests(hub) == sorted(map(digest, chosen))
    assert {(photo["caption"], photo["author"]) for photo in listed(hub)} == {("The first evening", "ada")}
    newest = tab.locator(SHOTS).first
    await expect(newest.locator(".proof")).to_have_text(f"SHA-256 {digest(chosen[-1])[:12]}…")
    ids = {photo["sha256"]: photo["id"] for photo in listed(hub)}
    await expect(newest.locator(".id")).to_have_text(f"Receipt {ids[digest(chosen[-1])]}")
    await expect(tab.get_by_label("Caption")).to_have_value("")


async def test_without_network_the_queue_outlives_its_page(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    await shell_is_kept(tab)
    await tab.context.set_offline(True)
    chosen = files(tmp_path, 3)
    await tab.locator("#camera").set_input_files(chosen[0])
    await tab.locator("#gallery").set_input_files(chosen[1:])
    await expect(tab.get_by_text("No network just now.")).to_be_visible()
    await expect(tab.locator("#summary")).to_contain_text("3 photos wait on this phone")
    await expect(tab.locator(f"{SHOTS}[data-state=queued][data-pictured=true]")).to_have_count(3)
    context = tab.context
    await tab.close()
    tab = await context.new_page()
    await tab.goto(hub.url("/albums/party/snap"))  # out of what the service worker keeps
    await expect(tab.locator(f"{SHOTS}[data-state=queued]")).to_have_count(3)
    await context.set_offline(False)
    await arrived(tab, 3)
    await expect(tab.locator("#network")).to_be_hidden()
    assert digests(hub) == sorted(map(digest, chosen))


async def test_a_photo_that_was_cut_off_goes_on_where_it_was_exactly_once(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    [chosen] = files(tmp_path, 1, size=(2400, 1800))
    sent: list[tuple[str, str | None]] = []

    async def cut(route: object, request: object) -> None:
        sent.append((request.method, await request.header_value("upload-offset")))  # type: ignore[attr-defined]
        if request.method == "PATCH" and len(sent) == 2:  # type: ignore[attr-defined]
            await route.abort()  # type: ignore[attr-defined]
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await tab.context.route("**/api/v1/uploads**", cut)
    await tab.locator("#gallery").set_input_files(chosen)
    await arrived(tab, 1)
    assert [method for method, _ in sent] == ["POST", "PATCH", "HEAD", "PATCH"]
    assert digests(hub) == [digest(chosen)]


async def test_a_hub_that_restarts_gets_every_photo_once(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    chosen = files(tmp_path, 4, size=(1600, 1200))
    await tab.locator("#gallery").set_input_files(chosen)
    await asyncio.to_thread(hub.__exit__, None, None, None)
    await asyncio.to_thread(hub.__enter__)
    await arrived(tab, 4)
    assert digests(hub) == sorted(map(digest, chosen))


async def test_two_windows_send_each_photo_once(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    other = await tab.context.new_page()
    await other.goto(hub.url("/albums/party/snap"))
    await other.wait_for_selector(READY, state="attached")
    created: list[str] = []
    tab.context.on("request", lambda one: created.append(one.url) if one.method == "POST" else None)
    await asyncio.gather(
        tab.locator("#gallery").set_input_files(files(tmp_path, 3)),
        other.locator("#gallery").set_input_files(files(tmp_path, 3, start=3)),
    )
    await arrived(tab, 6)
    await arrived(other, 6)
    assert len(listed(hub)) == 6
    assert len(created) == 6


async def test_the_same_photo_again_is_safe_and_not_there_twice(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    [chosen] = files(tmp_path, 1)
    await tab.locator("#gallery").set_input_files(chosen)
    await arrived(tab, 1)
    await tab.locator("#gallery").set_input_files(chosen)
    await arrived(tab, 2)
    assert len(listed(hub)) == 1


async def test_what_is_refused_says_why(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    (tmp_path / "half.jpg").write_bytes(picture(1)[:4000])
    (tmp_path / "letter.jpg").write_text("Dear Mia, this is no photo.")
    await tab.locator("#gallery").set_input_files([tmp_path / "half.jpg", tmp_path / "letter.jpg"])
    await arrived(tab, 2, "refused")
    await expect(tab.locator("#summary")).to_have_text("2 photos were not taken.")
    half = tab.locator(SHOTS).filter(has_text="half.jpg")
    await expect(half.locator(".why")).to_contain_text("cut off")
    letter = tab.locator(SHOTS).filter(has_text="letter.jpg")
    await expect(letter.locator(".why")).to_contain_text("JPEG")
    await letter.get_by_role("button", name="Remove").click()
    await half.get_by_role("button", name="Remove").click()
    await expect(tab.locator(SHOTS)).to_have_count(0)
    await tab.reload()
    await tab.wait_for_selector(READY, state="attached")
    await expect(tab.locator(SHOTS)).to_have_count(0)
    assert listed(hub) == []


def invite(hub: Served, album: str, *, upload: bool) -> str:
    shares = Shares(hub.log.parent / "data", SystemClock())
    return shares.add("album", album, upload=upload, lasts=timedelta(days=1))[1]


def revoke_all(hub: Served) -> None:
    shares = Shares(hub.log.parent / "data", SystemClock())
    for share in shares.all():
        shares.revoke(share.id)


async def test_a_guest_sends_under_a_name(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(PARTY)
    tab = await open_page(hub, f"/s/{invite(hub, 'party', upload=True)}", login=False, **PHONE)
    await tab.wait_for_url(hub.url("/albums/party/snap"))
    await tab.wait_for_selector(READY, state="attached")
    await tab.get_by_label("Your name").fill("Mia")
    chosen = files(tmp_path, 2)
    await tab.locator("#gallery").set_input_files(chosen)
    await arrived(tab, 2)
    assert {photo["author"] for photo in listed(hub)} == {"Mia"}
    assert digests(hub) == sorted(map(digest, chosen))
    await tab.reload()
    await expect(tab.get_by_label("Your name")).to_have_value("Mia")


async def test_a_share_that_has_ended_is_told_calmly(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(PARTY)
    tab = await open_page(hub, f"/s/{invite(hub, 'party', upload=True)}", login=False, **PHONE)
    await tab.wait_for_selector(READY, state="attached")
    await tab.context.set_offline(True)
    chosen = files(tmp_path, 1)
    await tab.locator("#gallery").set_input_files(chosen)
    await expect(tab.locator(f"{SHOTS}[data-state=queued]")).to_have_count(1)
    revoke_all(hub)
    await tab.context.set_offline(False)
    ended = tab.get_by_text("The link to this album has ended.")
    await expect(ended).to_be_visible()
    await expect(tab.locator(f"{SHOTS}[data-state=queued]")).to_have_count(1)
    await expect(tab.get_by_role("link", name="Log in")).to_have_count(0)
    await tab.get_by_role("button", name="Try again").first.click()
    await expect(ended).to_be_visible()
    assert tab.url == hub.url("/albums/party/snap")
    # A new link is opened, in another window: what waits goes out, and this one follows the album again.
    other = await tab.context.new_page()
    await other.goto(hub.url(f"/s/{invite(hub, 'party', upload=True)}"))
    await tab.get_by_role("button", name="Try again").first.click()
    await expect(ended).to_be_hidden()
    await arrived(tab, 1)
    assert digests(hub) == [digest(chosen[0])]


async def test_a_session_that_has_ended_leaves_the_page_and_its_photos(
    serve_hub: ServeHub, open_page: OpenPage
) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    album = await tab.context.new_page()
    await album.goto(hub.url("/albums/party"))
    await expect(album.get_by_role("heading", name="No photos yet")).to_be_visible()
    await tab.context.clear_cookies()
    for page in (tab, album):
        await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(tab.get_by_text("You are not logged in any more.")).to_be_visible()
    await expect(tab.get_by_role("link", name="Log in")).to_be_visible()
    await album.wait_for_url("**/login?next=*")
    assert tab.url == hub.url("/albums/party/snap")


async def test_who_may_only_look_finds_no_snap(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    token = invite(hub, "party", upload=False)
    tab = await open_page(hub, f"/s/{token}", login=False, **PHONE)
    answer = await tab.goto(hub.url("/albums/party/snap"))
    assert answer is not None
    assert answer.status == 404
    answer = await (await open_page(hub, "/")).goto(hub.url("/albums/nowhere/snap"))
    assert answer is not None
    assert answer.status == 404


async def test_where_photos_are_approved_they_wait(serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path) -> None:
    hub = serve_hub(FAIR)
    tab = await open_page(hub, f"/s/{invite(hub, 'fair', upload=True)}", login=False, **PHONE)
    await tab.wait_for_selector(READY, state="attached")
    await tab.locator("#gallery").set_input_files(files(tmp_path, 1))
    await arrived(tab, 1, "waiting")
    await expect(tab.locator(f"{SHOTS} .what")).to_have_text("Safe; waits for approval")
    [waiting] = listed(hub, album="fair", state="waiting")
    host = await open_page(hub, "/")
    status = await host.evaluate(
        """async (id) => (await fetch(`/api/v1/albums/fair/photos/${id}`, {
          method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"state": "shown"}' })).status""",
        waiting["id"],
    )
    assert status == 200
    await arrived(tab, 1, "seen")


async def test_a_window_that_keeps_nothing_says_so_and_sends(
    serve_hub: ServeHub, open_page: OpenPage, tmp_path: Path
) -> None:
    hub = serve_hub(PARTY)
    tab = await open_page(hub, **PHONE)
    await tab.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'InvalidStateError'); };"
    )
    await tab.goto(hub.url("/albums/party/snap"))
    await tab.wait_for_selector(READY, state="attached")
    [chosen] = files(tmp_path, 1)
    await tab.locator("#gallery").set_input_files(chosen)
    await expect(tab.get_by_text("This browser keeps nothing")).to_be_visible()
    await arrived(tab, 1)
    assert digests(hub) == [digest(chosen)]


async def test_over_plain_http_it_sends_and_says_what_is_missing(serve_hub: ServeHub, tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (ONLOOKER_CHROMIUM names another browser's program)")
    hub = serve_hub(PARTY)
    async with async_playwright() as playwright:
        arguments = [*QUIET, "--host-resolver-rules=MAP party.test 127.0.0.1"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context: BrowserContext = await browser.new_context(viewport={"width": 390, "height": 844})
        tab = await context.new_page()
        await tab.goto(f"http://party.test:{hub.port}/albums/party/snap")
        await log_in(tab)
        await tab.wait_for_selector(READY, state="attached")
        await expect(tab.get_by_text("This page came over plain HTTP.")).to_be_visible()
        chosen = files(tmp_path, 2)
        await tab.locator("#gallery").set_input_files(chosen)
        await arrived(tab, 2)
        await browser.close()
    assert digests(hub) == sorted(map(digest, chosen))


async def test_it_can_be_installed(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(PARTY)
    tab = await snap(open_page, hub)
    address = await tab.locator("link[rel=manifest]").get_attribute("href")
    assert address is not None
    about = await tab.evaluate("async (address) => (await fetch(address)).json()", address)
    assert about["start_url"] == "/albums/party/snap"
    assert about["display"] == "standalone"
    for icon in about["icons"]:
        found = await tab.evaluate("async (address) => (await fetch(address)).headers.get('content-type')", icon["src"])
        assert re.match(icon["type"].replace("+", r"\+"), found)
    await shell_is_kept(tab)
    kept = await tab.evaluate(
        """async () => {
          const cache = await caches.open((await caches.keys())[0]);
          return (await cache.keys()).map(({ url }) => new URL(url).pathname);
        }"""
    )
    assert all(path == "/albums/party/snap" or path.startswith("/static/") for path in kept)
