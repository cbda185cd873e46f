"""`onlooker discover` at a terminal and for scripts, with a search that is made up."""

from __future__ import annotations

import json

import pytest

from onlooker import cli
from onlooker.discovery import search
from onlooker.discovery.found import Found, Report, Silent

FOUND = (
    Found("onvif", "onvif://10.0.0.7:8000", "Yard [red]'s", "M1", "10.0.0.7:8000"),
    Found("usb", "usb:0", "HD Webcam", "HD Webcam", "/dev/video0", needs_password=False),
    Found("hub", "http://10.0.0.9:5000/", "Onlooker on attic", "Onlooker", "10.0.0.9:5000"),
)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    things: list[Found] = []

    async def look(report: Report) -> None:
        for one in things:
            report(one)
        raise Silent("No network could be asked for 360° cameras.")

    monkeypatch.setattr(search, "every_way", lambda *_, **__: [look])
    return things


def test_what_was_found_and_how_to_add_it(found: list[Found], capsys: pytest.CaptureFixture[str]) -> None:
    found += FOUND
    assert cli.run(["discover"]) == 0
    out, err = capsys.readouterr()
    assert "Yard [red]'s" in out
    assert "Onlooker on attic" in out
    assert """onlooker camera add yard-red-s onvif://10.0.0.7:8000 --title 'Yard [red]'"'"'s'""" in out
    assert "onlooker camera add hd-webcam usb:0 --title 'HD Webcam'" in out
    assert "10.0.0.9:5000/" not in out  # a hub is no camera
    assert "No network could be asked" in err


def test_for_scripts(found: list[Found], capsys: pytest.CaptureFixture[str]) -> None:
    found += FOUND
    assert cli.run(["discover", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["url"] for one in told] == [one.url for one in FOUND]
    assert set(told[0]) == {"kind", "url", "title", "model", "address", "needs_password"}


def test_nothing_was_found(found: list[Found], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["discover"]) == 0
    assert "No camera answered" in capsys.readouterr().out
