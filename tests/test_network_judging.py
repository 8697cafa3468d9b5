"""Influence held against the future: what a score says beyond an account's own past, without cheating."""

from __future__ import annotations

import numpy as np
import pytest
from networks_made import DAY, graph_of, network_of

from benchmark.errors import DataError
from network.influence import named, posted
from network.influence.score import Score, linear
from network.influence.scores import SCORES
from network.judging.own_past import held, middle
from network.network import Network
from network.reading import Held

pytestmark = pytest.mark.slow

CUT = 50 * DAY
FEW = [one for one in SCORES if one.name in ("own_past", "h_index", "in_degree", "mentions", "core")]


def planted(
    seed: int, *, of_level: float, of_named: float, accounts: int = 80
) -> tuple[list[tuple[str, str, float]], list[tuple[str, float, float]]]:
    """Accounts that have a level, and are named as often as they are going to rise."""
    rng = np.random.default_rng(seed)
    names = [f"a{place:02d}" for place in range(accounts)]
    level, rise = rng.normal(size=(2, accounts))
    posts = []
    for place, name in enumerate(names):
        for day in rng.uniform(0, 100, 8):
            mean = 4 + of_level * level[place] + of_named * rise[place] * (day > 50)
            posts.append((name, float(day), float(np.exp(mean + 0.5 * rng.normal()))))
    times = np.round(np.exp(1.5 + 0.8 * rise)).astype(int)
    edges = [
        (names[rng.integers(accounts)], name, float(rng.uniform(0, 100)))
        for place, name in enumerate(names)
        for _ in range(2 * times[place])
    ]
    return edges, posts


def by_score(found: tuple[Held, ...], against: str = "engagement") -> dict[str, Held]:
    return {one.score: one for one in found if one.against == against}


def made(seed: int, **asked: float) -> Network:
    edges, posts = planted(seed, **asked)  # type: ignore[arg-type]
    return network_of(graph_of(edges), posts, known_after=2)


def test_a_score_that_knows_of_a_rise_says_more_than_own_past() -> None:
    found = by_score(held(made(0, of_level=1, of_named=1), CUT, fewest=2, scores=FEW))
    assert found["mentions"].beyond_low > 0.05
    assert found["own_past"].spearman == found["in_degree"].own_past
    assert found["own_past"].low < found["own_past"].spearman < found["own_past"].high


def test_a_score_that_only_repeats_the_level_says_nothing_beyond_own_past() -> None:
    found = by_score(held(made(1, of_level=1, of_named=0), CUT, fewest=2, scores=FEW))
    for score in ("in_degree", "mentions", "core"):
        assert found[score].beyond < 0.02 and found[score].beyond_low < 0
    assert abs(found["own_past"].beyond) + abs(found["own_past"].beyond_low) < 1e-9, "added to itself"


def test_beyond_is_out_of_sample() -> None:
    # Scores of chance add nothing: in sample each would add a little.
    rng = np.random.default_rng(0)
    network = made(2, of_level=0.5, of_named=0.5, accounts=40)
    n = network.graph.n
    chance = [
        Score(f"c{place}", "", "edges", lambda _, values=values: values, linear())
        for place, values in enumerate(rng.normal(size=(8, n)))
    ]
    found = by_score(held(network, CUT, fewest=2, scores=chance))
    assert np.mean([one.beyond for one in found.values()]) < 0.002


def test_accounts_of_equal_past_do_not_make_any_score_look_useful() -> None:
    # Most got nothing so far and get little later: leaving out an account each would favour whatever tells
    # them apart, and ranking the sum anew would punish it.
    rng = np.random.default_rng(0)
    names = [f"a{place:03d}" for place in range(120)]
    level = np.maximum(rng.normal(size=120), 0)
    posts = [
        (name, day, float(np.round(30 * level[place]) + (day > 50) * rng.integers(9)))
        for place, name in enumerate(names)
        for day in (10.0, 20, 30, 60, 70, 80)
    ]
    chance = [
        Score(f"c{place}", "", "posts", lambda _, values=values: values, linear())
        for place, values in enumerate(rng.normal(size=(10, 120)))
    ]
    network = network_of(graph_of([], names), posts)
    beyond = [one.beyond for one in held(network, CUT, fewest=2, scores=chance)]
    assert -0.006 < np.mean(beyond) < 0.001


def test_mentions_to_come_have_mentions_so_far_as_their_own_past() -> None:
    found = by_score(held(made(3, of_level=1, of_named=1), CUT, fewest=2, scores=FEW), "mentions")
    assert found["mentions"].spearman == found["mentions"].own_past == found["core"].own_past > 0.5
    assert abs(found["mentions"].beyond) < 1e-9


def test_scores_know_nothing_of_what_comes_after_the_cut() -> None:
    edges, posts = planted(4, of_level=1, of_named=1)
    seen: list[np.ndarray] = []
    spy = Score(
        "spy", "", "edges", lambda one: seen.append(posted.own_past(one)) or named.in_degree(one), linear()
    )  # type: ignore[func-returns-value]
    for later in (1, 100):
        # What is published a day before the cut is known a day after it.
        wrote = [(who, day, got * (later if day > 48 else 1)) for who, day, got in posts]
        more = [(a, b, day) for a, b, day in edges if day > 50] * (later - 1)
        found = held(network_of(graph_of([*edges, *more]), wrote, known_after=2), CUT, fewest=2, scores=[spy])
        assert found
    np.testing.assert_array_equal(*seen)


def test_accounts_with_few_posts_in_either_half_are_left_out() -> None:
    edges, posts = planted(5, of_level=1, of_named=1)
    network = network_of(graph_of(edges, ["z"]), [*posts, *[("z", day, 1e6) for day in range(40)]])
    code = network.graph.names.tolist().index("z")
    enough = [
        name
        for name in network.graph.names
        if min(sum(w == name and (d < 50) == early for w, d, _ in posts) for early in (True, False)) >= 3
    ]
    found = by_score(held(network, CUT, fewest=3, scores=FEW))
    assert found["own_past"].accounts == len(enough) < network.graph.n - 1
    assert network.graph.names[code] not in enough


def test_too_few_accounts_are_refused_and_said() -> None:
    with pytest.raises(
        DataError, match=r"^0 accounts have 20 posts or more before and after 1970-02-20: too few"
    ):
        held(made(6, of_level=1, of_named=1), CUT)


def test_communities_are_taken_as_they_are_given() -> None:
    network = made(7, of_level=1, of_named=1)
    without = by_score(held(network, CUT, fewest=2, scores=SCORES[-3:]))
    given = by_score(
        held(network, CUT, fewest=2, scores=SCORES[-3:], communities=np.arange(network.graph.n) % 4)
    )
    assert set(given) - set(without) == {"brokerage", "participation"}
    assert set(given) <= {score.name for score in SCORES}


def test_the_cut_is_halfway_by_default_and_the_same_twice() -> None:
    network = made(8, of_level=1, of_named=1)
    assert middle(network) in (49 * DAY, 50 * DAY)
    assert held(network, fewest=2, scores=FEW) == held(network, middle(network), fewest=2, scores=FEW)
