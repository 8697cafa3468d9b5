"""Pictures that show what the planted model looks at."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from content import SUBJECTS, Looks
from layout import image_path, parts, user_ids
from PIL import Image, ImageDraw
from planted import World
from streams import stream

SIDE = 128
"""Pixels. Drawn at twice that size and reduced, for smooth edges."""
CANVAS = 2 * SIDE
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """One entry of `Looks`."""

    subject: str
    brightness: float
    saturation: float
    warmth: float
    size: float
    off_centre: float
    clutter: float


def write_images(world: World, folder: Path, progress: Callable[[str], None], count: int) -> None:
    """The JPEGs of so many posts, chosen at random where that is not all, where the path files say they
    are."""
    uids, done, n = user_ids(world), 0, len(world.timeline.pid)
    chosen = np.zeros(n, bool)
    chosen[stream(world.seed, "pictures").permutation(n)[:count]] = True
    for part in parts(world):
        for post in part.posts[chosen[part.posts]].tolist():
            pid = int(world.timeline.pid[post])
            path = folder / image_path(part.name, uids[world.timeline.user[post]], str(pid))
            path.parent.mkdir(parents=True, exist_ok=True)
            image = draw(look_of(world.looks, post), stream(world.seed, "image", pid))
            image.save(path, format="JPEG", quality=85, subsampling=0, optimize=False, progressive=False)
            done += 1
            if done % 500 == 0:
                progress(f"{done} images")


def look_of(looks: Looks, post: int) -> Look:
    numbers = (looks.brightness, looks.saturation, looks.warmth, looks.size, looks.off_centre, looks.clutter)
    return Look(SUBJECTS[looks.subject[post]], *(float(values[post]) for values in numbers))


def draw(look: Look, rng: np.random.Generator) -> Image.Image:
    """[SIDE, SIDE] RGB: a sky and a ground, clutter, and the subject; place and details are random."""
    image = _background(look)
    pen = ImageDraw.Draw(image)
    for _ in range(round(look.clutter * 22)):
        x, y, extent = rng.uniform(0, CANVAS), rng.uniform(0.3 * CANVAS, CANVAS), rng.uniform(6, 22)
        pen.rectangle(
            (x, y, x + extent, y + extent), fill=_colour(look, rng.uniform(0.25, 0.9), rng.uniform(-0.1, 0.1))
        )
    side = rng.choice([-1, 1])
    x = CANVAS * (0.5 + side * look.off_centre / 6) + rng.normal(0, 4)
    y = CANVAS * 0.55 + rng.normal(0, 5)
    SUBJECT_PAINTERS[look.subject](pen, x, y, CANVAS * (0.12 + 0.22 * look.size), look)
    small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX))
    grain = rng.integers(-4, 5, (SIDE, SIDE, 1), dtype=np.int8)
    return Image.fromarray(np.clip(small + grain.astype(np.int16), 0, 255).astype(np.uint8))


def _background(look: Look) -> Image.Image:
    """A gradient for the sky, another for the ground below the horizon."""
    ramp = np.linspace(0, 1, CANVAS)[:, None]
    horizon = 0.68
    top, low, ground = (np.array(_colour(look, *tone)) for tone in ((0.55, 0.0), (0.95, 0.02), (0.45, 0.06)))
    sky = top + (low - top) * np.minimum(ramp / horizon, 1)
    rows = np.where(ramp < horizon, sky, ground * (1.15 - 0.4 * ramp))
    column = Image.fromarray(np.clip(rows, 0, 255).astype(np.uint8)[:, None, :])
    return column.resize((CANVAS, CANVAS), Image.Resampling.NEAREST)


def _colour(look: Look, tone: float, hue_shift: float = 0.0) -> Colour:
    """A colour of the picture's palette; `tone` in [0, 1] is its lightness relative to the whole picture."""
    hue = (0.60 - 0.52 * look.warmth + hue_shift) % 1.0
    lightness = min(0.08 + 0.92 * tone * (0.25 + 0.85 * look.brightness), 0.97)
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.05 + 0.9 * look.saturation)
    return round(255 * red), round(255 * green), round(255 * blue)


