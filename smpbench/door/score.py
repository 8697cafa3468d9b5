"""Score: predictions that were made anywhere lead to an external row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
from numpy.typing import ArrayLike

from benchmark.errors import SmpbenchError
from benchmark.outside.external import SUMMARY, score_predictions
from benchmark.outside.handout import Question
from benchmark.outside.predictions import (
    GivenScale,
    Predictions,
    predictions_of_array,
    predictions_of_frame,
    read_predictions,
)
from benchmark.run.store import Store
from smpbench.door.names import known_names
from smpbench.door.row import Row

if TYPE_CHECKING:
    from smpbench.door.about import About

Given: TypeAlias = ArrayLike | pd.DataFrame | Path


def score(
    predictions: Given | Mapping[int, Given],
    task: About,
    *,
    name: str,
    summary: str = SUMMARY,
    scale: GivenScale = "log",
    crawl: bool = False,
) -> Row:
    """Put a model on the leaderboard by its predictions of the test posts alone, as `smpbench score` does.

    How they came about cannot be checked: the row is marked *external*. A later call with the same name takes
    the place of the row.

    Args:
        predictions: a DataFrame or the path of a file with `post_id`, a column a target and, if there are
            any, `<target>@<level>` a quantile; or an array [n, targets] in the order of prediction. Of
            several seeds: a dict from seed to one of these.
        summary: one line: what the model is.
        scale: `log`: predictions are on the scoring scale. `count`: they are counts, log(1 + count) is
            scored; not for an array.
        crawl: the model has seen columns that were known only at crawl time.

    Raises:
        SmpbenchError: the name is none, or is the project's own.
        DataError: a prediction is missing, twice there or not finite; names the post.
    """
    known_names([scale], ("log", "count"), "scale")
    question = Question.of(task.card, task.home, task.name, task.protocol)
    by_seed = predictions if isinstance(predictions, Mapping) else {0: predictions}
    given = {seed: _given(one, question, scale) for seed, one in by_seed.items()}
    store = Store(task.home / "runs")
    folders = score_predictions(given, question, store, name=name, crawl=crawl, summary=summary)
    stored = {seed: store.read(folder) for seed, folder in folders.items()}
    return Row(task, {seed: one for seed, one in stored.items() if one is not None})


def _given(one: Given, question: Question, scale: GivenScale) -> Predictions:
    if isinstance(one, (str, Path)):
        return read_predictions(Path(one), question, scale)
    if isinstance(one, pd.DataFrame):
        return predictions_of_frame(one, question, scale)
    if scale == "count":
        raise SmpbenchError("an array of predictions is on the scoring scale: take np.log1p of counts")
    return predictions_of_array(one, question)
