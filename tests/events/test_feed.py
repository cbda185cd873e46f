"""An album's viewers are told every event once, in order, or that they have to reload."""

from __future__ import annotations

import asyncio
import json

import pytest

from onlooker.errors import StorageError
from onlooker.events import feed as feed_module
from onlooker.events import wire
from onlooker.events.feed import PAGE, RECENT, Feed
from onlooker.events.wire import Position
from onlooker.media import Event, EventKind, PhotoState
from tests.events.albums import EPOCH, filled, messages, photo, photo_id, seqs
from tests.live.scripted import Notebook


def joined(feed: Feed, seq: int | None = None, *, epoch: str = EPOCH, slow: bool = False) -> Notebook:
    viewer = Notebook(slow=slow)
    feed.join(viewer, None if seq is None else Position(epoch, seq))
    return viewer


async def turns(count: int = 50) -> None:
    """Let every task go on; as far as it can, if there are many turns."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_joins_without_a_position_is_told_what_happens_from_now_on() -> None:
    log = filled(3)
    feed = log.feed(3)
    viewer = joined(feed)
    log.publish(feed)
    assert [message.event for message in messages(viewer)] == ["presence", "complete"]
    assert messages(viewer)[-1].id == f"{EPOCH}.4"
    assert log.reads == 0


async def test_who_comes_back_is_told_what_was_missed_out_of_memory() -> None:
    log = filled(5)
    feed = log.feed(5)
    first, second = joined(feed, 2), joined(feed, 2)
    log.publish(feed)
    for viewer in (first, second):
        assert seqs(messages(viewer)) == [3, 4, 5, 6]
    assert log.reads == 0


async def test_who_is_up_to_date_is_told_nothing_twice() -> None:
    log = filled(5)
    feed = log.feed(5)
    viewer = joined(feed, 5)
    assert seqs(messages(viewer)) == []
    log.publish(feed)
    assert seqs(messages(viewer)) == [6]


@pytest.mark.parametrize(
    ("epoch", "seq"),
    [("other", 5), (EPOCH, 9), (EPOCH, 1), ("", 0)],
    ids=["another log", "a number that was never given", "forgotten", "no position at all"],
)
async def test_a_gap_that_cannot_be_filled_is_said(epoch: str, seq: int) -> None:
    log = filled(5)
    del log.events[:2]  # retention
    feed = log.feed(3)
    viewer = joined(feed, seq, epoch=epoch)
    log.publish(feed)
    assert seqs(messages(viewer)) == ["reset 5", 6]
    assert messages(viewer)[0].id == f"{EPOCH}.5"  # so that a browser that is cut off now goes on from there


async def test_the_oldest_that_is_kept_can_be_reached() -> None:
    log = filled(5)
    del log.events[:2]
    feed = log.feed(3)
    assert seqs(messages(joined(feed, 2))) == [3, 4, 5]


async def test_a_busy_viewer_gets_all_it_missed_in_order_and_delays_nobody() -> None:
    log = filled(0)
    feed = log.feed()
    slow, quick = joined(feed, slow=True), joined(feed)
    for _ in range(4):
        log.publish(feed)
    feed.signal(wire.signal("uploading", key="k"))
    assert seqs(messages(quick)) == [1, 2, 3, 4]
    assert seqs(messages(slow)) == []
    slow.drained()
    assert [message.event for message in messages(slow)] == ["presence", *["complete"] * 4, "uploading"]
    slow.drained()
    log.publish(feed)
    slow.drained()
    assert seqs(messages(slow)) == [1, 2, 3, 4, 5]


async def test_a_viewer_that_is_busy_when_it_joins_gets_what_it_is_owed_first() -> None:
    log = filled(3)
    feed = log.feed(3)
    viewer = Notebook()
    viewer.busy = True
    feed.join(viewer, Position(EPOCH, 1))
    log.publish(feed)
    assert viewer.seen == []
    viewer.drained()
    assert seqs(messages(viewer)) == [2, 3, 4]


async def test_a_viewer_too_far_behind_is_closed_not_skipped() -> None:
    log = filled(0)
    feed = log.feed()
    stalled, later, quick = joined(feed, slow=True), joined(feed, slow=True), joined(feed)
    log.publish(feed)
    later.drained()  # has taken event 1, and is busy with it
    for _ in range(RECENT - 1):
        log.publish(feed)
    assert not stalled.closed
    log.publish(feed)
    assert stalled.closed
    assert not later.closed
    assert feed.closed_behind == 1
    assert seqs(messages(quick)) == list(range(1, RECENT + 2))
    later.drained()
    assert seqs(messages(later)) == list(range(1, RECENT + 2))
    back = joined(feed, 0)
    assert seqs(messages(back)) == list(range(1, RECENT + 2))


async def test_old_events_come_out_of_the_database_page_by_page_then_live() -> None:
    log = filled(2 * PAGE + 30)
    feed = log.feed(10)
    viewer = joined(feed, 5)
    await turns(1)  # in the midst of it
    assert log.reads < 3
    published = log.publish(feed)
    await turns()
    log.publish(feed)
    assert seqs(messages(viewer)) == list(range(6, published + 2))
    assert log.reads == 3
    assert feed.watching == 1


async def test_history_waits_for_a_slow_viewer_and_misses_nothing_meanwhile() -> None:
    log = filled(PAGE + 100)
    feed = log.feed(10)
    viewer = joined(feed, 0, slow=True)
    await turns()
    assert seqs(messages(viewer)) == list(range(1, PAGE + 1))
    log.publish(feed)
    while not viewer.closed and len(seqs(messages(viewer))) < PAGE + 101:
        viewer.drained()
        await turns()
    viewer.drained()
    log.publish(feed)
    await turns()
    assert seqs(messages(viewer)) == list(range(1, PAGE + 103))


async def test_history_that_is_forgotten_while_it_is_read_ends_in_a_reset() -> None:
    log = filled(PAGE + 100)
    feed = log.feed(10)
    viewer = joined(feed, 0, slow=True)
    await turns()
    del log.events[: PAGE + 50]
    feed.forget_before(PAGE + 51)
    viewer.drained()
    await turns()
    assert seqs(messages(viewer)) == [*range(1, PAGE + 1), f"reset {PAGE + 100}"]


async def test_a_viewer_that_takes_no_page_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "PATIENCE", 0.01)
    log = filled(PAGE + 100)
    feed = log.feed(10)
    viewer = joined(feed, 0, slow=True)
    await asyncio.wait(feed._histories, timeout=10)
    assert viewer.closed
    assert feed.watching == 0


async def test_a_viewer_that_leaves_while_it_reads_history_ends_the_reading() -> None:
    log = filled(3 * PAGE)
    feed = log.feed(10)
    viewer = joined(feed, 0, slow=True)
    await turns()
    viewer.close()
    await turns()
    assert feed.watching == 0
    assert log.reads == 1


async def test_a_database_that_fails_closes_the_viewer(caplog: pytest.LogCaptureFixture) -> None:
    log = filled(PAGE)
    feed = log.feed(10)

    async def broken(seq: int, limit: int) -> list[wire.Told]:
        raise StorageError("the disk is gone")

    feed._read = broken
    viewer = joined(feed, 0)
    await turns()
    assert viewer.closed
    assert "the disk is gone" in caplog.text


async def test_presence_is_told_at_most_once_a_beat_and_only_when_it_changed() -> None:
    feed = filled(0).feed()
    viewers = [joined(feed) for _ in range(5)]
    feed.tick()
    feed.tick()
    counts = [json.loads(message.data)["watching"] for message in messages(viewers[0])]
    assert counts == [1, 5]
    viewers[4].close()
    feed.tick()
    assert json.loads(messages(viewers[0])[-1].data) == {"watching": 4}
    assert "id" not in viewers[0].seen[-1].decode().split("data:")[0]


async def test_a_ping_is_written_to_those_who_can_take_it() -> None:
    feed = filled(0).feed()
    free, busy = joined(feed), joined(feed, slow=True)
    feed.ping()
    assert free.seen[-1].startswith(b":")
    assert len(busy.seen) == 1


async def test_what_is_withdrawn_is_not_told_to_newcomers() -> None:
    log = filled(3)
    feed = log.feed(3)
    assert photo_id(2) in messages(joined(feed, 1))[0].data
    feed.withdraw(photo_id(2), lambda event: wire.gone(event, EPOCH))
    data = [json.loads(message.data) for message in messages(joined(feed, 0)) if message.event == "complete"]
    assert [one.get("gone", False) for one in data] == [False, True, False]
    assert "sha256" not in data[1]


async def test_an_event_out_of_order_is_never_told() -> None:
    log = filled(1)
    feed = log.feed(1)
    with pytest.raises(ValueError, match="cannot follow"):
        feed.publish(log.events[0])


async def test_closing_lets_everybody_go() -> None:
    log = filled(PAGE + 20)
    feed = log.feed(5)
    live, reading = joined(feed), joined(feed, 0, slow=True)
    await turns()
    await feed.close()
    assert live.closed
    assert reading.closed
    assert feed.watching == 0


def test_a_hidden_photo_is_never_in_an_event() -> None:
    hidden = wire.told(Event(1, 0, EventKind.COMPLETE, photo_id(1), photo(1, PhotoState.HIDDEN)), EPOCH, "")
    assert json.loads(hidden.data) == {"id": photo_id(1), "key": f"images/{photo_id(1)}.jpg", "gone": True}
