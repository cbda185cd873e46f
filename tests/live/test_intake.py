"""What a camera's figures say of what came."""

from __future__ import annotations

import pytest

from onlooker.live.intake import Intake
from onlooker.media import Frame
from tests.live.scripted import coded, frame, picture


def test_frames_are_numbered_over_all_connections() -> None:
    intake = Intake()
    intake.begin()
    first = intake.take(frame(1), 0.0)
    intake.begin()
    second = intake.take(frame(2), 1.0)
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.data == picture(1)


def test_size_coding_and_bytes_of_jpeg() -> None:
    intake = Intake()
    intake.take(frame(1, size=(80, 60)), 0.0)
    assert (intake.codec, intake.width, intake.height) == ("mjpeg", 80, 60)
    assert intake.bytes == len(picture(1, (80, 60)))


def test_a_camera_that_changes_its_size_is_noticed() -> None:
    intake = Intake()
    intake.take(frame(1, size=(80, 60)), 0.0)
    for number in range(40):
        intake.take(frame(1, size=(160, 120)), float(number))
    assert (intake.width, intake.height) == (160, 120)


def test_size_and_coding_of_video() -> None:
    intake = Intake()
    for sample in coded(3):
        intake.take(sample, 0.0)
    assert (intake.codec, intake.width, intake.height) == ("h264", 64, 48)


def test_a_damaged_first_frame_has_no_size_but_counts() -> None:
    intake = Intake()
    intake.take(Frame(b"\xff\xd8\xff\xd9", 1.0), 0.0)
    assert (intake.width, intake.frames) == (0, 1)


def test_age_and_rate_belong_to_the_connection() -> None:
    intake = Intake()
    assert intake.age(5.0) is None
    for number in range(50):
        intake.take(frame(1, captured=1000.0 + number), number / 10)
    assert intake.rate(4.9) == pytest.approx(10, rel=0.05)
    assert intake.age(6.9) == pytest.approx(2.0)
    assert intake.lasted(6.9) == pytest.approx(6.9)
    intake.begin()
    assert (intake.age(7.0), intake.rate(7.0), intake.lasted(7.0)) == (None, 0.0, 0.0)
    assert intake.last_captured == 1049.0
