"""Gram: what ridge regressions of every penalty are solved from, added up a block of posts at a time.

Of 486,000 posts with 1,700 columns the matrix is 3.3 GB, and several times that while it is solved; its Gram
matrix is 23 MB, and one serves all penalties: Hoerl and Kennard 1970, "Ridge Regression", Technometrics 12.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark import Array

Numbers = NDArray[np.floating[Any]]


class Plane(NamedTuple):
    """p columns -> t targets."""

    coefficients: Array
    """float32 [t, p]"""
    intercept: Array
    """float32 [t]"""

    def predict(self, x: Numbers) -> Array:
        """float32 [n, t] of float32 [n, p]."""
        found: Array = x.astype(np.float32, copy=False) @ self.coefficients.T + self.intercept
        return found


class Gram:
    """Sums over posts, in float64: p columns, t targets."""

    def __init__(self) -> None:
        self.posts = 0
        self.products: Numbers = np.zeros((0, 0))
        """[p, p + t]"""
        self.sums: Numbers = np.zeros(0)
        """[p + t]"""

    def add(self, x: Numbers, y: Array) -> None:
        """x: [n, p]; y: [n, t]."""
        left, right = x.astype(np.float64), y.astype(np.float64)
        columns, targets = left.shape[1], right.shape[1]
        if not self.posts:
            self.products, self.sums = np.zeros((columns, columns + targets)), np.zeros(columns + targets)
        self.products[:, :columns] += left.T @ left
        self.products[:, columns:] += left.T @ right
        self.sums += np.concatenate([left.sum(axis=0), right.sum(axis=0)])
        self.posts += len(left)

    def solved(self, penalty: float) -> Plane:
        """Least squares with penalty |w|^2 added, and an intercept that is not punished.

        Args:
            penalty: above 0.
        """
        from scipy.linalg import solve

        columns = len(self.products)
        mean = self.sums / self.posts
        centred = self.products - self.posts * np.outer(mean[:columns], mean)
        found = solve(
            centred[:, :columns] + penalty * np.eye(columns), centred[:, columns:], assume_a="pos"
        ).T
        intercept = mean[columns:] - found @ mean[:columns]
        return Plane(found.astype(np.float32), intercept.astype(np.float32))
