"""Motion at an ONVIF camera, all the way: from what the camera says to what the hub has written and told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from onlooker.archive.camera_log import following
from onlooker.clock import SystemClock
from onlooker.live.hub import CameraPlan, Hub
from onlooker.live.noticing import Noticer
from onlooker.sources import make
from tests.archive.scene import scene
from tests.live.scripted import settle
from tests.readers.http_server import serve
from tests.readers.onvif.stub import Stub, url

MOTION = "RuleEngine/CellMotionDetector/Motion"


async def test_motion_in_two_places_is_two_events_that_begin_and_end(tmp_path: Path) -> None:
    stub, clock = Stub(), SystemClock()
    hub = Hub(clock)
    async with serve(stub) as port, scene(tmp_path) as there, following(there.archive, clock) as logs:
        await logs.apply(["yard"])
        await hub.apply([CameraPlan("yard", "Yard", "onvif", lambda: make(url(port), {}), fingerprint="1")])
        noticing = asyncio.create_task(Noticer(hub, logs, clock).run())
        try:
            await settle(lambda: "PullMessages" in stub.operations())
            for place in ("1", "2"):
                stub.notice(MOTION, source=place, IsMotion="true")
            await settle(lambda: len(logs.going_on("yard")) == 2)
            stub.notice(MOTION, source="1", IsMotion="true")
            stub.notice(MOTION, source="1", IsMotion="false")
            await settle(lambda: len(logs.going_on("yard")) == 1)
            assert logs.going_on("yard")[0].facts["Source"] == "2"
            stub.notice(MOTION, source="2", IsMotion="false")
            await settle(lambda: not logs.going_on("yard"))
            assert logs.log("yard").told == {"motion": 4}
        finally:
            noticing.cancel()
            await asyncio.gather(noticing, return_exceptions=True)
            await hub.close()
    assert stub.refused == []
