"""Coverage: how often the 95% interval of a paired difference of two equal models holds 0, by simulation.

    python -m tools.coverage

Two models are equal here by construction, so the truth is 0, and an interval that keeps its promise holds it
in 95 of 100 simulated test sets. Posts of one user share a part of their error. The same test sets are also
resampled post by post, as if users did not matter, to show how far off that is. Then the same is asked of two
rows of a few seeds, whose difference is in part the chance of their training.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.scores.bootstrap import interval
from benchmark.scores.clusters import MS_PER_DAY, clusters
from benchmark.scores.measures.resamples import Floats, Integers, Resamples
from leaderboard.tables.over_seeds import over_seeds
from tools.intervals import dependence, narrow, rules
from tools.intervals.series import CHOOSING

USERS = (30, 100, 300)
TAILS = (2.5, 1.5)
"""Exponents of the Pareto law of posts per user; below 2 its variance is infinite."""

FEWEST_POSTS = 3
SHARED, OWN = 0.7, 0.5
"""Standard deviations of the error that both models make and of the one that each makes alone; half of the
variance of either is the user's, half the post's."""


SEEDS = (3, 5, 10)
CHANCES = (0.0, 0.5, 1.0, 3.0)
"""Standard deviations of what training adds to the difference of two rows, over what the posts do."""


@dataclass(frozen=True)
class Simulated:
    """What came out for one number of users and one law of posts per user."""

    users: int
    tail: float
    posts: int
    effective_users: float
    """(sum of n_u)^2 / sum of n_u^2 over the users' numbers of posts n_u."""
    by_user: bool
    """Whether the board resamples users here; where few wrote nearly everything it takes time blocks."""
    trials: int
    clustered: float
    """Share of the intervals that hold 0 when users are resampled."""
    unclustered: float
    """The same when posts are."""
    clustered_width: float
    """Mean width of these intervals, over that of the true 95% range of the difference."""
    unclustered_width: float
    board: float
    """Share of the intervals that hold 0 when the board's own clusters are resampled."""


def simulate(users: int, tail: float, *, trials: int, resamples: int = 400, seed: int = 0) -> Simulated:
    """Draw `trials` test sets, and of each the intervals with and without clusters."""
    of_posts = np.repeat(np.arange(users), posts_per_user(users, tail))
    n = len(of_posts)
    counts = np.bincount(of_posts)
    times = np.random.default_rng([seed, users]).integers(0, 90 * MS_PER_DAY, n)
    of_board = clusters(of_posts, times)
    by_user = bool((of_board == of_posts).all())
    clustered = [of_posts, np.arange(n)] if by_user else [of_posts, np.arange(n), of_board]
    # As a board: the same for every test set.
    ways = [Resamples(one, resamples, seed=seed) for one in clustered]
    held, widths, differences = np.empty((trials, 3), bool), np.empty((trials, 3)), np.empty(trials)
    for trial in range(trials):
        difference = difference_of_equal_models(of_posts, np.random.default_rng([seed, users, trial]))
        differences[trial] = difference.mean()
        for way, resampled in enumerate(ways):
            low, high = interval_of_mean(difference, resampled)
            held[trial, way], widths[trial, way] = low <= 0 <= high, high - low
    true_width = float(np.subtract(*np.quantile(differences, [0.975, 0.025])))
    return Simulated(
        users=users,
        tail=tail,
        posts=n,
        effective_users=float(n**2 / (counts @ counts)),
        by_user=by_user,
        trials=trials,
        clustered=float(held[:, 0].mean()),
        unclustered=float(held[:, 1].mean()),
        clustered_width=float(widths[:, 0].mean()) / true_width,
        unclustered_width=float(widths[:, 1].mean()) / true_width,
        board=float(held[:, 0 if by_user else 2].mean()),
    )


def posts_per_user(users: int, tail: float) -> Integers:
    """int64 [users], ascending: the evenly spaced quantiles of a Pareto law from `FEWEST_POSTS` upward."""
    levels = (np.arange(users) + 0.5) / users
    return np.floor(FEWEST_POSTS * (1 - levels) ** (-1 / tail)).astype(np.int64)


