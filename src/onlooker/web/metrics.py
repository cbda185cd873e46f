"""The hub's figures for Prometheus, read at the moment of the scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, StateSetMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.responses import Response

import onlooker
from onlooker.archive.archive import Archive
from onlooker.archive.camera_log import CameraLogs
from onlooker.live.happenings import COMMON
from onlooker.live.hub import Hub
from onlooker.live.standing import KINDS
from onlooker.live.status import State


class HubCollector(Collector):
    """Reads every camera; labels are the camera's name and one of a few reasons or states, never a connection."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("onlooker_build_info", "The version that runs; always 1.", labels=["version"])
        build.add_metric([onlooker.__version__], 1)
        yield build
        by_camera = ["camera"]
        viewers = GaugeMetricFamily("onlooker_viewers", "Connections that watch now.", labels=by_camera)
        renditions = GaugeMetricFamily("onlooker_renditions", "Sizes and rates made now.", labels=by_camera)
        age = GaugeMetricFamily("onlooker_newest_frame_age_seconds", "Age of the newest frame.", labels=by_camera)
        rate = GaugeMetricFamily("onlooker_frame_rate", "Frames a second coming in.", labels=by_camera)
        state = StateSetMetricFamily("onlooker_camera_state", "The state the camera is in.", labels=by_camera)
        frames_in = CounterMetricFamily("onlooker_frames_in", "Frames from the camera.", labels=by_camera)
        bytes_in = CounterMetricFamily("onlooker_bytes_in", "Bytes from the camera.", labels=by_camera)
        frames_out = CounterMetricFamily("onlooker_frames_out", "Frames handed to viewers.", labels=by_camera)
        bytes_out = CounterMetricFamily("onlooker_bytes_out", "Bytes handed to viewers.", labels=by_camera)
        reconnects = CounterMetricFamily("onlooker_reconnects", "Times the camera came back.", labels=by_camera)
        skipped = CounterMetricFamily(
            "onlooker_frames_skipped",
            "Frames not handed to a viewer: viewer_busy (it had not drained the one before), decoder_busy.",
            labels=["camera", "reason"],
        )
        for name, camera in self._hub.cameras.items():
            status, figures = camera.status(), camera.figures()
            viewers.add_metric([name], status.viewers)
            renditions.add_metric([name], figures.renditions)
            if status.age is not None:
                age.add_metric([name], status.age)
            rate.add_metric([name], status.frame_rate)
            state.add_metric([name], {known.value: known is status.state for known in State})
            frames_in.add_metric([name], status.frames_in)
            bytes_in.add_metric([name], status.bytes_in)
            frames_out.add_metric([name], figures.frames_out)
            bytes_out.add_metric([name], figures.bytes_out)
            reconnects.add_metric([name], status.reconnects)
            skipped.add_metric([name, "viewer_busy"], figures.skipped_busy)
            skipped.add_metric([name, "decoder_busy"], figures.skipped_decoder)
        yield from (viewers, renditions, age, rate, state)
        yield from (frames_in, bytes_in, frames_out, bytes_out, reconnects, skipped)


class ArchiveCollector(Collector):
    """Reads every album, and what the archive does; labels are the album's name and the kind of message."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def collect(self) -> Iterator[Metric]:
        by_album = ["album"]
        photos = GaugeMetricFamily("onlooker_album_photos", "Photos that are shown.", labels=by_album)
        size = GaugeMetricFamily("onlooker_album_bytes", "Bytes of all photos of the album.", labels=by_album)
        watching = GaugeMetricFamily("onlooker_album_viewers", "Connections that watch the album.", labels=by_album)
        events = CounterMetricFamily("onlooker_album_events", "Events since the album began.", labels=by_album)
        told = CounterMetricFamily("onlooker_album_messages_out", "Messages handed to viewers.", labels=by_album)
        behind = CounterMetricFamily(
            "onlooker_album_viewers_closed", "Viewers that could not keep up and were closed.", labels=by_album
        )
        for name, album in self._archive.albums.items():
            photos.add_metric([name], album.shown)
            size.add_metric([name], album.size)
            watching.add_metric([name], album.feed.watching)
            events.add_metric([name], album.feed.last_seq)
            told.add_metric([name], album.feed.messages_out)
            behind.add_metric([name], album.feed.closed_behind)
        yield from (photos, size, watching, events, told, behind)
        database = self._archive.database
        reads = CounterMetricFamily("onlooker_database_reads", "Times rows were asked for.")
        reads.add_metric([], database.reads)
        commits = CounterMetricFamily("onlooker_database_commits", "Commits, each one flush of the disk.")
        commits.add_metric([], database.writer.commits)
        changes = CounterMetricFamily("onlooker_database_changes", "Changes in these commits.")
        changes.add_metric([], database.writer.changes)
        yield from (reads, commits, changes)


class CameraLogCollector(Collector):
    """Reads the cameras' logs; a camera's own words are one label, so that no camera can make labels without end."""

    def __init__(self, logs: CameraLogs) -> None:
        self._logs = logs

    def collect(self) -> Iterator[Metric]:
        told = CounterMetricFamily(
            "onlooker_camera_events",
            "Events of the camera since the hub started: lost, refused, back, started, ended, motion …; or other.",
            labels=["camera", "kind"],
        )
        passed_over = CounterMetricFamily(
            "onlooker_camera_events_passed_over", "What was told too often to be kept.", labels=["camera"]
        )
        followers = GaugeMetricFamily(
            "onlooker_camera_event_viewers", "Connections that follow the camera's events.", labels=["camera"]
        )
        for name, log in self._logs.logs.items():
            known = Counter({kind: log.told[kind] for kind in (*sorted(KINDS), *COMMON)})
            for kind, count in known.items():
                told.add_metric([name, kind], count)
            told.add_metric([name, "other"], log.told.total() - known.total())
            passed_over.add_metric([name], log.passed_over)
            followers.add_metric([name], log.feed.watching)
        yield from (told, passed_over, followers)


def router(hub: Hub, archive: Archive, logs: CameraLogs | None = None) -> APIRouter:
    """/metrics, in the format the scraper asks for."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HubCollector(hub))
    registry.register(ArchiveCollector(archive))
    if logs is not None:
        registry.register(CameraLogCollector(logs))
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    return routes
