"""Where photos lie: every template that is taken keeps them inside the folder, under names that every system takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onlooker.archive.layout import Layout
from onlooker.archive.options import ArchiveOptions
from onlooker.config import file_template
from onlooker.config.names import NAME_PATTERN

FIELDS = "%Y, %y, %m, %d, %j, %b, %B, %a, %A, %G, %V, %u, %H, %I, %p, %M, %S"
INSIDE = "every photo lies inside of the archive's folder"


@pytest.mark.parametrize(
    "template",
    [
        ArchiveOptions(Path()).files,
        "%Y",
        "%Y/%m/%d/{album}_%H%M%S",
        "{album}/{album}-%j %p",
        "%G-W%V/100%%_%S",
        ".thumbs/Größe %B",
        "{album}/%H.%M.%S",
        "console/%Y",
    ],
)
def test_taken(template: str) -> None:
    assert file_template.checked(template) == template


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("", f"has no field of the day or the time, as in “{{album}}/%Y_%m_%d/%H_%M_%S”. Allowed: {FIELDS}"),
        ("{album}/%%Y", f"has no field of the day or the time, as in “{{album}}/%Y_%m_%d/%H_%M_%S”. Allowed: {FIELDS}"),
        ("%Y/%Q", f"“%Q” is not a field it takes. Allowed: {FIELDS}, and %% for a percent sign"),
        ("%-d", f"“%-” is not a field it takes. Allowed: {FIELDS}, and %% for a percent sign"),
        ("%Y%", f"“%” is not a field it takes. Allowed: {FIELDS}, and %% for a percent sign"),
        ("%c", f"“%c” is not a field it takes. Allowed: {FIELDS}, and %% for a percent sign"),
        ("{camera}/%Y", "“{camera}” is not allowed. The only placeholder is {album}"),
        ("{album.__class__}/%Y", "“{album.__class__}” is not allowed. The only placeholder is {album}"),
        ("{album!r}%Y", "“{album!r}” is not allowed. The only placeholder is {album}"),
        ("{{album}}/%Y", "“{” is not allowed. The only placeholder is {album}"),
        ("%Y}", "“}” is not allowed. The only placeholder is {album}"),
        ("/%Y", f"may not begin with “/”: {INSIDE}"),
        ("../%Y", f"“..” is not allowed: {INSIDE}"),
        ("{album}/../../%Y", f"“..” is not allowed: {INSIDE}"),
        ("%Y\\%m", "“\\” is not allowed. Write / between folders"),
        ("C:/%Y", "“:” is not allowed: Windows cannot have it in the name of a file"),
        ("%Y\n", "“\\n” is not allowed: Windows cannot have it in the name of a file"),
        ("%Y\0", "“\\x00” is not allowed: Windows cannot have it in the name of a file"),
        ("%H//%M", "has a folder or file without a name: a “/” too many"),
        ("%Y/", "has a folder or file without a name: a “/” too many"),
        ("./%Y", "has a name that begins or ends with a space, or ends with a dot: Windows cannot have that"),
        ("%Y /%m", "has a name that begins or ends with a space, or ends with a dot: Windows cannot have that"),
        ("%Y.", "has a name that begins or ends with a space, or ends with a dot: Windows cannot have that"),
        ("Aux/%Y", "“Aux” is not allowed: for Windows it is a device, not a file"),
        ("com1.%%/%Y", "“com1.%” is not allowed: for Windows it is a device, not a file"),
        ("{album}" * 4 + "%Y", "makes a name of more than 200 bytes. Put a “/” between, or leave something out"),
        ("%A" * 23, "makes a name of more than 200 bytes. Put a “/” between, or leave something out"),
    ],
)
def test_refused(template: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        file_template.checked(template)
    assert str(caught.value) == said


PIECES = st.sampled_from(
    [
        "{album}",
        "%",
        "%%",
        "/",
        "..",
        ".",
        " ",
        "\\",
        ":",
        "-",
        "x",
        "{",
        "}",
        "ß",
        "CON",
        *("%" + f for f in "YmdHMSBAQ"),
    ]
)
TEMPLATES = st.lists(PIECES | st.characters(), max_size=8).map("".join)


@given(TEMPLATES, st.from_regex(NAME_PATTERN, fullmatch=True), st.integers(0, 250_000_000_000), st.none() | st.just(90))
@example("%Y", "a", 1_800_000_000, 90)
def test_what_is_taken_stays_inside(template: str, album: str, taken: int, offset: int | None) -> None:
    try:
        file_template.checked(template)
    except ValueError:
        return
    layout = Layout(Path("/data"), template)
    path = layout.free_path(album, taken * 1_000_000, offset, "jpeg", lambda _: ())
    assert layout.archive in layout.place(path).resolve().parents
    assert layout.place(path).as_posix() == f"/data/archive/{path}"
    for name in path.split("/"):
        assert 0 < len(name.encode()) < 250
        assert not re.search(r'[<>:"\\|?*\x00-\x1f]', name)
        assert name == name.strip(" ")
        assert not name.endswith(".")
