"""Tags: which accounts used which, for the page's filter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from network.network import Network
from network.page.pseudonyms import Names

MOST = 150
COLUMN = "hashtags"
"""The column that is taken for the tags, where the card has several of that role; else the first that is not
one in which facts find accounts."""


def tags_of(network: Network, names: Names, held: NDArray[np.int64]) -> list[dict[str, Any]]:
    """The tags that most accounts used, at least two; with the places in `held` of those that did."""
    column = _column(network)
    if column is None:
        return []
    code = np.full(network.graph.n, -1, np.int64)
    code[held] = np.arange(len(held))
    texts = network.published.table[column].cast("string").fill_null("").to_numpy(zero_copy_only=False)
    some = np.flatnonzero(texts != "")
    used = pd.DataFrame({"author": network.published.author[some], "tag": texts[some]})
    # Prepared tags have spaces between them, whatever the raw files had.
    used["tag"] = used["tag"].str.lower().str.split()
    used = used.explode("tag")
    used["tag"] = used["tag"].str.strip().str.lstrip("#")
    used = used[used["tag"].fillna("") != ""].drop_duplicates()
    users = used.groupby("tag").size()
    most = users[users > 1].sort_index().sort_values(ascending=False, kind="stable").head(MOST)
    by_tag = used[used["tag"].isin(most.index)].groupby("tag")["author"]
    told = {str(tag): code[authors.to_numpy()] for tag, authors in by_tag}
    return [
        {
            "name": names.text(f"#{tag}"),
            "users": int(most[tag]),
            "accounts": sorted(one for one in told[str(tag)].tolist() if one >= 0),
        }
        for tag in most.index
    ]


def _column(network: Network) -> str | None:
    card = network.card
    named = {column for facts in card.facts.values() for column in (facts.of or {}).values()}
    found = [
        name
        for name, column in card.columns.items()
        if column.role == "tags" and name in network.published.table.column_names and name not in named
    ]
    return COLUMN if COLUMN in found else next(iter(found), None)
