"""Build: a prepared data set -> its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmark.card import KNOWN_AT
from network.build.edges import Edges, joined
from network.build.posts import published_by
from network.graph import Graph
from network.network import Network

if TYPE_CHECKING:
    from benchmark.card import FactTable
    from benchmark.data.prepared import Prepared


def build(prepared: Prepared) -> Network:
    """Every account that publishes or is named, the edges that the data's facts tell, and the posts.

    A fact table with two columns of role `user` holds edges, from the first to the second: of the kind that
    its categorical column `how` tells, else of the table's name without a plural s.
    """
    posts = prepared.posts()
    edges = [_of(declared, name, prepared.facts(name)) for name, declared in prepared.card.facts.items()]
    found = joined([one for one in edges if one is not None])
    authors = posts["user_id"].cast(pa.string()).to_numpy(zero_copy_only=False)
    # Names of people are not many, and as objects they are found by their hash.
    codes, names = pd.factorize(np.concatenate([authors, found.source, found.target]), sort=True)
    author, source, target = np.split(
        codes.astype(np.int32), [len(authors), len(authors) + len(found.source)]
    )
    kind, kinds = pd.factorize(found.kind, sort=True)
    row = pd.Index(posts["post_id"].cast(pa.string()).to_pandas()).get_indexer(found.post)
    order = np.argsort(found.known_at, kind="stable")
    graph = Graph(
        names=np.asarray(names, np.str_),
        source=source[order],
        target=target[order],
        known_at=found.known_at[order],
        kind=kind[order].astype(np.int8),
        weight=np.ones(len(order), np.float32),
        post=row[order].astype(np.int64),
        kinds=tuple(kinds),
    )
    return Network(prepared.card, graph, published_by(prepared, posts, author))


def _of(declared: FactTable, name: str, rows: pa.Table) -> Edges | None:
    users, post = declared.with_role("user"), declared.with_role("post")
    if len(users) != 2:
        return None

    def text(column: str | None, otherwise: str = "") -> NDArray[np.object_]:
        if column is None:
            return np.full(rows.num_rows, otherwise, object)
        return rows[column].cast(pa.string()).fill_null("").to_numpy(zero_copy_only=False)

    how = "how" if "how" in declared.with_role("categorical") else None
    return Edges(
        source=text(users[0]),
        target=text(users[1]),
        known_at=rows[KNOWN_AT].cast("int64").to_numpy(),
        kind=text(how, name.removesuffix("s")),
        post=text(post[0] if post else None),
    )
