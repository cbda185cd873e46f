"""The figures for Prometheus parse, cover what happens, and have no label that grows with the viewers."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

import onlooker
from onlooker.archive.archive import Archive
from onlooker.archive.camera_log import following
from onlooker.archive.describing import Said
from onlooker.archive.receiving import receive
from onlooker.clock import SystemClock
from onlooker.live.hub import Hub
from onlooker.media import CameraEvent
from onlooker.outputs import mjpeg
from onlooker.web import metrics
from tests.archive.sending import jpeg, one_chunk
from tests.live.scripted import Notebook

House = Any  # the fixtures of conftest.py
Serve = Any
EVENTS = "onlooker_camera_events_total"
Figures = dict[tuple[str, ...], float]


async def scrape(client: aiohttp.ClientSession, base: str, headers: dict[str, str]) -> Figures:
    async with client.get(base + "/metrics", headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        text = await answer.text()
    figures: Figures = {}
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("onlooker_")
        assert family.documentation
        for sample in family.samples:
            assert set(sample.labels) <= {"album", "camera", "kind", "reason", "version", "onlooker_camera_state"}
            figures[(sample.name, *sample.labels.values())] = sample.value
    return figures


async def test_the_figures_follow_what_happens(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub, archive: Archive
) -> None:
    house.app.include_router(metrics.router(hub, archive))
    house.app.include_router(mjpeg.router(hub))
    base = await serve(house.gated())
    before = await scrape(client, base, house.cookie())
    assert before[("onlooker_build_info", onlooker.__version__)] == 1
    assert before[("onlooker_viewers", "yard")] == 0
    assert before[("onlooker_camera_state", "yard", "idle")] == 1
    assert before[("onlooker_frames_in_total", "yard")] == 0
    assert ("onlooker_newest_frame_age_seconds", "yard") not in before
    async with client.get(base + "/cameras/yard/live.mjpg", headers=house.cookie()) as answer:
        async with asyncio.timeout(10):
            await answer.content.readexactly(5000)
        during = await scrape(client, base, house.cookie())
    assert during[("onlooker_viewers", "yard")] == 1
    assert during[("onlooker_camera_state", "yard", "live")] == 1
    assert during[("onlooker_camera_state", "yard", "idle")] == 0
    assert during[("onlooker_frames_in_total", "yard")] > 0
    assert during[("onlooker_bytes_in_total", "yard")] > during[("onlooker_frames_in_total", "yard")]
    assert during[("onlooker_frames_out_total", "yard")] > 0
    assert during[("onlooker_bytes_out_total", "yard")] >= 5000
    assert 0 <= during[("onlooker_newest_frame_age_seconds", "yard")] < 60
    assert during[("onlooker_reconnects_total", "yard")] == 0
    assert during[("onlooker_frames_skipped_total", "yard", "viewer_busy")] >= 0
    assert during[("onlooker_frames_skipped_total", "yard", "decoder_busy")] >= 0
    assert during[("onlooker_renditions", "yard")] >= 1
    assert during[("onlooker_viewers", "door")] == 0


async def test_the_newer_format_is_given_to_who_asks(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub, archive: Archive
) -> None:
    house.app.include_router(metrics.router(hub, archive))
    base = await serve(house.gated())
    headers = house.cookie() | {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with client.get(base + "/metrics", headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await answer.text()).endswith("# EOF\n")


async def test_the_figures_are_behind_the_gate(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub, archive: Archive
) -> None:
    house.app.include_router(metrics.router(hub, archive))
    base = await serve(house.gated())
    async with client.get(base + "/metrics") as answer:
        assert answer.status == 401


async def test_the_figures_of_albums_follow_what_happens(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub, archive: Archive
) -> None:
    house.app.include_router(metrics.router(hub, archive))
    base = await serve(house.gated())
    before = await scrape(client, base, house.cookie())
    assert before[("onlooker_album_photos", "party")] == 0
    viewer = Notebook()
    archive.album("party").feed.join(viewer, None)
    await receive(archive, archive.album("party"), one_chunk(jpeg()), Said())
    after = await scrape(client, base, house.cookie())
    assert after[("onlooker_album_photos", "party")] == 1
    assert after[("onlooker_album_bytes", "party")] == len(jpeg())
    assert after[("onlooker_album_viewers", "party")] == 1
    assert after[("onlooker_album_events_total", "party")] == 1
    assert after[("onlooker_album_messages_out_total", "party")] == 2  # that it is coming, that it is there
    assert after[("onlooker_database_commits_total",)] > before[("onlooker_database_commits_total",)]


async def test_the_figures_of_what_happens_have_no_label_that_a_camera_chooses(
    house: House, serve: Serve, client: aiohttp.ClientSession, hub: Hub, archive: Archive
) -> None:
    async with following(archive, SystemClock()) as logs:
        await logs.apply(hub.cameras)
        house.app.include_router(metrics.router(hub, archive, logs))
        base = await serve(house.gated())
        before = await scrape(client, base, house.cookie())
        viewer = Notebook()
        logs.log("yard").feed.join(viewer, None)
        for kind in ("motion", "motion", "lost", "word1", "word2", "word3"):
            await logs.record("yard", CameraEvent(kind, 0))
        logs.pass_over("yard")
        after = await scrape(client, base, house.cookie())
    assert before.keys() == after.keys()
    counted = {labels[2]: count for labels, count in after.items() if labels[:2] == (EVENTS, "yard") and count}
    assert counted == {"motion": 2, "lost": 1, "other": 3}
    assert after[("onlooker_camera_events_passed_over_total", "yard")] == 1
    assert after[("onlooker_camera_event_viewers", "yard")] == 1
    assert not [count for labels, count in after.items() if labels[:2] == (EVENTS, "door") and count]
