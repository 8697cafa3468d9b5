"""Ready features of posts, and whom they name: pure functions of each post's own columns, and of no label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.declared.column import Column

MARKS = {
    "words": r"\S+",
    "links": r"https?://",
    "mentions": r"@\w",
    "hashtags": r"#\w",
    "digits": r"\d",
    "capitals": r"\p{Lu}",
    "questions": r"[?]",
    "exclamations": r"!",
}
"""Counted in each text column, beside its length in characters."""
TABULAR = ("numeric", "place", "category", "categorical", "text", "tags", "image")
"""Roles of the columns that ready features are made of, with the time."""


class Named(NamedTuple):
    """Of n posts, each account that one of them names and each way of naming it: p of them, post by post."""

    rows: NDArray[np.int64]
    """[p] which of the posts, ascending."""
    accounts: NDArray[np.int64]
    """[p] codes as in `Posts.users`: an account that nobody has met before has a new one."""
    names: NDArray[np.object_]
    """str [p] what the accounts are called."""
    how: NDArray[np.object_]
    """str [p] in which way, as the card calls it: `mention`, `reply`."""


def tabular(
    posts: pa.Table,
    columns: Mapping[str, Column],
    categories: Mapping[str, list[str]],
    counts: Callable[[str, Mapping[str, str]], NDArray[np.float32]],
) -> pd.DataFrame:
    """The features `Posts.tabular()` describes.

    Args:
        counts: of these posts, what `counted` says of a column's texts by these patterns.
    """
    import pandas as pd

    found: dict[str, object] = {}
    for name, column in columns.items():
        if column.role in ("numeric", "place"):
            found[name] = _numbers(posts[name])
        elif column.role in ("category", "categorical"):
            values = pc.cast(posts[name], "string").combine_chunks()
            codes = pc.index_in(values, value_set=pa.array(categories[name], "string"))
            codes = pc.fill_null(codes, -1).to_numpy()
            found[name] = pd.Categorical.from_codes(codes, categories=pd.Index(categories[name], dtype="str"))
        elif column.role == "text":
            of = counts(name, MARKS)
            found |= {f"{name}_{mark}": of[:, j] for j, mark in enumerate(["length", *MARKS])}
        elif column.role == "tags":
            found[f"{name}_count"] = counts(name, {"count": MARKS["words"]})[:, 1]
        elif column.role == "image":
            found[f"{name}_given"] = posts[name].is_valid().to_numpy().astype(np.float32)
    return pd.DataFrame(found | _calendar(posts["time"]))


def counted(texts: pa.ChunkedArray, patterns: Mapping[str, str]) -> NDArray[np.float32]:
    """float32 [n, 1 + patterns]: characters of each text, and how often it has each pattern."""
    length = pc.fill_null(pc.utf8_length(texts), 0).to_numpy().astype(np.float32)
    return np.stack([length, *(_count(texts, pattern) for pattern in patterns.values())], axis=1)


def joined_text(posts: pa.Table, names: list[str]) -> pa.Array:
    """string [n]: these columns of each post, joined by a blank."""
    if not names:
        return pa.array([""] * len(posts), "string")
    parts = [pc.fill_null(posts[name].combine_chunks(), "") for name in names]
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, " "))


def vectors(values: pa.ChunkedArray, width: int) -> NDArray[np.float32]:
    """float32 [n, width]: lists of so many numbers; rows of NaN where there is none."""
    lists = values.combine_chunks()
    out = np.full((len(lists), width), np.nan, np.float32)
    given = lists.is_valid().to_numpy(zero_copy_only=False)
    out[given] = pc.list_flatten(lists).to_numpy(zero_copy_only=False).reshape(int(given.sum()), width)
    return out


def named_in(
    posts: pa.Table, of: Mapping[str, str]
) -> tuple[NDArray[np.int64], pa.Array, NDArray[np.object_]]:
    """Rows [p] of the posts, names [p] and how each is named [p]; way by way, in the order of the posts.

    Args:
        of: how an account is named -> the column that says which.
    """
    rows, names, ways = [], [], []
    for how, column in of.items():
        of_row, found = _split(posts[column])
        rows.append(of_row)
        names.append(found)
        ways.append(np.full(len(found), how, object))
    if not rows:
        return np.empty(0, np.int64), pa.array([], pa.string()), np.empty(0, object)
    return np.concatenate(rows), pa.concat_arrays(names), np.concatenate(ways)


def _numbers(values: pa.ChunkedArray) -> NDArray[np.float32]:
    return pc.fill_null(pc.cast(values, "float64"), np.nan).to_numpy().astype(np.float32)


def _count(texts: pa.ChunkedArray, pattern: str) -> NDArray[np.float32]:
    counts = pc.count_substring_regex(texts, pattern=pattern)
    return pc.fill_null(counts, 0).to_numpy().astype(np.float32)


def _calendar(times: pa.ChunkedArray) -> dict[str, NDArray[np.float32]]:
    """UTC. Hour and day of the year also as points on a circle, for models that add and do not split."""
    ms = times.cast("int64").to_numpy()
    hour = (ms % 86_400_000 / 3_600_000).astype(np.float32)
    day = pc.day_of_year(times).to_numpy().astype(np.float32)
    return {
        "hour": hour,
        "weekday": pc.day_of_week(times).to_numpy().astype(np.float32),
        "day_of_year": day,
        "hour_sin": np.sin(hour * np.float32(2 * np.pi / 24)),
        "hour_cos": np.cos(hour * np.float32(2 * np.pi / 24)),
        "year_sin": np.sin(day * np.float32(2 * np.pi / 365.25)),
        "year_cos": np.cos(day * np.float32(2 * np.pi / 365.25)),
    }


def _split(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Several stand in one column of role `tags`, with spaces between them."""
    words = pc.fill_null(column.combine_chunks().cast(pa.string()), "")
    lists = pc.split_pattern(words, " ")
    rows, names = pc.list_parent_indices(lists), pc.list_flatten(lists)
    told = pc.not_equal(names, "")
    return rows.filter(told).to_numpy(zero_copy_only=False).astype(np.int64), names.filter(told)
