"""Bringing home the addresses that a camera names: always its own host, and the port that is meant."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import SourceRefused
from onlooker.readers.onvif.address import Address


def address(url: str = "onvif://user:p%40ss@cam.example:8000", claims: str = "http://10.0.0.9/onvif/d") -> Address:
    made = Address(url)
    made.claimed(claims)
    return made


@pytest.mark.parametrize(
    ("named", "home"),
    [
        ("http://10.0.0.9/onvif/media?x=1#y", "http://cam.example:8000/onvif/media?x=1"),
        ("http://u:p@10.0.0.9:80/ptz", "http://cam.example:8000/ptz"),
        ("http://10.0.0.9:8899/events", "http://cam.example:8899/events"),
        ("https://10.0.0.9/media", "https://cam.example:443/media"),
        ("/onvif/media", "http://cam.example:8000/onvif/media"),
    ],
)
def test_services(named: str, home: str) -> None:
    assert address().home(named) == home


def test_a_camera_that_names_no_address_of_its_own() -> None:
    assert address(claims="").home("http://10.0.0.9/media") == "http://cam.example:8000/media"


@pytest.mark.parametrize(
    ("named", "whole"),
    [
        ("rtsp://10.0.0.9/live?c=1", "rtsp://user:p%40ss@cam.example/live?c=1"),
        ("rtsp://old:one@0.0.0.0:8554/a", "rtsp://user:p%40ss@cam.example:8554/a"),
        ("rtsps://10.0.0.9/a", "rtsps://user:p%40ss@cam.example/a"),
    ],
)
def test_streams(named: str, whole: str) -> None:
    assert address().with_login(named, ("rtsp", "rtsps")) == whole


def test_ipv6_and_no_login() -> None:
    made = address("onvif://[fe80::1]")
    assert made.shown == "[fe80::1]"
    assert made.device == "http://[fe80::1]:80/onvif/device_service"
    assert made.with_login("rtsp://1.2.3.4/a", ("rtsp",)) == "rtsp://[fe80::1]/a"


@given(st.text(max_size=60) | st.from_regex(r"(https?|rtsp|file)://[a-z0-9:@\[\].%]{0,20}(/.{0,10})?", fullmatch=True))
def test_nothing_that_it_names_leads_elsewhere(named: str) -> None:
    for bring in (address().home, lambda url: address().with_login(url, ("rtsp", "rtsps"))):
        try:
            brought = bring(named)
        except SourceRefused:
            continue
        assert urlsplit(brought).hostname == "cam.example"
