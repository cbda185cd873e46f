"""A search is one at a time, tells as it finds, and survives a way that fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onlooker.discovery import usb
from onlooker.discovery.found import Found, Report, Silent, authority, plain
from onlooker.discovery.interfaces import own_addresses
from onlooker.discovery.naming import name_of, title_of
from onlooker.discovery.search import MOST_FOUND, Search, look
from onlooker.sources import usb as usb_source

YARD = Found("onvif", "onvif://10.0.0.7", "Yard")


async def test_found_is_told_while_the_search_goes_on() -> None:
    begun, going_on = asyncio.Event(), asyncio.Event()
    searches = []

    async def slow(report: Report) -> None:
        searches.append(1)
        report(YARD)
        report(YARD)
        begun.set()
        await going_on.wait()

    search = Search(lambda: [slow])
    assert search.state.number == 0
    assert search.start().running
    await begun.wait()
    assert search.start().found == search.state.found == (YARD,)  # the one that is running
    going_on.set()
    over = await search.wait()
    assert (over.number, over.running, over.found, len(searches)) == (1, False, (YARD,), 1)
    assert search.start().number == 2
    await search.close()
    assert not search.state.running


async def test_a_way_that_fails_is_said_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def silent(report: Report) -> None:
        raise Silent("No network could be asked.")

    async def broken(report: Report) -> None:
        raise ValueError("secret")

    async def good(report: Report) -> None:
        report(YARD)

    found: list[Found] = []
    problems = await look(found.append, [silent, broken, good])
    assert found == [YARD]
    assert problems == ["No network could be asked.", "A part of the search failed; the hub's log says why."]
    assert "failed unexpectedly" in caplog.text


async def test_what_is_kept_is_bounded() -> None:
    async def many(report: Report) -> None:
        for number in range(MOST_FOUND + 50):
            report(Found("osc", f"osc://10.0.0.1:{number}", "x"))

    search = Search(lambda: [many])
    search.start()
    assert len((await search.wait()).found) == MOST_FOUND


async def test_cameras_of_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video2").mkdir()
    (tmp_path / "video2" / "name").write_text("HD Webcam\x1b\n")
    monkeypatch.setattr(usb_source, "SYSFS", tmp_path)
    found: list[Found] = []
    await usb.look(found.append)
    assert found == [Found("usb", "usb:2", "HD Webcam", "HD Webcam", "/dev/video2", needs_password=False)]


def test_own_addresses() -> None:
    assert own_addresses()[-1].startswith("127.")
    assert own_addresses(["127.0.0.5", "203.0.113.9"]) == ("127.0.0.5",)


def test_plain_and_authority() -> None:
    assert plain("a\x00b\n\u202e c") == "a b c"
    assert authority("10.0.0.1", 80, 80) == "10.0.0.1"
    assert authority("fd00::1", 8080, 80) == "[fd00::1]:8080"
    with pytest.raises(ValueError, match="example"):
        authority("example.org", 80, 80)


@pytest.mark.parametrize(
    ("url", "said", "title"),
    [
        ("onvif://10.0.0.7", ("", "ACME Co., Ltd. X-200"), "ACME X-200"),
        ("onvif://10.0.0.7", ("",), "Camera at 10.0.0.7"),
        ("push:", (), "Phone"),
        ("testcard:harbour", (), "harbour"),
        ("rtsp://[::/", (), "Camera"),
    ],
)
def test_titles(url: str, said: tuple[str, ...], title: str) -> None:
    assert title_of(url, *said) == title


def test_names() -> None:
    assert name_of("Überhof 2!", ()) == "uberhof-2"
    assert name_of("Yard", ("yard", "yard-2")) == "yard-3"
    assert name_of("庭", ()) == "camera"
    assert len(name_of("x" * 200, ())) == 40
