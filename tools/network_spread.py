"""What spreads between communities, and whether crossing them early foretells how many users come later.

python -m tools.network_spread -d influencers [--home DIR]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmark.data.prepare import prepare
from network.build.build import build
from network.communities.find import communities
from network.spread.cascades import cascades, taken_from
from network.spread.crossings import crossings
from network.spread.early import early, foretold
from network.spread.uses import uses_of
from smpbench.door.names import chosen_card, home_folder, raw_roots
from tools import command

DAY = 24.0
SPANS = ((1.0, 7 * DAY), (6.0, 7 * DAY), (24.0, 7 * DAY), (72.0, 28 * DAY))


def main() -> None:
    """Numbers of crossings and cascades, then Spearman with later users, with and without communities."""
    options = argparse.ArgumentParser(prog="python -m tools.network_spread", description=main.__doc__)
    options.add_argument("-d", "--dataset", default="influencers")
    options.add_argument("--home", type=Path)
    given = options.parse_args()
    card = chosen_card(given.dataset)
    network = build(prepare(card, home_folder(given.home), raw_roots()))
    found = communities(network, windows=())
    uses = uses_of(network)
    users = np.diff(uses.ends())
    crossed = crossings(uses, found.of)
    third = [one.hours_to_third for one in crossed if one.hours_to_third is not None]
    print(f"{len(users):,} tags and links, {100 * (users == 1).mean():.0f}% of one account")
    print(f"{(users >= 5).sum():,} of five accounts or more, {len(crossed):,} of them in several communities")
    if third:
        print(f"{len(third):,} came to a third community, half of them within {np.median(third):.0f} hours")
    trees = cascades(uses, taken_from(uses, network.graph), fewest=5)
    if trees:
        virality = np.array([one.virality for one in trees])
        low, middle, high = np.quantile(virality, [0.1, 0.5, 0.9])
        print(
            f"{len(trees):,} trees of five accounts or more along ties, the largest of {trees[0].users}; "
            f"structural virality {middle:.2f} (a tenth below {low:.2f}, a tenth above {high:.2f})"
        )
    print(f"\n{'first hours':>11} {'ahead':>6} {'items':>6} {'crossed':>8} {'alone':>22} {'beyond':>24}")
    for hours, ahead in SPANS:
        features, later, began = early(uses, found.of, hours, ahead, int(network.published.times[-1]))
        if len(later) < 40:
            print(f"{hours:11g} {ahead:6g} {len(later):6} too few")
            continue
        said = foretold(features, later, began)
        print(
            f"{hours:11g} {ahead:6g} {said.items:6} {100 * said.crossed:7.0f}% "
            f"{said.alone:6.3f} [{said.alone_low:6.3f}, {said.alone_high:5.3f}] "
            f"{said.beyond:+7.4f} [{said.beyond_low:+7.4f}, {said.beyond_high:+7.4f}]"
        )


if __name__ == "__main__":
    command.run(main)
