"""`archive.files`: where a photo's file lies, said by fields of its time; checked so that every system can hold it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# Fields that every system's strftime writes alike, without a sign that a name of a file cannot have.
FIELDS = ("Y", "y", "m", "d", "j", "b", "B", "a", "A", "G", "V", "u", "H", "I", "p", "M", "S")
_FIELD = re.compile(r"%(.?)", re.DOTALL)
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')  # on Windows
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LONGEST_NAME = 200  # bytes; systems take 255, and a number and the extension come behind it
_LONGEST_ALBUM = "a" * 63
_LONGEST_DATE = datetime(2026, 9, 30, 23, 59, 59, tzinfo=UTC)  # a Wednesday in September


def checked(template: str) -> str:
    """The template as it is; ValueError says what is wrong with it."""
    for found in _FIELD.finditer(template):
        if found[1] not in (*FIELDS, "%"):
            raise ValueError(f"“{found[0]}” is not a field it takes. Allowed: {_allowed()}, and %% for a percent sign")
    for found in _BRACES.finditer(template):
        if found[0] != "{album}":
            raise ValueError(f"“{found[0]}” is not allowed. The only placeholder is {{album}}")
    if not any(found[1] in FIELDS for found in _FIELD.finditer(template)):
        raise ValueError(
            f"has no field of the day or the time, as in “{{album}}/%Y_%m_%d/%H_%M_%S”. Allowed: {_allowed()}"
        )
    if "\\" in template:
        raise ValueError("“\\” is not allowed. Write / between folders")
    if template.startswith("/"):
        raise ValueError("may not begin with “/”: every photo lies inside of the archive's folder")
    if sign := _NOT_IN_NAMES.search(template):
        raise ValueError(f"“{repr(sign[0])[1:-1]}” is not allowed: Windows cannot have it in the name of a file")
    for name in _LONGEST_DATE.strftime(template.replace("{album}", _LONGEST_ALBUM)).split("/"):
        _check_name(name)
    return template


def _check_name(name: str) -> None:
    if name == "..":
        raise ValueError("“..” is not allowed: every photo lies inside of the archive's folder")
    if not name:
        raise ValueError("has a folder or file without a name: a “/” too many")
    if name != name.strip(" ") or name.endswith("."):
        raise ValueError("has a name that begins or ends with a space, or ends with a dot: Windows cannot have that")
    if _DEVICES.fullmatch(name):
        raise ValueError(f"“{name}” is not allowed: for Windows it is a device, not a file")
    if len(name.encode()) > _LONGEST_NAME:
        raise ValueError(f"makes a name of more than {_LONGEST_NAME} bytes. Put a “/” between, or leave something out")


def _allowed() -> str:
    return ", ".join(f"%{field}" for field in FIELDS)
