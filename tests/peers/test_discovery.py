"""A real ONVIF camera is found, tried and shown, in a network of its own; and the command that looks for it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from onlooker.clock import SystemClock
from onlooker.discovery import probing, ws
from onlooker.discovery.found import Found
from onlooker.errors import PasswordNeeded
from onlooker.formats import jpeg
from onlooker.formats.urls import with_login
from onlooker.sources import make
from tests.peers.namespace import ADDRESS, Namespace
from tests.peers.onvif_camera import PASSWORD, PORT, USER, OnvifCamera, why_no_camera
from tests.peers.served import ONLOOKER

pytestmark = [pytest.mark.peers, pytest.mark.skipif(bool(why_no_camera()), reason=why_no_camera())]


def test_ipycam_is_found_and_shows_a_picture(tmp_path: Path) -> None:
    async def find() -> tuple[list[Found], probing.Finding, bytes]:
        found: list[Found] = []
        there = asyncio.Event()

        def report(one: Found) -> None:
            found.append(one)
            there.set()

        task = asyncio.create_task(ws.look(report, SystemClock(), [ADDRESS], 20.0))
        await there.wait()
        task.cancel()
        with pytest.raises(PasswordNeeded):
            await probing.probe("onvif", make(found[0].url, {}), SystemClock(), patience=20, want_picture=True)
        url = with_login(found[0].url, USER, PASSWORD)
        return found, *await probing.probe("onvif", make(url, {}), SystemClock(), patience=20, want_picture=True)

    with Namespace() as namespace, OnvifCamera(namespace, tmp_path):
        found, finding, picture = namespace.run(find)
        command = namespace.command(ONLOOKER, "discover", "--json", "--timeout", "2", "--interface", ADDRESS)
        told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
        command = namespace.command(ONLOOKER, "discover", "--timeout", "2", "--interface", ADDRESS)
        text = subprocess.run(command, capture_output=True, check=True, timeout=60, text=True).stdout
    assert [one.url.endswith(f":{PORT}") for one in found] == [True]
    assert finding.codec == "h264"
    assert jpeg.dimensions(picture) == (finding.width, finding.height)
    assert [one["url"] for one in told] == [found[0].url]
    assert "onlooker camera add" in text
    assert found[0].url in text
