"""Words can always be drawn, whatever letters they have and whatever fonts the computer has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from onlooker.formats import lettering


@pytest.fixture
def no_system_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(lettering, "_SYSTEM_FONTS", ("no-such-font.ttf",))
    lettering._system_font.cache_clear()
    yield
    lettering._system_font.cache_clear()


@pytest.mark.usefixtures("no_system_font")
def test_without_a_system_font_letters_are_spelled_plainly() -> None:
    assert lettering.drawable("Café – Größe, Łódź") == "Cafe - Grosse, Lodz"
    assert lettering.font(20, "Cafe").getlength("Cafe") > 0


def test_plain_words_stay() -> None:
    assert lettering.drawable("No live video since 14:03:05") == "No live video since 14:03:05"


def test_words_are_wrapped_and_cut_to_the_width() -> None:
    face = lettering.font(20)
    rows = lettering.wrapped("one two three four five six seven eight nine ten", face, 120, 2)
    assert len(rows) == 2
    assert rows[1].endswith("...")
    assert all(face.getlength(row) <= 120 for row in rows)
    assert lettering.wrapped("", face, 120, 2) == []
