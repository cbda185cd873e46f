"""Logging: one line an event, as key=value text or JSON, naming the camera and never showing a password.

A part logs with the standard library: `log.info("connected", extra={"camera": name, "seconds": 0.2})`; what is in
`extra` becomes keys of the line.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from onlooker.formats.urls import MASK, redacted_text

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
# What opens an album for whoever reads it: the token of a share link, or of an upload URL, also quoted in a `next=`.
_LINKS = re.compile(r"((?:/|%2F)s(?:/|%2F)|(?:[?&]|%3F|%26)token(?:=|%3D))[\w.~-]+", re.IGNORECASE)
_NOISY = ("asyncio", "libav", "watchfiles", "PIL", "aiohttp", "alembic")


def configure(
    level: str = "info",
    style: Literal["text", "json"] = "text",
    *,
    access_log: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Send everything, uvicorn's own lines included, to `stream` (standard error) in one style.

    Give uvicorn `log_config=None`, so that it leaves this as it is.
    """
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("uvicorn.access").disabled = not access_log
    # uvicorn tells every start and stop in five lines; the hub says the same in one of its own.
    logging.getLogger("uvicorn.error").setLevel(max(root.level, logging.WARNING))
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(True)


class _Lines(logging.Formatter):
    """What both styles share: the fields of an event, every text among them redacted as a last line of defence."""

    def fields(self, record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
        yield (
            "time",
            datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )
        yield "level", record.levelname.lower()
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if "camera" in extra:
            yield "camera", extra.pop("camera")
        yield "message", _safe(record.getMessage())
        for name, value in extra.items():
            yield name, value if isinstance(value, int | float | None) else _safe(str(value))
        yield "logger", record.name
        if record.exc_info and record.exc_info[1] is not None:
            yield "error", _safe(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
            yield "trace", _safe("".join(traceback.format_exception(record.exc_info[1])))


def _safe(text: str) -> str:
    return redacted_text(_LINKS.sub(rf"\g<1>{MASK}", text))


class TextLines(_Lines):
    """`time=… level=info camera=garden message="connected" …`: easy on the eye and on grep."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{name}={self._quoted(value)}" for name, value in self.fields(record))

    @staticmethod
    def _quoted(value: Any) -> str:
        text = f"{value:g}" if isinstance(value, float) else str(value)
        plain = text.isprintable() and not any(sign in text for sign in ' "=') and text
        return text if plain else json.dumps(text, ensure_ascii=False)


class JsonLines(_Lines):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(dict(self.fields(record)), ensure_ascii=False)
