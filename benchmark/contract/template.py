"""`smpbench new baseline NAME`: a file that already runs, to be changed into one's own."""

from __future__ import annotations

import keyword
from pathlib import Path

from benchmark.declared.naming import baseline_problem
from benchmark.errors import SmpbenchError
from benchmark.files import write_atomically

BASELINE = '''\
from __future__ import annotations

import numpy as np
from sklearn.linear_model import Ridge

from benchmark import Array, Baseline, Posts


class {cls}(Baseline):
    """Ridge regression on text embeddings, around the account's recent level."""

    needs = {{"text"}}
    alpha: float = 10.0

    def fit(self, train: Posts, y: Array) -> None:
        self.middle = np.median(y, axis=0)
        self.model = Ridge(alpha=self.alpha).fit(train.encode("text"), y - self._level(train))

    def predict(self, posts: Posts) -> Array:
        residual = self.model.predict(posts.encode("text")).reshape(len(posts), -1)
        return self._level(posts) + residual

    def _level(self, posts: Posts) -> Array:
        """The median of the account's newest known labels; of all labels for an account without any."""
        recent = posts.history().recent_median
        return np.where(np.isnan(recent), self.middle, recent)
'''


def write_baseline(name: str, folder: Path) -> Path:
    """Write the template under this name.

    Raises:
        SmpbenchError: the name is none for a baseline (see `benchmark.declared.naming`), or the file exists.
    """
    if problem := baseline_problem(name):
        raise SmpbenchError(problem)
    if keyword.iskeyword(name):
        raise SmpbenchError(f"'{name}' is no name for a row: it is a word of Python's")
    path = folder / f"{name}.py"
    if path.exists():
        raise SmpbenchError(f"{path} exists already")
    cls = "".join(part.capitalize() for part in name.split("_"))
    write_atomically(path, BASELINE.format(cls=cls))
    return path.resolve()
