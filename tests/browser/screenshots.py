"""Takes the screenshots of the documentation from a real hub: `python -m tests.browser.screenshots docs`.

With `--all`, every page in every size and theme as well, for looking at after a change of style.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Page, async_playwright

from tests.browser import scenery
from tests.browser.album import send
from tests.browser.chromium import CHROMIUM, QUIET
from tests.browser.snapshots import snapshot
from tests.peers.served import PASSWORD, USER, Served

TITLES = {
    "harbour": "Harbour",
    "garden": "Garden",
    "dunes": "Dunes",
    "street": "Front door",
    "ridge": "Weather station",
    "attic": "Attic",
    "roof": "Roof",
}
VIEWS = {360: (360, 740), 1280: (1280, 800), 3840: (3840, 2160)}


def config(pictures: Path) -> str:
    """Seven cameras, one of which drops out after it has shown something."""
    for name in TITLES.keys() & scenery.SCENES.keys():
        scenery.draw(name, pictures / name)
    parts = []
    for name, title in TITLES.items():
        source = f'source = "file:{pictures / name}"\nfps = 6'
        if name not in scenery.SCENES:
            source = 'source = "testcard:"\noutage_every = 20\noutage_for = 15'
        parts.append(f'[cameras.{name}]\ntitle = "{title}"\n{source}\n')
    return "\n".join([*parts, '[albums.party]\ntitle = "Ada’s birthday"\n'])


async def shoot(tab: Page, path: Path) -> None:
    await tab.screenshot(path=path)
    print(path)


async def open_wall(browser: Browser, hub: Served, width: int, scheme: str, scale: int = 1) -> Page:
    wide, high = VIEWS[width]
    context = await browser.new_context(
        viewport={"width": wide, "height": high},
        device_scale_factor=scale,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    tab = await context.new_page()
    await tab.goto(hub.url("/login"))
    await tab.get_by_label("Name").fill(USER)
    await tab.get_by_label("Password").fill(PASSWORD)
    await tab.get_by_role("button", name="Log in").click()
    return tab


async def shoot_album(browser: Browser, hub: Served, path: Path) -> None:
    """A party, with a photo on its way."""
    guests = ["Ada", "Ben", "Zoë"]
    for number in range(30):
        send(hub, snapshot(number), query=f"?author={quote(guests[number % 3])}")
    tab = await open_wall(browser, hub, 1280, "light")
    await tab.goto(hub.url("/albums/party"))
    await tab.wait_for_function("() => document.querySelectorAll('main img').length > 8")
    await tab.wait_for_timeout(1500)  # until they are sharp
    await shoot(tab, path)


async def main(folder: Path, everything: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch, Served(Path(scratch), config(Path(scratch) / "pictures")) as hub:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            tab = await open_wall(browser, hub, 1280, "dark")
            # A dropped camera that has shown a picture since the page was opened: the wall at its most honest.
            await tab.wait_for_selector(".view[data-state=lost][data-picture]", timeout=60_000)
            await tab.wait_for_function("() => document.querySelectorAll('.view[data-state=live]').length === 6")
            await tab.wait_for_timeout(2500)  # until the words tell a time
            await tab.mouse.move(640, 60)
            await tab.wait_for_timeout(300)  # the strips' fade
            await shoot(tab, folder / "wall.png")
            await shoot_album(browser, hub, folder / "album.png")
            for width in VIEWS if everything else ():
                for scheme in ("light", "dark"):
                    tab = await open_wall(browser, hub, width, scheme)
                    await tab.wait_for_function("() => document.querySelectorAll('.view[data-state=live]').length >= 5")
                    await shoot(tab, folder / f"wall-{width}-{scheme}.png")
                    for name in ("harbour", "attic"):
                        await tab.goto(hub.url(f"/cameras/{name}"))
                        await tab.wait_for_selector("#stage:not([data-state=waiting])")
                        await shoot(tab, folder / f"camera-{name}-{width}-{scheme}.png")
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(asked.folder, asked.all))
