"""A camera's smaller stream: used where the picture is seen small, and never in the way of the picture."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from onlooker.clock import ManualClock
from onlooker.errors import NoPicture, SourceLost, SourceRefused
from onlooker.live.hub import Hub
from onlooker.live.small import GIVEN_UP
from onlooker.live.status import ORIGINAL, Rendition, State
from tests.live.scripted import Notebook, Script, frame, picture, settle

TILE = Rendition(640)
LARGE, SMALL = (1280, 960), (640, 480)


class House:
    """A hub with one camera that has two streams."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.main, self.small = Script(), Script()

    async def start(self, **plan: object) -> None:
        await self.hub.apply([self.main.plan(small=self.small, stall_after=1e9, **plan)])
        self.camera = self.hub.camera("garden")

    def watch(self, rendition: Rendition = TILE) -> Notebook:
        viewer = Notebook()
        self.hub.watch(viewer, ["garden"], rendition)
        return viewer

    async def see(self, viewer: Notebook, script: Script, number: int, size: tuple[int, int]) -> None:
        """A picture of that stream reaches the viewer."""
        script.steps.put_nowait(frame(number, self.clock.now(), size))
        await settle(lambda: any(picture(number, size) in part for part in viewer.seen))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.hub.close()
    assert (made.main.open, made.small.open) == (0, 0), "a source was not released"


async def test_a_tile_opens_the_small_stream_and_a_page_the_large_one(house: House) -> None:
    await house.start()
    tile = house.watch()
    await house.see(tile, house.small, 1, SMALL)
    assert (house.small.runs, house.main.runs) == (1, 0)
    assert b"X-Camera: garden" in tile.seen[-1]
    page = house.watch(ORIGINAL)
    await house.see(page, house.main, 2, LARGE)
    assert not any(picture(2, LARGE) in part for part in tile.seen)
    tile.close()
    await house.clock.advance(60)
    await settle(lambda: house.small.open == 0)
    assert house.main.open == 1


async def test_what_it_says_of_itself_is_about_what_is_watched(house: House) -> None:
    await house.start()
    tiles = [house.watch(), house.watch()]
    await house.see(tiles[0], house.small, 1, SMALL)
    status = house.camera.status()
    assert (status.state, status.width, status.viewers, status.frames_in) == (State.LIVE, 640, 2, 1)
    assert status.last_frame_at is not None
    page = house.watch(ORIGINAL)
    await house.see(page, house.main, 2, LARGE)
    status = house.camera.status()
    assert (status.state, status.width, status.viewers, status.frames_in) == (State.LIVE, 1280, 3, 2)
    assert house.camera.figures().frames_out == 3


@pytest.mark.parametrize("error", [SourceLost("It is gone."), SourceRefused("There is one stream only.")])
async def test_where_it_fails_its_viewers_get_the_camera_itself(house: House, error: Exception) -> None:
    await house.start()
    tile = house.watch()
    await house.see(tile, house.small, 1, SMALL)
    house.small.steps.put_nowait(error)
    await house.see(tile, house.main, 2, SMALL)
    assert not tile.closed
    other = house.watch()
    await house.see(other, house.main, 3, SMALL)
    assert house.small.runs == 1
    tile.close()
    other.close()
    await house.clock.advance(GIVEN_UP + 1)
    again = house.watch()
    await house.see(again, house.small, 4, SMALL)


async def test_a_viewer_that_left_meanwhile_is_not_brought_back(house: House) -> None:
    await house.start()
    tile = house.watch()
    await house.see(tile, house.small, 1, SMALL)
    tile.close()
    house.small.steps.put_nowait(SourceLost("It is gone."))
    await settle(lambda: house.small.open == 0)
    assert house.main.runs == 0
    assert house.camera.status().viewers == 0


async def test_one_that_turns_out_too_narrow_is_not_asked_for_more(house: House) -> None:
    await house.start()
    tile = house.watch()
    await house.see(tile, house.small, 1, SMALL)
    wide = house.watch(Rendition(1280))
    house.main.steps.put_nowait(frame(2, house.clock.now(), LARGE))
    await settle(lambda: house.main.runs == 1)
    await settle(lambda: bool(wide.seen))


async def test_a_small_still_comes_from_the_small_stream_and_otherwise_from_the_camera(house: House) -> None:
    await house.start()
    house.small.steps.put_nowait(frame(1, house.clock.now(), SMALL))
    still, _ = await house.camera.still(TILE, 5.0)
    assert still.data == picture(1, SMALL)
    assert house.main.runs == 0
    house.small.steps.put_nowait(SourceLost("It is gone."))
    await settle(lambda: house.small.open == 0)
    house.main.steps.put_nowait(frame(2, house.clock.now(), SMALL))
    still, _ = await house.camera.still(TILE, 5.0)
    assert still.data == picture(2, SMALL)
    house.main.steps.put_nowait(SourceRefused("It is broken."))
    await settle(lambda: house.camera.state is State.REFUSED)
    with pytest.raises(NoPicture):
        await house.camera.still(TILE, 5.0)


async def test_another_title_keeps_the_viewers_and_another_stream_begins_anew(house: House) -> None:
    await house.start()
    tile = house.watch()
    await house.see(tile, house.small, 1, SMALL)
    await house.hub.apply([house.main.plan(small=house.small, stall_after=1e9, title="Yard")])
    await house.see(tile, house.small, 2, SMALL)
    assert house.hub.camera("garden") is house.camera
    await house.hub.apply([house.main.plan(stall_after=1e9, fingerprint="other")])
    assert tile.closed
    page = house.watch()
    await house.see(page, house.main, 3, SMALL)
    assert house.small.open == 0