def _sun(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    fill = _colour(look, 1.0, 0.5)
    for ray in range(12):
        angle = ray * math.pi / 6
        tip = (x + 1.5 * extent * math.cos(angle), y + 1.5 * extent * math.sin(angle))
        pen.line((x, y, *tip), fill=fill, width=6)
    pen.ellipse(_box(x, y, extent, extent), fill=fill)


def _tree(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    pen.rectangle(_box(x, y + extent, extent * 0.15, extent * 0.7), fill=_colour(look, 0.25))
    for step in range(3):
        top, width = y - extent + step * extent * 0.5, extent * (0.5 + 0.2 * step)
        pen.polygon(
            ((x, top), (x - width, top + extent * 0.8), (x + width, top + extent * 0.8)),
            fill=_colour(look, 0.5, 0.3),
        )


def _house(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    pen.rectangle(_box(x, y + extent * 0.4, extent, extent * 0.7), fill=_colour(look, 0.8, 0.5))
    roof = ((x - extent * 1.2, y - extent * 0.3), (x, y - extent * 1.1), (x + extent * 1.2, y - extent * 0.3))
    pen.polygon(roof, fill=_colour(look, 0.3, 0.45))
    pen.rectangle(_box(x, y + extent * 0.75, extent * 0.2, extent * 0.35), fill=_colour(look, 0.15))
    for side in (-0.6, 0.6):
        pen.rectangle(
            _box(x + side * extent, y + extent * 0.3, extent * 0.18, extent * 0.18), fill=_colour(look, 1.0)
        )


def _mountain(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    top, foot = y - extent * 1.2, y + extent
    for shift, height, tone in ((-0.9, 0.5, 0.45), (0.9, 0.4, 0.4), (0.0, 0.0, 0.3)):
        peak = (x + shift * extent, top + height * extent)
        pen.polygon(
            (peak, (peak[0] - extent * 1.3, foot), (peak[0] + extent * 1.3, foot)), fill=_colour(look, tone)
        )
    pen.polygon(
        ((x, top), (x - extent * 0.35, top + extent * 0.6), (x + extent * 0.35, top + extent * 0.6)),
        fill=_colour(look, 1.1),
    )


def _person(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    pen.polygon(
        ((x, y - extent * 0.2), (x - extent * 0.8, y + extent * 1.3), (x + extent * 0.8, y + extent * 1.3)),
        fill=_colour(look, 0.4, 0.5),
    )
    pen.ellipse(_box(x, y - extent * 0.6, extent * 0.5, extent * 0.6), fill=_colour(look, 0.9, 0.45))
    for side in (-0.2, 0.2):
        pen.ellipse(
            _box(x + side * extent, y - extent * 0.7, extent * 0.08, extent * 0.08), fill=_colour(look, 0.1)
        )
    pen.arc(
        _box(x, y - extent * 0.5, extent * 0.25, extent * 0.25), 20, 160, fill=_colour(look, 0.1), width=4
    )


def _flower(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    pen.line((x, y, x, y + extent * 1.6), fill=_colour(look, 0.35, 0.3), width=8)
    for petal in range(7):
        angle = petal * 2 * math.pi / 7
        centre = x + 0.65 * extent * math.cos(angle), y + 0.65 * extent * math.sin(angle)
        pen.ellipse(_box(*centre, extent * 0.42, extent * 0.42), fill=_colour(look, 0.75, 0.5))
    pen.ellipse(_box(x, y, extent * 0.35, extent * 0.35), fill=_colour(look, 1.0, 0.1))


def _boat(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    hull = ((-1.2, 0.4), (1.2, 0.4), (0.7, 1.0), (-0.7, 1.0))
    pen.polygon([(x + dx * extent, y + dy * extent) for dx, dy in hull], fill=_colour(look, 0.3, 0.5))
    pen.line((x, y - extent * 1.2, x, y + extent * 0.4), fill=_colour(look, 0.15), width=6)
    sail = ((0.1, -1.2), (0.1, 0.25), (1.0, 0.25))
    pen.polygon([(x + dx * extent, y + dy * extent) for dx, dy in sail], fill=_colour(look, 1.1))


def _towers(pen: ImageDraw.ImageDraw, x: float, y: float, extent: float, look: Look) -> None:
    for shift, height in ((-0.9, 0.9), (-0.3, 1.5), (0.3, 1.1), (0.9, 1.7)):
        middle, half = x + shift * extent, extent * 0.26
        pen.rectangle(
            (middle - half, y + extent - height * extent * 1.2, middle + half, y + extent),
            fill=_colour(look, 0.3),
        )
        for floor in range(4):
            level = y + extent - height * extent * 1.2 * (0.2 + 0.2 * floor)
            pen.rectangle(_box(middle, level, half * 0.5, extent * 0.05), fill=_colour(look, 1.0, 0.1))


def _box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, float, float, float]:
    return x - half_width, y - half_height, x + half_width, y + half_height


SUBJECT_PAINTERS = {
    "sun": _sun,
    "tree": _tree,
    "house": _house,
    "mountain": _mountain,
    "person": _person,
    "flower": _flower,
    "boat": _boat,
    "towers": _towers,
}
