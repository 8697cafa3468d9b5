"""Errors by which held-out posts judge a baseline, by the kind of task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]

SUREST = 1e-4
"""No chance is nearer to 0 or 1."""


class Error(NamedTuple):
    """Called: the mean over all posts and targets."""

    name: str
    """As plots have it."""
    key: str
    """As files have it."""
    each: Callable[[Values, Values], Values]
    """(answers, labels), which broadcast -> the error of each."""

    def __call__(self, answer: Values, y: Values) -> float:
        return float(self.each(answer, y).mean())


def _log_losses(answer: Values, y: Values) -> NDArray[np.float64]:
    """In nats."""
    sure = np.clip(answer.astype(np.float64), SUREST, 1 - SUREST)
    return -np.where(y == 1, np.log(sure), np.log1p(-sure))


MAE = Error("MAE", "mae", lambda answer, y: np.abs(answer - y))
LOG_LOSS = Error("log loss", "log_loss", _log_losses)


def error_of(kind: str) -> Error:
    """Of a kind of task."""
    return LOG_LOSS if kind == "event" else MAE
