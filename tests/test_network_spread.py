"""Spread: what crossed communities and when, and how cascades ran."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_worlds import DAY, graph_of, network_of

from network.spread.cascades import cascades, depths, structural_virality, taken_from
from network.spread.crossings import crossings
from network.spread.early import early, foretold
from network.spread.uses import Uses, first_uses, uses_of

HOUR = 3_600_000


def used(*uses: tuple[str, int, int]) -> Uses:
    """(item, account, hour)."""
    return first_uses(
        [one[0] for one in uses],
        np.array([one[1] for one in uses], np.int64),
        np.array([one[2] * HOUR for one in uses], np.int64),
    )


@st.composite
def trees(draw: st.DrawFn) -> list[int]:
    """Parents, in any order of nodes."""
    n = draw(st.integers(2, 14))
    parent = [-1, *(draw(st.integers(0, node - 1)) for node in range(1, n))]
    place = draw(st.permutations(range(n)))
    found = [-1] * n
    for node, above in enumerate(parent):
        found[place[node]] = -1 if above < 0 else place[above]
    return found


def mean_distance(parent: list[int]) -> float:
    """Between all pairs, by Floyd and Warshall."""
    n = len(parent)
    distance = np.where(np.eye(n, dtype=bool), 0, 10**6)
    for node, above in enumerate(parent):
        if above >= 0:
            distance[node, above] = distance[above, node] = 1
    for by in range(n):
        distance = np.minimum(distance, distance[:, by, None] + distance[None, by])
    return float(np.mean([distance[one, other] for one, other in itertools.combinations(range(n), 2)]))


@given(trees())
def test_structural_virality_is_the_mean_distance_of_two_users(parent: list[int]) -> None:
    assert structural_virality(parent) == pytest.approx(mean_distance(parent))


def test_a_broadcast_is_near_two_and_a_chain_far_from_it() -> None:
    star, chain = [-1] + [0] * 99, [-1, *range(99)]
    assert structural_virality(star) == pytest.approx(2 * 99 / 100)
    assert structural_virality(chain) == pytest.approx(101 / 3)


def test_long_chains_need_no_recursion() -> None:
    assert structural_virality([-1, *range(19_999)]) == pytest.approx(20_001 / 3)


def test_one_user_has_no_distance() -> None:
    assert np.isnan(structural_virality([-1]))
    assert np.isnan(structural_virality([]))


@pytest.mark.parametrize("parent", [[-1, 2, 1], [1, 0], [-1, -1], [-1, 7]])
def test_what_is_no_tree_is_refused(parent: list[int]) -> None:
    with pytest.raises(ValueError, match=r"circle|one root"):
        structural_virality(parent)


def test_depths_count_steps_from_the_root() -> None:
    assert depths([-1, 0, 1, 1, -1]).tolist() == [0, 1, 2, 2, 0]


def test_an_item_is_taken_from_the_newest_user_to_whom_there_was_a_tie() -> None:
    # 3 names 0 and 1 before it uses the tag, and 2 only later.
    graph = graph_of(5, [(3, 0), (3, 1), (3, 2)], [0, 0, 9 * HOUR])
    uses = used(("#a", 0, 1), ("#a", 1, 2), ("#a", 2, 3), ("#a", 3, 4), ("#a", 4, 5))
    assert taken_from(uses, graph).tolist() == [-1, -1, -1, 1, -1]


def test_nobody_takes_from_a_use_of_the_same_moment() -> None:
    uses = used(("#a", 0, 1), ("#a", 1, 1))
    assert taken_from(uses, graph_of(2, [(0, 1), (1, 0)], [0, 0])).tolist() == [-1, -1]


def test_cascades_are_trees_of_one_item_each() -> None:
    graph = graph_of(4, [(1, 0), (2, 1), (3, 2)], [0, 0, 0])
    uses = used(*((tag, account, account) for tag in ("#a", "#b") for account in range(4)), ("#c", 0, 1))
    found = cascades(uses, taken_from(uses, graph))
    assert [(one.item, one.root, one.users, one.depth) for one in found] == [(0, 0, 4, 3), (1, 0, 4, 3)]
    assert found[0].virality == pytest.approx(5 / 3)


def test_no_uses_make_no_cascade() -> None:
    none = used()
    assert cascades(none, taken_from(none, graph_of(2, [(0, 1)]))) == ()
    assert crossings(none, np.zeros(2, np.int64)) == ()


def test_a_crossing_tells_where_a_tag_began_and_when_it_came_elsewhere() -> None:
    community = np.array([0, 0, 1, 2, -1])
    uses = used(("#a", 4, 0), ("#a", 0, 1), ("#a", 1, 2), ("#a", 3, 5), ("#a", 2, 7))
    (found,) = crossings(uses, community)
    assert (found.what, found.first_in, found.users, found.first_seen) == ("#a", 0, 5, HOUR)
    assert found.order == ((0, 0), (2, 4 * HOUR), (1, 6 * HOUR))
    assert found.hours_to_third == 6


def test_what_stays_at_home_or_is_used_by_few_does_not_cross() -> None:
    community = np.array([0, 0, 0, 0, 0, 1])
    stays = [("#home", account, account) for account in range(5)]
    few = [("#few", 0, 0), ("#few", 5, 1)]
    assert crossings(used(*stays, *few), community) == ()
    assert [one.what for one in crossings(used(*stays, *few), community, fewest=2)] == ["#few"]
    assert crossings(used(*few), community, fewest=2)[0].hours_to_third is None


def test_an_account_uses_a_thing_once_however_often_it_repeats_it() -> None:
    uses = used(("#a", 0, 5), ("#a", 0, 2), ("#a", 0, 9))
    assert uses.time.tolist() == [2 * HOUR]


def test_tags_and_links_are_read_as_all_write_them() -> None:
    posts = [
        (0, 0, "#Vote vote", "see https://www.Example.org/Page/?utm=1#top."),
        (1, DAY, "VOTE", "http://example.org/Page and https://t.co/abc"),
    ]
    uses = uses_of(network_of(graph_of(2, [(0, 1)]), posts))
    assert uses.items.tolist() == ["#vote", "example.org/Page"]
    assert len(uses) == 4


def later_by(communities_tell: bool, seed: int = 0) -> tuple[Uses, np.ndarray]:
    """400 tags, a day apart, of three early users each in one to three communities; how many come later hangs
    on these communities, or on nothing."""
    random = np.random.default_rng(seed)
    community = np.repeat([0, 1, 2], 100)
    rows = []
    for tag in range(400):
        crossed = int(random.integers(1, 4))
        first = [(tag + place) % 100 + 100 * (place % crossed) for place in range(3)]
        more = int(random.poisson(3 * crossed if communities_tell else 6))
        others = random.choice(np.setdiff1d(np.arange(300), first), more, replace=False)
        rows += [(f"#{tag}", account, 24 * tag) for account in first]
        rows += [(f"#{tag}", int(account), 24 * tag + 30) for account in others]
    return used(*rows), community


@pytest.mark.parametrize("tell", [True, False])
def test_early_crossing_is_held_against_the_early_count(tell: bool) -> None:
    uses, community = later_by(tell)
    features, later, began = early(uses, community, 24, 72, until=500 * DAY)
    assert len(later) == 400
    found = foretold(features, later, began, draws=100)
    assert (found.beyond_low > 0) == tell
    assert found.alone_low < 0.3


def test_items_that_were_not_watched_to_the_end_are_left_out() -> None:
    uses, community = later_by(True)
    _, _, began = early(uses, community, 24, 72, until=100 * DAY)
    assert began.max() <= 96 * DAY


def test_few_items_tell_nothing() -> None:
    with pytest.raises(ValueError, match="too few"):
        foretold(np.zeros((3, 3)), np.zeros(3), np.zeros(3, np.int64))
