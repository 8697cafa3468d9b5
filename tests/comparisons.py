"""What the tests of `smpbench compare` share: boards as files, and the lines of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from typer.testing import CliRunner, Result

from leaderboard.compare.comparison import Comparison, compare
from leaderboard.tables.scores import COLUMNS
from smpbench.cli.main import app

EVIL = "<script>alert(1)</script>|&%$#_{}~^\\[x](http://a.org)\x1b[31m\nB"
"""A name as it may stand in anyone's file."""


def board(path: Path, *lines: dict[str, Any]) -> Path:
    """A leaderboard.csv; of each line what matters to a test, an interval of 0.1 either way."""
    told = []
    for line in lines:
        full: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {
            "dataset": "posts",
            "task": "likes",
            "target": "likes",
            "protocol": "frozen",
            "baseline": "model",
            "variant": "default",
            "profile": "none",
            "crawl": False,
            "measure": "mae",
            "score": 1.0,
            "n_test": 50,
            "status": "ok",
            "data_fingerprint": "d" * 64,
            "protocol_version": "1",
            "code_hash": "c" * 64,
            "kind": "regression",
            "primary": "mae",
            "reference": "recent_median",
        }
        full |= line
        if full["score"] != "":
            full |= {"score_low": full["score"] - 0.1, "score_high": full["score"] + 0.1}
        told.append(full)
    path.parent.mkdir(exist_ok=True)
    pd.DataFrame(told, columns=COLUMNS).to_csv(path, index=False)
    return path


def both(folder: Path, before: dict[str, Any], after: dict[str, Any], **options: Any) -> Comparison:
    a, b = board(folder / "a.csv", before), board(folder / "b.csv", after)
    return compare(str(a), str(b), home=folder, **options)


def only(comparison: Comparison) -> dict[str, Any]:
    (line,) = comparison.lines.to_dict("records")
    return line


def smpbench(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def of(comparison: Comparison, baseline: str) -> dict[str, Any]:
    lines = comparison.lines
    return only(Comparison("", "", (), lines[lines["baseline"] == baseline], comparison.changes, False))
