"""Which profile is shown, and the clock of a camera."""

from __future__ import annotations

import pytest

from onlooker.formats.onvif import tree
from onlooker.formats.onvif_answers import Profile, chosen, utc

UHD = Profile("4k", "UHD", "hevc", 3840, 2160)
MAIN = Profile("m", "Main", "h264", 1920, 1080)
SUB = Profile("s", "Sub", "h264", 640, 480)
TINY = Profile("t", "Tiny", "h264", 320, 240)
PHOTO = Profile("j", "Photo", "mjpeg", 4000, 3000)
UNSAID = Profile("u")


@pytest.mark.parametrize(
    ("offered", "main", "sub"),
    [
        ((SUB, MAIN, TINY, UHD, PHOTO), UHD, SUB),
        ((MAIN, TINY), MAIN, TINY),
        ((MAIN,), MAIN, MAIN),
        ((MAIN, PHOTO), MAIN, MAIN),
        ((PHOTO,), PHOTO, PHOTO),
        ((UNSAID, Profile("v")), UNSAID, Profile("v")),
        ((), None, None),
    ],
)
def test_by_size(offered: tuple[Profile, ...], main: Profile | None, sub: Profile | None) -> None:
    assert chosen(offered, "", "main") == main
    assert chosen(offered, "", "sub") == sub


def test_by_token_or_name() -> None:
    offered = (Profile("Sub", "other"), SUB, PHOTO)
    assert chosen(offered, "Sub", "main") == offered[0]
    assert chosen(offered, "photo", "main") == PHOTO
    assert chosen(offered, "none", "main") is None


def time(date: str, clock: str) -> bytes:
    year, month, day = date.split("-")
    hour, minute, second = clock.split(":")
    return (
        f"<a><SystemDateAndTime><UTCDateTime><Date><Year>{year}</Year><Month>{month}</Month><Day>{day}</Day></Date>"
        f"<Time><Hour>{hour}</Hour><Minute>{minute}</Minute><Second>{second}</Second></Time></UTCDateTime>"
        "</SystemDateAndTime></a>"
    ).encode()


def test_a_clock() -> None:
    assert utc(tree(time("2001-09-09", "1:46:40"))) == 1_000_000_000
    assert utc(tree(time("2016-12-31", "23:59:60"))) == 1_483_228_799


@pytest.mark.parametrize(("date", "clock"), [("0-0-0", "0:0:0"), ("2026-02-30", "1:1:1"), ("x-1-1", "1:1:1")])
def test_a_clock_that_is_none(date: str, clock: str) -> None:
    assert utc(tree(time(date, clock))) is None
