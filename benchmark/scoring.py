"""Truth and scores: what the predicted posts were, and what a row's predictions of them are worth.

Everything a score is made of lies in two files, `truth.parquet` and `predictions.parquet`, and is always
re-derived from them in this one way: by the runner, and by `smpbench verify`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.bootstrap import Resamples, clusters, mean_replicates, replicates
from benchmark.metrics import quantile_terms, score, score_quantiles
from benchmark.slices import slice_scores, slices, training_posts

if TYPE_CHECKING:
    from benchmark.split import Windows
    from benchmark.tasks import TaskPosts

RESAMPLES = 1000
SLICE_METRICS = ("spearman", "mae")
COUNTED = "training_posts_"


def truth_table(posts: TaskPosts, windows: Windows) -> pa.Table:
    """The predicted posts in the order of prediction, with what scoring needs of them and nothing else.

    Columns: post_id, user (int code), time, cluster (for the bootstrap), seen_in_training (has the user a
    post among the training posts?), category (top level, null where there is none),
    training_posts_<deepest level> (int, null where there is none; only where posts have categories),
    label_<target> (float64, on the scoring scale).
    """
    test = windows.test
    users = posts.users
    levels = posts.prepared.card.with_role("category")
    category = posts.table[levels[0]].take(test) if levels else pa.nulls(len(test), pa.string())
    columns = {
        "post_id": posts.table["post_id"].take(test),
        "user": users[test],
        "time": posts.table["time"].take(test),
        "cluster": clusters(users[test], posts.times[test]),
        "seen_in_training": np.isin(users[test], users[windows.train]),
        "category": category,
    }
    if levels:
        paths = posts.table.select(levels).to_pandas()
        columns[f"{COUNTED}{levels[-1]}"] = pa.array(training_posts(paths, windows.train, test))
    labels = {f"label_{name}": posts.labels[test, j] for j, name in enumerate(posts.task.targets)}
    return pa.table(columns | labels)


def predictions_table(
    truth: pa.Table,
    targets: Sequence[str],
    predictions: NDArray[np.float32],
    quantiles: Mapping[float, NDArray[np.float32]],
) -> pa.Table:
    """post_id, then a float32 column a target, then `<target>@<level>` a quantile."""
    columns = {"post_id": truth["post_id"]}
    columns |= {name: pa.array(predictions[:, j]) for j, name in enumerate(targets)}
    for level, values in quantiles.items():
        columns |= {f"{name}@{level:g}": pa.array(values[:, j]) for j, name in enumerate(targets)}
    return pa.table(columns)


def scores(
    truth: pa.Table, predictions: pa.Table, targets: Sequence[str], metrics: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, NDArray[np.float64]]]:
    """Score one row.

    Returns:
        Scores `{target, metric, value, note}`; slice scores with `slice` and `n` besides; replicates
        `"target/metric"` -> float64 [RESAMPLES].
    """
    resamples = Resamples(truth["cluster"].to_numpy(), RESAMPLES)
    cut = _slices(truth)
    found: list[dict[str, Any]] = []
    sliced: list[dict[str, Any]] = []
    resampled: dict[str, NDArray[np.float64]] = {}
    for target in targets:
        y, predicted = truth[f"label_{target}"].to_numpy(), predictions[target].to_numpy()
        for metric in metrics:
            found.append({"target": target, "metric": metric, **asdict(score(metric, y, predicted))})
        for metric, values in replicates(y, predicted, resamples, metrics).items():
            resampled[f"{target}/{metric}"] = values
        sliced += [
            {"target": target, **asdict(one)} for one in slice_scores(y, predicted, cut, SLICE_METRICS)
        ]
        if levels := quantile_levels(predictions, target):
            by_level = np.stack([predictions[f"{target}@{level:g}"].to_numpy() for level in levels], axis=1)
            for metric, one_score in score_quantiles(y, by_level, levels).items():
                found.append({"target": target, "metric": metric, **asdict(one_score)})
            for metric, terms in quantile_terms(y, by_level, levels).items():
                resampled[f"{target}/{metric}"] = mean_replicates(terms, resamples)
    return found, sliced, resampled


def quantile_levels(predictions: pa.Table, target: str) -> list[float]:
    """The quantile levels that a predictions table holds for a target, ascending."""
    prefix = f"{target}@"
    return sorted(
        float(name.removeprefix(prefix)) for name in predictions.column_names if name.startswith(prefix)
    )


def _slices(truth: pa.Table) -> dict[str, NDArray[np.bool_]]:
    counted = [name for name in truth.column_names if name.startswith(COUNTED)]
    frame: pd.DataFrame = truth.select(["time", "seen_in_training", "category", *counted]).to_pandas()
    with_category = frame["category"].notna().any()
    return slices(
        frame,
        category="category" if with_category else None,
        deepest=counted[0].removeprefix(COUNTED) if counted else None,
    )
