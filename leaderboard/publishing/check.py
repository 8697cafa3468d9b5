"""What is wrong with published results: their form, their checksums, and numbers that do not follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.errors import StoreError
from benchmark.files import sha256_of
from benchmark.run.in_order import in_order
from benchmark.run.store import PREDICTIONS
from benchmark.run.verify import other_draws, other_rates, unequal, unequal_slices
from benchmark.scores.kinds import kind
from benchmark.scores.scoring import RESAMPLES, Scorers
from leaderboard.publishing.agreement import disagreements
from leaderboard.publishing.pictures import pictures_of, read_pictures
from leaderboard.publishing.results import Published, Truths, row_files, strangers, told_table
from leaderboard.publishing.row import MEND, PublishedRow
from leaderboard.publishing.sound import placed
from leaderboard.publishing.told import Told, intervals_of, pairs_of, standings_of
from leaderboard.tables.table import Derived

if TYPE_CHECKING:
    import pyarrow as pa

TOLERANCE = 1e-6
"""How far a published number may lie from the one that is derived anew, on another machine perhaps."""


def check_published(
    folder: Path,
    runs: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
    of_tables: Callable[[int, int], None] | None = None,
    *,
    at_once: int = 1,
) -> list[str]:
    """What is wrong with published results, a phrase each; an empty list if nothing is.

    Checksums and the form of every file; each test post predicted once, by an answer to the task; the same
    posts in all rows of a table. Where a run store of `runs` has the labels, scores, slices, pictures and
    intervals, those of pairs too, are derived anew.

    Args:
        progress: is told how many of how many rows are checked.
        of_tables: the same of what is said of a table's rows together, which comes after them: their posts,
            intervals and differences.
        at_once: how many rows, or tables, are checked at a time. What is found is the same, in the same
            order.
    """
    if not folder.is_dir():
        return [f"{folder}: no such folder"]
    problems = [f"{path}: does not belong to published results" for path in strangers(folder)]
    truths: Truths = {}
    scorers = Scorers(most=2)  # where one table ends and the next begins, threads ask for both
    tables: dict[Path, list[Published]] = {}
    files = list(row_files(folder))

    def of_row(path: Path) -> tuple[Published | None, list[str]]:
        try:
            one = placed(path, folder, runs, truths)
            return one, list(_row_problems(one, scorers))
        except StoreError as error:
            return None, [str(error)]

    with in_order(of_row, files, at_once) as checked:
        for done, path in enumerate(files):
            if progress:
                progress(done, len(files))
            one, found = next(checked)
            if one is None:
                problems += found
                continue
            beside = tables.setdefault(path.parents[1], [])
            if PREDICTIONS in one.told.files and not found:
                found = _on_other_posts(one, beside)
            beside.append(one)
            problems += [f"{path.parent}: {what}" for what in found]
    for place, contradicted in disagreements([one for rows in tables.values() for one in rows]).items():
        problems += [f"{place}: {what}" for what in contradicted]
    done = 0
    with in_order(_of_table, tables.items(), at_once) as checked_tables:
        for rows in tables.values():
            if of_tables:
                of_tables(done, sum(map(len, tables.values())))
            problems += next(checked_tables)
            done += len(rows)
    return problems


def _of_table(table: tuple[Path, Sequence[Published]]) -> list[str]:
    path, rows = table
    try:
        return [f"{path}: {what}" for what in _table_problems(rows)]
    except StoreError as error:
        return [str(error)]


def _row_problems(one: Published, scorers: Scorers) -> Iterator[str]:
    """Raises StoreError where a file is missing, unreadable or not what was written."""
    told = one.told
    unpredicted = [run for run in told.runs if not run.predicted]
    yield from _wrong_files(one)
    if len(unpredicted) == len(told.runs):
        if PREDICTIONS in told.files:
            yield "has predictions that belong to no seed"
        return
    wrong = list(_wrong_predictions(told, one.predicted.table))
    yield from wrong
    if not wrong:
        yield from _wrong_scores(one, scorers)


def _wrong_files(one: Published) -> Iterator[str]:
    beside = {str(path.relative_to(one.folder)) for path in one.folder.rglob("*") if path.is_file()}
    if apart := sorted((beside - {"row.json"}) ^ one.told.files.keys()):
        yield f"{apart[0]}: is not both told of in row.json and beside it"
    for name in sorted(beside & one.told.files.keys()):
        if sha256_of(one.folder / name) != one.told.files[name]:
            yield f"{name}: its checksum does not hold: it was changed after it was written. {MEND}"
    read_pictures(one.folder)


def _wrong_predictions(told: PublishedRow, table: pa.Table) -> Iterator[str]:
    asked = kind(told.about.kind)
    ids = table["post_id"].to_pandas()
    if ids.isna().any():
        yield f"{ids.isna().sum()} posts have no post_id"
    if (again := ids.duplicated()).any():
        yield f"{again.sum()} posts are predicted more than once; the first: {ids[again].iloc[0]!r}"
    predicting = [run for run in told.runs if run.predicted]
    if told.about.protocol != "official":
        yield from (f"seed {run.seed} has no scores" for run in predicting if not run.scores)
    for run in predicting:
        if run.n_test != len(ids):
            yield f"seed {run.seed} was tested on {run.n_test} posts; {len(ids)} are predicted"
    expected = {f"{target}/seed-{run.seed}" for target in told.about.targets for run in predicting}
    if missing := sorted(expected - set(table.column_names)):
        yield f"{missing[0]} is missing from the predictions ({len(missing)} of {len(expected)} columns are)"
    for name in table.column_names:
        if name == "post_id":
            continue
        if name not in expected and not _quantile(name, expected):
            yield f"column {name!r} is no prediction of a target of this row"
        elif str(table[name].type) != "float":
            yield f"column {name!r} is {table[name].type}; predictions are float32"
        elif bad := int(asked.wrong_predictions(table[name].to_numpy()).sum()):
            yield f"{bad} of {len(ids)} predictions of {name!r} are not {asked.wanted}"


def _quantile(name: str, expected: set[str]) -> bool:
    """Is it `<target>@<level>/seed-<n>`?"""
    point, _, seed = name.rpartition("/")
    target, _, level = point.rpartition("@")
    try:
        return f"{target}/{seed}" in expected and 0 < float(level) < 1
    except ValueError:
        return False


def _wrong_scores(one: Published, scorers: Scorers) -> Iterator[str]:
    if one.truth.folder is None or one.told.about.protocol == "official":
        return
    labels = one.truth.table
    scorer = scorers.of(one.truth.folder, labels)
    if not one.predicted.table["post_id"].equals(labels["post_id"]):
        yield "predictions are not of the test posts, each once and in their order"
        return
    for run in one.told.runs:
        if not run.predicted:
            continue
        derived = scorer.scored(one.predicted.of_seed(run.seed), one.told.about)
        yield from unequal(f"seed {run.seed}: score", run.scores, derived.scores, TOLERANCE)
        for what in unequal_slices(run.slices, derived.slices):
            yield f"seed {run.seed}: {what}"
        for what in other_rates(run.base_rates, derived.base_rates):
            yield f"seed {run.seed}: {what}"
        for what in other_draws(run, derived.drawn):
            yield f"seed {run.seed}: {what}"
    told = read_pictures(one.folder).drawn
    if told is not None and told != pictures_of(one.row).drawn:
        yield "its pictures are not those of its predictions"


def _on_other_posts(one: Published, beside: Sequence[Published]) -> list[str]:
    """Rows of a table are compared post by post: with the first that has predictions."""
    other = next((other for other in beside if PREDICTIONS in other.told.files), one)
    try:
        same = one.predicted.table["post_id"].equals(other.predicted.table["post_id"])
    except StoreError as error:
        return [str(error)]
    return [] if same else [f"its posts, or their order, are not those of {other.folder.name}"]


def _table_problems(published: Sequence[Published]) -> Iterator[str]:
    """What was published of a table, held against its labels where they are at hand."""
    told = told_table(published)
    scored_rows = [row for row in told.rows if row.scored]
    if not scored_rows or not all(row.labelled for row in told.rows):
        return
    derived = Derived(told.rows)
    for one in published:
        wrong = unequal("interval", one.told.intervals, intervals_of(derived, one.row), TOLERANCE)
        yield from (f"{one.told.name}: {what}" for what in wrong)
    if len(scored_rows) > 1:
        yield from _wrong_pairs(told, derived)
    yield from _wrong_standings(told, derived)


def _wrong_pairs(told: Told, derived: Derived) -> Iterator[str]:
    rows = [row for row in told.rows if row.scored]
    theirs, ours = pairs_of(told, rows), pairs_of(derived, rows)
    for name in ours.column_names:
        here, there = (side[name].to_numpy().astype(np.float64) for side in (ours, theirs))
        if not np.allclose(here, there, rtol=0, atol=TOLERANCE, equal_nan=True):
            yield f"the paired intervals of its rows ({name}) are not those of their predictions"
            return


def _wrong_standings(told: Told, derived: Derived) -> Iterator[str]:
    """A p-value is a share of resamples: one may fall on the other side of a bound by the last bit."""
    rows = [row for row in told.rows if row.scored]
    if told.without_standings:
        yield f"was published before there were confidence sets. {MEND}"
        return
    theirs, ours = standings_of(told, rows), standings_of(derived, rows)
    for name in ours.column_names:
        here, there = (side[name].to_numpy().astype(np.float64) for side in (ours, theirs))
        if not np.allclose(
            here, there, rtol=TOLERANCE, atol=1.5 / RESAMPLES if name.endswith("/p") else 0, equal_nan=True
        ):
            yield f"the standings of its rows ({name}) are not those of their predictions"
            return
