"""ONVIF cameras are found on the loopback: where they answer from, once each, whatever else answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from onlooker.clock import ManualClock
from onlooker.discovery import ws
from onlooker.discovery.found import Found, Silent
from onlooker.formats.ws_discovery import Match
from tests.discovery.stub_camera import StubCamera, device

MARK = Found("onvif", "onvif://127.0.0.1:9999", "Last", "M1", "127.0.0.1:9999")
LAST = device("urn:last", "http://127.0.0.1:9999/", name="Last")  # once it is here, so is what was sent before it


async def search(camera: StubCamera, addresses: Sequence[str] = ("127.0.0.1",)) -> list[Found]:
    """Everything found until the last answer."""
    found: list[Found] = []
    there = asyncio.Event()
    clock = ManualClock()

    def report(one: Found) -> None:
        found.append(one)
        if one.title == MARK.title:
            there.set()

    task = asyncio.create_task(ws.look(report, clock, addresses, 3.0, port=camera.port))
    async with asyncio.timeout(20):
        await there.wait()
        while not task.done():
            await clock.advance(0.5)
    await task
    return found


async def test_a_camera_is_found_where_it_answers_from_not_where_it_believes_to_be() -> None:
    with StubCamera(
        device("urn:1", "http://192.168.99.99:8080/onvif/device_service"), LAST, sender="127.0.0.3"
    ) as yard:
        found = await search(yard)
    assert found[0] == Found("onvif", "onvif://127.0.0.3:8080", "Yard", "M1", "127.0.0.3:8080")
    assert any(b"k:NetworkVideoTransmitter<" in question for question in yard.asked)
    assert any(b"k:Device<" in question for question in yard.asked)


async def test_one_device_is_reported_once() -> None:
    answers = [
        device("urn:1", "http://127.0.0.1:8080/a"),
        device("urn:1", "http://127.0.0.1:8081/b"),  # the same by its name
        device("urn:2", "http://127.0.0.1:8080/c"),  # the same by its address
        LAST,
    ]
    with StubCamera(*answers) as camera:
        assert [one.url for one in await search(camera)] == ["onvif://127.0.0.1:8080", MARK.url]


async def test_what_is_no_camera_or_no_answer_is_passed_over() -> None:
    answers = [
        b"\0" * 60_000,
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        device("urn:printer", "http://127.0.0.1:8080/", types="wprt:PrintDeviceType"),
        device("urn:nowhere", ""),
        device("urn:odd", "ftp://127.0.0.1/ http://[::/ http://127.0.0.1:99999/"),
        LAST,
    ]
    with StubCamera(*answers) as camera:
        assert await search(camera) == [MARK]


async def test_a_flood_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws, "MOST_DEVICES", 2)
    monkeypatch.setattr(ws, "MOST_ANSWERS", 100)
    found: list[Found] = []
    listener = ws._Listener(found.append)
    for number in range(200):
        listener.datagram_received(device(f"urn:{number}", f"http://a:{number + 1}/"), ("127.0.0.1", 1))
    assert len(found) == 2
    assert len(listener._seen) <= 4 * 2


async def test_without_a_network_there_is_a_sentence() -> None:
    with pytest.raises(Silent, match="No network"):
        await ws.look(lambda _: None, ManualClock(), [], 1.0)
    with pytest.raises(Silent, match="No network"):
        await ws.look(lambda _: None, ManualClock(), ["203.0.113.9"], 1.0)  # not an address of this computer


def test_a_name_from_the_network_is_made_plain() -> None:
    scopes = ("onvif://www.onvif.org/name/%1b[31mRed%0a" + "x" * 300,)
    found = ws.described(Match("urn:1", (), scopes, ("https://cam/",)), "10.0.0.1")
    assert found is not None
    assert found.title.startswith("[31mRed x")
    assert len(found.title) == 80
    assert found.url == "onvif://10.0.0.1:443"
