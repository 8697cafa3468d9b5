"""Said: whom posts name, as facts that are known from the publication of each post on."""

from __future__ import annotations

import pyarrow as pa

from benchmark.declared.column import KNOWN_AT
from benchmark.declared.fact_table import FactTable
from benchmark.features import named_in


def said_by(declared: FactTable, posts: pa.Table) -> pa.Table:
    """A row a post, account that it names, and way of naming it, in the columns of `OF_POSTS`.

    An account that names itself is kept: whoever reads edges leaves out loops, and says how many.
    """
    rows, names, how = named_in(posts, declared.of)
    post = posts.select(["time", "post_id", "user_id"]).take(rows)
    return pa.table(
        {
            KNOWN_AT: post["time"].cast(pa.timestamp("ms")),
            "post_id": post["post_id"].cast(pa.string()),
            "author": post["user_id"].cast(pa.string()),
            "named": names,
            "how": pa.array(how, pa.string()),
        }
    )
