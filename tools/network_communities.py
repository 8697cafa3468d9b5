"""Communities held against a known answer: do they divide accounts as people who know them do?

    python -m tools.network_communities -d influencers --camps FILE [--column person] [--home DIR]

FILE is a CSV with columns `folder` (what posts have in --column) and `camp`. Only sums are printed: neither
accounts nor camps. The resolution is 1 throughout, and in the last row what the network itself chose; it is
never chosen by the answer.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmark.data.prepare import prepare
from benchmark.errors import DataError
from network.build.build import build
from network.communities.agreement import agreement, most_agreed
from network.communities.find import communities, equal_spans
from network.communities.leiden import Labels, leiden
from network.communities.naming import newest_of_each
from network.graph import Graph, Weighing
from network.judging.camps import agreed, by_chance, by_texts, named_alike
from network.network import Network
from smpbench.door.names import chosen_card, home_folder, raw_roots
from tools import command

SEEDS = 10
TEXTS = 100_000


def main() -> None:
    """Adjusted mutual information with the camps, with 95% intervals over accounts."""
    options = argparse.ArgumentParser(prog="python -m tools.network_communities", description=main.__doc__)
    options.add_argument("-d", "--dataset", default="influencers")
    options.add_argument("--camps", type=Path, required=True)
    options.add_argument("--column", default="person")
    options.add_argument("--home", type=Path)
    given = options.parse_args()
    card = chosen_card(given.dataset)
    network = build(prepare(card, home_folder(given.home), raw_roots()))
    camps = camps_of(network, given.camps, given.column)
    writes = np.zeros(network.graph.n, bool)
    writes[network.published.author] = True
    _against(network, writes, camps)
    _over_time(network.graph.among(writes), camps[writes])


def camps_of(network: Network, file: Path, column: str) -> Labels:
    """[n] the camp of each account, coded; -1 where none is told.

    Raises:
        DataError: no such columns, one account in two camps, or no account in any.
    """
    told = pd.read_csv(file, dtype=str)
    for name in ("folder", "camp"):
        if name not in told:
            raise DataError(f"no column '{name}'", file=file, mend="It has `folder` and `camp`.")
    told = told.dropna(subset=["folder", "camp"]).drop_duplicates(["folder", "camp"])
    if (twice := told["folder"].duplicated().sum()) > 0:
        raise DataError(f"{twice} of its accounts are in two camps", file=file)
    if column not in network.published.table.column_names:
        raise DataError(f"posts have no column '{column}'", mend="Name another by --column.")
    codes, _ = pd.factorize(told["camp"], sort=True)
    camp = dict(zip(told["folder"], codes, strict=True))
    found = np.full(network.graph.n, -1, np.int64)
    values = network.published.table[column].cast(pa.string()).to_pandas()
    usual = values.groupby(network.published.author).agg(lambda one: one.value_counts().index[0])
    found[usual.index] = usual.map(camp).fillna(-1).astype(np.int64)
    if not (found >= 0).any():
        raise DataError(f"no value of column '{column}' is among its folders", file=file)
    return found


def _against(network: Network, writes: np.ndarray, camps: Labels) -> None:
    within, known = network.graph.among(writes), camps[writes]
    print(f"{'communities':42} {'AMI':>5} {'95%':>14} {'seeds':>6} {'chance':>7} {'k':>3} {'accounts':>9}")
    for weighing in ("log", "events", "pairs"):
        _row(f"ties within, {weighing}", _of_ties(within, weighing), known)
    from scipy.sparse import csr_matrix

    alike = csr_matrix(named_alike(network.graph, writes))
    named = [leiden(alike, 1.0, seed) for seed in range(SEEDS)]
    _row("whom they name alike, log", named, known)
    everyone = network.graph.matrix("log", symmetric=True)
    _row("ties of all accounts, log", [leiden(everyone, 1.0, seed)[writes] for seed in range(SEEDS)], known)
    for number in (len(np.unique(known[known >= 0])), 1 + max(_of_ties(within, "log")[0])):
        _row(f"texts, k-means of {number}", list(_by_texts(network, writes, int(number))), known)
    chosen = communities(network, windows=())
    _row(f"as chosen, resolution {chosen.resolution:g}", [chosen.of[writes]], known)


def _of_ties(graph: Graph, weighing: Weighing) -> list[Labels]:
    matrix = graph.matrix(weighing, symmetric=True)
    return [leiden(matrix, 1.0, seed) for seed in range(SEEDS)]


def _by_texts(network: Network, writes: np.ndarray, number: int) -> Iterator[Labels]:
    rows = newest_of_each(network, TEXTS)
    column = network.published.table[network.card.with_role("text")[0]].cast(pa.string()).fill_null("")
    of_each = column.take(pa.array(rows)).to_pandas().groupby(network.published.author[rows]).agg(" ".join)
    texts = of_each.reindex(np.flatnonzero(writes), fill_value="").tolist()
    yield from (by_texts(texts, number, seed) for seed in range(3))


def _row(name: str, runs: list[Labels], camps: Labels) -> None:
    """The seed that agrees best with the other seeds, and the mean over all."""
    best, _ = most_agreed(runs)
    found = agreed(runs[best], camps)
    mean = np.mean([agreement(one, camps) for one in runs])
    chance = by_chance(runs[best], camps)
    print(
        f"{name:42} {found.ami:5.2f} [{found.low:5.2f}, {found.high:4.2f}] {mean:6.2f} {chance:7.2f} "
        f"{found.communities:3} {found.accounts:9}"
    )


def _over_time(within: Graph, camps: Labels) -> None:
    halves = [within.between(*span) for span in equal_spans(within, 2)]
    runs = [_of_ties(half, "log") for half in halves]
    for name, one in zip(("first half, log", "second half, log"), runs, strict=True):
        _row(name, one, camps)
    both = [one[most_agreed(one)[0]] for one in runs]
    found = agreed(both[0], both[1])
    print(
        f"{'first half against second':42} {found.ami:5.2f} [{found.low:5.2f}, {found.high:4.2f}] "
        f"{np.mean([agreement(one, other) for one in runs[0] for other in runs[1]]):6.2f} "
        f"{by_chance(both[0], both[1]):7.2f} {found.communities:3} {found.accounts:9}"
    )


if __name__ == "__main__":
    command.run(main)
