"""The arithmetic of the album's page, run where it lives: rows that fill the width, and the blurred pictures."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage, ServeHub

pytestmark = pytest.mark.browser

JUSTIFY = """async ([aspects, widths]) => {
  const { justify, rowHeight } = await import('/static/justify.js');
  return widths.map((width) => {
    const height = rowHeight(width, aspects.length);
    return { width, wished: height, ...justify(aspects, { width, height, gap: 6 }) };
  });
}"""

DECODE = """async (hash) => {
  const { decode } = await import('/static/thumbhash.js');
  const found = decode(hash);
  return found && [found.width, found.height, [...found.pixels.slice(0, 4)], [...found.pixels.slice(-4)]];
}"""


async def test_rows_fill_the_width_in_order_and_keep_aspects(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    for count in (0, 1, 2, 7, 40, 300):
        aspects = [(0.75, 1.33, 1.5, 0.56, 1.78, 1.0, 3.2)[number * 5 % 7] for number in range(count)]
        for plan in await tab.evaluate(JUSTIFY, [aspects, [328, 360, 768, 1232, 3800]]):
            tiles, width = plan["tiles"], plan["width"]
            assert len(tiles) == count
            rows: dict[int, list[dict[str, float]]] = {}
            for tile, aspect in zip(tiles, aspects, strict=True):
                rows.setdefault(tile["top"], []).append(tile)
                assert tile["width"] / tile["height"] == pytest.approx(aspect, rel=0.05)
            assert list(rows) == sorted(rows)
            for number, row in enumerate(rows.values()):
                right = 0
                for tile in row:
                    assert tile["left"] >= right
                    right = tile["left"] + tile["width"] + 5
                assert right - 5 <= width + 1
                if number < len(rows) - 1:
                    assert right - 5 == pytest.approx(width, abs=2)
                assert row[0]["height"] < 2 * plan["wished"]
            bottom = max((tile["top"] + tile["height"] for tile in tiles), default=0)
            assert plan["height"] == bottom


# Decoded with the author's own JavaScript (npm: thumbhash 0.1.1); the hashes are those of formats/test_thumbhash.py.
@pytest.mark.parametrize(
    ("text", "picture"),
    [
        ("m0cKLZR2dnhwh3d6d2eHiIeAifhn", [32, 23, [98, 0, 85, 255], [135, 227, 122, 255]]),
        ("m0cKLRRnh3B3p4dnd3d4eHiAifln", [23, 32, [105, 0, 85, 255], [146, 224, 140, 255]]),
        ("nDeGFQY1l4bAhmp4d5fAifZjkIeHeId4eA==", [32, 32, [115, 84, 113, 3], [154, 188, 141, 220]]),
        ("WkcKKZB1ZWZwh5d3p4B6+Fc=", [32, 5, [58, 0, 53, 255], [152, 209, 115, 255]]),
    ],
)
async def test_a_thumbhash_is_drawn_as_its_author_draws_it(
    serve_hub: ServeHub, open_page: OpenPage, text: str, picture: list[object]
) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    width, height, first, last = await tab.evaluate(DECODE, text)
    assert [width, height] == picture[:2]
    assert [*first, *last] == pytest.approx([*picture[2], *picture[3]], abs=1)  # type: ignore[misc]


async def test_what_is_no_thumbhash_draws_nothing(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    for text in ("", "!!", "AAA="):
        assert await tab.evaluate(DECODE, text) is None
