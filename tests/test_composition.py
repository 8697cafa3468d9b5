"""Composition of images, on images of which everything is known."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from generated import DATASETS, environment
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from benchmark.encoders import encoder
from benchmark.encoders.pixels.composition import MEASURES, Composition, measured
from benchmark.encoders.pixels.quality import MEASURES as QUALITY_MEASURES
from benchmark.encoders.pixels.quality import measured as quality_measured

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 256, 192


def told(pixels: Pixels) -> dict[str, float]:
    return dict(zip(MEASURES, measured(pixels), strict=True))


def quality(pixels: Pixels) -> dict[str, float]:
    return dict(zip(QUALITY_MEASURES, quality_measured(pixels), strict=True))


def blob(x: float, y: float, colour: tuple[int, int, int] = (220, 60, 30)) -> Pixels:
    """A disk of a twelfth of the width on grey, its centre told in shares of the sides."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (120, 120, 120))
    middle_x, middle_y, radius = x * WIDTH, y * HEIGHT, WIDTH / 12
    box = (middle_x - radius, middle_y - radius, middle_x + radius, middle_y + radius)
    ImageDraw.Draw(image).ellipse(box, fill=colour)
    return np.asarray(image)


def sea(degrees: float, *, contrast: int = 110, noise: float = 0, at: float = 0.5) -> Pixels:
    """A bright sky over a dark sea whose horizon rises to the right by so many degrees; smooth edges."""
    y, x = np.mgrid[: 4 * HEIGHT, : 4 * WIDTH]
    line = 4 * HEIGHT * at - (x - 2 * WIDTH) * math.tan(math.radians(degrees))
    fine = np.where(y < line, 200, 200 - contrast).astype(np.float64)
    grey = fine.reshape(HEIGHT, 4, WIDTH, 4).mean(axis=(1, 3))
    grey += np.random.default_rng(0).normal(0, noise, grey.shape) if noise else 0
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def grain(spread: float, seed: int = 0) -> Pixels:
    values = np.random.default_rng(seed).normal(128, spread, (HEIGHT, WIDTH, 3))
    return np.clip(values, 0, 255).astype(np.uint8)


# The subject


@pytest.mark.parametrize(("x", "y"), [(1 / 3, 1 / 3), (2 / 3, 1 / 3), (0.5, 0.5), (0.2, 0.75), (0.85, 0.6)])
def test_the_subject_is_where_it_was_drawn(x: float, y: float) -> None:
    found = told(blob(x, y))
    assert found["subject_x"] == pytest.approx(x, abs=0.02)
    assert found["subject_y"] == pytest.approx(y, abs=0.02)


def test_a_subject_on_a_crossing_of_thirds_is_off_by_nothing_and_one_in_the_middle_by_half() -> None:
    on, middle, corner = (told(blob(x, y)) for x, y in ((2 / 3, 1 / 3), (0.5, 0.5), (0.08, 0.1)))
    assert on["off_thirds"] < 0.04
    assert middle["off_thirds"] == pytest.approx(0.5, abs=0.03)
    assert corner["off_thirds"] > 0.7


def test_a_subject_in_the_middle_has_the_saliency_there() -> None:
    assert told(blob(0.5, 0.5))["centred"] > 0.6
    assert told(blob(0.15, 0.2))["centred"] < 0.1


def test_a_subject_that_differs_in_colour_alone_is_found() -> None:
    # 0.299 x 180 + 0.587 x 95 + 0.114 x 93 is about 120: luminance sees nothing.
    found = told(blob(0.7, 0.35, colour=(180, 95, 93)))
    assert (found["subject_x"], found["subject_y"]) == (
        pytest.approx(0.7, abs=0.03),
        pytest.approx(0.35, abs=0.03),
    )


# The horizon


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [-15, -7.5, -3, -1, 0, 0.5, 2, 4.2, 10, 18])
def test_the_tilt_of_a_horizon_is_found_to_a_fifth_of_a_degree(degrees: float) -> None:
    found = told(sea(degrees))
    assert found["tilt"] == pytest.approx(degrees, abs=0.2)
    assert found["horizon"] > 0.9


