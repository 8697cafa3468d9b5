"""Board: leaderboard.csv, slices.csv and LEADERBOARD.md, written from a run store or held against it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmark import PROJECT
from benchmark.files import write_atomically
from leaderboard.markdown import markdown, synthetic_sets
from leaderboard.overview import into_readme, overview
from leaderboard.rows import read_rows
from leaderboard.tables import leaderboard, slice_table


def board_folder(home: Path) -> Path:
    """Where the board of a home lies: in the checkout for the checkout's own, else in the home itself."""
    return PROJECT / "leaderboard" if home == (PROJECT / "data").resolve() else home / "leaderboard"


def write_board(runs: Path, folder: Path) -> list[Path]:
    """Write the board anew, each file in one step; the checkout's own also renews the README's table."""
    texts = _texts(runs, folder)
    for path, text in texts.items():
        write_atomically(path, text)
    return list(texts)


def differences(runs: Path, folder: Path) -> list[str]:
    """Where the files of a board are not what the stored results give: one phrase a file that differs."""
    found = []
    for path, text in _texts(runs, folder).items():
        if not path.is_file():
            found.append(f"{path}: is missing")
            continue
        ours, theirs = text.splitlines(), path.read_text(encoding="utf-8").splitlines()
        if len(ours) != len(theirs):
            found.append(f"{path}: has {len(theirs)} lines; the results give {len(ours)}")
        for number, (mine, written) in enumerate(zip(ours, theirs, strict=False), start=1):
            if mine != written:
                found.append(f"{path}, row {number}: reads\n  {written}\nand the results give\n  {mine}")
                break
    return found


def _texts(runs: Path, folder: Path) -> dict[Path, str]:
    """What the results give for each file of a board; of the README, its table alone."""
    rows = read_rows(runs)
    board = leaderboard(rows)
    texts = {
        folder / "leaderboard.csv": _csv(board),
        folder / "slices.csv": _csv(slice_table(rows)),
        folder / "LEADERBOARD.md": markdown(board, rows),
    }
    readme = PROJECT / "README.md"
    if folder == PROJECT / "leaderboard":
        table = overview(board, synthetic_sets(rows))
        texts[readme] = into_readme(readme.read_text(encoding="utf-8"), table)
    return texts


def _csv(frame: pd.DataFrame) -> str:
    ranked = {name: "Int64" for name in ("rank", "n_train", "n_test") if name in frame}
    whole = frame.astype(dict.fromkeys(ranked, "float64")).astype(ranked)
    return whole.to_csv(index=False, float_format="%.6g", lineterminator="\n")
