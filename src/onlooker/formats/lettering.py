"""Words in pictures: a typeface that is always there, and words turned into what it can draw."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# What the typeface inside Pillow has none of, in the order in which systems have one that does.
_SYSTEM_FONTS = ("DejaVuSans.ttf", "Arial.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf")

_SPELLED = str.maketrans(
    {"–": "-", "—": "-", "×": "x", "ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"}
)


def font(size: float, text: str = "") -> Font:
    """A typeface of `size` pixels that can draw `text`, once `drawable`; its digits are all equally wide."""
    name = None if text.isascii() else _system_font()
    return ImageFont.load_default(max(6, size)) if name is None else ImageFont.truetype(name, max(6, size))


def drawable(text: str) -> str:
    """The text in letters that `font` can draw: where only Pillow's own typeface is there, “é” becomes “e”."""
    if text.isascii() or _system_font() is not None:
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).encode("ascii", "replace").decode()


def wrapped(text: str, face: Font, width: float, lines: int) -> list[str]:
    """The words of `text` in at most `lines` lines that are no wider than `width`; what is too much ends in “...”."""
    rows: list[str] = []
    for word in text.split():
        if rows and face.getlength(f"{rows[-1]} {word}") <= width:
            rows[-1] = f"{rows[-1]} {word}"
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], f"{rows[lines - 1]} ..."]
    return [_cut(row, face, width) for row in rows]


def _cut(row: str, face: Font, width: float) -> str:
    if face.getlength(row) <= width:
        return row
    while row and face.getlength(f"{row}...") > width:
        row = row[:-1]
    return f"{row}..."


@lru_cache(maxsize=1)
def _system_font() -> str | None:
    for name in _SYSTEM_FONTS:
        try:
            ImageFont.truetype(name, 10)
        except OSError:
            continue
        return name
    return None
