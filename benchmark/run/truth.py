"""Truth: what the scored posts of a task and protocol were, and their labels; stored once for all rows."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.errors import StoreError
from benchmark.run.checksums import PAGE, read_checksummed, write_checksummed
from benchmark.scores.clusters import clusters
from benchmark.scores.kinds import kind
from benchmark.scores.scoring import ENGAGEMENT, PERIOD, WEEK
from benchmark.scores.slices import COUNTED, SLICED, training_posts
from benchmark.split import DAY_MS

if TYPE_CHECKING:
    from benchmark.run.cell import Cell
    from benchmark.run.store import Store, StoredResult
    from benchmark.run.tasks import TaskPosts
    from benchmark.split import Windows

log = logging.getLogger(__name__)

TRUTH = "truth.parquet"
TRUTH_FOLDER = "truth-"
"""Beginning of the name of the folder; the key follows."""


def truth_table(posts: TaskPosts, windows: Windows) -> pa.Table:
    """The predicted posts in the order of prediction, with what scoring needs of them and nothing else.

    Columns: post_id, user (int code), time, cluster (for the bootstrap), seen_in_training (has the user a
    post among the training posts?), category (top level, null where there is none),
    training_posts_<deepest level> (int, null where there is none; only where posts have categories),
    label_<target> (float64, on the scoring scale). Where the task asks for slices, slice_<column> (text, null
    where there is none). Where labels are derived from counts, engagement_<target> (float64, log(1 + count),
    NaN where unknown); there, and where labels are numbers and a measure compares them within weeks,
    account_week (int code: account and ISO week, UTC). Of influence, period (int code: rows of one moment).
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
    columns |= {
        f"{SLICED}{name}": posts.table[name].take(test).cast(pa.string()) for name in posts.task.slices
    }
    columns |= {f"label_{name}": posts.labels[test, j] for j, name in enumerate(posts.task.targets)}
    if posts.engagement is not None:
        told = enumerate(posts.task.targets)
        columns |= {f"{ENGAGEMENT}{name}": posts.engagement[test, j] for j, name in told}
    if posts.engagement is not None or posts.task.within_weeks:
        columns[WEEK] = account_weeks(users[test], posts.times[test])
    if kind(posts.task.kind).competes == "period":
        columns[PERIOD] = np.unique(posts.times[test], return_inverse=True)[1].astype(np.int64)
    return pa.table(columns)


def account_weeks(users: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 [n] in 0..: one code an account and ISO week (from Monday, 0:00 UTC), by account, then by time.

    Args:
        users: codes, 0 or more. times: ms since 1970, which began on a Thursday.
    """
    weeks = (times + 3 * DAY_MS) // (7 * DAY_MS)
    since = weeks - weeks.min(initial=0)
    _, codes = np.unique(users * (since.max(initial=0) + 1) + since, return_inverse=True)
    return codes.astype(np.int64)


def truth_folder(runs: Path, table: tuple[str, str, str], key: str) -> Path:
    """Where the truth of a (data set, task, protocol) lies in a run store."""
    return runs.joinpath(*table, f"{TRUTH_FOLDER}{key[:16]}")


def truth_folder_of(stored: StoredResult) -> Path:
    """Where the truth lies that a result of a run store was scored by."""
    return stored.folder.parents[3] / f"{TRUTH_FOLDER}{stored.about.truth_key[:16]}"


def stored_truth(store: Store, cell: Cell, key: str, posts: TaskPosts, windows: Windows) -> pa.Table:
    """The truth of a task and protocol, written on first use beside its results."""
    import pyarrow.parquet as pq

    folder = truth_folder(store.root, (cell.dataset, cell.task, cell.protocol), key)
    truth = truth_table(posts, windows)
    with store.claim(folder) as ours:
        if ours and (wrong := truth_fault(folder)):
            if os.path.lexists(folder):
                log.warning("%s; it is written anew", wrong)
            with store.writing(folder) as staging:
                pq.write_table(truth, staging / TRUTH)
                about = {"dataset": cell.dataset, "task": cell.task, "protocol": cell.protocol}
                write_checksummed(staging, about | {"truth_key": key})
    return truth


def read_truth(folder: Path) -> pa.Table:
    """The stored truth.

    Raises:
        StoreError: it is missing, or damaged.
    """
    import pyarrow.parquet as pq

    if TRUTH not in read_checksummed(folder)["files"]:
        raise StoreError(f"{folder}: tells of no {TRUTH}")
    try:
        return pq.read_table(folder / TRUTH, partitioning=None)
    except (OSError, ValueError, NotImplementedError) as error:  # what pyarrow raises is among them
        raise StoreError(f"{folder / TRUTH}: cannot be read: {error}") from None


def truth_fault(folder: Path) -> str | None:
    """Why a stored truth cannot be used; None if it is as it was written."""
    if not (folder / PAGE).is_file():  # a pipe in its place would be waited for
        return f"{folder / PAGE}: is missing"
    try:
        read_checksummed(folder)
    except (StoreError, OSError) as error:
        return str(error)
    return None