def difference_of_equal_models(of_posts: Integers, rng: np.random.Generator) -> Floats:
    """Absolute error of one model less that of the other on each post, float64 [n]; its expectation is 0."""

    def error(scale: float) -> NDArray[np.float64]:
        of_users = rng.normal(size=int(of_posts.max()) + 1)[of_posts]
        return scale * math.sqrt(0.5) * (of_users + rng.normal(size=len(of_posts)))

    shared = error(SHARED)
    one, other = np.abs(shared + error(OWN)), np.abs(shared + error(OWN))
    return np.asarray(one - other)


def interval_of_mean(difference: Floats, resamples: Resamples) -> tuple[float, float]:
    """95% interval of the paired difference of MAEs.

    The difference of two rows' MAEs in a resample is the mean there of the differences of their errors, so
    that one pass over the resamples does what the board does in two.
    """
    sums = resamples.summed(np.stack([difference, np.ones_like(difference)]))
    totals = np.concatenate([counts.astype(np.float64) @ sums for _, counts in resamples.blocks()])
    sizes = np.bincount(resamples.clusters).astype(np.float64)
    return interval(totals[:, 0] / totals[:, 1], n_clusters=float(sizes.sum() ** 2 / (sizes @ sizes)))


def simulate_seeds(
    k: int, chance: float, *, trials: int, resamples: int = 400, seed: int = 0
) -> tuple[float, float]:
    """Of two rows of k seeds and one expected score: how often the interval of their difference holds 0.

    Args:
        chance: of training, in the difference of the two means, over that of the posts.

    Returns:
        The share of the board's intervals, and of those that leave the seeds as they are.
    """
    held = np.empty((trials, 2), bool)
    for trial in range(trials):
        rng = np.random.default_rng([seed, k, round(1000 * chance), trial])
        posts = rng.normal() + rng.normal(size=resamples)  # of this test set, and of its resamples
        shifts = rng.normal(scale=chance * math.sqrt(k / 2), size=(2, k))
        one = [posts / 2 + shift for shift in shifts[0]]
        other = [shift - posts / 2 for shift in shifts[1]]
        ends = interval(over_seeds(one) - over_seeds(other)), interval(np.mean(one, 0) - np.mean(other, 0))
        held[trial] = [low <= 0 <= high for low, high in ends]
    board, as_they_are = held.mean(axis=0)
    return float(board), float(as_they_are)


def lines_of_users(trials: int, resamples: int, seed: int) -> Iterator[list[str]]:
    """Heads, then a line a number of users and law of posts."""
    heads = ["users", "tail", "posts", "effective users", "by user", "by post"]
    yield [*heads, "width by user", "width by post", "the board resamples"]
    for tail in TAILS:
        for users in USERS:
            yield line_of(simulate(users, tail, trials=trials, resamples=resamples, seed=seed))


def lines_of_seeds(trials: int, resamples: int, seed: int) -> Iterator[list[str]]:
    """Heads, then both shares for all `CHANCES`, a line a number of seeds."""
    yield ["seeds", *(f"chance {chance:g}" for chance in CHANCES)]
    for k in SEEDS:
        pairs = [simulate_seeds(k, one, trials=trials, resamples=resamples, seed=seed) for one in CHANCES]
        yield [str(k), *(f"{100 * board:.0f}% ({100 * plain:.0f}%)" for board, plain in pairs)]


def lines_of_rules(trials: int, seed: int) -> Iterator[list[str]]:
    """Heads, then a line a setting and rule, what each is worth, and which the criterion names."""
    yield ["setting", "rule", "covers", "width"]
    found: list[rules.Tried] = []
    for of_setting in rules.tried(CHOOSING, trials, seed):
        found += of_setting
        for one in of_setting:
            yield [one.setting, one.rule, _share(one.covers, trials), f"{one.width:.2f}"]
    for name, (worth, width) in rules.worths(found).items():
        yield ["worst of those that die out, mean width", name, f"{100 * worth:.1f}%", f"{width:.2f}"]
    yield ["by the criterion", rules.chosen(found), "", ""]


