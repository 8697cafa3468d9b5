"""Estimator: a scikit-learn regressor or pipeline is a baseline without a class of its own."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from benchmark.baseline import Baseline
from benchmark.errors import BaselineError
from benchmark.posts import Array, Posts

if TYPE_CHECKING:
    import pandas as pd

OF_POSTS = ("tabular", "history")
"""Inputs that `Posts` makes itself; any other is encoded content."""
AROUND = ("", "level")
LISTED = 5
"""How many columns an error names."""


class Estimator(Baseline):
    """A scikit-learn regressor, fitted once on the training posts.

    It is handed one DataFrame, a row a post, with the columns of each of `inputs` in their order:

    - `tabular`: `Posts.tabular()`: numbers as float32, NaN where one is missing, and categoricals with dtype
      `category`, NaN for what was not seen in training;
    - `history`: `Posts.history().frame()`: float32, NaN for an account without a past;
    - an encoding (`text`, `image`, `sentiment`, ...): float32 columns `text_0`, `text_1`, ...;
      zeros where a post has no such content.

    Columns without a single value among the training posts are left out: not every estimator can take them,
    and they tell nothing. It predicts y itself, or with `around="level"` what y is above the account's recent
    median, and then its history is told relative to that. Of several targets, one that can predict one output
    only is fitted once for each.
    """

    preload = ("sklearn.pipeline", "sklearn.multioutput")
    model: ClassVar[Any]
    """As it was given, not fitted."""

    inputs: tuple[str, ...] = ("tabular",)
    around: str = ""

    def required(self) -> Set[str]:
        return {encoding for encoding in self.inputs if encoding not in OF_POSTS}

    def fit(self, train: Posts, y: Array) -> None:
        from sklearn.base import clone
        from sklearn.multioutput import MultiOutputRegressor

        if self.around not in AROUND:
            raise BaselineError(f"around={self.around!r}: an estimator predicts y itself, or around='level'")
        self.middle = np.median(y, axis=0)
        wanted = y - self._level(train)
        model = clone(self.model)
        if y.shape[1] > 1 and not _several_outputs(model):
            model = MultiOutputRegressor(model)
        frame = self._frame(train)
        self.columns = frame.columns[frame.notna().any()]
        frame = frame[self.columns]
        try:
            self.fitted = model.fit(frame, wanted if y.shape[1] > 1 else wanted[:, 0])
        except (ValueError, TypeError) as error:
            raise BaselineError(_in_words(type(self.model).__name__, error, frame)) from error

    def predict(self, posts: Posts) -> Array:
        found = np.asarray(self.fitted.predict(self._frame(posts)[self.columns]), np.float64)
        return (self._level(posts) + found.reshape(len(posts), -1)).astype(np.float32)

    def _level(self, posts: Posts) -> Array:
        """[n, t]: what the model predicts around."""
        if not self.around:
            return np.zeros((len(posts), len(self.middle)), np.float32)
        recent = posts.history().recent_median
        return np.where(np.isnan(recent), self.middle, recent).astype(np.float32)

    def _frame(self, posts: Posts) -> pd.DataFrame:
        import pandas as pd

        frames = []
        for encoding in self.inputs:
            if encoding == "tabular":
                frames.append(posts.tabular())
            elif encoding == "history":
                frames.append(posts.history().frame(relative=bool(self.around)))
            else:
                frames.append(pd.DataFrame(posts.encode(encoding)).add_prefix(f"{encoding}_"))
        return pd.concat(frames, axis=1)


def wrapped(
    model: Any, name: str, *, inputs: Sequence[str] | None = None, around: str | None = None
) -> type[Estimator]:
    """The class of a baseline that is this estimator. `name`: of the class."""
    body = {
        "__doc__": f"scikit-learn: {' '.join(repr(model).split())}",
        "__annotations__": {"inputs": "tuple[str, ...]", "around": "str"},
        "model": model,
        "inputs": Estimator.inputs if inputs is None else tuple(inputs),
        "around": around or "",
    }
    return type(name, (Estimator,), body)


def is_estimator(value: object) -> bool:
    """Whether this is an object that fits and predicts as scikit-learn's do."""
    return not isinstance(value, type) and all(
        callable(getattr(value, method, None)) for method in ("fit", "predict", "get_params")
    )


def _several_outputs(model: Any) -> bool:
    from sklearn.utils import get_tags

    try:
        return bool(get_tags(model).target_tags.multi_output)
    except (AttributeError, TypeError):  # a library that knows nothing of tags: one output is always right
        return False


def _in_words(name: str, error: Exception, frame: pd.DataFrame) -> str:
    """What of the DataFrame the estimator could not take, and what to put in front of it."""
    text = " ".join(str(error).split())
    said = text.lower()
    gaps = frame.columns[frame.isna().any()].tolist()
    categories = frame.select_dtypes("category").columns.tolist()
    if categories and ("could not convert" in said or "categor" in said or "dtype" in said):
        return (
            f"{name} cannot take categories ({_listed(categories)} are). Encode them first: "
            "make_pipeline(make_column_transformer((OneHotEncoder(handle_unknown='ignore'), "
            f"make_column_selector(dtype_include='category')), remainder='passthrough'), ...). "
            f"It said: {text}"
        )
    if gaps and ("nan" in said or "missing" in said):
        return (
            f"{name} cannot take missing values ({_listed(gaps)} have some). Put an imputer in front of it: "
            f"make_pipeline(SimpleImputer(strategy='median', keep_empty_features=True), ...). It said: {text}"
        )
    return f"{name} could not be fitted on {len(frame)} posts and {frame.shape[1]} columns: {text}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
