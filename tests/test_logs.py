"""One line an event, the camera named, no password in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from onlooker import logs

log = logging.getLogger("onlooker.test_logs")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    loggers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")]
    kept = [(one, one.handlers[:], one.propagate, one.disabled, one.level) for one in loggers]
    yield
    root.handlers, _ = handlers, root.setLevel(level)
    for one, one_handlers, propagate, disabled, one_level in kept:
        one.handlers, one.propagate, one.disabled = one_handlers, propagate, disabled
        one.setLevel(one_level)
    logging.captureWarnings(False)


def configured(style: Literal["text", "json"] = "text", level: str = "info", access_log: bool = False) -> io.StringIO:
    stream = io.StringIO()
    logs.configure(level, style, access_log=access_log, stream=stream)
    return stream


def test_text_names_the_camera_and_quotes_what_needs_it() -> None:
    stream = configured()
    log.info("connected to %s", "it", extra={"camera": "garden", "seconds": 0.25, "note": 'a "b"', "codec": "h264"})
    (line,) = stream.getvalue().splitlines()
    moment, rest = line.split(" ", 1)
    assert moment.startswith("time=20")
    assert moment.endswith("Z")
    assert rest == (
        'level=info camera=garden message="connected to it" seconds=0.25 note="a \\"b\\"" codec=h264 '
        "logger=onlooker.test_logs"
    )


def test_json_is_one_object_a_line() -> None:
    stream = configured("json")
    log.warning("zwei\nZeilen", extra={"camera": "tür", "viewers": 3})
    (line,) = stream.getvalue().splitlines()
    event = json.loads(line)
    assert event.pop("time").endswith("Z")
    assert event == {
        "level": "warning",
        "camera": "tür",
        "message": "zwei\nZeilen",
        "viewers": 3,
        "logger": "onlooker.test_logs",
    }


@pytest.mark.parametrize("style", ["text", "json"])
def test_an_exception_is_still_one_line_and_without_its_password(style: Literal["text", "json"]) -> None:
    stream = configured(style)
    try:
        raise ValueError("cannot open rtsp://me:hunter2@cam/x")
    except ValueError:
        log.exception("failed on rtsp://me:hunter2@cam/x", extra={"url": "http://cam/?token=hunter2"})
    (line,) = stream.getvalue().splitlines()
    assert "hunter2" not in line
    assert "ValueError" in line
    assert "Traceback" in line


def test_a_line_break_cannot_forge_an_event() -> None:
    stream = configured()
    log.info("name\ntime=0 level=error")
    assert len(stream.getvalue().splitlines()) == 1


def test_uvicorn_speaks_through_it_and_access_is_off_by_default() -> None:
    stream = configured()
    logging.getLogger("uvicorn.access").info("GET /")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").error("broke")
    (line,) = stream.getvalue().splitlines()
    assert "message=broke" in line
    stream = configured(access_log=True)
    logging.getLogger("uvicorn.access").info("GET /")
    assert 'message="GET /"' in stream.getvalue()


def test_the_level_is_kept() -> None:
    stream = configured(level="error")
    log.warning("quiet")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/s/mkQz8Yh27aTr", "/s/***"),
        ("/cams/s/mkQz8Yh27aTr", "/cams/s/***"),
        ("/upload?token=mkQz8Yh27aTr", "/upload?token=***"),
        ("/upload?a=1&token=mkQz8Yh27aTr&b=2", "/upload?a=1&token=***&b=2"),
        ("/login?next=%2Fupload%3Ftoken%3DmkQz8Yh27aTr", "/login?next=%2Fupload%3Ftoken%3D***"),
        ("/login?next=%2Fs%2FmkQz8Yh27aTr", "/login?next=%2Fs%2F***"),
        ("/albums/shared/i/mkQz8Yh27aTr/320.webp", "/albums/shared/i/mkQz8Yh27aTr/320.webp"),
    ],
)
def test_the_access_log_shows_no_token(asked: str, kept: str) -> None:
    stream = configured(access_log=True)
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "192.0.2.7:5", "POST", asked, "1.1", 404)
    assert f"POST {kept} HTTP/1.1" in stream.getvalue()
