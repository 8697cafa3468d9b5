"""Plots: files that can be opened, whatever the numbers and the names in them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from baselines.parts import plots as _plots

RNG = np.random.default_rng(0)
SHAP, FEATURES = RNG.normal(size=(200, 30)), RNG.normal(size=(200, 30))
NAMES = [f"feature_{i}" for i in range(30)]

DRAWINGS: dict[str, Callable[[Path], None]] = {
    "learning curve": lambda path: _plots.learning_curve(
        path, {"train": [3, 2, 1], "l2": [3, 2.5, 2.4, 2.6], "l1": [3, 2.9]}, 3, "round"
    ),
    "bars": lambda path: _plots.bars(path, NAMES, SHAP[0], "Importance", "gain"),
    "SHAP values": lambda path: _plots.shap_summary(path, SHAP, FEATURES, NAMES),
    "heat map": lambda path: _plots.heatmap(
        path, SHAP[:3, :8], NAMES[:8], NAMES[:3], "Attention", unit="weight"
    ),
    "large heat map": lambda path: _plots.heatmap(path, SHAP, NAMES, ["row"] * 200, "Attention"),
    "lines": lambda path: _plots.lines(
        path,
        [1, 2],
        {"a": [1, 2], "b": [2, 1]},
        "By lag",
        xlabel="lag",
        ylabel="w",
        bands={"a": ([0, 1], [2, 3])},
    ),
    # What a cell may come up with.
    "curve of one epoch": lambda path: _plots.learning_curve(path, {"holdout": [1.0]}, 1, "epoch"),
    "curve of no epoch": lambda path: _plots.learning_curve(path, {"holdout": []}, 0, "epoch"),
    "curve with a NaN": lambda path: _plots.learning_curve(path, {"train": [np.nan, 1]}, 0, "epoch"),
    "bars of nothing": lambda path: _plots.bars(path, ["a", "b"], [0, 0], "Importance", "gain"),
    "one feature that never varies": lambda path: _plots.shap_summary(
        path, np.zeros((5, 1)), np.full((5, 1), np.nan), ["constant"]
    ),
    "heat map with a gap": lambda path: _plots.heatmap(path, [[np.nan, 1.0]], ["a", "b"], ["c"], "Attention"),
    "names that look like formulas, or are long": lambda path: _plots.bars(
        path, ["$x", "a$b$", "_" * 90], [1, 2, 3], "$", "$\\frac"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_plot_is_an_image_and_draws_without_a_warning(tmp_path: Path, name: str) -> None:
    path, look = tmp_path / "plot.png", dict(matplotlib.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DRAWINGS[name](path)
    with Image.open(path) as image:
        image.load()
        assert image.format == "PNG"
        assert min(image.size) >= 100 and max(image.size) <= 1400
        assert len(image.convert("RGB").getcolors(2**24) or []) > 2
    assert dict(matplotlib.rcParams) == look  # nothing is left behind for whoever plots next


@pytest.mark.slow
def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        DRAWINGS["SHAP values"](tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_posts_with_the_same_contribution_lie_beside_each_other_and_inside_their_row() -> None:
    heights = _plots._swarm(np.repeat([0.0, 1.0, 2.0], [60, 1, 7]))
    assert len(np.unique(heights[:60])) == 60
    assert heights[60] == 0
    assert np.abs(heights).max() <= 0.4


def test_the_colour_is_the_rank_of_the_value_and_equal_values_have_equal_colours() -> None:
    ranks = _plots._ranks(np.array([5.0, np.nan, -1.0, 5.0, 1e9]))
    np.testing.assert_allclose(ranks, [0.5, np.nan, 0, 0.5, 1])


def test_a_first_epoch_that_was_far_off_does_not_flatten_the_curve() -> None:
    low, high = _plots._span([[1e6, *np.linspace(2, 1, 50)], [1.5] * 50])
    assert low < 1 and 2 < high < 10
