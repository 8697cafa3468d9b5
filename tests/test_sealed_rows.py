"""Whether a row was sealed is on the board, in the row and in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from raw_layouts import write_csv
from table_sets import rows, table_card
from worlds import BASELINES, World

from benchmark.run.store import Store
from benchmark.sealing.landlock import version
from benchmark.sealing.seal import SWITCH
from leaderboard.board.write import write_board
from leaderboard.tables.rows import Row
from leaderboard.tables.sealed import EARLIER, sealed, sealed_in_words

pytestmark = pytest.mark.usefixtures("preloaded")


def rows_of(world: World) -> list[Row]:
    return [Row((stored,)) for stored in Store(world.home / "runs").results()]


@pytest.mark.slow
def test_a_row_and_the_board_say_whether_the_kernel_kept_baselines_to_what_they_were_handed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    world.run(BASELINES / "global_median.py")
    monkeypatch.setenv(SWITCH, "off")
    world.run(BASELINES / "user_median.py")
    answers = {row.about.baseline: sealed(row) for row in rows_of(world)}
    assert answers["user_median"] == f"no: switched off by {SWITCH}=off"
    if version():
        assert answers["global_median"] == "yes"
        assert sealed_in_words(rows_of(world)) == (
            "Sealed: 1 of 2 rows. The kernel did not keep the others from labels and raw files: "
            f"1 switched off by {SWITCH}=off."
        )


@pytest.mark.slow
def test_a_row_of_an_earlier_time_says_that_it_is_one(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    world.run(BASELINES / "global_median.py")
    (stored,) = world.results().values()
    run = stored.run.model_copy(update={"sealed": None, "unsealed": None})
    object.__setattr__(stored, "result", stored.result.model_copy(update={"run": run}))
    assert sealed(Row((stored,))) == f"no: {EARLIER}"
    assert sealed_in_words([Row((stored,))]).endswith(f"raw files: 1 {EARLIER}.")


@pytest.mark.slow
def test_what_the_screen_for_leaks_has_warned_of_stands_with_the_row_and_over_its_tables(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(0)
    content = rows(300)
    for row in content:
        row["text"] = "hello"
        row["width"] = int(100 * (np.log1p(row["likes"]) + rng.normal(0, 0.4)))
    write_csv(tmp_path / "raw" / "mine.csv", content)
    world = World(table_card(tmp_path), tmp_path / "data")
    summary = world.run(BASELINES / "global_median.py")
    assert not summary.problems
    for stored in world.results().values():
        assert any(line.startswith("column 'width' tells the label 'likes'") for line in stored.run.may_leak)
    write_board(world.home / "runs", tmp_path / "board", tmp_path / "none")
    assert "May leak: column 'width' tells the label" in (tmp_path / "board" / "LEADERBOARD.md").read_text()


@pytest.mark.slow
def test_the_board_says_how_the_posts_of_a_data_set_were_chosen(tmp_path: Path) -> None:
    chosen = "Selected on the outcome: nothing but hits."
    card = table_card(tmp_path, selection=chosen)
    write_csv(tmp_path / "raw" / "mine.csv", rows(120))
    world = World(card, tmp_path / "home")
    world.run(BASELINES / "global_median.py")
    assert {row.about.selection for row in rows_of(world)} == {chosen}
    write_board(world.home / "runs", tmp_path / "board", tmp_path / "none")
    assert f"Selection: {chosen}" in (tmp_path / "board" / "LEADERBOARD.md").read_text()
