"""What becomes of pairs of rows that one seed has set apart, once there are more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored import NOISE, put

from leaderboard.board.write import write_board
from leaderboard.page.page import embedded
from tools.tables.seeds import Counts, counts, spreads


def page(folder: Path, *rows: tuple[str, list[float], str]) -> dict[str, Any]:
    """Of a store of these rows: name, the MAE of each seed, family."""
    for name, errors, family in rows:
        for seed, mae in enumerate(errors):
            put(folder / "runs", name, mae, seed=seed, family=family, noise=NOISE)
    write_board(folder / "runs", folder / "board", folder / "nothing")
    return embedded((folder / "board" / "index.html").read_text())


@pytest.mark.slow
def test_pairs_are_counted_that_stay_apart_turn_or_cannot_be_told_any_more(tmp_path: Path) -> None:
    naive = ("recent_median", [2.0], "naive")
    old = page(
        tmp_path / "old",
        naive,
        ("sure", [1.0], "trees"),
        ("lucky", [0.9], "neural"),
        ("thrice", [1.5, 1.5, 1.5], "neural"),
    )
    new = page(
        tmp_path / "new",
        naive,
        ("sure", [1.0, 1.0, 1.0], "trees"),
        ("lucky", [0.9, 1.2, 0.9], "neural"),
        ("thrice", [1.5, 1.5, 1.5], "neural"),
    )
    (found,) = counts(old, new)
    # Each of `sure` and `lucky` with the other three; of which `sure` and `lucky` cannot be told by now.
    assert found == Counts("posts/likes/frozen", pairs=5, once=5, still=4, turned=0, newly=0)
    assert list(counts(new, new)) == [], "no row has got more seeds"
    assert list(counts(old, old)) == []
    assert spreads(new) == {
        "sure": [0.0],
        "lucky": [pytest.approx(np.std([0.9, 1.2, 0.9], ddof=1))],
        "thrice": [0.0],
    }


@pytest.mark.slow
def test_a_pair_that_comes_out_the_other_way_is_told(tmp_path: Path) -> None:
    old = page(tmp_path / "old", ("one", [1.0], "trees"), ("other", [1.1], "trees"))
    new = page(tmp_path / "new", ("one", [1.2, 1.2], "trees"), ("other", [1.1, 1.1], "trees"))
    turned = [Counts("posts/likes/frozen", 1, 1, 0, 1, 0)]
    assert list(counts(old, new)) == turned
    (entry,) = new["pairs"]
    entry["rows"].reverse()
    of = entry["ends"]["likes"]["mae"]
    of["low"], of["high"] = [-of["high"][0]], [-of["low"][0]]
    assert list(counts(old, new)) == turned, "whichever of the two a page has first"
