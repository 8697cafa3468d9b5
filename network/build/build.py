"""Build: a prepared data set -> its network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmark.declared.column import KNOWN_AT
from network.build.accounts import of_one_person, spelled_alike
from network.build.alike import Alikeness
from network.build.coded import empty_window, graph_of, within
from network.build.derived import derived
from network.build.edges import ABSENT_POST, UNDATED, Edges, edges_of, joined
from network.build.kinds import DERIVED, NAMING, checked_kinds, default_kinds
from network.build.posts import published_by
from network.build.single import each_once, of_posts, strongest, without_loops
from network.build.told import told_of_accounts, without_bots
from network.graph import Codes
from network.network import Network

if TYPE_CHECKING:
    from benchmark.data.prepared import Prepared
    from benchmark.declared.fact_table import FactTable

PERSON = "person"
"""What a column of posts that says who writes, whatever the account, is called."""


def build(
    prepared: Prepared,
    kinds: Sequence[str] | None = None,
    *,
    since: int | None = None,
    until: int | None = None,
    others: Sequence[Edges] = (),
    join_persons: bool = False,
    leave_out_bots: bool = False,
    alikeness: Alikeness | None = None,
) -> Network:
    """Every account that publishes or is named, the edges that the data's facts tell, and the posts.

    A fact table with two columns of role `user` holds edges, from the first to the second: of the kind that
    its categorical column `how` tells, else of the table's name without a plural s.

    Args:
        kinds: of edges; all that facts and `others` tell, and `co_tag` where posts have tags, when None.
        since, until: ms since 1970: edges that become known in [since, until), and derived kinds of what was
            published and became known then. Posts are all there.
        others: edges that lie beside the data set (`network.build.files`).
        join_persons: accounts of one person, as a column `person` of the posts tells, become one.
        leave_out_bots: what a column `is_bot` or `bot` of the posts calls one has no edges.
        alikeness: how edges of kind `alike` are found.

    Raises:
        UnknownName: a kind that is neither told nor derived.
        SmpbenchError: the data lack what a kind is derived of, or no edge becomes known in the window.
    """
    posts = prepared.posts()
    author, publishers = pd.factorize(posts["user_id"].cast(pa.string()).to_numpy(zero_copy_only=False))
    author = author.astype(np.int32)
    facts = [_of(declared, prepared, name, posts) for name, declared in prepared.card.facts.items()]
    edges = joined(np.asarray(publishers, object), [*(one for one in facts if one is not None), *others])
    times = posts["time"].cast("int64").to_numpy()
    undated = int((edges.known_at == UNDATED).sum())
    edges = edges.dated(int(times.max()) + 1)
    told = edges.kinds
    wanted = (
        default_kinds(prepared.card, told) if kinds is None else checked_kinds(prepared.card, told, kinds)
    )

    # What asks for mentions alone is told no replies: they stand among the mentions of a post, too.
    edges = _of_kinds(edges, {*wanted, *NAMING})
    edges, author, notes = _one_name_each(edges, author, posts, join_persons=join_persons)
    for step in (without_loops, strongest, each_once, of_posts):
        edges, done = step(edges)
        notes += done
    if leave_out_bots:
        edges, done = without_bots(edges, posts, author)
        notes += done

    found = within(edges, since, until)
    chosen = (times >= (times.min() if since is None else since)) & (times < (until or times.max() + 1))
    further = [kind for kind in wanted if kind in DERIVED and kind not in told]
    more, done = derived(prepared, posts, author, chosen, found, further, alikeness)
    graph, author = graph_of(joined(edges.names, [_of_kinds(found, wanted), *more]), author)
    if not len(graph) and (since is not None or until is not None):
        raise empty_window(edges, since, until)
    if undated:
        notes.append(f"edges of no moment, taken to be known after the last post: {undated:,}")
    notes += [*done, *told_of_accounts(prepared.card, posts, author, graph)]
    return Network(prepared.card, graph, published_by(prepared, posts, author), tuple(notes))


def _of_kinds(edges: Edges, kinds: Sequence[str] | set[str]) -> Edges:
    return edges.take(np.isin(edges.kind, [place for place, kind in enumerate(edges.kinds) if kind in kinds]))


def _one_name_each(
    edges: Edges, author: Codes, posts: pa.Table, *, join_persons: bool
) -> tuple[Edges, Codes, list[str]]:
    """The same edges and authors, each account under one name."""
    n = len(edges.names)
    uses = np.bincount(np.concatenate([edges.source, edges.target]), minlength=n)
    code, notes = spelled_alike(edges.names, np.bincount(author, minlength=n) > 0, uses)
    edges = edges.renamed(code)
    if PERSON in posts.column_names:
        person = posts[PERSON].cast(pa.string()).to_numpy(zero_copy_only=False)
        code, found = of_one_person(edges.names, author, person, join=join_persons)
        edges, author = edges.renamed(code), code[author].astype(np.int32)
        notes += found
    elif join_persons:
        notes.append(f"no column '{PERSON}' of the posts says who writes: no accounts are joined")
    return edges, author, notes


def _of(declared: FactTable, prepared: Prepared, name: str, posts: pa.Table) -> Edges | None:
    users, about = declared.with_role("user"), declared.with_role("post")
    if len(users) != 2:
        return None
    rows = prepared.facts(name)
    post = None
    if about:
        row_of = pd.Index(posts["post_id"].cast(pa.string()).to_numpy(zero_copy_only=False))
        ids = rows[about[0]].cast(pa.string())
        post = row_of.get_indexer(ids.to_numpy(zero_copy_only=False)).astype(np.int64)
        # -1 both of no post and of one that is not there.
        post[(post < 0) & ids.is_valid().to_numpy()] = ABSENT_POST
    how = "how" if "how" in declared.with_role("categorical") else None
    return edges_of(
        rows[users[0]].cast(pa.string()),
        rows[users[1]].cast(pa.string()),
        rows[KNOWN_AT].cast("int64").to_numpy(),
        name.removesuffix("s") if how is None else rows[how],
        post=post,
    )
