"""Slices: subsets of the test posts, to show where a row is strong and where it fails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FEWEST_POSTS = 30
"""A smaller slice is left out: its scores would say more about chance than about the row."""
MOST_CATEGORIES = 12
"""Of a column, only the largest values have a slice, so that a board stays readable."""
RARE_BELOW = 10
"""Training posts: with fewer, but one at least, a category is rare."""

COUNTED = "training_posts_"
"""Beginning of the name of a column that counts the training posts of a category."""
SLICED = "slice_"
"""Beginning of the name of a column whose values the task asks to be scored apart."""

Mask = NDArray[np.bool_]


def slices(
    posts: pd.DataFrame,
    *,
    category: str | None = None,
    deepest: str | None = None,
    asked: Sequence[str] = (),
) -> dict[str, Mask]:
    """Masks bool [n] of the test posts by name, in the order in which they are shown.

    `unseen_users` and `seen_users`; `unseen_concept` and `rare_concept`, called after the deepest category;
    `month=2016-01` (UTC) in time's order; `category=Fashion`, called after the column, by falling size, and
    in the same way `country=BR` of the columns that are asked for. A slice with fewer than `FEWEST_POSTS`
    posts is left out, and so is one that holds every post: its score is the score.

    Args:
        posts: columns `time` (timestamp) and `seen_in_training` (bool: the user has a post in training).
        category: column of the top category, null where missing; None where there is none.
        deepest: name of the deepest category; `posts` then has a column `training_posts_<deepest>`, as
            `training_posts` gives it.
        asked: names of columns; `posts` then has a column `slice_<name>` of each, null where missing.

    Raises:
        KeyError: a column is missing.
    """
    seen = posts["seen_in_training"].to_numpy(dtype=bool)
    found: dict[str, Mask] = {"unseen_users": ~seen, "seen_users": seen}
    if deepest is not None:
        known = posts[f"training_posts_{deepest}"].to_numpy(dtype=float, na_value=np.nan)
        found[f"unseen_{deepest}"] = known == 0
        found[f"rare_{deepest}"] = (known > 0) & (known < RARE_BELOW)
    time = posts["time"].dt
    months = time.year.to_numpy() * 12 + time.month.to_numpy() - 1
    found |= {
        f"month={month // 12:04}-{month % 12 + 1:02}": months == month for month in np.unique(months).tolist()
    }
    if category is not None:
        found |= _by_value(category, posts[category])
    for name in asked:
        found |= _by_value(name, posts[f"{SLICED}{name}"])
    return {name: mask for name, mask in found.items() if FEWEST_POSTS <= mask.sum() < len(posts)}


def _by_value(column: str, values: pd.Series) -> dict[str, Mask]:
    names = values.astype(object)
    sizes = names.value_counts()
    # By name among equals: the order must not follow the order of rows.
    largest = sorted(sizes.index, key=lambda name: (-sizes[name], str(name)))[:MOST_CATEGORIES]
    return {f"{column}={name}": (names == name).to_numpy(dtype=bool) for name in largest}


def training_posts(levels: pd.DataFrame, train: NDArray[np.int64], test: NDArray[np.int64]) -> pd.Series:
    """Int64 [len(test)]: how many training posts have the post's categories, all levels of them.

    Missing where the post's deepest category is.

    Args:
        levels: a row a post, a column a level of category from the top down, null where missing.
        train, test: rows.
    """
    # By the whole path: a name may stand below two parents.
    group = levels.groupby(list(levels.columns), dropna=False, sort=False, observed=True).ngroup().to_numpy()
    counts = np.bincount(group[train], minlength=group.max(initial=-1) + 1)
    missing = levels.iloc[test, -1].isna().to_numpy()
    return pd.Series(counts[group[test]], dtype="Int64").mask(missing)
