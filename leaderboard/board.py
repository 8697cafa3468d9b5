"""Board: leaderboard.csv, slices.csv and LEADERBOARD.md, written from a run store or held against it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmark import PROJECT
from benchmark.files import write_atomically
from leaderboard.markdown import markdown, synthetic_sets
from leaderboard.overview import into_readme, overview
from leaderboard.rows import Row, read_rows
from leaderboard.tables import leaderboard, slice_table

FILES = ("leaderboard.csv", "slices.csv", "LEADERBOARD.md")


def board_folder(home: Path) -> Path:
    """Where the board of a home lies: in the checkout for the checkout's own, else in the home itself."""
    return PROJECT / "leaderboard" if home == (PROJECT / "data").resolve() else home / "leaderboard"


def write_board(runs: Path, folder: Path) -> list[Path]:
    """Write the board anew, each file in one step; the checkout's own also renews the README's table."""
    rows = read_rows(runs)
    board = leaderboard(rows)
    for name, text in _files(rows, board).items():
        write_atomically(folder / name, text)
    readme = PROJECT / "README.md"
    if folder == PROJECT / "leaderboard":
        text = readme.read_text(encoding="utf-8")
        changed = into_readme(text, overview(board, synthetic_sets(rows)))
        if changed != text:
            write_atomically(readme, changed)
    return [folder / name for name in FILES]


def differences(runs: Path, folder: Path) -> list[str]:
    """Where the files of a board are not what the stored results give: one phrase a line that differs."""
    found = []
    rows = read_rows(runs)
    for name, text in _files(rows, leaderboard(rows)).items():
        path = folder / name
        if not path.is_file():
            found.append(f"{path}: is missing")
            continue
        ours, theirs = text.splitlines(), path.read_text().splitlines()
        if len(ours) != len(theirs):
            found.append(f"{path}: has {len(theirs)} lines; the results give {len(ours)}")
        for number, (mine, written) in enumerate(zip(ours, theirs, strict=False), start=1):
            if mine != written:
                found.append(f"{path}, row {number}: reads\n  {written}\nand the results give\n  {mine}")
                break
    return found


def _files(rows: Sequence[Row], board: pd.DataFrame) -> dict[str, str]:
    texts = (_csv(board), _csv(slice_table(rows)), markdown(board, rows))
    return dict(zip(FILES, texts, strict=True))


def _csv(frame: pd.DataFrame) -> str:
    ranked = {name: "Int64" for name in ("rank", "n_train", "n_test") if name in frame}
    whole = frame.astype(dict.fromkeys(ranked, "float64")).astype(ranked)
    return whole.to_csv(index=False, float_format="%.6g", lineterminator="\n")
