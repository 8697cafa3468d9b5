"""Do not do this: twenty settings, each scored on the test, and the best one reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.baseline import Baseline, settings_name
from benchmark.errors import BaselineError
from benchmark.posts import Array, Posts
from benchmark.scores.measures import measure
from benchmark.scores.measures.measure import Predicted
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible

TRIED = 20
WIDTH = 2.0
"""A number is drawn between its default over this and times this, evenly on a logarithmic scale."""
HOLDOUT = 0.2
"""What `validation` is of: see `baselines/parts/holdout.py`."""


class BestOfTwenty(Mistake):
    name = "best_of_twenty"
    title = f"best of {TRIED} settings on the test"
    layer = "choice"
    runs = TRIED

    def check(self, of: Ground) -> None:
        if not _numbers(of):
            raise NotPossible(f"{of.found.name} has no settings that are numbers")

    def made(self, of: Ground, honest: Said) -> Made:
        said: list[Said] = []
        by_holdout: list[float] = []
        names: list[str] = []
        failed: list[str] = []

        def fit(baseline: Baseline, train: Posts, y: Array) -> None:
            baseline.fit(train, y)
            validation = getattr(baseline, "validation", None)
            if validation is not None:
                held = train.holdout(HOLDOUT)
                by_holdout.append(_error(of, y[held.check_rows], np.asarray(validation)))

        for settings in _drawn(of):
            name = settings_name(settings) or "as asked"
            try:
                said.append(of.walk(settings=settings, fit=fit))
                names.append(name)
            except BaselineError as error:
                failed.append(f"{name}: {error}")
                del by_holdout[len(said) :]
        if len(said) < 2:
            raise BaselineError(f"{len(failed)} of {TRIED} settings failed; the first: {failed[0]}")
        y = of.posts.labels[of.windows.test]
        best = int(np.argmin([_error(of, y, one.predicted) for one in said]))
        note = f"{names[best]}{f'; {len(failed)} of {TRIED} could not be fitted' if failed else ''}"
        if len(by_holdout) < len(said):
            return Made(said[best], against="the settings as asked", note=note)
        right = int(np.argmin(by_holdout))
        return Made(said[best], said[right], f"the best of the {TRIED} on held-out training posts", note=note)


def _drawn(of: Ground) -> Iterator[dict[str, Any]]:
    """The settings as asked, and then others."""
    rng = np.random.default_rng([of.seed, 1])
    yield dict(of.settings)
    for _ in range(TRIED - 1):
        drawn = {name: _near(value, rng) for name, value in _numbers(of).items()}
        yield {**of.settings, **drawn}


def _numbers(of: Ground) -> Mapping[str, int | float]:
    values = {**of.found.told.defaults, **of.settings}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    }


def _near(value: int | float, rng: np.random.Generator) -> int | float:
    drawn = value * WIDTH ** rng.uniform(-1, 1)
    if isinstance(value, int):
        return max(1, round(drawn))
    return float(min(drawn, 0.95)) if value < 1 else float(drawn)  # a share stays one


def _error(of: Ground, y: NDArray[Any], predicted: NDArray[Any]) -> float:
    """By the measure that ranks, mean over targets."""
    primary = measure(of.posts.task.primary)
    if primary.within_weeks:
        primary = measure("mae")
    values = [
        primary.error(primary.value(y[:, j].astype(np.float64), Predicted.of(predicted[:, j])))
        for j in range(y.shape[1])
    ]
    return float(np.mean(values))
