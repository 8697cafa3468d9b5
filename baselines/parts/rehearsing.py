"""Rehearsing: how a baseline does on later posts is seen on a holdout, before it learns from all posts."""

from __future__ import annotations

from abc import abstractmethod

from benchmark import Array, Baseline, Posts


class Rehearsing(Baseline):
    """Fits in two parts, so that an ensemble pays the second only for members that it takes."""

    @abstractmethod
    def rehearse(self, train: Posts, y: Array) -> Array:
        """Choose settings on the chronological holdout of the training posts.

        Returns:
            float32 [n_check, targets], on the scoring scale: what a model fitted on
            `train.holdout(HOLDOUT).fit` alone predicts for `train.holdout(HOLDOUT).check`. Rounds, epochs and
            penalties may have been chosen on `check`, so its error there is a little too small.
        """

    @abstractmethod
    def conclude(self, train: Posts, y: Array) -> None:
        """Learn afresh from all training posts, as the rehearsal chose."""

    def fit(self, train: Posts, y: Array) -> None:
        self.validation = self.rehearse(train, y)
        self.conclude(train, y)
