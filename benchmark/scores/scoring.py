"""Truth and scores: what the predicted posts were, and what a row's predictions of them are worth.

Everything a score is made of lies in two files, `truth.parquet` and `predictions.parquet`, and is always
re-derived from them in this one way: by the runner, and by `smpbench verify`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.scores.bootstrap import Resamples, mean_replicates, replicates
from benchmark.scores.metrics import quantile_terms, score, score_quantiles
from benchmark.scores.slices import COUNTED, slice_scores, slices

RESAMPLES = 1000
SLICE_METRICS = ("spearman", "mae")


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
