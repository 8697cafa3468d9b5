"""Times: how long rows of a board took, for whoever wants to know how long others like them will."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmark.outside.spreadsheet import unguarded
from leaderboard.board.expected import Expected, Known
from leaderboard.board.merged import CSV

COLUMNS = (
    *("dataset", "task", "protocol", "baseline", "variant", "profile", "crawl"),
    *("n_train", "n_test", "fit_seconds", "predict_ms_per_post"),
)


def expected(home: Path, published: Path, factor: float) -> Expected:
    """What cells can be expected to take, by the boards in two folders: that of a home, whose rows were run
    on this machine, and the published one.

    Args:
        factor: how much slower this machine is than the one of the published rows.
    """
    elsewhere = dict.fromkeys(_rows(published / CSV))
    here = [row for row in dict.fromkeys(_rows(home / CSV)) if row not in elsewhere]
    ran = {row[:5] for row in here}
    found = [_known(row, 1 / factor) for row in here]
    found += [_known(row, 1.0) for row in elsewhere if row[:5] not in ran]
    return Expected([one for one in found if one is not None], factor)


def posts_of(folders: Sequence[Path]) -> Mapping[str, int]:
    """About how many posts each data set of some boards has."""
    told: dict[str, int] = {}
    for folder in folders:
        for row in _rows(folder / CSV):
            with suppress(ValueError):
                told[row[0]] = max(told.get(row[0], 0), int(row[7]) + int(row[8]))
    return told


def _rows(path: Path) -> Iterator[tuple[str, ...]]:
    """The `COLUMNS` of each line; none where there is no board, or one of other columns."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            yield tuple(unguarded(line.get(name) or "") for name in COLUMNS)


def _known(row: Sequence[str], times: float) -> Known | None:
    """None of a row of which no cost is known: it has not run, or not here."""
    try:
        fitted, tested, fit, predict = int(row[7]), int(row[8]), float(row[9]), float(row[10])
    except ValueError:
        return None
    seconds = (fit + predict / 1000 * tested) * times
    return Known(row[3], row[4], row[2], fitted + tested, seconds, row[0], row[1])
