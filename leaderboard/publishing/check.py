"""What is wrong with a published row: its predictions, and the scores that are said to come from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.scores.bootstrap import interval
from benchmark.scores.scoring import scores
from leaderboard.publishing.row import Interval, PublishedRow, Score
from leaderboard.publishing.seed import PredictionsFile, Truth
from leaderboard.tables.over_seeds import over_seeds

if TYPE_CHECKING:
    import pyarrow as pa

TOLERANCE = 1e-6
"""How far a published score may lie from the one that is derived anew, on another machine perhaps."""


def row_problems(told: PublishedRow, predicted: PredictionsFile, truth: Truth) -> Iterator[str]:
    """A phrase a problem. Scores are derived anew where the labels are at hand.

    Raises:
        StoreError: the predictions are missing, unreadable or not what was written; or the truth is.
    """
    numbers = [seed.seed for seed in told.seeds]
    if len(set(numbers)) < len(numbers):
        yield f"the seeds {numbers} are not all different"
        return
    unpredicted = [seed for seed in told.seeds if seed.n_test is None]
    yield from (
        f"seed {seed.seed} is {seed.status} and has no predictions"
        for seed in unpredicted
        if seed.status in ("ok", "ceiling") or seed.scores
    )
    if len(unpredicted) == len(told.seeds):
        if told.files:
            yield "has predictions that belong to no seed"
        return
    wrong = list(_wrong_predictions(told, predicted.table))
    yield from wrong
    if not wrong:
        yield from _wrong_scores(told, predicted, truth)


def _wrong_predictions(told: PublishedRow, table: pa.Table) -> Iterator[str]:
    ids = table["post_id"].to_pandas()
    if ids.isna().any():
        yield f"{ids.isna().sum()} posts have no post_id"
    if (again := ids.duplicated()).any():
        yield f"{again.sum()} posts are predicted more than once; the first: {ids[again].iloc[0]!r}"
    predicting = [seed for seed in told.seeds if seed.n_test is not None]
    if told.protocol != "official":
        yield from (f"seed {seed.seed} has no scores" for seed in predicting if not seed.scores)
    for seed in predicting:
        if seed.n_test != len(ids):
            yield f"seed {seed.seed} was tested on {seed.n_test} posts; {len(ids)} are predicted"
    expected = {f"{target}/seed-{seed.seed}" for target in told.targets for seed in predicting}
    if missing := sorted(expected - set(table.column_names)):
        yield f"{missing[0]} is missing from the predictions ({len(missing)} of {len(expected)} columns are)"
    for name in table.column_names:
        if name == "post_id":
            continue
        if name not in expected and not _quantile(name, expected):
            yield f"column {name!r} is no prediction of a target of this row"
        elif str(table[name].type) != "float":
            yield f"column {name!r} is {table[name].type}; predictions are float32"
        elif bad := int((~np.isfinite(table[name].to_numpy())).sum()):
            yield f"{bad} of {len(ids)} predictions of {name!r} are not finite"


def _quantile(name: str, expected: set[str]) -> bool:
    """Is it `<target>@<level>/seed-<n>`?"""
    point, _, seed = name.rpartition("/")
    target, _, level = point.rpartition("@")
    try:
        return f"{target}/{seed}" in expected and 0 < float(level) < 1
    except ValueError:
        return False


def _wrong_scores(told: PublishedRow, predicted: PredictionsFile, truth: Truth) -> Iterator[str]:
    if truth.folder is None:
        return
    labels = truth.table
    if not predicted.table["post_id"].equals(labels["post_id"]):
        yield "predictions are not of the test posts, each once and in their order"
        return
    if any(np.isnan(labels[f"label_{target}"].to_numpy()).any() for target in told.targets):
        return  # withheld by the organisers
    resampled = []
    for seed in told.seeds:
        if seed.n_test is None:
            continue
        columns = predicted.of_seed(seed.seed)
        derived, sliced, replicates = scores(labels, columns, told.targets, told.metrics)
        resampled.append(replicates)
        yield from _unequal(f"seed {seed.seed}: score", seed.scores, derived)
        yield from _unequal(f"seed {seed.seed}: slice score", seed.slices, sliced)
        if seed.clusters != (clusters := truth.resamples.n_clusters):
            yield f"seed {seed.seed}: has {seed.clusters} clusters; the test posts have {clusters}"
    if len(resampled) == len(told.seeds):
        clusters = truth.resamples.n_clusters
        yield from _unequal("interval", told.intervals, _intervals(resampled, clusters))


def _intervals(resampled: Sequence[dict[str, Any]], clusters: int) -> list[dict[str, Any]]:
    found = []
    for name in resampled[0]:
        target, _, metric = name.rpartition("/")
        low, high = interval(over_seeds([of_seed[name] for of_seed in resampled]), n_clusters=clusters)
        found.append({"target": target, "metric": metric, "low": low, "high": high})
    return found


def _unequal(
    what: str, published: Sequence[Score | Interval], derived: Sequence[dict[str, Any]]
) -> Iterator[str]:
    theirs = {_named(one.model_dump()): one.model_dump() for one in published}
    ours = {_named(one): one for one in derived}
    if theirs.keys() != ours.keys() or len(theirs) != len(published):
        yield f"{what}s are published for {len(published)} and derived anew for {len(ours)}"
        return
    for name, mine in ours.items():
        for part in ("value", "low", "high", "n"):
            if part in mine and not np.isclose(
                _number(theirs[name][part]), _number(mine[part]), rtol=0, atol=TOLERANCE, equal_nan=True
            ):
                of = ", ".join(name)
                yield f"{what} {of} is published as {theirs[name][part]} and derived anew as {mine[part]}"
                break


def _named(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple(one[key] for key in ("target", "slice", "metric") if key in one)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