@pytest.mark.parametrize("degrees", [-8, -2, 3, 12])
def test_a_faint_horizon_in_grain_is_found_to_two_degrees(degrees: float) -> None:
    found = told(sea(degrees, contrast=40, noise=12, at=0.6))
    assert found["tilt"] == pytest.approx(degrees, abs=2)
    assert found["horizon"] > 0.5


def test_an_upright_edge_grain_and_an_even_image_have_no_horizon() -> None:
    upright = np.ascontiguousarray(sea(0)[:, :192].transpose(1, 0, 2))
    even = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for pixels in (upright, grain(40), even):
        assert told(pixels)["horizon"] < 0.2


def test_a_short_level_edge_is_no_horizon() -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    pixels[80:100, 100:150] = 200
    assert told(pixels)["horizon"] < 0.3


# Clutter, symmetry, shape


def test_grain_that_is_coarse_enough_to_see_is_clutter_and_a_plain_surface_is_not() -> None:
    even = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    assert told(even)["clutter"] == 0
    assert told(grain(3))["clutter"] < 0.05
    coarse = np.asarray(Image.fromarray(grain(60)[::8, ::8]).resize((WIDTH, HEIGHT)))
    assert told(coarse)["clutter"] > 0.5


def test_more_things_are_more_clutter_however_dark_the_image_is() -> None:
    few, many = (
        Image.new("RGB", (WIDTH, HEIGHT), (40, 90, 160)),
        Image.new("RGB", (WIDTH, HEIGHT), (40, 90, 160)),
    )
    rng = np.random.default_rng(3)
    for image, things in ((few, 4), (many, 40)):
        for x, y in zip(rng.uniform(0, WIDTH, things), rng.uniform(0, HEIGHT, things), strict=True):
            ImageDraw.Draw(image).rectangle((x, y, x + 14, y + 14), fill=(200, 180, 90))
    assert told(np.asarray(many))["clutter"] > 3 * told(np.asarray(few))["clutter"]
    dark = (np.asarray(many) // 4).astype(np.uint8)
    assert told(dark)["clutter"] == pytest.approx(told(np.asarray(many))["clutter"], rel=0.1)


def test_a_mirrored_image_has_the_mirrored_subject_and_tilt_and_the_rest_alike() -> None:
    pixels = np.maximum(sea(6), blob(0.3, 0.3))
    plain, mirrored = told(pixels), told(np.ascontiguousarray(pixels[:, ::-1]))
    assert mirrored["subject_x"] == pytest.approx(1 - plain["subject_x"], abs=1e-3)
    assert mirrored["tilt"] == pytest.approx(-plain["tilt"], abs=0.1)
    for name in ("subject_y", "off_thirds", "centred", "clutter", "horizon", "symmetry", "aspect"):
        assert mirrored[name] == pytest.approx(plain[name], abs=2e-3), name


def test_symmetry_is_1_of_a_symmetric_image_and_negative_of_a_half_lit_one() -> None:
    assert told(blob(0.5, 0.3))["symmetry"] > 0.98
    half = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    half[:, WIDTH // 2 :] = 255
    assert told(half)["symmetry"] == pytest.approx(-1)
    assert told(np.full((HEIGHT, WIDTH, 3), 90, np.uint8))["symmetry"] == 1


# The measures of technical quality, on the same kind of images


def test_blur_grain_and_darkness_move_the_measures_that_they_should() -> None:
    picture = Image.fromarray(np.maximum(sea(3, contrast=60, noise=4), blob(0.4, 0.4)))
    plain = quality(np.asarray(picture))
    blurred = quality(np.asarray(picture.filter(ImageFilter.GaussianBlur(3))))
    grainy = quality(
        np.clip(
            np.asarray(picture) + np.random.default_rng(1).normal(0, 15, (HEIGHT, WIDTH, 1)), 0, 255
        ).astype(np.uint8)
    )
    dark = quality((np.asarray(picture) // 5).astype(np.uint8))
    flat = quality((128 + (np.asarray(picture).astype(float) - 128) / 4).astype(np.uint8))
    assert blurred["sharpness"] < plain["sharpness"] - 1
    assert grainy["noise"] > plain["noise"] + 8
    assert dark["brightness"] < plain["brightness"] / 3
    assert flat["contrast"] < plain["contrast"] / 3
    assert flat["colourfulness"] < plain["colourfulness"] / 2


# As an encoder


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2), (2000, 30)])
def test_images_of_any_shape_have_finite_measures(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, (200, 30, 30)).save(tmp_path / "odd.png")
    vectors, ok, _ = Composition().encode([tmp_path / "odd.png"])
    assert ok.all()
    assert np.isfinite(vectors).all()


def test_a_broken_image_and_none_have_zeros_and_the_others_the_same_numbers_each_time(tmp_path: Path) -> None:
    Image.fromarray(blob(0.3, 0.6)).save(tmp_path / "sound.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "sound.png").read_bytes()[:200])
    chosen = encoder("bundled", "composition")
    items = [tmp_path / "sound.png", None, tmp_path / "broken.png"]
    vectors, ok, _ = chosen.encode(items)
    assert ok.tolist() == [True, False, False]
    assert not vectors[~ok].any()
    assert (vectors.shape, vectors.dtype) == ((3, len(MEASURES)), np.float16)
    np.testing.assert_array_equal(vectors, chosen.encode(items).vectors)


def test_the_size_of_a_file_does_not_matter(tmp_path: Path) -> None:
    Image.fromarray(sea(5)).save(tmp_path / "small.png")
    Image.fromarray(sea(5)).resize((4 * WIDTH, 4 * HEIGHT), Image.Resampling.BICUBIC).save(
        tmp_path / "large.png"
    )
    small, large = Composition().encode([tmp_path / "small.png", tmp_path / "large.png"]).vectors
    np.testing.assert_allclose(small, large, atol=0.05)


# On the demo photos, whose looks are planted

DRAW = """
import json, sys
sys.path[:0] = [sys.argv[1] + "/demo_flickr", sys.argv[1] + "/generators"]
import drawing, planted
from streams import stream

world, told, place = planted.plant(300, 0), [], {}

def noting(painter):
    def paint(pen, x, y, extent, look):
        place.update(x=x / drawing.CANVAS, y=y / drawing.CANVAS)
        painter(pen, x, y, extent, look)
    return paint

drawing.SUBJECT_PAINTERS = {name: noting(one) for name, one in drawing.SUBJECT_PAINTERS.items()}
for post in range(300):
    look = drawing.look_of(world.looks, post)
    drawing.draw(look, stream(world.seed, "image", post)).save(f"{sys.argv[2]}/{post}.png")
    told.append(place | {"clutter": look.clutter, "off_centre": look.off_centre, "subject": look.subject})
print(json.dumps(told))
"""


@pytest.mark.slow
def test_on_the_demo_photos_subjects_and_clutter_are_found_as_they_were_planted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DRAW, str(DATASETS), str(tmp_path)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    planted = pd.DataFrame(json.loads(done.stdout))
    vectors = Composition().encode([tmp_path / f"{post}.png" for post in range(300)]).vectors
    found = pd.DataFrame(vectors.astype(float), columns=list(MEASURES))
    off = np.hypot(found.subject_x - planted.x, found.subject_y - planted.y)
    by_subject = planted.groupby("subject").clutter
    rank = found.clutter.groupby(planted.subject).rank(pct=True).corr(by_subject.rank(pct=True))
    sure = found.horizon > 0.4
    told = {
        "median distance of the subject, in sides": float(off.median()),
        "correlation of its place from the left": float(found.subject_x.corr(planted.x)),
        "of how far it is from the middle": float(
            (found.subject_x - 0.5).abs().corr((planted.x - 0.5).abs())
        ),
        "rank correlation of clutter, among pictures of one subject": float(rank),
        "share in which a horizon is found": float(sure.mean()),
        "of these, share in which it is level to 2 degrees": float((found.tilt.abs() < 2)[sure].mean()),
    }
    print(json.dumps(told, indent=1))
    distance, across, middle, clutter, known, level = told.values()
    assert distance < 0.09
    assert across > 0.65
    assert middle > 0.6
    assert clutter > 0.5
    assert known > 0.7
    assert level > 0.9
