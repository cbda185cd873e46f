"""Publishing: to all, never waiting, latest wins, newest on drain."""

from __future__ import annotations

from onlooker.live.channel import Channel
from onlooker.live.status import Rendition
from tests.live.scripted import Notebook


def channel() -> tuple[Channel, list[bool]]:
    wanted: list[bool] = []
    return Channel(Rendition(), lambda _, value: wanted.append(value)), wanted


def test_every_viewer_is_handed_the_same_object() -> None:
    one, _ = channel()
    viewers = [Notebook() for _ in range(3)]
    for viewer in viewers:
        viewer.watch([one])
    part = b"part"
    one.publish(part, None)
    assert all(viewer.seen[0] is part for viewer in viewers)
    assert (one.frames_out, one.bytes_out, one.skipped_busy) == (3, 12, 0)


def test_the_first_viewer_wants_and_the_last_one_stops_wanting() -> None:
    one, wanted = channel()
    first, second = Notebook(), Notebook()
    first.watch([one])
    second.watch([one])
    first.close()
    assert wanted == [True]
    second.close()
    second.close()
    assert wanted == [True, False]


def test_a_slow_viewer_misses_frames_and_gets_the_newest_when_it_drains() -> None:
    one, _ = channel()
    slow, quick = Notebook(slow=True), Notebook()
    slow.watch([one])
    quick.watch([one])
    for part in (b"1", b"2", b"3", b"4"):
        one.publish(part, None)
    assert slow.seen == [b"1"]
    assert quick.seen == [b"1", b"2", b"3", b"4"]
    slow.drained()
    assert slow.seen == [b"1", b"4"]
    assert one.skipped_busy == 2
    assert one.frames_out == 6


def test_a_drained_viewer_with_nothing_missed_is_written_nothing() -> None:
    one, _ = channel()
    slow = Notebook(slow=True)
    slow.watch([one])
    one.publish(b"1", None)
    slow.drained()
    assert slow.seen == [b"1"]
    one.publish(b"2", None)
    assert slow.seen == [b"1", b"2"]


def test_a_slow_viewer_of_many_cameras_sees_all_of_them() -> None:
    channels = [channel()[0] for _ in range(3)]
    wall = Notebook(slow=True)
    wall.watch(channels)
    for number in range(5):
        for index, one in enumerate(channels):
            one.publish(b"%d-%d" % (index, number), None)
    for _ in range(3):
        wall.drained()
    assert wall.seen == [b"0-0", b"1-4", b"2-4", b"0-4"]


def test_who_joins_gets_the_newest_part_at_once() -> None:
    one, _ = channel()
    Notebook().watch([one])
    one.publish(b"1", None)
    late = Notebook()
    late.watch([one])
    assert late.seen == [b"1"]


def test_an_old_picture_is_not_given_to_who_joins() -> None:
    one, _ = channel()
    Notebook().watch([one])
    one.publish(b"1", None)
    one.clear()
    late = Notebook()
    late.watch([one])
    assert late.seen == []


def test_a_closed_viewer_is_written_nothing() -> None:
    one, _ = channel()
    viewer, other = Notebook(slow=True), Notebook()
    viewer.watch([one])
    other.watch([one])
    one.publish(b"1", None)
    one.publish(b"2", None)
    viewer.close()
    viewer.drained()
    one.publish(b"3", None)
    assert viewer.seen == [b"1"]
    assert one.viewers == 1


def test_the_end_of_a_channel_closes_who_watches_nothing_else() -> None:
    one, other = channel()[0], channel()[0]
    single, both = Notebook(), Notebook()
    single.watch([one])
    both.watch([one, other])
    one.end()
    assert single.closed
    assert not both.closed
    other.publish(b"1", None)
    assert both.seen == [b"1"]
