"""No password leaves in a URL that is printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.formats.urls import redacted, redacted_text


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("rtsp://cam.local/live", "rtsp://cam.local/live"),
        ("rtsp://me:hunter2@cam.local:554/live", "rtsp://me:***@cam.local:554/live"),
        ("rtsp://me:p@ss@cam/live", "rtsp://me:***@cam/live"),
        ("rtsp://me:pa/ss@cam/live", "rtsp://me:***@cam/live"),
        ("rtsp://me:1234/ss@cam/live", "rtsp://me:***@cam/live"),
        ("rtsp://me:pa#ss@cam/live", "rtsp://me:***@cam/live"),
        ("http://me@cam/", "http://me@cam/"),
        ("http://:hunter2@cam/", "http://:***@cam/"),
        ("http://cam:8080/@home", "http://cam:***@home"),
        ("http://cam/@home", "http://cam/@home"),
        ("http://[fe80::1]:80/x", "http://[fe80::1]:80/x"),
        ("http://cam/x?user=me&pwd=hunter2&n=1", "http://cam/x?user=me&pwd=***&n=1"),
        ("http://cam/x?API_KEY=hunter2", "http://cam/x?API_KEY=***"),
        ("http://cam/x?access_token=hunter2#top", "http://cam/x?access_token=***#top"),
        ("testcard:harbour", "testcard:harbour"),
        ("usb:0", "usb:0"),
    ],
)
def test_redacted(url: str, printed: str) -> None:
    assert redacted(url) == printed
    assert redacted(printed) == printed


def test_every_url_in_a_text() -> None:
    text = "cannot open “rtsp://a:hunter2@b/c”, nor http://d:hunter2@e/f?token=hunter2."
    assert redacted_text(text) == "cannot open “rtsp://a:***@b/c”, nor http://d:***@e/f?token=***"


@given(
    st.text(
        alphabet=st.characters(exclude_characters="@/?#:\"'<>“” \t\n\r\f\v", exclude_categories=["Z", "C"]), min_size=6
    )
)
def test_any_password_is_masked(password: str) -> None:
    assert password not in redacted(f"rtsp://u:{password}@h/x").removeprefix("rtsp://u:***")


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    assert isinstance(redacted_text(f"http://{text}"), str)