def line_of(row: Simulated) -> list[str]:
    line = [str(row.users), f"{row.tail:g}", str(row.posts), f"{row.effective_users:.0f}"]
    line += [_share(row.clustered, row.trials), _share(row.unclustered, row.trials)]
    line += [f"{row.clustered_width:.2f}", f"{row.unclustered_width:.2f}"]
    return [*line, "users" if row.by_user else f"time blocks: {_share(row.board, row.trials)}"]


def _share(share: float, trials: int) -> str:
    """A share of the trials and its Monte-Carlo standard error, in percent."""
    return f"{100 * share:.1f}% ± {100 * math.sqrt(share * (1 - share) / trials):.1f}"


LEGEND = """\
Share of 95% intervals that hold the true difference, 0, of the MAEs of two equal models (± Monte-Carlo
standard error), users resampled and posts resampled. Width: mean of the intervals over the true 95% range.
Posts per user follow a Pareto law with the exponent `tail`. Where effective users are fewer than 20 the board
resamples time blocks instead: its interval then speaks of these accounts alone, and its share here, at which
it holds what is true of users at large, shows how little it says about them.
"""
LEGEND_OF_SEEDS = """\
The same of two rows of a few seeds, by the chance of their training over that of the posts; in brackets,
with the seeds as they are.
"""


@dataclass(frozen=True)
class Part:
    """One of the tables."""

    legend: str
    lines: Callable[[int, int, int], Iterator[list[str]]]
    """From trials, resamples and seed: heads, then line after line as it is known."""
    number: int
    """Of lines, about; for the time that is left."""
    asked: bool = False
    """Only printed if it is asked for."""


PARTS = {
    "users": Part(LEGEND, lines_of_users, len(USERS) * len(TAILS)),
    "seeds": Part(LEGEND_OF_SEEDS, lines_of_seeds, len(SEEDS)),
    "weeks": Part(
        dependence.LEGEND,
        lambda *asked: dependence.lines(dependence.MATCHED, *asked),
        len(dependence.MATCHED),
    ),
    "fresh": Part(
        dependence.LEGEND_OF_FRESH,
        lambda *asked: dependence.lines(dependence.FRESH, *asked),
        len(dependence.FRESH),
    ),
    "rules": Part(
        str(rules.__doc__),
        lambda trials, _, seed: lines_of_rules(trials, seed),
        len(CHOOSING) * len(rules.RULES),
        asked=True,
    ),
    "narrow": Part(
        narrow.LEGEND,
        lambda trials, _, seed: narrow.lines(trials, seed),
        narrow.LINES,
        asked=True,
    ),
}


def main() -> None:
    """How often intervals hold the truth, by simulation; a line is printed as soon as it is known."""
    import argparse

    options = argparse.ArgumentParser(prog="python -m tools.coverage", description=main.__doc__)
    options.add_argument("--trials", type=int, default=800, help="test sets a line")
    options.add_argument("--resamples", type=int, default=400)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--quick", action="store_true", help="a tenth of the test sets")
    options.add_argument(
        "--only",
        action="append",
        choices=PARTS,
        help="this table alone; repeatable. Without it all but rules and narrow",
    )
    given = options.parse_args()
    trials = max(given.trials // (10 if given.quick else 1), 2)
    chosen = given.only or [name for name, part in PARTS.items() if not part.asked]
    progress = Progress(sum(PARTS[name].number for name in chosen))
    for name in chosen:
        print(f"{PARTS[name].legend}", flush=True)
        for number, line in enumerate(PARTS[name].lines(trials, given.resamples, given.seed)):
            print(f"| {' | '.join(line)} |", flush=True)
            if number == 0:
                print(f"| {' | '.join('--:' for _ in line)} |", flush=True)
            else:
                progress.one(name)
        print()
    seconds = progress.seconds
    print(f"{trials} test sets a line, {given.resamples} resamples each, seed {given.seed}: {seconds:.0f} s")


class Progress:
    """Says on stderr how many lines there are, and about how long the rest takes."""

    def __init__(self, lines: int) -> None:
        self.lines, self.done, self.began = lines, 0, time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began

    def one(self, name: str) -> None:
        self.done += 1
        left = self.seconds / self.done * max(self.lines - self.done, 0)
        told = (
            f"{name}: {self.done} of about {self.lines} lines, {self.seconds:.0f} s, about {left:.0f} s left"
        )
        print(told, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
