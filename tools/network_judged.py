"""What a network tells of what comes: influence beside the account's own past, and who names whom next.

    python -m tools.network_judged -d influencers --cut 2020-07-01 --links 2020-10-01

Prints, of accounts with enough posts before and after the day of --cut, how each score of what was known then
ranks the engagement and the mentions to come, with 95% intervals by accounts; beside it the account's own
past, and what own past and score together say beyond own past alone, out of sample. Then, of pairs of
accounts that publish, how well each score foretells who names whom from the day of --links on, with intervals
by authors.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.data.prepare import prepare
from benchmark.errors import DataError
from network.build.build import build
from network.influence.window import window_of
from network.judging.links import Linked, Told, linked
from network.judging.own_past import FEWEST_POSTS, held, middle
from network.network import Network
from network.reading import Held
from smpbench.door.names import chosen_card, home_folder, raw_roots
from tools import command


def communities_before(network: Network, cut: int) -> NDArray[np.int64]:
    """[n] by Louvain at resolution 1, log weights, of edges before the cut; -1 of accounts without any."""
    from sknetwork.clustering import Louvain

    seen = window_of(network, until=cut).whole
    tied = np.flatnonzero(np.diff(seen.both_ways.indptr))
    found = np.full(seen.n, -1, np.int64)
    if len(tied):
        matrix = (seen.logs + seen.logs.T).tocsr()[tied][:, tied]
        found[tied] = Louvain(shuffle_nodes=False).fit_predict(matrix)
    return found


def told(values: Told) -> str:
    return f"{values[0]:.3f} [{values[1]:.3f}, {values[2]:.3f}]"


def print_held(found: Sequence[Held]) -> None:
    for against in dict.fromkeys(one.against for one in found):
        print(
            f"\n{against} to come       Spearman               own past  beyond own past            accounts"
        )
        for one in (one for one in found if one.against == against):
            beyond = f"{one.beyond:+.4f} [{one.beyond_low:+.4f}, {one.beyond_high:+.4f}]"
            value = told((one.spearman, one.low, one.high))
            print(f"  {one.score:20} {value:23} {one.own_past:8.3f}  {beyond}  {one.accounts:,}")


def print_links(found: Sequence[Linked]) -> None:
    for of in dict.fromkeys(one.of for one in found):
        rows = [one for one in found if one.of == of]
        drawn = ", others drawn" if rows[0].drawn else ""
        print(
            f"\n{of} pairs: {rows[0].came:,} of {rows[0].candidates:,} came "
            f"({rows[0].came / rows[0].candidates:.3f}{drawn}), {rows[0].authors} authors"
        )
        print(f"  {'':22} {'AUC':22} {'average precision':22} mean reciprocal rank")
        for one in rows:
            values = " ".join(map(told, (one.auc, one.average_precision, one.reciprocal_rank)))
            print(f"  {one.score:22} {values}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-d", "--dataset", required=True)
    parser.add_argument("--cut", type=dt.date.fromisoformat, help="by default halfway")
    parser.add_argument("--links", type=dt.date.fromisoformat, help="by default 91 days before the last edge")
    parser.add_argument("--fewest", type=int, default=FEWEST_POSTS, help="posts of an account in either half")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--raw", type=Path)
    asked = parser.parse_args(arguments)
    prepared = prepare(chosen_card(asked.dataset), home_folder(asked.home), raw_roots(asked.raw))
    network = build(prepared)
    cut = middle(network) if asked.cut is None else _moment(asked.cut)
    day = np.datetime64(cut, "ms").astype("datetime64[D]")
    print(f"{prepared.card.name}: {network.graph.n:,} accounts, {len(network.graph):,} edges, cut at {day}")
    print(
        f"engagement is {network.published.measure}; accounts of {asked.fewest} posts or more in either half"
    )
    print_held(held(network, cut, communities=communities_before(network, cut), fewest=asked.fewest))
    try:
        print_links(linked(network, None if asked.links is None else _moment(asked.links)))
    except DataError as error:
        print(f"\n{error}")


def _moment(day: dt.date) -> int:
    return round(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000)


if __name__ == "__main__":
    command.run(main)
