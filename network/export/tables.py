"""Tables: accounts and edges as CSV, for spreadsheets and for whatever reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.files import write_atomically
from benchmark.outside.spreadsheet import guarded_table
from network.page.plain import of_posts, ranks
from network.page.pseudonyms import Names, names_of
from network.reading import Reading

ACCOUNTS, EDGES, CROSSINGS = "accounts.csv", "edges.csv", "crossings.csv"


def write_tables(reading: Reading, folder: Path, names: Names | None = None) -> list[Path]:
    """All accounts, all edges and all that crossed, a file each; UTF-8 with a byte order mark, by which
    spreadsheets know it.

    Raises:
        StoreError, OSError: they cannot be written there.
    """
    names = names or names_of(reading)
    tables = {
        ACCOUNTS: accounts_table(reading, names),
        EDGES: edges_table(reading, names),
        CROSSINGS: crossings_table(reading, names),
    }
    for name, table in tables.items():
        text = guarded_table(table).to_csv(index=False, lineterminator="\n")
        write_atomically(folder / name, text.encode("utf-8-sig", "replace"))
    return [folder / name for name in tables]


def accounts_table(reading: Reading, names: Names) -> pd.DataFrame:
    """A row an account, the best connected first: `account`, `pseudonym`, `community` (empty for none),
    `community_name`, `posts`, `median_engagement`, and of each score its value, `_low`, `_high`, `_rank` and
    `_could_be`, the best rank that its interval allows."""
    posts, median = of_posts(reading.network)
    called = {one.code: names.text(one.name) for one in reading.communities.found}
    of = reading.communities.of
    columns: dict[str, object] = {
        "account": names.of.astype(object),
        "pseudonym": names.renamed.astype(int),
        "community": _whole(of, of >= 0),
        "community_name": [called.get(code, "") for code in of.tolist()],
        "posts": posts,
        "median_engagement": median,
    }
    for one in reading.influence:
        rank = ranks(one.values)
        columns |= {one.name: one.values, f"{one.name}_low": one.low, f"{one.name}_high": one.high}  # noqa: PD011
        columns[f"{one.name}_rank"] = _whole(rank, rank > 0)
        if one.tied is not None:
            columns[f"{one.name}_could_be"] = _whole(one.tied, one.tied > 0)
    return pd.DataFrame(columns).iloc[np.argsort(names.number)].reset_index(drop=True)


def edges_table(reading: Reading, names: Names) -> pd.DataFrame:
    """A row an edge, as they became known: `source`, `target`, `kind`, `known_at` (UTC), `weight`."""
    graph = reading.network.graph
    order = np.lexsort((names.number[graph.target], names.number[graph.source], graph.known_at))
    kinds = np.asarray(graph.kinds, object)
    called = names.of.astype(object)
    return pd.DataFrame(
        {
            "source": called[graph.source[order]],
            "target": called[graph.target[order]],
            "kind": kinds[graph.kind[order]] if len(kinds) else [],
            "known_at": np.datetime_as_string(graph.known_at[order].astype("datetime64[ms]"), timezone="UTC"),
            "weight": graph.weight[order],
        }
    )


def crossings_table(reading: Reading, names: Names) -> pd.DataFrame:
    """A row a tag, link or phrase that went between communities: a description, no forecast."""
    called = {one.code: names.text(one.name) for one in reading.communities.found}

    def way(order: tuple[tuple[int, int], ...]) -> str:
        return " > ".join(f"{called.get(code, code)} (+{after / 3_600_000:.1f} h)" for code, after in order)

    return pd.DataFrame(
        {
            "what": [names.text(one.what) for one in reading.crossings],
            "accounts": [one.users for one in reading.crossings],
            "first_seen": [
                str(np.datetime_as_string(np.datetime64(one.first_seen, "ms"), timezone="UTC"))
                for one in reading.crossings
            ],
            "first_in": [called.get(one.first_in, "") for one in reading.crossings],
            "hours_to_third": [one.hours_to_third for one in reading.crossings],
            "way": [way(one.order) for one in reading.crossings],
        }
    )


def _whole(values: NDArray[np.int64], known: NDArray[np.bool_]) -> pd.Series:
    """Whole numbers, empty where they are not known."""
    return pd.Series(values, dtype="Int64").where(known)
