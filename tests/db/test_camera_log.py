"""Cameras' logs have no gap and no repeat, whatever is written, forgotten or broken off, over restarts too."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, Engine

from onlooker.db import camera_log
from onlooker.db.camera_log import LOG
from onlooker.db.opening import open_engine
from onlooker.media import CameraEvent

CAMERAS = ("yard", "door")
KINDS = ("lost", "motion", "sound")


class Broken(Exception):
    """Ends a transaction half-way."""


class Model:
    """What the log of one camera has to hold."""

    def __init__(self) -> None:
        self.kept: list[CameraEvent] = []
        self.last = 0

    def unended(self) -> list[CameraEvent]:
        ended = {event.began for event in self.kept if event.active is False}
        return [event for event in self.kept if event.active and event.seq not in ended]


class LogsOfCameras(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.models = {name: Model() for name in CAMERAS}
        self.cursors: list[tuple[str, int]] = []
        self.now = 1_800_000_000_000_000
        self.engine: Engine = open_engine(self.folder / "onlooker.db")
        self.epochs: dict[str, str] = {}
        self.ids: dict[str, int] = {}
        self.opened("first")

    def opened(self, epoch: str) -> None:
        with self.writing() as connection, connection.begin():
            for name in CAMERAS:
                owner = LOG.owner(connection, name, epoch)
                self.ids[name] = owner.id
                assert self.epochs.setdefault(name, owner.epoch) == owner.epoch
                assert owner.last_seq == self.models[name].last

    def writing(self) -> Connection:
        return self.engine.connect().execution_options(writes=True)

    def added(self, connection: Connection, name: str, event: CameraEvent) -> CameraEvent:
        return camera_log.append(connection, self.ids[name], event)

    @rule(
        name=st.sampled_from(CAMERAS),
        kind=st.sampled_from(KINDS),
        active=st.sampled_from([True, None]),
        facts=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
        passed=st.integers(-5, 60),
    )
    def happens(self, name: str, kind: str, active: bool | None, facts: dict[str, str], passed: int) -> None:
        self.now += passed
        model = self.models[name]
        with self.writing() as connection, connection.begin():
            event = self.added(connection, name, CameraEvent(kind, self.now, active, facts=facts))
        assert event.seq == model.last + 1
        model.last = event.seq
        model.kept.append(event)

    @precondition(lambda self: any(model.unended() for model in self.models.values()))
    @rule(data=st.data())
    def ends(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([name for name, model in self.models.items() if model.unended()]))
        begun = data.draw(st.sampled_from(self.models[name].unended()))
        self.now += 1
        with self.writing() as connection, connection.begin():
            event = self.added(
                connection, name, CameraEvent(begun.kind, self.now, False, began=begun.seq, began_at=begun.at)
            )
        self.models[name].last = event.seq
        self.models[name].kept.append(event)

    @rule(name=st.sampled_from(CAMERAS), count=st.integers(1, 3))
    def breaks_off(self, name: str, count: int) -> None:
        """A transaction fails, or the power does: none of it happened, and its numbers are given again."""
        try:
            with self.writing() as connection, connection.begin():
                for _ in range(count):
                    self.added(connection, name, CameraEvent("motion", self.now))
                raise Broken
        except Broken:
            pass

    @rule(limit=st.integers(1, 4), age=st.integers(0, 100))
    def forgets(self, limit: int, age: int) -> None:
        before = self.now - age
        for name, model in self.models.items():
            with self.writing() as connection, connection.begin():
                gone = LOG.prune(connection, self.ids[name], before, limit)
                first = LOG.first_seq(connection, self.ids[name])
            assert gone <= limit
            assert all(event.at < before for event in model.kept[:gone])
            assert gone == limit or gone == len(model.kept) or model.kept[gone].at >= before
            model.kept = model.kept[gone:]
            assert first == (model.kept[0].seq if model.kept else model.last + 1)

    @rule()
    def restarts(self) -> None:
        self.engine.dispose()
        self.engine = open_engine(self.folder / "onlooker.db")
        self.opened("another")

    @rule(name=st.sampled_from(CAMERAS), limit=st.integers(1, 5), data=st.data())
    def reads(self, name: str, limit: int, data: st.DataObject) -> None:
        model = self.models[name]
        seq = data.draw(st.integers(0, model.last + 1))
        kinds = data.draw(st.none() | st.sets(st.sampled_from(KINDS), min_size=1))
        fit = [event for event in model.kept if kinds is None or event.kind in kinds]
        with self.engine.connect() as connection:
            behind = camera_log.after(connection, self.ids[name], seq, limit, kinds)
            older = camera_log.before(connection, self.ids[name], seq, limit, kinds)
        assert behind == [event for event in fit if event.seq > seq][:limit]
        assert older == [event for event in reversed(fit) if event.seq < seq][:limit]

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        if not hasattr(self, "engine"):
            return
        with self.engine.connect() as connection:
            assert list(LOG.gaps(connection)) == []
            assert LOG.wrong_ends(connection) == []
            for name, model in self.models.items():
                assert camera_log.after(connection, self.ids[name], 0, 10_000) == model.kept
                assert camera_log.unended(connection, self.ids[name], 10_000) == model.unended()

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            shutil.rmtree(self.folder)


TestLogsOfCameras = LogsOfCameras.TestCase
TestLogsOfCameras.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_what_has_not_ended_is_found_by_an_index(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "onlooker.db")
    with engine.connect() as connection:
        statement = camera_log._unended(1, 10).compile(engine, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    engine.dispose()
    assert any("ix_camera_events_began (camera_id=? AND began=?)" in step for step in plan), plan
