"""Table: the rows that stand beside each other on one task, run here or published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from benchmark.outside.handout import Question
from benchmark.run.cell import Cell
from benchmark.run.store import Store
from benchmark.run.truth import stored_truth
from leaderboard.board.merged import RESULTS, joined
from leaderboard.board.write import board_folder
from leaderboard.publishing.results import read_published
from leaderboard.publishing.seed import labelled
from leaderboard.tables.rows import NAME, Row, identity, read_rows
from leaderboard.tables.scores import leaderboard as board_of

if TYPE_CHECKING:
    from smpbench.door.about import About

COLUMNS = {
    "row": "row",
    "target": "target",
    "metric": "metric",
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
        A line a (row, target, metric), in the order of rank: `row`, `target`, `metric`, `score` with the
        ends `low` and `high` of its 95% interval, `skill`, `rank`, the paired difference to the best row
        (`delta_best` with its interval), `seeds`, `status`. What `smpbench board` writes, of this task.
    """
    board = board_of(rows_of(task))
    board.insert(0, "row", [called(dict(line)) for line in board[NAME].to_dict("records")])
    order = {target: place for place, target in enumerate(task.targets)}
    return (
        board[list(COLUMNS)]
        .rename(columns=COLUMNS)
        .assign(place=board["target"].map(order))
        .sort_values(["place", "metric", "rank"], kind="stable")
        .drop(columns="place")
        .reset_index(drop=True)
    )


def rows_of(task: About) -> list[Row]:
    """The rows of a task on its posts as they are now, with the replicates to pair them."""
    runs, table = task.home / "runs", (task.dataset, task.name, task.protocol)
    here = [row for row in read_rows(runs) if row.table == table and row.truth_key == task.truth_key]

    def read() -> list[Row]:
        every = read_published(board_folder(task.home) / RESULTS, [runs])
        return [row for row in every if row.table == table and row.truth_key == task.truth_key]

    if not all(map(labelled, published := read())):
        _labels_at_hand(task)
        published = read()
    return sorted([*here, *joined(here, published)], key=identity)


def called(name: dict[str, object]) -> str:
    """A row by the values of its name, as the command line takes it: `lightgbm:+history`."""
    variant = "" if name["variant"] == "default" else f":{name['variant']}"
    encoders = "" if name["encoders"] in ("none", "bundled") else f" ({name['encoders']})"
    return f"{name['baseline']}{variant}{encoders}{' with crawl-time columns' if name['crawl'] else ''}"


def name_of(row: Row) -> dict[str, object]:
    return dict(zip(NAME, identity(row), strict=True))


def _labels_at_hand(task: About) -> None:
    """Store the labels of a task on which nothing was run here, from which published scores are derived."""
    question = Question.of(task.card, task.home, task.name, task.protocol)
    cell = Cell(task.dataset, task.name, task.protocol, "", "", 0, "none", False)
    stored_truth(Store(task.home / "runs"), cell, task.truth_key, question.posts, question.windows)
