"""Campaigns held against real cascades: do accounts that a method chooses reach more than plain ones?

    python -m tools.network_campaigns --cascades FILE --edges FILE [-k 5 10 20]

Lines of the first are `name user time,user time,...`, of the second `follower,followed`. Accounts are chosen
on what had happened when half of the cascades had begun, and judged on the other half: of all users there,
the share that came after a chosen account in the same cascade. Who comes after need not come because of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from network.judging.campaigns import FOLLOWERS, OWN_PAST, covered, split
from network.judging.cascade_files import read_cascades, read_follows
from tools import command


def main() -> None:
    """Shares of users of later cascades, with 95% intervals over cascades, and what each has beyond one."""
    options = argparse.ArgumentParser(prog="python -m tools.network_campaigns", description=main.__doc__)
    options.add_argument("--cascades", type=Path, required=True)
    options.add_argument("--edges", type=Path, required=True)
    options.add_argument("-k", type=int, nargs="+", default=[5, 10, 20])
    options.add_argument("--against", choices=(FOLLOWERS, OWN_PAST), default=FOLLOWERS)
    given = options.parse_args()
    both = split(read_cascades(given.cascades), read_follows(given.edges))
    users = sum(map(len, both.later))
    print(f"{len(both.early.cascades)} early cascades, {len(both.later)} later ones with {users:,} users")
    plain = given.against.split(":")[0]
    for k in given.k:
        print(f"\n{f'{k} accounts by':34} {'share of later users':>22} {f'less {plain}':>26}")
        for one in covered(both, k, given.against):
            print(
                f"{one.way:34} {one.share:6.3f} [{one.low:5.3f}, {one.high:5.3f}] "
                f"{one.beyond:+8.3f} [{one.beyond_low:+6.3f}, {one.beyond_high:+6.3f}]"
            )


if __name__ == "__main__":
    command.run(main)
