"""The holdout on which learned baselines choose their settings, and what they keep of it for others."""

from __future__ import annotations

from typing import Protocol

from benchmark import Array, Posts

HOLDOUT = 0.2
"""The newest fifth of the training posts."""


class Validated(Protocol):
    """A baseline that shows how it does on posts later than those it has learnt from.

    After `fit(train, y)`, `validation` holds what a model fitted on `train.holdout(HOLDOUT).fit` alone
    predicts for `train.holdout(HOLDOUT).check`: float32 [n_check, targets], on the scoring scale. Rounds,
    epochs and penalties may have been chosen on `check`, so its error there is a little too small.
    """

    validation: Array

    def fit(self, train: Posts, y: Array) -> None: ...

    def reveal(self, posts: Posts, y: Array) -> None: ...

    def predict(self, posts: Posts) -> Array: ...
