"""Order of point predictions: Spearman's rank correlation."""

from __future__ import annotations

import numpy as np

from benchmark.scores.measures.measure import Floats, Measure, Predicted
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.measures.spearman import SortedPosts, spearman


class Spearman(Measure):
    """Correlation of average ranks over the whole of the test posts; 0, with a note, for a constant."""

    name, title, better = "spearman", "Spearman's ρ", "higher"
    perfect = 1.0

    def value(self, y: Floats, predicted: Predicted) -> float:
        return spearman(y, predicted.points)

    def note(self, y: Floats, predicted: Predicted) -> str | None:
        if len(y) < 3:
            return f"only {len(y)} posts: no rank correlation, counted as 0"
        told = (("labels", y), ("predictions", predicted.points))
        constant = " and ".join(what for what, values in told if values.min() == values.max())
        return f"{constant} are constant: no rank correlation, counted as 0" if constant else None

    def replicates(self, y: Floats, predicted: Predicted, resamples: Resamples) -> Floats:
        posts = SortedPosts.sort(y, predicted.points, resamples.clusters)
        found = np.empty(resamples.number)
        for rows, counts in resamples.blocks():
            found[rows] = posts.spearman(counts)
        return found
