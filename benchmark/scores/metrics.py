"""Metrics: what a prediction is worth, and the notes that go with a value that needs one.

All arithmetic is in float64, on the scoring scale. A metric that is a function of sums over posts says so
(`Metric.terms`, `Metric.value`), so that the bootstrap resamples exactly what is scored here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.errors import UnknownName
from benchmark.scores.spearman import spearman

Floats = NDArray[np.float64]

ZERO_LABEL = 1e-9
"""A label nearer to zero than this has no percentage error."""


@dataclass(frozen=True)
class Score:
    """The value of a metric; None where the metric is undefined, and then the note says why."""

    value: float | None
    note: str | None = None


@dataclass(frozen=True)
class Metric:
    name: str
    title: str
    better: Literal["higher", "lower"] | None
    """None: neither end is better, and the metric ranks nothing (coverage)."""
    terms: Callable[[Floats, Floats], Floats] | None = None
    """Labels [n], predictions [n] -> float64 [k, n], to be summed over posts; None: no function of sums."""
    value: Callable[[Floats], Floats] | None = None
    """Sums of the terms, [..., k] -> [...]; NaN where the metric is undefined."""
    note: Callable[[Floats, Floats], str | None] = lambda y, prediction: None

    @property
    def arrow(self) -> str:
        return {"higher": "↑", "lower": "↓", None: ""}[self.better]


def score(metric: str, y: ArrayLike, prediction: ArrayLike) -> Score:
    """Score predictions [n] against labels [n], both on the scoring scale.

    Spearman uses average ranks for ties over the whole of the test posts and is 0, with a note, for a
    constant. MAPE is a fraction (0.215) and leaves out posts with a label of zero. R2 compares with the
    mean of the test labels.

    Raises:
        UnknownName: no such metric, or one that needs quantiles (`score_quantiles`).
        ValueError: no posts, arrays that are not of one shape [n], or a value that is NaN or infinite.
    """
    y, prediction = checked(y, prediction)
    chosen = point_metric(metric)
    value = spearman(y, prediction) if chosen.terms is None else _of_all_posts(chosen, y, prediction)
    return Score(None if np.isnan(value) else value, chosen.note(y, prediction))


def score_quantiles(y: ArrayLike, quantiles: ArrayLike, levels: Sequence[float]) -> dict[str, Score]:
    """`pinball` and `coverage` of quantile predictions [n, q] for labels [n]: see `quantile_terms`."""
    terms = quantile_terms(y, quantiles, levels)
    nominal = f"{100 * (levels[-1] - levels[0]):g}% of the labels should be covered"
    return {
        "pinball": Score(float(terms["pinball"].mean())),
        "coverage": Score(float(terms["coverage"].mean()), nominal),
    }


def quantile_terms(y: ArrayLike, quantiles: ArrayLike, levels: Sequence[float]) -> dict[str, Floats]:
    """What each post adds to the quantile metrics, whose values are means over posts.

    Args:
        y: labels [n].
        quantiles: predicted quantiles [n, q], in the order of `levels`.
        levels: at least two, ascending, inside (0, 1).

    Returns:
        float64 [n] each: `pinball`, the quantile loss of Koenker & Bassett (Econometrica, 1978) averaged
        over the levels; `coverage`, 1 where the label lies between the outermost quantiles, ends included,
        else 0.

    Raises:
        ValueError: levels, shapes or values that are not as described.
    """
    at = np.asarray(levels, dtype=np.float64)
    if at.ndim != 1 or len(at) < 2 or not (at[0] > 0 and at[-1] < 1 and (np.diff(at) > 0).all()):
        raise ValueError(f"levels must be at least two, ascending, inside (0, 1); got {list(levels)}")
    predicted = np.asarray(quantiles, dtype=np.float64)
    if predicted.shape != (np.size(y), len(at)):
        raise ValueError(
            f"quantiles must have shape ({np.size(y)}, {len(at)}), posts by levels; got {predicted.shape}"
        )
    columns = [checked(y, column) for column in predicted.T]
    losses = [np.maximum(tau * (y - q), (tau - 1) * (y - q)) for tau, (y, q) in zip(at, columns, strict=True)]
    (labels, low), (_, high) = columns[0], columns[-1]
    return {
        "pinball": np.mean(losses, axis=0),
        "coverage": ((low <= labels) & (labels <= high)).astype(np.float64),
    }


def skill(mae: float, mae_of_reference: float) -> Score:
    """1 - MAE / MAE of the reference: 1 is perfect, 0 no better than the reference."""
    if mae_of_reference == 0:
        return Score(None, "the reference makes no error; skill is undefined")
    return Score(1 - mae / mae_of_reference)


def point_metric(name: str) -> Metric:
    """The metric of point predictions called `name`.

    Raises:
        UnknownName: there is none.
    """
    if name not in POINT_METRICS:
        raise UnknownName("metric", name, POINT_METRICS)
    return POINT_METRICS[name]


def checked(y: ArrayLike, prediction: ArrayLike) -> tuple[Floats, Floats]:
    """Labels and predictions as float64 [n].

    Raises:
        ValueError: no posts, arrays that are not of one shape [n], or a value that is NaN or infinite.
    """
    labels, predicted = np.asarray(y, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    if labels.ndim != 1 or labels.shape != predicted.shape:
        raise ValueError(
            f"labels {labels.shape} and predictions {predicted.shape} must have the same shape (n,)"
        )
    if not len(labels):
        raise ValueError("no posts to score")
    for what, values in (("label", labels), ("prediction", predicted)):
        if not (finite := np.isfinite(values)).all():
            bad, first = int((~finite).sum()), int(np.argmin(finite))
            raise ValueError(
                f"{bad} of {len(values)} {what}s not finite; the first: {values[first]} at {first}"
            )
    return labels, predicted


def _of_all_posts(metric: Metric, y: Floats, prediction: Floats) -> float:
    assert metric.terms is not None and metric.value is not None
    return float(metric.value(metric.terms(y, prediction).sum(axis=-1)))


def _ratio(numerator: Floats, denominator: Floats, defined: NDArray[np.bool_]) -> Floats:
    undefined = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=undefined, where=defined)


def _mean(sums: Floats) -> Floats:
    return _ratio(sums[..., 0], sums[..., 1], sums[..., 1] > 0)


def _absolute_errors(y: Floats, prediction: Floats) -> Floats:
    return np.stack([np.abs(y - prediction), np.ones_like(y)])


def _squared_errors(y: Floats, prediction: Floats) -> Floats:
    return np.stack([(y - prediction) ** 2, np.ones_like(y)])


def _percentage_errors(y: Floats, prediction: Floats) -> Floats:
    scored = np.abs(y) > ZERO_LABEL
    errors = np.divide(np.abs(y - prediction), np.abs(y), out=np.zeros_like(y), where=scored)
    return np.stack([errors, scored.astype(np.float64)])


def _errors_and_spread(y: Floats, prediction: Floats) -> Floats:
    # Around the median: sums of squares do not cancel, and constant labels give exact zeros.
    centred = y - np.median(y)
    return np.stack([(y - prediction) ** 2, centred, centred**2, np.ones_like(y)])


def _r2(sums: Floats) -> Floats:
    errors, first, second, n = np.moveaxis(sums, -1, 0)
    spread = second - _ratio(first**2, n, n > 0)
    # What is left of equal labels after rounding is no spread.
    return 1 - _ratio(errors, spread, spread > 1e-12 * second)


def _note_on_ranks(y: Floats, prediction: Floats) -> str | None:
    if len(y) < 3:
        return f"only {len(y)} posts: no rank correlation, counted as 0"
    constant = [what for what, v in (("labels", y), ("predictions", prediction)) if v.min() == v.max()]
    return f"{' and '.join(constant)} are constant: no rank correlation, counted as 0" if constant else None


def _note_on_zero_labels(y: Floats, prediction: Floats) -> str | None:
    zero = int((np.abs(y) <= ZERO_LABEL).sum())
    if zero == len(y):
        return "every label is 0; MAPE is undefined"
    return f"{zero} of {len(y)} posts left out: their label is 0" if zero else None


def _note_on_spread(y: Floats, prediction: Floats) -> str | None:
    return "labels are constant; R2 is undefined" if y.min() == y.max() else None


POINT_METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("spearman", "Spearman's ρ", "higher", note=_note_on_ranks),
        Metric("mae", "MAE", "lower", _absolute_errors, _mean),
        Metric("rmse", "RMSE", "lower", _squared_errors, lambda sums: np.sqrt(_mean(sums))),
        Metric("mape", "MAPE", "lower", _percentage_errors, _mean, _note_on_zero_labels),
        Metric("r2", "R²", "higher", _errors_and_spread, _r2, _note_on_spread),
    )
}
"""What `score` and the bootstrap take, by name."""

METRICS: dict[str, Metric] = POINT_METRICS | {
    "pinball": Metric("pinball", "Pinball loss", "lower"),
    "coverage": Metric("coverage", "Coverage", None),
}
"""Every metric that a board can show, by name; the last two need quantiles."""
