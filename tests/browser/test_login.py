"""Coming in: by the form, with and without scripts, and when a session ends under an open page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, ServeHub, cards, log_in

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_person_logs_in_and_out(serve_hub: ServeHub, open_page: OpenPage, scripts: bool) -> None:
    hub = serve_hub(cards(1))
    tab = await open_page(hub, "/cameras/card1", login=False, java_script_enabled=scripts)
    await log_in(tab, "wrong")
    await expect(tab.get_by_role("alert")).to_contain_text("not right")
    await expect(tab.get_by_label("Name")).to_have_value("ada")
    await log_in(tab)
    await tab.wait_for_url(hub.url("/cameras/card1"))
    await expect(tab.get_by_role("heading", level=1)).to_have_text("Card 1")
    await tab.get_by_role("button", name="Log out").click()
    await tab.wait_for_url(hub.url("/login"))


async def test_a_session_that_ends_leads_to_the_log_in_and_back(serve_hub: ServeHub, open_page: OpenPage) -> None:
    hub = serve_hub(cards(1))
    tab = await open_page(hub, "/cameras/card1")
    await tab.context.clear_cookies()
    await tab.wait_for_url("**/login?next=*")
    await log_in(tab)
    await tab.wait_for_url(hub.url("/cameras/card1"))
