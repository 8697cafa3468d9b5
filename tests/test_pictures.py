"""Pictures of a row: what is drawn of its predictions, and that no single post can be read off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from stored import EVENT, derived, published, put_predictions

from benchmark.scores.measures import measure
from benchmark.scores.measures.measure import Predicted
from leaderboard.publishing.pictures import (
    FEWEST,
    WIDTH,
    Pictures,
    _histogram,
    _reliability,
    pictures_of,
    read_pictures,
    small,
    write_pictures,
)
from leaderboard.publishing.results import read_published


def test_a_picture_shows_no_single_post() -> None:
    y = np.append(np.zeros(50), [9.0, 9.1])
    found = _histogram(y, y)
    assert found.cells and all(posts >= FEWEST for _, _, posts in found.cells)
    assert (found.low, found.high) != (y.min(), y.max())


def test_reliability_is_the_share_of_what_happened_by_what_was_foretold_and_of_no_single_post() -> None:
    foretold = np.array([0.21, 0.23, 0.22, 0.22, 0.95, 1.0, 1.0, 0.5])
    happened = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    assert _reliability(foretold, happened) == ((0.22, 0.25, 4), (0.8625, 1.0, 4))
    assert _reliability(foretold[:5], happened[:5]) == ((0.366, 0.4, 5),), "no two bins of three posts"
    assert _reliability(foretold[:2], happened[:2]) == ()


def test_reliability_is_drawn_in_the_bins_of_the_calibration_error() -> None:
    rng = np.random.default_rng(0)
    foretold = rng.beta(1, 9, 500)
    happened = (rng.random(500) < 2 * foretold).astype(np.float64)
    steps = _reliability(foretold, happened)
    assert [posts for _, _, posts in steps] == [50] * 10
    drawn = sum(posts * abs(share - told) for told, share, posts in steps) / 500
    expected = measure("calibration_error").value(happened, Predicted.of(foretold))
    assert drawn == pytest.approx(expected, rel=1e-4)


def test_of_a_number_predictions_are_held_against_labels_and_of_an_event_against_how_often_it_happened(
    tmp_path: Path,
) -> None:
    put_predictions(tmp_path, "model", 0.5)
    put_predictions(tmp_path, "model", 0.5, dataset="viral", **EVENT)
    posts, viral = (pictures_of(table.rows[0]).drawn for table in derived(tmp_path))
    assert posts and list(posts.against) == ["likes"] and not posts.reliability
    assert [level for level, _ in posts.calibration["likes"]] == [0.1, 0.5, 0.9]
    assert viral and list(viral.reliability) == ["likes"] and not viral.against
    steps = viral.reliability["likes"]
    assert [foretold for foretold, _, _ in steps] == sorted(foretold for foretold, _, _ in steps)
    assert steps[-1][1] > steps[0][1], "what is foretold happens more often"


def test_pictures_that_were_published_are_read_again_where_no_label_is(tmp_path: Path) -> None:
    put_predictions(tmp_path / "runs", "model", 0.5)
    (row,) = (one for table in derived(tmp_path / "runs") for one in table.rows)
    (one,) = read_published(published(tmp_path / "runs", tmp_path))
    assert pictures_of(one.row, one.folder) == pictures_of(row)
    assert pictures_of(one.row).drawn is None, "there is nothing to draw it of"


def test_a_row_that_was_not_scored_has_nothing_drawn(tmp_path: Path) -> None:
    put_predictions(tmp_path / "runs", "looker", status="skipped", reason="needs image")
    (row,) = (one for table in derived(tmp_path / "runs") for one in table.rows)
    assert pictures_of(row) == Pictures()


@pytest.mark.parametrize("size", [(1200, 600), (200, 100)])
def test_a_plot_is_brought_into_a_small_form_and_never_enlarged(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    Image.new("RGBA", size, "white").save(tmp_path / "curve.png")
    pictures = Pictures(None, {"curve": small(tmp_path / "curve.png")})
    assert write_pictures(pictures, tmp_path) == ["plots/curve.webp"]
    assert read_pictures(tmp_path) == pictures
    with Image.open(tmp_path / "plots" / "curve.webp") as drawn:
        assert drawn.size == (min(WIDTH, size[0]), min(WIDTH, size[0]) // 2)
