"""How much later a picture that one browser sends is on the screen of another: a clock in the picture, read back."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator

from playwright.async_api import Browser, Page, async_playwright

from bench.hub import PASSWORD, USER, Hub
from bench.load import BenchError
from bench.result import Result

CAMERA = '[cameras.phone]\nsource = "push:"\n'
SETTLE, WINDOW = 8.0, 15.0  # seconds
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
# Sixteen blocks, black or white: the milliseconds of the clock, which both pages have in common.
CLOCK = """
const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
const context = canvas.getContext('2d');
const paint = () => {
  const now = Date.now() % 65536;
  context.fillStyle = '#446';
  context.fillRect(0, 0, 1280, 720);
  for (let bit = 0; bit < 16; bit++) {
    context.fillStyle = now & (1 << bit) ? '#fff' : '#000';
    context.fillRect(bit * 80, 300, 80, 120);
  }
};
setInterval(paint, 33);
const media = (navigator.mediaDevices ??= {});
media.getUserMedia = async () => (paint(), canvas.captureStream(30));
media.enumerateDevices = async () => [];
"""
READ = """(ms) => new Promise((resolve) => {
  const canvas = document.querySelector('.view canvas');
  const ages = [];
  let before = '';
  const look = () => {
    if (canvas.dataset.sequence !== before) {
      before = canvas.dataset.sequence;
      const now = Date.now() % 65536;
      const line = canvas.getContext('2d').getImageData(0, Math.round(canvas.height / 2), canvas.width, 1).data;
      let sent = 0;
      for (let bit = 0; bit < 16; bit++) {
        if (line[4 * Math.round(((bit + 0.5) * canvas.width) / 16)] > 127) sent |= 1 << bit;
      }
      ages.push((now - sent + 65536) % 65536);
    }
    if (performance.now() < end) requestAnimationFrame(look); else resolve(ages);
  };
  const end = performance.now() + ms;
  look();
})"""


def page_to_page() -> Iterator[Result]:
    """(l) From one page to another, through the hub, by H.264 and by JPEG."""
    program = shutil.which(os.environ.get("ONLOOKER_CHROMIUM", "chromium"))
    if program is None:
        raise BenchError("Chromium is not installed; ONLOOKER_CHROMIUM names another browser's program.")
    for codec in ("H.264", "JPEG"):
        with Hub(CAMERA) as hub:
            ages = sorted(asyncio.run(_ages(program, f"http://127.0.0.1:{hub.port}", codec)))
        if len(ages) < 20:
            raise BenchError(f"Only {len(ages)} pictures came through by {codec}.")
        yield Result(
            "l",
            f"a page that sends to a page that watches, {codec}",
            f"p50 {ages[len(ages) // 2]} ms, p99 {ages[int(len(ages) * 0.99)]} ms",
            "–",
            None,
            f"{len(ages) / WINDOW:.1f} pictures a second seen; both browsers and the hub on this machine, everything "
            "in software; from drawing the picture to reading it off the other page",
        )


async def _ages(program: str, hub: str, codec: str) -> list[int]:
    async with async_playwright() as playwright:
        senders = await playwright.chromium.launch(executable_path=program, args=QUIET)
        watchers = await playwright.chromium.launch(executable_path=program, args=QUIET)
        sender = await _opened(senders, f"{hub}/cameras/phone/broadcast?codec={'jpeg' if codec == 'JPEG' else ''}")
        await sender.wait_for_selector("#broadcast[data-state=live]")
        await sender.click("[data-act=go]")
        await sender.wait_for_selector("#broadcast[data-sending=live]", timeout=30_000)
        watcher = await _opened(watchers, f"{hub}/")
        await watcher.wait_for_selector(".view[data-state=live]", timeout=30_000)
        await asyncio.sleep(SETTLE)
        ages: list[int] = await watcher.evaluate(READ, WINDOW * 1000)
        await senders.close()
        await watchers.close()
        return ages


async def _opened(browser: Browser, url: str) -> Page:
    tab = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
    await tab.add_init_script(CLOCK)
    await tab.goto(url)
    await tab.get_by_label("Name").fill(USER)
    await tab.get_by_label("Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Log in").click()
    await tab.wait_for_url(url)
    return tab
