"""The arithmetic of the pages, run where it lives: the reader of the live stream, the layout, the walk."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage, ServeHub

pytestmark = pytest.mark.browser

READ = """async (sizes) => {
  const { MultipartReader } = await import('/static/multipart.js');
  const head = (name, length) =>
    `Content-Type: image/jpeg\\r\\nContent-Length: ${length}\\r\\nX-Camera: ${name}\\r\\n\\r\\n`;
  const next = '\\r\\n--frame\\r\\n';
  const text = next.trimStart() + head('a', 5) +
    '\\r\\n\\r\\n-' + next + head('b', 0) + next + head('c', 3) + 'end' + next;
  const bytes = new TextEncoder().encode(text);
  const found = [];
  for (const size of sizes) {
    const reader = new MultipartReader();
    const parts = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(...reader.push(bytes.subarray(at, at + size)));
    found.push(parts.map(({ headers, body }) => [headers.get('x-camera'), new TextDecoder().decode(body)]));
  }
  return found;
}"""

REFUSE = """async (text) => {
  const { MultipartReader } = await import('/static/multipart.js');
  try { new MultipartReader().push(new TextEncoder().encode(text)); } catch (error) { return error.message; }
  return null;
}"""

PLACE = """async ([counts, spaces]) => {
  const { place } = await import('/static/layout.js');
  return spaces.flatMap((space) => counts.map((count) => ({ count, space, ...place(count, space) })));
}"""

NEAREST = """async ([key, from, rects]) => {
  const { nearest } = await import('/static/walk.js');
  return nearest(key, from, rects);
}"""


async def test_the_reader_gives_the_same_parts_for_every_split(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    found = await tab.evaluate(READ, [1, 2, 3, 7, 50, 10_000])
    assert found == [[["a", "\r\n\r\n-"], ["b", ""], ["c", "end"]]] * 6


async def test_the_reader_bounds_what_it_believes(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    assert "Content-Length" in await tab.evaluate(REFUSE, "--frame\r\nContent-Type: image/jpeg\r\n\r\n")
    assert "Content-Length" in await tab.evaluate(REFUSE, "--frame\r\nContent-Length: 999999999\r\n\r\n")
    assert "Content-Length" in await tab.evaluate(REFUSE, "--frame\r\nContent-Length: -1\r\n\r\n")
    assert "header" in await tab.evaluate(REFUSE, "x" * 9000)


async def test_every_wall_fits_without_overlap(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    sizes = [(312, 500), (352, 680), (740, 300), (1272, 740), (1912, 1020), (3832, 2090)]
    spaces = [{"width": width, "height": height, "gap": 4} for width, height in sizes]
    plans = await tab.evaluate(PLACE, [list(range(1, 37)), spaces])
    assert len(plans) == 36 * len(sizes)
    for plan in plans:
        space, tiles = plan["space"], plan["tiles"]
        assert len(tiles) == plan["count"]
        for index, tile in enumerate(tiles):
            assert tile["left"] > -0.5
            assert tile["left"] + tile["width"] < space["width"] + 0.5
            assert tile["width"] / tile["height"] == pytest.approx(16 / 9, rel=0.03)
            assert tile["width"] >= 150
            assert not any(_overlap(tile, other) for other in tiles[:index])
        if not plan["scrolls"]:
            assert max(tile["top"] + tile["height"] for tile in tiles) < space["height"] + 1.5
        covered = sum(tile["width"] * tile["height"] for tile in tiles)
        if space["width"] > 1000:
            assert not plan["scrolls"]
            assert covered > 0.45 * space["width"] * space["height"]


def _overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    across = min(a["left"] + a["width"], b["left"] + b["width"]) - max(a["left"], b["left"])
    down = min(a["top"] + a["height"], b["top"] + b["height"]) - max(a["top"], b["top"])
    return across > 0.5 and down > 0.5


async def test_arrows_find_the_nearest_of_large_and_small_tiles(serve_hub: ServeHub, open_page: OpenPage) -> None:
    tab = await open_page(serve_hub(""), "/login", login=False)
    # One large tile on the left, three small ones to its right, three below.
    spots = [(0, 0, 2), (2, 0, 1), (2, 1, 1), (0, 2, 1), (1, 2, 1), (2, 2, 1)]
    rects = [{"left": x * 160, "top": y * 90, "width": s * 160, "height": s * 90} for x, y, s in spots]
    walks = [("ArrowRight", 0, 1), ("ArrowDown", 1, 2), ("ArrowLeft", 2, 0), ("ArrowDown", 2, 5), ("ArrowUp", 3, 0)]
    walks += [("ArrowRight", 2, 3), ("ArrowUp", 0, None), ("ArrowLeft", 0, None), ("End", 0, 5), ("x", 0, None)]
    for key, start, end in walks:
        assert await tab.evaluate(NEAREST, [key, start, rects]) == end, (key, start)
    assert await tab.evaluate(NEAREST, ["ArrowDown", -1, rects]) == 0
    assert await tab.evaluate(NEAREST, ["ArrowDown", 0, []]) is None
