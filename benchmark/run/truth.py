"""Truth: what the scored posts of a task and protocol were, and their labels; stored once for all rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from benchmark.run.store import TRUTH, checked, seal
from benchmark.scores.bootstrap import clusters
from benchmark.scores.slices import COUNTED, training_posts

if TYPE_CHECKING:
    from benchmark.run.cell import Cell
    from benchmark.run.store import Store
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows


def truth_table(posts: TaskPosts, windows: Windows) -> pa.Table:
    """The predicted posts in the order of prediction, with what scoring needs of them and nothing else.

    Columns: post_id, user (int code), time, cluster (for the bootstrap), seen_in_training (has the user a
    post among the training posts?), category (top level, null where there is none),
    training_posts_<deepest level> (int, null where there is none; only where posts have categories),
    label_<target> (float64, on the scoring scale).
    """
    test = windows.test
    users = posts.users
    levels = posts.prepared.card.with_role("category")
    category = posts.table[levels[0]].take(test) if levels else pa.nulls(len(test), pa.string())
    columns = {
        "post_id": posts.table["post_id"].take(test),
        "user": users[test],
        "time": posts.table["time"].take(test),
        "cluster": clusters(users[test], posts.times[test]),
        "seen_in_training": np.isin(users[test], users[windows.train]),
        "category": category,
    }
    if levels:
        paths = posts.table.select(levels).to_pandas()
        columns[f"{COUNTED}{levels[-1]}"] = pa.array(training_posts(paths, windows.train, test))
    labels = {f"label_{name}": posts.labels[test, j] for j, name in enumerate(posts.task.targets)}
    return pa.table(columns | labels)


def stored_truth(store: Store, cell: Cell, key: str, posts: TaskPosts, windows: Windows) -> pa.Table:
    """The truth of a task and protocol, written on first use beside its results."""
    import pyarrow.parquet as pq

    folder = store.truth_folder(cell, key)
    truth = truth_table(posts, windows)
    with store.claim(folder) as ours:
        if ours and store.read(folder) is None:
            with store.writing(folder) as staging:
                pq.write_table(truth, staging / TRUTH)
                about = {
                    "truth_key": key,
                    "dataset": cell.dataset,
                    "task": cell.task,
                    "protocol": cell.protocol,
                }
                seal(staging, about)
    return truth


def read_truth(folder: Path) -> pa.Table:
    """The stored truth.

    Raises:
        StoreError: it is missing, or damaged.
    """
    import pyarrow.parquet as pq

    return pq.read_table(checked(folder).folder / TRUTH)
