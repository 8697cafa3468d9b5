"""Leak screen: a column that ranks posts almost as the label does was not known at publication."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmark.card import Card
from benchmark.errors import DataError

LIMIT = 0.95
"""|Spearman| with a label from which a column is taken for the label in disguise. The best published models,
given everything, stay below 0.8."""
FEWEST_POSTS = 30


def refuse_leaks(card: Card, posts: pa.Table, targets: pa.Table) -> None:
    """Check every numeric and categorical column that a baseline may see by default.

    A column of strings is judged by the mean label of its levels: levels learnt on every other post and
    tried on the rest, so that a column with a level a post does not look like one.

    Raises:
        DataError: a column resembles a label and the card does not say that it may.
    """
    for name in card.with_role("numeric", "place", "categorical", "category"):
        column = card.columns[name]
        if column.availability == "crawl" or column.resembles_label:
            continue
        values = posts[name].to_pandas()
        for target in card.targets:
            labels = targets[target].to_numpy()
            found = abs(resemblance(values, labels))
            if found >= LIMIT:
                raise DataError(
                    f"looks like the label '{target}': |Spearman| = {found:.3f}",
                    file=card.folder / "card.toml",
                    column=name,
                    mend='Set `availability = "crawl"` if it is known only later, or '
                    "`resembles_label = true` if you are sure that it is known at publication",
                )


def resemblance(values: pd.Series, labels: np.ndarray) -> float:
    """Spearman's rho of a column with a label over posts that have both; 0.0 with fewer than 30 of them.

    rho is blind to the scoring scale: both scales are monotone.
    """
    known = np.isfinite(labels) & values.notna().to_numpy()
    values, labels = values[known], labels[known]
    numeric = pd.to_numeric(values, errors="coerce").astype("float64")
    if numeric.notna().all():
        return spearman(numeric.to_numpy(), labels)
    learn = np.arange(len(labels)) % 2 == 0
    means = pd.Series(labels[learn]).groupby(values[learn].to_numpy()).mean()
    tried = values[~learn].map(means).to_numpy(dtype="float64")
    seen = np.isfinite(tried)
    return spearman(tried[seen], labels[~learn][seen])


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation with mid-ranks; 0.0 for fewer than 30 posts or a constant."""
    if len(x) < FEWEST_POSTS:
        return 0.0
    a, b = (pd.Series(values).rank().to_numpy() for values in (x, y))
    a, b = a - a.mean(), b - b.mean()
    norm = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / norm) if norm > 0 else 0.0
