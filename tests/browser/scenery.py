"""Draws what cameras might see, as folders of JPEGs, so that screenshots show pictures that are nobody's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1280, 720)
FRAMES = 12
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """A place at an hour: sky from top to horizon, the ground from far to near, and what stands on it."""

    sky: tuple[Colour, Colour]
    ground: tuple[Colour, Colour]
    sun: tuple[float, float] | None = None
    water: bool = False
    houses: bool = False
    trees: bool = False
    snow: bool = False


SCENES = {
    "harbour": Scene(((46, 62, 112), (252, 176, 128)), ((92, 82, 120), (30, 34, 58)), sun=(0.62, 0.47), water=True),
    "garden": Scene(((122, 178, 214), (234, 240, 226)), ((132, 164, 122), (34, 66, 44)), trees=True),
    "street": Scene(((16, 22, 44), (82, 70, 112)), ((52, 48, 82), (18, 18, 32)), houses=True),
    "ridge": Scene(((94, 146, 196), (248, 226, 202)), ((158, 166, 192), (52, 70, 102)), sun=(0.3, 0.3)),
    "forest": Scene(((196, 208, 206), (236, 232, 216)), ((150, 172, 164), (24, 46, 44)), trees=True),
    "roof": Scene(((138, 156, 184), (226, 230, 238)), ((206, 214, 226), (150, 164, 186)), houses=True, snow=True),
    "beach": Scene(((62, 136, 186), (214, 234, 238)), ((64, 142, 166), (228, 208, 172)), sun=(0.8, 0.2), water=True),
    "dunes": Scene(((238, 148, 108), (252, 214, 158)), ((220, 150, 104), (120, 62, 58)), sun=(0.45, 0.42)),
}


def draw(scene: str, folder: Path) -> None:
    """Write a short loop of a scene as numbered JPEGs."""
    folder.mkdir(parents=True)
    still = landscape(SCENES[scene], Random(scene))
    for number in range(FRAMES):
        _moment(still, number / FRAMES).save(folder / f"{number:03}.jpg", quality=88)


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def landscape(scene: Scene, chance: Random) -> Image.Image:
    """A scene, still."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE)
    pencil = ImageDraw.Draw(picture)
    horizon = round(height * 0.56)
    for y in range(height):
        pencil.line((0, y, width, y), fill=_mix(*scene.sky, min(1.0, y / horizon)))
    if scene.sun:
        picture = _sunlit(picture, scene.sun)
        pencil = ImageDraw.Draw(picture)
    if scene.water:
        _water(pencil, scene, horizon, chance)
    else:
        for layer in range(5):
            _hill(pencil, scene, layer, chance)
    grain = Image.effect_noise(SIZE, 9).convert("RGB")
    return ImageChops.overlay(picture.filter(ImageFilter.GaussianBlur(0.8)), Image.blend(grain, picture, 0.6))


def _sunlit(picture: Image.Image, place: tuple[float, float]) -> Image.Image:
    glow = Image.new("RGB", SIZE)
    x, y = place[0] * SIZE[0], place[1] * SIZE[1]
    for radius, light in ((330, 26), (170, 46), (84, 84), (40, 255)):
        layer = Image.new("RGB", SIZE)
        shade = (light, round(light * 0.9), round(light * 0.72))
        ImageDraw.Draw(layer).ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
        glow = ImageChops.screen(glow, layer.filter(ImageFilter.GaussianBlur(radius / 3 if radius > 50 else 2)))
    return ImageChops.screen(picture, glow)


