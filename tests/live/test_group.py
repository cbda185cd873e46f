"""What is kept since the last key frame."""

from __future__ import annotations

from onlooker.live import group
from onlooker.media import Sample, VideoFormat

FORM = VideoFormat("h264")


def sample(number: int, key: bool = False, size: int = 10) -> Sample:
    return Sample(bytes(size), key, number / 10, float(number), FORM)


def test_starts_with_a_key_frame_and_starts_anew_at_the_next() -> None:
    kept = group.Group()
    kept.add(sample(0))
    assert kept.key is None
    for number in range(1, 5):
        kept.add(sample(number, key=number in (1, 4)))
    assert [s.captured for s in kept.samples()] == [4.0]


def test_one_that_outgrows_its_bounds_keeps_only_the_key_frame() -> None:
    kept = group.Group()
    kept.add(sample(0, key=True))
    for number in range(group.MOST_SAMPLES + 50):
        kept.add(sample(number + 1))
    assert kept.samples() == []
    assert kept.key == sample(0, key=True)
    kept.add(sample(999, key=True))
    kept.add(sample(1000))
    assert len(kept.samples()) == 2
