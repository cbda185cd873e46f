"""A real Chromium in front of a real hub: who uses these tests sees what a person sees."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import CHROMIUM, QUIET
from tests.browser.mjpeg_camera import MjpegCamera
from tests.peers.served import PASSWORD, USER, Served

AXE = Path(os.environ.get("ONLOOKER_AXE", ".peers/node_modules/axe-core/axe.min.js"))
ServeHub = Callable[..., Served]
OpenPage = Callable[..., Awaitable[Page]]


def cards(count: int) -> str:
    """A configuration of so many test cards."""
    return "\n".join(
        f'[cameras.card{number}]\ntitle = "Card {number}"\nsource = "testcard:"\nsize = "320x180"\nfps = 8\n'
        for number in range(1, count + 1)
    )


@pytest.fixture
def serve_hub(tmp_path: Path) -> Iterator[ServeHub]:
    """Serve a hub with this configuration until the end of the test."""
    running: list[Served] = []

    def start(config: str) -> Served:
        served = Served(tmp_path, config).__enter__()
        running.append(served)
        return served

    yield start
    for served in running:
        served.__exit__(None, None, None)


@asynccontextmanager
async def launched(*arguments: str) -> AsyncIterator[Browser]:
    """A Chromium of its own, with these arguments."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (ONLOOKER_CHROMIUM names another browser's program)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *arguments])
        yield browser
        await browser.close()


@contextmanager
def opening(browser: Browser) -> Iterator[OpenPage]:
    """Open a page of a hub, logged in unless told otherwise; any error in its scripts fails the test."""
    errors: list[str] = []

    async def start(hub: Served, path: str = "/", *, login: bool = True, **context: object) -> Page:
        context.setdefault("viewport", {"width": 1280, "height": 800})
        tab = await (await browser.new_context(**context)).new_page()  # type: ignore[arg-type]
        tab.set_default_timeout(15_000)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        await tab.goto(hub.url(path))
        if login:
            await log_in(tab)
            await tab.wait_for_url(hub.url(path))
        return tab

    yield start
    assert errors == []


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    with opening(chromium) as start:
        yield start


@pytest.fixture
async def mjpeg_camera() -> AsyncIterator[MjpegCamera]:
    async with AsyncExitStack() as stack:
        camera = MjpegCamera()
        await camera.start()
        stack.push_async_callback(camera.stop)
        yield camera


async def log_in(tab: Page, password: str = PASSWORD) -> None:
    """Fill in the log-in form as a person does."""
    await tab.get_by_label("Name").fill(USER)
    await tab.get_by_label("Password").fill(password)
    await tab.get_by_role("button", name="Log in").click()