def _water(pencil: ImageDraw.ImageDraw, scene: Scene, horizon: int, chance: Random) -> None:
    width, height = SIZE
    for y in range(horizon, height):
        pencil.line((0, y, width, y), fill=_mix(*scene.ground, (y - horizon) / (height - horizon)))
    for _ in range(420):
        depth = chance.random() ** 1.5
        y = horizon + 2 + depth * (height - horizon)
        x = (scene.sun[0] if scene.sun else 0.5) * width + chance.gauss(0, 70 + 220 * depth)
        half = 8 + 60 * depth * chance.random()
        tint = _mix(_mix(*scene.ground, depth), scene.sky[1], 0.5 * (1 - depth))
        pencil.line((x - half, y, x + half, y), fill=tint, width=1 + round(3 * depth))
    dark, light = _mix(scene.ground[1], (0, 0, 0), 0.4), _mix(scene.sky[1], (255, 255, 255), 0.4)
    for x, size in ((0.2, 1.0), (0.34, 0.6)):
        left, base = x * width, horizon + 40 * size
        hull = [(0, 0), (90, 0), (74, 16), (14, 16)]
        sail = [(42, -120), (42, -6), (86, -6)]
        pencil.polygon([(left + across * size, base + down * size) for across, down in hull], fill=dark)
        pencil.polygon([(left + across * size, base + down * size) for across, down in sail], fill=light)


def _hill(pencil: ImageDraw.ImageDraw, scene: Scene, layer: int, chance: Random) -> None:
    width, height = SIZE
    base = height * (0.46 + 0.115 * layer)
    waves = [(chance.uniform(90, 320), chance.uniform(0, 6.3), chance.uniform(6, 30)) for _ in range(4)]
    tint = _mix(*scene.ground, layer / 4)

    def top(x: float) -> float:
        return base + sum(rise * math.sin(x / length + phase) for length, phase, rise in waves) * (1 - 0.12 * layer)

    pencil.polygon([(0, height), *((x, top(x)) for x in range(0, width + 8, 8)), (width, height)], fill=tint)
    if scene.trees and layer > 0:
        for _ in range(26 - 3 * layer):
            x, size = chance.uniform(0, width), (26 + 30 * layer) * chance.uniform(0.7, 1.3)
            foot = top(x) + 6
            shape = [(x, foot - 6 - 2 * size), (x - size * 0.42, foot), (x + size * 0.42, foot)]
            pencil.polygon(shape, fill=_mix(tint, (10, 26, 22), 0.22))
    if scene.houses and layer in (1, 2, 3):
        _row_of_houses(pencil, scene, layer, tint, top(width / 2), chance)


def _row_of_houses(
    pencil: ImageDraw.ImageDraw, scene: Scene, layer: int, tint: Colour, ground: float, chance: Random
) -> None:
    x = -chance.uniform(0, 60)
    while x < SIZE[0]:
        wide, high = chance.uniform(70, 130) * (0.6 + 0.3 * layer), chance.uniform(60, 150) * (0.5 + 0.35 * layer)
        wall = _mix(tint, (12, 14, 28), 0.25 if not scene.snow else 0.5)
        pencil.rectangle((x, ground - high, x + wide, SIZE[1]), fill=wall)
        roof = (238, 242, 248) if scene.snow else _mix(wall, (0, 0, 0), 0.3)
        eaves = ground - high
        pencil.polygon([(x - 6, eaves), (x + wide / 2, eaves - wide * 0.4), (x + wide + 6, eaves)], fill=roof)
        for row in range(int(high // 34)):
            for column in range(int(wide // 30)):
                if chance.random() < 0.42:
                    left, upper = x + 10 + column * 28, ground - high + 10 + row * 32
                    pencil.rectangle((left, upper, left + 11, upper + 15), fill=(255, 214, 138))
        x += wide + chance.uniform(0, 26)


def _moment(still: Image.Image, share: float) -> Image.Image:
    picture = still.copy()
    pencil = ImageDraw.Draw(picture)
    for bird in range(5):
        x = (share + 0.13 * bird + 0.2) % 1 * SIZE[0]
        y = SIZE[1] * (0.2 + 0.02 * bird) + 6 * math.sin(6.28 * share * 2 + bird)
        flap = 5 * math.sin(6.28 * share * 4 + bird)
        pencil.line((x - 9, y - flap, x, y, x + 9, y - flap), fill=(40, 42, 52), width=2)
    return picture
