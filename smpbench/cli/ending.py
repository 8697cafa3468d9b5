"""Ending: a run is brought to its end: a table, a sentence a task, and where the page is."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smpbench.cli.commands import INTERRUPTED, command_line

if TYPE_CHECKING:
    from benchmark.declared.card import Card
    from benchmark.run.options import Options, Summary
    from benchmark.run.plan import Chosen
    from benchmark.run.progress import Progress


def run_to_its_end(
    cards: Sequence[Card],
    chosen: Sequence[Chosen],
    options: Options,
    progress: Progress,
    *,
    as_json: bool = False,
    alone: bool = False,
) -> int:
    """Run, write the board, print what came out; the exit status.

    Args:
        alone: without the rows that are published.
    """
    from benchmark.run.options import Summary
    from benchmark.run.runner import run

    summary = Summary()
    interrupted = False
    try:
        run(cards, chosen, options, progress, summary=summary, first=_FirstTable(progress))
    except KeyboardInterrupt:
        if not summary.folders:
            raise
        interrupted = True
        print(
            f"\ninterrupted after {len(summary.folders)} cells, which are kept; writing their board (Ctrl-C "
            "again leaves that out)",
            file=sys.stderr,
        )
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.counts.items()))
    progress.say(f"cells: {counts or 'none'}")
    for problem in summary.problems:
        print(f"problem: {problem}", file=sys.stderr)
    with progress.waiting("writing the board"):
        told, lines = _board(options, summary, alone=alone)
    if as_json:
        told |= {"cells": summary.counts, "problems": summary.problems, "interrupted": interrupted}
        print(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(lines))
    sys.stdout.flush()
    if interrupted:
        print(f"to go on from here: {command_line()}", file=sys.stderr)
        return INTERRUPTED
    return int(bool(summary.problems))


def _board(options: Options, summary: Summary, *, alone: bool) -> tuple[dict[str, Any], list[str]]:
    """Write the board; what it says of the tables that were run, as JSON values and in lines."""
    from benchmark.run.store import read_result
    from leaderboard.board.ending import endings, shown
    from leaderboard.board.merged import merged
    from leaderboard.board.places import board_folder, derived_folder, published_folder
    from leaderboard.board.write import write_merged
    from leaderboard.tables.rows import Row

    runs = options.home / "runs"
    results = runs / "none" if alone else published_folder() / "results"
    found = merged(runs, results, derived_folder(options.home))
    written = {path.name: path for path in write_merged(found, board_folder(options.home))}
    ran = {Row((read_result(folder),)).name for folder in summary.folders.values()}
    places = {(cell.dataset, cell.task, cell.protocol) for cell in summary.folders}
    tables = endings(found, places, ran)
    page = written["index.html"]
    lines = [*shown(tables), f"the whole board: {_near(page)}"]
    told = {"tables": [one.told() for one in tables], "page": str(page), "files": _paths(written)}
    return told, lines


ROWS_OF_A_TABLE = 3
"""Fewer are no first table."""


class _FirstTable:
    """Shows the references of the first data set as soon as they stand."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __call__(self, summary: Summary) -> None:
        from leaderboard.board.ending import endings_of, shown

        tables = endings_of(list(summary.folders.values()))
        if tables := [one for one in tables if len(one.lines) >= ROWS_OF_A_TABLE]:
            self.progress.say("a first table:")
            for line in shown(tables):
                self.progress.say(line)


def _near(path: Path) -> str:
    """From the current folder, where that is shorter."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near


def _paths(written: Mapping[str, Path]) -> dict[str, str]:
    return {name: str(path) for name, path in written.items()}
