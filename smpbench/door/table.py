"""Table: the rows that stand beside each other on one task, run here or published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from benchmark.outside.handout import Question
from benchmark.run.cell import Cell
from benchmark.run.store import Store
from benchmark.run.truth import stored_truth
from leaderboard.board.merged import RESULTS, joined
from leaderboard.board.places import published_folder
from leaderboard.publishing.results import Published
from leaderboard.publishing.sound import sound_results
from leaderboard.tables.rows import NAME, Row, read_rows
from leaderboard.tables.scores import leaderboard as board_of
from leaderboard.tables.table import Derived

if TYPE_CHECKING:
    from smpbench.door.about import About

COLUMNS = {
    "row": "row",
    "target": "target",
    "measure": "measure",
    "score": "score",
    "score_low": "low",
    "score_high": "high",
    "skill": "skill",
    "rank": "rank",
    "delta_best": "delta_best",
    "delta_best_low": "delta_best_low",
    "delta_best_high": "delta_best_high",
    "seeds": "seeds",
    "status": "status",
}
"""Of the board, and what they are called here."""


def leaderboard(task: About) -> pd.DataFrame:
    """The table of one task: every row that was run here or published on the same posts.

    Returns:
        A line a (row, target, measure), in the order of rank: `row`, `target`, `measure`, `score` with the
        ends `low` and `high` of its 95% interval, `skill`, `rank`, the paired difference to the best row
        (`delta_best` with its interval), `seeds`, `status`. What `smpbench board` writes, of this task.
    """
    rows = rows_of(task)
    board = board_of([Derived(rows)] if rows else [])
    board.insert(0, "row", [called(dict(line)) for line in board[NAME].to_dict("records")])
    order = {target: place for place, target in enumerate(task.targets)}
    return (
        board[list(COLUMNS)]
        .rename(columns=COLUMNS)
        .assign(place=board["target"].map(order))
        .sort_values(["place", "measure", "rank"], kind="stable")
        .drop(columns="place")
        .reset_index(drop=True)
    )


def rows_of(task: About) -> list[Row]:
    """The rows of a task on its posts as they are now, with the replicates to pair them."""
    runs, table = task.home / "runs", (task.dataset, task.name, task.protocol)
    here = [row for row in read_rows(runs) if _of(row, table, task.truth_key)]

    def read() -> list[Published]:
        every = sound_results(published_folder() / RESULTS, [runs]).rows
        return [one for one in every if _of(one.row, table, task.truth_key)]

    published = read()
    if not all(one.row.labelled for one in published):
        _labels_at_hand(task)
        published = read()
    beside = [one.row for one in joined(here, published)]
    return sorted([*here, *beside], key=lambda row: row.name)


def _of(row: Row, table: tuple[str, str, str], truth_key: str) -> bool:
    return row.about.table == table and row.about.truth_key == truth_key


def called(name: dict[str, object]) -> str:
    """A row by the values of its name, as the command line takes it: `lightgbm:+history`."""
    variant = "" if name["variant"] == "default" else f":{name['variant']}"
    profile = "" if name["profile"] in ("none", "bundled") else f" ({name['profile']})"
    return f"{name['baseline']}{variant}{profile}{' with crawl-time columns' if name['crawl'] else ''}"


def name_of(row: Row) -> dict[str, object]:
    return dict(zip(NAME, row.name, strict=True))


def _labels_at_hand(task: About) -> None:
    """Store the labels of a task on which nothing was run here, from which published scores are derived."""
    question = Question.of(task.card, task.home, task.name, task.protocol)
    cell = Cell(task.dataset, task.name, task.protocol, "", "", 0, "none", False)
    stored_truth(Store(task.home / "runs"), cell, task.truth_key, question.posts, question.windows)
