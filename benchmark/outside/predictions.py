"""Predictions: a file of them, written by a model that ran elsewhere, held against the test posts.

CSV, TSV, Parquet or JSON lines with `post_id`, a column a target and, if there are any, `<target>@<level>` a
quantile. Nothing is guessed: what is wrong is named with its file, row and column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.declared.naming import printable
from benchmark.errors import DataError, SmpbenchError, did_you_mean
from benchmark.readers import columns, identifiers
from benchmark.readers.delimited import read_delimited
from benchmark.readers.json_rows import read_objects
from benchmark.readers.raw import Origin, ReadReport
from benchmark.run.result import GivenScale
from benchmark.scale import BOUNDS, OF_COUNTS, out_of_bounds, scaled
from benchmark.scores.kinds import Kind, kind

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.declared.card import Scale
    from benchmark.outside.handout import Question

AS_NEAR = 1e-4
"""How far a prediction may lie from the median that is given beside it, relative to 1 or to the larger."""

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Predictions:
    """The predictions of all n test posts, in the order of prediction, on the scoring scale."""

    points: Values
    """[n, t]"""
    quantiles: dict[float, Values]
    """Level -> [n, t]; empty where none are given."""
    left_aside: tuple[str, ...]
    """Columns of the file that are no predictions."""


def read_predictions(path: Path, question: Question, scale: GivenScale = "log") -> Predictions:
    """Read a file of predictions.

    Raises:
        DataError: a column is missing; a test post is missing, twice there, or none; a value is no finite
            number, or cannot be on the scale. Names file, row, column and value.
    """
    return _predictions(_read(path), question, scale)


def predictions_of_frame(
    frame: pd.DataFrame, question: Question, scale: GivenScale = "log", *, called: str = "predictions"
) -> Predictions:
    """As `read_predictions`, of a table with the columns that a file would have.

    Raises:
        DataError: as there; in place of the file it names what the table is `called`.
    """
    found = {str(name): frame[name].tolist() for name in frame.columns}
    if len(found) < frame.shape[1]:
        raise DataError("two columns have the same name", file=called)
    rows = np.arange(1, len(frame) + 1)
    return _predictions(_Table(Path(called), found, Origin(called, rows)), question, scale)


def predictions_of_array(values: ArrayLike, question: Question) -> Predictions:
    """Predictions [n, t] of all test posts in the order of prediction, on the scoring scale.

    Raises:
        DataError: another shape, or a value that is no finite number; names the post.
    """
    scales = question.card.scales(question.task.name)
    return Predictions(checked_array(values, question.test_ids, question.task.targets, scales), {}, ())


def checked_array(
    values: ArrayLike, posts: Sequence[str], targets: Sequence[str], scales: Sequence[Scale]
) -> Values:
    """Predictions [n, t], or [n] for one target, of n posts as float32 [n, t], on the scoring scale.

    Args:
        scales: of each target, `log1p` or `identity`.

    Raises:
        DataError: another shape, a value that is no finite number, or one that no post can have on its scale,
            such as a count where the logarithm of one is scored; names the post.
    """
    try:
        given = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"predictions are an array of numbers: {error}") from None
    wanted = (len(posts), len(targets))
    if given.shape == wanted[:1] and wanted[1] == 1:
        given = given[:, None]
    if given.shape != wanted:
        told = f"{wanted[0]} posts and {wanted[1]} target(s): {', '.join(targets)}"
        raise DataError(f"predictions have the shape {given.shape}; wanted is {wanted}, for {told}")
    with np.errstate(over="ignore"):
        single = given.astype(np.float32)
    if not np.isfinite(single).all():
        wrong = np.argwhere(~np.isfinite(single))
        i, j = wrong[0]
        raise DataError(
            f"{len(np.unique(wrong[:, 0]))} of {len(posts)} posts have predictions that are not finite; the "
            f"first is '{posts[i]}'",
            column=targets[j],
            value=float(given[i, j]),
        )
    for j, scale in enumerate(scales):
        wrong_here = out_of_bounds(single[:, j], scale)
        if wrong_here.any():
            i = int(np.flatnonzero(wrong_here)[0])
            value = float(given[i, j])
            problem, mend = _beyond(value, scale, "take np.log1p of them")
            raise DataError(
                f"{problem}; the first is that of post '{posts[i]}'",
                column=targets[j],
                value=value,
                mend=mend,
            )
    return single


def _predictions(table: _Table, question: Question, scale: GivenScale) -> Predictions:
    targets = question.task.targets
    if scale == "count":
        _check_counted(question)
    _check_columns(table, ["post_id", *targets])
    levels = _quantile_columns(table, targets)
    order = _positions(table, question)

    def values(names: Sequence[str]) -> Values:
        """[n, t] of a column a target, in the order of prediction."""
        scales = question.card.scales(question.task.name)
        asked = kind(question.task.kind)
        scored = [_scaled(table, name, of, scale, asked) for name, of in zip(names, scales, strict=True)]
        return np.stack(scored, axis=1)[order]

    points, quantiles = values(targets), {level: values(names) for level, names in levels.items()}
    if quantiles:
        _check_order(table, order, levels, points, quantiles, targets)
    left_aside = [
        printable(name) for name in table.columns if name.partition("@")[0] not in ("post_id", *targets)
    ]
    return Predictions(points, quantiles, tuple(left_aside))


def _check_order(
    table: _Table,
    order: NDArray[np.int64],
    levels: dict[float, list[str]],
    points: Values,
    quantiles: dict[float, Values],
    targets: Sequence[str],
) -> None:
    """Of every post and target: no quantile below that of a lower level, and the prediction is the median.

    Raises:
        DataError: names file, row, column and value.
    """

    def refuse(wrong: NDArray[np.bool_], columns_: Sequence[str], problem: str, mend: str) -> None:
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            row, column = int(order[i]), columns_[j]
            value = table.columns[column][row]
            raise table.origin.error(row, problem, column=column, value=value, mend=mend)

    for lower, upper in pairwise(levels):
        mend = "Sort the quantiles of each post"
        problem = f"the quantile of level {upper:g} lies below that of level {lower:g}"
        refuse(quantiles[upper] < quantiles[lower], levels[upper], problem, mend)
    apart = ~np.isclose(points, quantiles[0.5], rtol=AS_NEAR, atol=AS_NEAR)
    mend = "Where quantiles are given, the prediction is the median: give one number in both columns"
    refuse(apart, targets, "the prediction is not the quantile of level 0.5", mend)


@dataclass(frozen=True)
class _Table:
    path: Path
    columns: dict[str, list[Any]]
    origin: Origin


def _read(path: Path) -> _Table:
    match path.suffix.lower():
        case ".csv" | ".tsv":
            frame, rows = read_delimited(path, ReadReport())
            found = {str(name): frame[name].tolist() for name in frame.columns}
        case ".parquet":
            found = _parquet(path)
            rows = np.arange(1, 1 + len(next(iter(found.values()), [])))
        case ".jsonl" | ".ndjson":
            objects, numbers = read_objects(path)
            names = dict.fromkeys(key for row in objects for key in row)
            found, rows = {name: [row.get(name) for row in objects] for name in names}, np.array(numbers)
        case _:
            raise DataError("predictions end in .csv, .tsv, .parquet, .jsonl or .ndjson", file=path)
    return _Table(path, found, Origin(str(path), rows))


def _parquet(path: Path) -> dict[str, list[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, partitioning=None)  # a folder `a=b` above it adds no column
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"cannot be read as Parquet: {error}", file=path) from None
    if len(set(table.column_names)) < len(table.column_names):
        raise DataError("two columns have the same name", file=path)
    return {name: table[name].to_pylist() for name in table.column_names}


def _check_columns(table: _Table, wanted: Sequence[str]) -> None:
    for column in wanted:
        if column not in table.columns:
            raise DataError(
                f"no such column{did_you_mean(column, table.columns)}",
                file=table.path,
                column=column,
                mend=f"The file needs {', '.join(wanted)}",
            )


def _check_counted(question: Question) -> None:
    """Only a target that is scored as the logarithm of a count has counts."""
    for name in question.task.targets:
        target = question.card.targets[name]
        if target.scale not in OF_COUNTS:
            unit = f" ({target.unit})" if target.unit else ""
            raise SmpbenchError(
                f"target '{name}' is scored as the data give it{unit}, and not as a count. "
                "Give predictions on that scale, with --scale log"
            )


def _quantile_columns(table: _Table, targets: Sequence[str]) -> dict[float, list[str]]:
    """Level -> the names of its columns, in the order of the targets."""
    found: dict[float, dict[str, str]] = {}
    for column in table.columns:
        target, at, written = column.rpartition("@")
        if not at:
            continue
        if target not in targets:
            raise DataError(
                f"a quantile of no target{did_you_mean(target, targets)}", file=table.path, column=column
            )
        try:
            level = float(f"{float(written):g}")  # as it will be written
        except ValueError:
            level = 0.0
        if not 0 < level < 1:
            raise DataError(
                "a quantile's level lies between 0 and 1", file=table.path, column=column, value=written
            )
        if target in found.setdefault(level, {}):
            raise DataError(f"level {level:g} is there twice", file=table.path, column=column)
        found[level][target] = column
    for level, columns_ in found.items():
        if missing := [target for target in targets if target not in columns_]:
            raise DataError(
                f"level {level:g} is not given for every target",
                file=table.path,
                column=f"{missing[0]}@{level:g}",
            )
    if found and (len(found) < 2 or 0.5 not in found):
        told = ", ".join(f"{level:g}" for level in sorted(found))
        raise DataError(
            f"quantiles are two levels or more, 0.5 among them; given: {told}",
            file=table.path,
            column=f"{targets[0]}@0.5",
        )
    return {level: [found[level][target] for target in targets] for level in sorted(found)}


def _positions(table: _Table, question: Question) -> NDArray[np.int64]:
    """[n] the place in the file of each test post."""
    given = table.columns["post_id"]
    rows = table.origin.rows
    found: dict[str, int] = {}
    expected = set(question.test_ids)
    for i, post in enumerate(identifiers.ids(given, "post_id", table.origin).tolist()):
        if post in found:
            raise table.origin.error(
                i,
                f"the post is predicted twice, first in row {rows[found[post]]}",
                column="post_id",
                value=post,
                mend="Keep one of the two",
            )
        if post not in expected:
            problem, mend = _stranger(post, question)
            raise table.origin.error(i, problem, column="post_id", value=post, mend=mend)
        found[post] = i
    if missing := [post for post in question.test_ids if post not in found]:
        raise DataError(
            f"{len(missing):,} of {len(expected):,} test posts of {question} have no prediction, first "
            f"'{missing[0]}'",
            file=table.path,
            column="post_id",
            mend=_where_to_get(question),
        )
    return np.array([found[post] for post in question.test_ids], np.int64)


def _stranger(post: str, question: Question) -> tuple[str, str]:
    """What a post that is no test post is, and what to do about it."""
    ids = question.posts.table["post_id"]
    if post in set(ids.take(question.windows.train).to_pylist()):
        return f"a training post of {question}", "Leave all but the test posts out"
    if post in set(ids.to_pylist()):
        return f"no test post of {question}", f"Leave all but the test posts out. {_where_to_get(question)}"
    look = f"ids look like '{question.test_ids[0]}'"
    return f"no post of {question} has this id; {look}", _where_to_get(question)


def _where_to_get(question: Question) -> str:
    asked = f"-d {question.spec} -t {question.task.name} -p {question.protocol}"
    return f"`smpbench posts {asked}` writes the test posts"


def _beyond(value: float, scale: Scale, if_counts: str) -> tuple[str, str | None]:
    """What is wrong with a prediction that no post can have on its scale, and what to do about it."""
    low, high = BOUNDS[scale]
    if scale == "log1p" and value > high:
        return "too large for log(1 + count), the scale that is scored", f"If these are counts, {if_counts}"
    if scale == "log1p":
        return f"a prediction of log(1 + count) below {low:g}, where no label lies below 0", "Set it to 0"
    return f"a prediction that is not from {low:g} to {high:g}", "Clip what the model says"


def _scaled(table: _Table, column: str, target_scale: Scale, scale: GivenScale, asked: Kind) -> Values:
    """One column of predictions on the scoring scale, row by row of the file."""
    raw = table.columns[column]

    def refuse(wrong: NDArray[np.bool_], problem: str, mend: str | None = None) -> None:
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            raise table.origin.error(i, problem, column=column, value=raw[i], mend=mend)

    given = columns.numbers(raw, column, table.origin).to_numpy()
    refuse(np.isnan(given), "no prediction is given", "Every test post needs a finite number")
    if scale == "count":
        if target_scale == "log1p":
            refuse(given < 0, "a count is never below 0", "Set it to 0")
        given = scaled(given, target_scale)
    wrong = out_of_bounds(given, target_scale)
    if wrong.any():
        first = float(given[np.flatnonzero(wrong)[0]])
        problem, mend = _beyond(first, target_scale, "say --scale count")
        refuse(
            wrong,
            problem if scale == "log" else "no post has so large a count",
            mend if scale == "log" else None,
        )
    single = given.astype(np.float32)
    refuse(asked.wrong_predictions(single), f"a prediction is {asked.wanted} here")
    return single
