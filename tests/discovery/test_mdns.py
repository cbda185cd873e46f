"""mDNS between two parties on the loopback: 360° cameras and hubs are found, and this hub is not its own find."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from onlooker.clock import ManualClock
from onlooker.discovery import announcing, mdns
from onlooker.discovery.announcing import Announcement, announce
from onlooker.discovery.found import Found, Silent

HERE = ["127.0.0.1"]
pytestmark = pytest.mark.timeout(60)


def service(kind: str, instance: str, address: str = "127.0.0.1", port: int = 80, **said: str) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        kind, f"{instance}.{kind}", port=port, properties=said, server="theta.local.", parsed_addresses=[address]
    )


@asynccontextmanager
async def theta() -> AsyncIterator[None]:
    """A camera that announces itself, in words of its own."""
    zeroconf = AsyncZeroconf(interfaces=HERE, ip_version=IPVersion.V4Only)
    await (await zeroconf.async_register_service(service(mdns.OSC_TYPE, "THETAYL00101082", port=5268)))
    try:
        yield
    finally:
        await zeroconf.async_close()


async def look_for(title: str, own_id: str = "") -> list[Found]:
    """Everything found until this was."""
    found: list[Found] = []
    there = asyncio.Event()
    clock = ManualClock()

    def report(one: Found) -> None:
        found.append(one)
        if one.title.startswith(title):
            there.set()

    task = asyncio.create_task(mdns.look(report, clock, HERE, 5.0, own_id=own_id))
    async with asyncio.timeout(30):
        await there.wait()
        await clock.advance(6.0)
        await task
    return found


async def test_a_360_degree_camera_is_found() -> None:
    async with theta():
        found = await look_for("THETA")
    assert Found("osc", "osc://127.0.0.1:5268", "THETAYL00101082", "", "127.0.0.1:5268") in found


async def test_a_hub_finds_another_one_and_not_itself() -> None:
    other = asyncio.create_task(announce(Announcement("b" * 16, 5267, "/cams", addresses=HERE)))
    own = asyncio.create_task(announce(Announcement("a" * 16, 5266, addresses=HERE)))
    found = await look_for("Onlooker on", own_id="a" * 16)
    for task in (other, own):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert "http://127.0.0.1:5267/cams/" in [one.url for one in found if one.kind == "hub"]
    assert "http://127.0.0.1:5266/" not in [one.url for one in found]


async def test_a_hub_without_a_network_lives_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await announce(Announcement("a" * 16, 5266, addresses=()))
    assert "no network" in caplog.text

    def refuse(**_: object) -> AsyncZeroconf:
        raise OSError(19, "No such device")

    monkeypatch.setattr(announcing, "AsyncZeroconf", refuse)
    await announce(Announcement("a" * 16, 5266, addresses=HERE))
    assert "No such device" in caplog.text


async def test_a_search_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> AsyncZeroconf:
        raise OSError(19, "No such device")

    with pytest.raises(Silent, match="No network"):
        await mdns.look(lambda _: None, ManualClock(), [], 1.0)
    monkeypatch.setattr(mdns, "AsyncZeroconf", refuse)
    with pytest.raises(Silent, match="mDNS does not work"):
        await mdns.look(lambda _: None, ManualClock(), HERE, 1.0)


@pytest.mark.parametrize(
    ("info", "url"),
    [
        (service(mdns.OSC_TYPE, "T"), "osc://127.0.0.1"),
        (service(mdns.OSC_TYPE, "T", "fd00::7", 8080), "osc://[fd00::7]:8080"),
        (service(mdns.OSC_TYPE, "T", "fe80::7"), None),
        (service(mdns.OSC_TYPE, "T", "0.0.0.0"), None),
        (service(mdns.OSC_TYPE, "T", port=0), None),
        (service(mdns.HUB_TYPE, "H", path="/cams/", tls="1", port=443), "https://127.0.0.1/cams/"),
        (service(mdns.HUB_TYPE, "H", path="//evil.example/"), "http://127.0.0.1/"),
        (service(mdns.HUB_TYPE, "H", path="@evil.example/"), "http://127.0.0.1/"),
        (service(mdns.HUB_TYPE, "H", id="mine"), None),
    ],
)
def test_what_a_service_says_of_itself(info: AsyncServiceInfo, url: str | None) -> None:
    found = mdns.described(info, "mine")
    assert (found.url if found else None) == url
