"""The board of a run store, and the tables that it is made of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from stored import derived

from leaderboard.board.write import write_board
from leaderboard.tables.scores import leaderboard


def table(runs: Path, measure: str | None = "mae") -> pd.DataFrame:
    board = leaderboard(derived(runs))
    return board if measure is None else board[board["measure"] == measure].set_index("baseline")


def board_of(runs: Path) -> str:
    """Write the board of a run store, where nothing is published; its LEADERBOARD.md."""
    write_board(runs, runs / "board", runs / "nothing")
    return (runs / "board" / "LEADERBOARD.md").read_text()
