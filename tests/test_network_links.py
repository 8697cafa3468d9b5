"""Who names whom next: candidates, what is known of a pair, and how well it foretells."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from networks_made import DAY, at_random, graph_of, network_of

from benchmark.errors import DataError
from network.judging import pairs as made_of_pairs
from network.judging.foretelling import scores_of
from network.judging.links import Linked, linked
from network.judging.pairs import Pairs, pairs_of, reciprocal_ranks
from network.network import Network


def posts_of(names: str, day: float = 0) -> list[tuple[str, float, float]]:
    return [(name, day, 1.0) for name in names]


def test_candidates_are_all_pairs_of_accounts_that_published_before() -> None:
    edges = [("a", "b", 1), ("a", "a", 1), ("b", "c", 6), ("a", "x", 6), ("c", "a", 12)]
    network = network_of(graph_of(edges), [*posts_of("abc"), *posts_of("x", 6)])
    found = pairs_of(network, 5 * DAY, 10 * DAY)
    names = network.graph.names
    pairs = list(zip(names[found.source], names[found.target], strict=True))
    assert pairs == [("a", "b"), ("a", "c"), ("b", "a"), ("b", "c"), ("c", "a"), ("c", "b")]
    assert found.before.tolist() == [True, False, False, False, False, False]
    assert found.came.tolist() == [False, False, False, True, False, False], "day 12 is too late"
    assert not found.drawn


def test_of_many_accounts_others_are_drawn_and_what_came_is_all_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(made_of_pairs, "MOST_ACCOUNTS", 10)
    monkeypatch.setattr(made_of_pairs, "OTHERS", 5)
    edges, _ = at_random(0, accounts=40, edges=200)
    network = network_of(graph_of(edges), [(name, 0, 1) for name in {one for e in edges for one in e[:2]}])
    few, every = pairs_of(network, 50 * DAY, 100 * DAY), None
    monkeypatch.setattr(made_of_pairs, "MOST_ACCOUNTS", 1000)
    every = pairs_of(network, 50 * DAY, 100 * DAY)
    assert few.drawn and not every.drawn and len(few) < len(every) / 2
    assert (few.came.sum(), few.before.sum()) == (every.came.sum(), every.before.sum())
    again = pairs_of(network, 50 * DAY, 100 * DAY)
    np.testing.assert_array_equal(every.source, again.source)


def test_what_is_known_of_a_pair_counted_by_hand() -> None:
    edges = [("a", "b", 0), ("a", "b", 10), ("c", "a", 0), ("c", "b", 5), ("a", "d", 0), ("b", "d", 0)]
    network = network_of(graph_of(edges), posts_of("abcd"))
    asked = Pairs(*(np.array(one) for one in ([0, 2, 3], [1, 0, 0], [1, 1, 0], [0, 0, 0])), drawn=False)  # type: ignore[arg-type]
    found = scores_of(network, 40 * DAY, asked)
    np.testing.assert_allclose(found["frequency"], np.log1p([2, 1, 0]))
    np.testing.assert_allclose(found["recency"], [0.5, 0.5 ** (40 / 30), 0])
    assert found["preferential"].tolist() == [2 * 2, 2 * 1, 0]
    assert found["common_neighbours"].tolist() == [2, 1, 1]  # c and d; b; b
    np.testing.assert_allclose(found["adamic_adar"], [2 / np.log(2), 1 / np.log(3), 1 / np.log(3)])
    np.testing.assert_allclose(found["reciprocal"], [0, 0, np.log(2)])


def test_scores_of_pairs_are_those_of_networkx() -> None:
    nx = pytest.importorskip("networkx")
    edges, _ = at_random(1, accounts=20, edges=60)
    network = network_of(graph_of(edges), [(name, 0, 1) for name in {one for e in edges for one in e[:2]}])
    asked = pairs_of(network, 200 * DAY, 300 * DAY)
    found = scores_of(network, 200 * DAY, asked)
    matrix = network.graph.matrix("log")
    directed = nx.from_scipy_sparse_array(matrix, create_using=nx.DiGraph)
    pairs = list(zip(asked.source.tolist(), asked.target.tolist(), strict=True))
    expected = [value for *_, value in nx.adamic_adar_index(directed.to_undirected(), pairs)]
    np.testing.assert_allclose(found["adamic_adar"], expected)
    begin = int(asked.source[0])
    # There, whoever comes to an account that names nobody begins anew; here the walk ends: in proportion.
    walk = nx.pagerank(directed, personalization={begin: 1}, dangling={begin: 1}, tol=1e-12)
    rows = asked.source == begin
    ratio = found["personalised_pagerank"][rows] / np.array([walk[int(one)] for one in asked.target[rows]])
    some = np.isfinite(ratio)
    np.testing.assert_allclose(ratio[some], np.median(ratio[some]), rtol=0.05)


def test_an_account_is_as_good_as_the_place_of_its_first_pair_that_came() -> None:
    source, came = np.array([1, 1, 1, 2, 2, 3]), np.array([0, 1, 0, 1, 0, 0], bool)
    of = Pairs(source, np.arange(6), np.zeros(6, bool), came, drawn=False)
    by = np.array([3.0, 2, 1, 5, 5, 1])
    np.testing.assert_allclose(reciprocal_ranks(of, by), [1 / 2, 1 / 1.5])  # the third names nobody anew


def habits(seed: int, days: int = 300) -> Network:
    """Accounts of which each names a few others again and again, and some anew, popular ones most."""
    rng = np.random.default_rng(seed)
    names = [f"a{place:02d}" for place in range(30)]
    popular = rng.pareto(1.5, 30) + 1
    popular /= popular.sum()
    edges = []
    for a in range(30):
        habit = rng.choice(30, 4, replace=False)
        for _ in range(40):
            b = int(rng.choice(habit) if rng.random() < 0.6 else rng.choice(30, p=popular))
            edges.append((names[a], names[b], float(rng.uniform(0, days))))
    return network_of(graph_of(edges), [(name, 0, 1.0) for name in names])


def by_name(found: tuple[Linked, ...]) -> dict[tuple[str, str], Linked]:
    return {(one.of, one.score): one for one in found}


@pytest.mark.slow
def test_habits_and_popularity_foretell_links() -> None:
    found = by_name(linked(habits(0), until=300 * DAY))
    new, repeated = found["new", "preferential"], found["repeated", "frequency"]
    assert new.auc[1] > 0.5 and repeated.auc[1] > 0.5
    assert new.auc[1] < new.auc[0] < new.auc[2]
    assert new.candidates + repeated.candidates == 30 * 29
    assert found["repeated", "logistic"].auc[0] > 0.6
    assert {of for of, name in found if name == "frequency"} == {"repeated"}, "of a new pair it says nothing"


@pytest.mark.slow
def test_what_comes_later_changes_no_score_and_no_model() -> None:
    network, at, until = habits(1), 200 * DAY, 250 * DAY
    rows = network.graph.known_at < until
    cut = dataclasses.replace(network, graph=network.graph.take(rows))
    assert linked(network, at, until) == linked(cut, at, until)
    asked = pairs_of(network, at, until)
    of_past = dataclasses.replace(network, graph=network.graph.between(None, at))
    for name, values in scores_of(network, at, asked).items():
        np.testing.assert_array_equal(values, scores_of(of_past, at, asked)[name], err_msg=name)


@pytest.mark.slow
def test_loops_are_no_links() -> None:
    edges, _ = at_random(2, accounts=20, edges=400, days=300)
    posts = [(name, 0.0, 1.0) for name in sorted({one for e in edges for one in e[:2]})]
    loops = [(name, name, day) for name, _, day in posts for day in range(0, 300, 5)]
    without, vain = (
        linked(network_of(graph_of(one), posts), 200 * DAY, 290 * DAY)
        for one in ([e for e in edges if e[0] != e[1]], [*edges, *loops])
    )
    assert without == vain and without


def test_no_edges_and_no_past_are_refused() -> None:
    with pytest.raises(DataError, match="no account names another"):
        linked(network_of(graph_of([("a", "a", 1)]), posts_of("a")))
    with pytest.raises(DataError, match=r"no edge is known before 1970-01-21, and a model .* the 20 days"):
        linked(network_of(graph_of([("a", "b", 50)]), posts_of("ab")), 40 * DAY, 60 * DAY)
