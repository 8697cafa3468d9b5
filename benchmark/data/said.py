"""Said: whom posts name, as facts that are known from the publication of each post on."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from benchmark.card import KNOWN_AT, FactTable


def said_by(declared: FactTable, posts: pa.Table) -> pa.Table:
    """A row a post, account that it names, and way of naming it, in the columns of `OF_POSTS`.

    An account that names itself is kept: whoever reads edges leaves out loops, and says how many.
    """
    rows = [_said(posts, how, column) for how, column in declared.of.items()]
    return pa.concat_tables(rows)


def _said(posts: pa.Table, how: str, column: str) -> pa.Table:
    named = posts[column].combine_chunks().cast(pa.string())
    # Several stand in one column of role `tags`, with spaces between them.
    lists = pc.split_pattern(pc.fill_null(named, ""), " ")
    rows, named = pc.list_parent_indices(lists), pc.list_flatten(lists)
    told = pc.not_equal(named, "")
    rows, named = rows.filter(told), named.filter(told)
    post = posts.select(["time", "post_id", "user_id"]).take(rows)
    return pa.table(
        {
            KNOWN_AT: post["time"].cast(pa.timestamp("ms")),
            "post_id": post["post_id"].cast(pa.string()),
            "author": post["user_id"].cast(pa.string()),
            "named": named,
            "how": pa.repeat(how, len(named)),
        }
    )
