"""Who carries influence: scores of accounts, how sure they are, and what they must not be moved by."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks_made import DAY, at_random, graph_of, network_of

from benchmark.errors import DataError
from network.graph import Graph
from network.influence import between, intervals, named, posted
from network.influence.intervals import best_ranks
from network.influence.overlap import overlap, reached
from network.influence.read import influence_of
from network.influence.score import Score, linear
from network.influence.scores import SCORES
from network.influence.seen import Seen
from network.influence.window import window_of
from network.reading import Influence

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", intervals.FEWEST_RESAMPLES)


def seen(*edges: tuple[str, str], accounts: tuple[str, ...] = ()) -> Seen:
    return window_of(network_of(graph_of([(a, b, 0.0) for a, b in edges], accounts))).whole


def by_name(found: tuple[Influence, ...]) -> dict[str, np.ndarray]:
    return {one.name: one.values for one in found}


def communities_of(n: int) -> np.ndarray:
    return np.arange(n) % 3 - (np.arange(n) == 0)


def test_each_score_on_a_network_that_is_counted_by_hand() -> None:
    # a and b name c, who names d; a names d too.
    of = seen(("a", "c"), ("b", "c"), ("c", "d"), ("a", "d"))
    assert named.in_degree(of).tolist() == [0, 0, 2, 2]
    assert named.two_steps(of).tolist() == [0, 0, 2, 3]
    assert named.shared_audience(of).tolist() == [0, 0, 1.5, 1.5]
    assert between.betweenness(of).tolist() == [0, 0, 1, 0]  # b -> c -> d; a names d without c
    assert named.core(of).tolist() == [2, 1, 2, 2]


def test_how_much_of_an_audience_is_anothers_too() -> None:
    of = seen(("a", "x"), ("b", "x"), ("b", "y"), accounts=("z",))
    names = ["a", "b", "x", "y", "z"]
    rows = [names.index(one) for one in "xyz"]
    np.testing.assert_array_equal(overlap(of, rows), [[1, 0.5, 0], [1, 1, 0], [np.nan] * 3])
    assert reached(of, rows) == 2


def test_a_post_that_names_somebody_twice_names_them_once() -> None:
    edges = graph_of([("a", "b", 1), ("a", "b", 1), ("a", "b", 2)], posts=[7, 7, 8])
    of = window_of(network_of(edges)).whole
    assert (of.strength.tolist(), of.naming.tolist()) == ([3], [2])
    no_posts = window_of(network_of(dataclasses.replace(edges, post=np.full(3, -1)))).whole
    assert no_posts.naming.tolist() == [3], "edges that no post made count each"


def test_own_past_is_the_median_and_h_counts_posts_that_got_as_much() -> None:
    posts = [("a", day, got) for day, got in enumerate([5, 0, 9, 4])] + [("b", 1, 100)]
    of = window_of(network_of(graph_of([("a", "b", 0)], ["c"]), posts)).whole
    np.testing.assert_allclose(posted.own_past(of), np.log1p([4.5, 100, np.nan]))
    np.testing.assert_array_equal(posted.h_index(of), [3, 1, np.nan])


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_a_post_that_was_drawn_twice_is_there_twice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    author = np.sort(rng.integers(4, size=30)).astype(np.int32)
    engagement = rng.integers(12, size=30).astype(float)
    order = np.lexsort((engagement, author))
    author, engagement, times = author[order], engagement[order], rng.integers(3, size=30)
    none, empty = np.zeros(0, np.int32), np.zeros(0)
    of = Seen(5, none, none, empty, empty, empty > 0, author, engagement, times, np.full(5, np.nan))
    for account in range(5):
        got = np.repeat(engagement[author == account], times[author == account])
        median, h = posted.median(of)[account], posted.h_index(of)[account]
        if not len(got):
            assert np.isnan(median) and np.isnan(h)
            continue
        assert median == np.median(got)
        assert h == max(k for k in range(len(got) + 1) if (got >= k).sum() >= k)


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_networkx(seed: int) -> None:
    nx = pytest.importorskip("networkx")
    edges, _ = at_random(seed, accounts=25, edges=90)
    network = network_of(graph_of(edges))
    of, n = window_of(network).whole, network.graph.n
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    for a, b, weight in zip(of.source, of.target, np.log1p(of.strength), strict=True):
        graph.add_edge(int(a), int(b), weight=weight)

    def values(found: dict[int, float]) -> list[float]:
        return [found[place] for place in range(n)]

    np.testing.assert_allclose(named.pagerank(of), values(nx.pagerank(graph, tol=1e-12)), atol=1e-4)
    authority = np.array(values(nx.hits(graph, max_iter=10_000)[1]))
    np.testing.assert_allclose(named.authority(of), authority / np.linalg.norm(authority), atol=1e-5)
    np.testing.assert_array_equal(named.core(of), values(nx.core_number(graph.to_undirected())))
    np.testing.assert_allclose(
        between.betweenness(of), values(nx.betweenness_centrality(graph, normalized=False)), atol=1e-9
    )
    two = [len(nx.single_source_shortest_path_length(graph.reverse(), v, cutoff=2)) - 1 for v in range(n)]
    np.testing.assert_array_equal(named.two_steps(of), two)


def test_betweenness_of_a_sample_says_how_far_off_it_is() -> None:
    edges, _ = at_random(3, accounts=200, edges=1000)
    of = window_of(network_of(graph_of(edges))).whole
    exact, error = between.sampled(of, 1000)
    assert not error.any()
    sample, error = between.sampled(of, 60)
    most = np.argsort(-exact)[:30]
    off = np.sqrt(np.mean(((sample - exact)[most] / error[most]) ** 2))
    assert 0.5 < off < 1.6, "as far off as it says"


def test_audiences_of_two_steps_are_estimated_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    edges, _ = at_random(4, accounts=400, edges=4000)
    of = window_of(network_of(graph_of(edges))).whole
    exact = named.two_steps(of)
    monkeypatch.setattr(named, "EXACT_STEPS", 0)
    assert np.abs(named.two_steps(of) / exact - 1).max() < 4 / np.sqrt(named.ROUNDS - 2)


@pytest.mark.parametrize("seed", [0, 1])
def test_an_account_that_names_itself_gains_nothing(seed: int, few_resamples: None) -> None:
    edges, posts = at_random(seed)
    loops = [(name, name, day) for name, _, day in edges for _ in range(3)]
    accounts = sorted({one for edge in edges for one in edge[:2]} | {one for one, _, _ in posts})
    without = influence_of(network_of(graph_of([e for e in edges if e[0] != e[1]], accounts), posts))
    vain = influence_of(network_of(graph_of([*edges, *loops], accounts), posts))
    for one, other in zip(without, vain, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.low, other.low)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_other_names_for_accounts_change_their_places_alone(seed: int, few_resamples: None) -> None:
    edges, posts = at_random(seed)
    names = sorted({one for edge in edges for one in edge[:2]} | {one for one, _, _ in posts})
    other = dict(zip(names, np.random.default_rng(seed).permutation(names).tolist(), strict=True))
    place = [names.index(other[one]) for one in names]
    communities = communities_of(len(names))
    moved = np.empty_like(communities)
    moved[place] = communities
    first = by_name(influence_of(network_of(graph_of(edges, names), posts), communities=communities))
    renamed_edges = [(other[a], other[b], day) for a, b, day in edges]
    renamed = network_of(graph_of(renamed_edges, names), [(other[a], *rest) for a, *rest in posts])  # type: ignore[misc]
    second = by_name(influence_of(renamed, communities=moved))
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_allclose(second[name][place], values, rtol=1e-5, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_becomes_known_later_changes_nothing(seed: int, few_resamples: None) -> None:
    edges, posts = at_random(seed)
    accounts = sorted({one for edge in edges for one in edge[:2]} | {one for one, _, _ in posts})
    until = 50
    early = [edge for edge in edges if edge[2] < until], [post for post in posts if post[1] + 3 < until]
    later = (
        [*early[0], *[(a, b, until + day) for a, b, day in edges]],
        [*early[1], *[(a, until - 2, 9e6) for a in accounts]],
    )
    found = [
        influence_of(network_of(graph_of(one, accounts), wrote, known_after=3), until=until * DAY)
        for one, wrote in (early, later)
    ]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one.values, other.values, err_msg=one.name)
        np.testing.assert_array_equal(one.high, other.high, err_msg=one.name)


def test_the_same_network_is_read_the_same_twice(few_resamples: None) -> None:
    edges, posts = at_random(5, edges=300)
    network = network_of(graph_of(edges), posts)
    for one, other in zip(influence_of(network), influence_of(network), strict=True):
        for name in ("values", "low", "high", "tied"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.slow
def test_intervals_lie_around_their_value_though_resamples_lack_weeks() -> None:
    # Everybody names the first accounts about once: each resample sees two thirds of them.
    rng = np.random.default_rng(0)
    edges = [(f"b{place:03d}", f"a{place % 3}", float(rng.uniform(0, 364))) for place in range(300)]
    found = {one.name: one for one in influence_of(network_of(graph_of(edges)))}["in_degree"]
    for account in range(3):
        assert found.low[account] < 100 == found.values[account] < found.high[account]
        assert found.high[account] - found.low[account] < 60
    assert found.tied is not None and found.tied[:3].tolist() == [1, 1, 1], "one cannot be told from another"
    assert found.how == "95% intervals of 100 resamples of 53 weeks."


def test_a_single_post_is_no_certainty() -> None:
    posts = [("a", 3, 50), *[("b", 7 * week, 10 + week) for week in range(20)]]
    found = influence_of(network_of(graph_of([("a", "b", 0)]), posts))[0]
    assert found.name == "own_past" and found.tied is not None
    assert np.isnan(found.low[0]) and found.tied[0] == 0
    assert found.low[1] < found.values[1] < found.high[1] and found.tied[1] == 1


def test_ranks_that_intervals_allow() -> None:
    low, high = np.array([8.0, 5, 4, 1, np.nan]), np.array([9.0, 7, 6, 3, np.nan])
    assert best_ranks(low, high).tolist() == [1, 2, 2, 4, 0]


def test_follows_last_and_are_in_every_resample() -> None:
    edges = [(f"b{place:03d}", f"a{place % 7}", 0.0) for place in range(70)]
    posts = [("a0", 7 * week, week) for week in range(20)]
    found = {one.name: one for one in influence_of(network_of(graph_of(edges, kind="follow"), posts))}
    assert found["followers"].values[:7].tolist() == [10] * 7
    assert "No intervals" in found["in_degree"].how and np.isnan(found["in_degree"].low).all()
    np.testing.assert_allclose(found["per_follower"].values[0], np.log1p(9.5) - np.log(10))


def test_a_tie_is_attention_both_ways() -> None:
    seen = window_of(network_of(graph_of([("a", "b", 2), ("c", "a", 1), ("b", "b", 1)], kind="tie"))).whole
    pairs = list(zip(seen.source.tolist(), seen.target.tolist(), strict=True))
    assert pairs == [(0, 1), (0, 2), (1, 0), (2, 0)] and seen.follows.all() and not seen.naming.any()


def test_accounts_that_are_only_alike_pay_each_other_no_attention() -> None:
    network = network_of(graph_of([("a", "b", 0)] * 3, kind="co_tag"), [("a", 0, 1)])
    assert [one.name for one in influence_of(network)] == ["own_past", "posts", "h_index"]


def test_a_star_is_refused_and_the_account_in_its_middle_named() -> None:
    star = [(f"fan{place}", "idol", 0.0) for place in range(40)]
    with pytest.raises(DataError, match=r"is a star: 98% of its 41 pairs of accounts have 'idol' at one end"):
        influence_of(network_of(graph_of([*star, ("fan1", "fan2", 0)])))


def test_an_empty_window_is_refused_and_said() -> None:
    network = network_of(graph_of([("a", "b", 3)]), [("a", 3, 1)])
    with pytest.raises(DataError, match=r"no edge and no post .* between 1970-01-11 and 1970-01-21\. Take a"):
        influence_of(network, 10 * DAY, 20 * DAY)


def test_a_costly_score_has_fewer_resamples_and_says_so() -> None:
    edges, posts = at_random(6)
    dear, dearest = (
        Score(f"s{cost}", "", "edges", named.in_degree, lambda seen, cost=cost: cost) for cost in (0.05, 5.0)
    )
    cheap = Score("cheap", "", "edges", named.in_degree, linear())
    found = influence_of(network_of(graph_of(edges), posts), scores=[cheap, dear, dearest])
    assert [one.how.split(" resamples")[0] for one in found[:2]] == [
        "95% intervals of 100",
        "95% intervals of 40",
    ]
    assert found[2].how.startswith("No intervals") and found[2].tied is None


def test_every_score_has_a_name_and_words_of_its_own() -> None:
    assert len({one.name for one in SCORES}) == len({one.words for one in SCORES}) == len(SCORES)
    assert all(one.words and one.words[0].islower() for one in SCORES)


def test_a_graph_without_edges_is_read_by_its_posts() -> None:
    empty = graph_of([], ["a", "b"])
    assert isinstance(empty, Graph) and len(empty) == 0
    assert [one.name for one in influence_of(network_of(empty, [("a", 1, 3)]))] == [
        "own_past",
        "posts",
        "h_index",
    ]
