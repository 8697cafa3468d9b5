"""What `category_embedding` has learnt of each category, as a table and as a map of the top level."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from baselines.parts.plots import GREY, HIGH, LOW, drawn

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from baselines.parts.hierarchy import Tree
    from benchmark import Array


def learnt(
    tree: Tree,
    vectors: Array,
    paths: NDArray[np.int64],
    corrections: NDArray[np.float32],
) -> pd.DataFrame:
    """A row a category, in the order of the tree's nodes.

    Columns: level (1 at the top), name (with those above), training_posts, correction (mean over its posts),
    x and y (its vector in the plane in which those of the top level vary most).

    Args:
        vectors: [nodes + 1, dim]. paths: [n, depth] nodes of posts.
        corrections: [n], what is predicted for these posts less their recent level, or less the mean chance.
    """
    import pandas as pd

    sums, counts = np.zeros(len(vectors)), np.zeros(len(vectors))
    for nodes in paths.T:
        sums += np.bincount(nodes, corrections, len(sums))
        counts += np.bincount(nodes, minlength=len(counts))
    top = vectors[tree.levels == 1]
    places = (vectors - top.mean(axis=0)) @ _plane(top) if len(top) else vectors[:, :2]
    columns = {
        "level": tree.levels,
        "name": [tree.path_name(node) for node in range(len(tree.levels))],
        "training_posts": tree.counts,
        "correction": sums / np.maximum(counts, 1),
        "x": places[:, 0],
        "y": places[:, 1],
    }
    return pd.DataFrame(columns)[1:]  # without the root


def draw_map(path: Path, table: pd.DataFrame) -> None:
    """A PNG: a named point a row of `learnt`: larger with more posts, red where the prediction is raised."""
    with drawn(path, 8, 6, "Categories: their vectors, in the plane in which they differ most") as axes:
        x, y = table["x"].to_numpy(), table["y"].to_numpy()
        area = 20 + 200 * table["training_posts"] / table["training_posts"].max()
        axes.scatter(x, y, s=area, c=np.where(table["correction"] > 0, HIGH, LOW), alpha=0.7, linewidths=0)
        for name, right, up in zip(table["name"], x, y, strict=True):
            axes.annotate(name, (right, up), xytext=(6, 4), textcoords="offset points", size=8, color=GREY)
        axes.margins(0.15)
        axes.set_xlabel("first component (red: the prediction is raised on average, blue: lowered)")
        axes.set_ylabel("second component")


def _plane(vectors: Array) -> NDArray[np.float32]:
    """[dim, 2]: the two directions in which vectors [m, dim], m > 0, vary most."""
    _, _, directions = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    return np.vstack([directions, np.zeros_like(directions)])[:2].T
