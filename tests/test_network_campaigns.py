"""Campaigns: the accounts that together reach most, and whether they did."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_worlds import graph_of
from scipy.sparse import csr_matrix

from benchmark.errors import DataError
from network.campaigns.coverage import audiences, most_covered
from network.campaigns.independent import reverse_reachable
from network.judging.campaigns import covered, reached, split, ways
from network.judging.cascade_files import Steps, read_cascades, read_follows


@given(st.lists(st.sets(st.integers(0, 12)), min_size=1, max_size=8), st.integers(0, 4))
def test_lazy_greedy_choice_is_greedy_choice_and_near_the_best(sets: list[set[int]], k: int) -> None:
    matrix = np.array([[place in one for place in range(13)] for one in sets], float)
    chosen = most_covered(csr_matrix(matrix), k)
    held: set[int] = set()
    for account, gained in zip(chosen.accounts.tolist(), chosen.gained.tolist(), strict=True):
        gains = [len(one - held) for one in sets]
        assert gains[account] == max(gains) == gained
        held |= sets[account]
    best = max(len(set().union(*some)) for some in itertools.combinations(sets, min(k, len(sets))))
    assert chosen.reached == len(held) >= (1 - 1 / np.e) * best


def test_two_of_one_audience_are_not_both_chosen() -> None:
    # 0 and 1 are followed by the same ten, 2 by four others.
    edges = [(10 + one, who) for one in range(10) for who in (0, 1)] + [(20 + one, 2) for one in range(4)]
    chosen = most_covered(audiences(graph_of(24, edges, kind="follow")), 3)
    assert chosen.accounts.tolist() == [0, 2]  # and nobody who adds none
    assert chosen.gained.tolist() == [10, 4]


def test_nobody_reaches_anybody_without_ties() -> None:
    assert most_covered(audiences(graph_of(3, [])), 2).reached == 0
    assert reverse_reachable(audiences(graph_of(0, [])), 10).shape == (0, 10)


def test_a_star_is_reached_by_its_centre() -> None:
    star = audiences(graph_of(30, [(leaf, 0) for leaf in range(1, 30)], kind="follow"))
    assert most_covered(star, 5).accounts.tolist() == [0]
    assert most_covered(reverse_reachable(star, 500), 1).accounts.tolist() == [0]


def test_fewer_than_none_are_not_chosen() -> None:
    with pytest.raises(ValueError, match="cannot be chosen"):
        most_covered(csr_matrix((2, 2)), -1)


def test_who_reaches_far_by_many_steps_is_found() -> None:
    # A chain 0 <- 1 <- ... <- 9 passes everything on; 10 has two followers.
    edges = [(one + 1, one) for one in range(9)] + [(11, 10), (12, 10)]
    audience = audiences(graph_of(13, edges, kind="follow"))
    assert most_covered(audience, 1).accounts.tolist() == [10]
    assert most_covered(reverse_reachable(audience, 500, chance=1.0), 1).accounts.tolist() == [0]


def test_samples_are_the_same_for_a_seed() -> None:
    audience = audiences(graph_of(20, [(one, (one * 7) % 20) for one in range(20)] * 2, kind="follow"))
    first, again, other = (reverse_reachable(audience, 50, 0.5, seed) for seed in (0, 0, 1))
    assert (first != again).nnz == 0
    assert (first != other).nnz > 0


def test_users_after_the_first_seed_are_reached_but_no_seeds() -> None:
    late = [np.array([1, 2, 3, 4]), np.array([5, 3, 1]), np.array([6])]
    assert reached(late, np.array([2, 4])).tolist() == [1, 0, 0]
    assert reached(late, np.array([1, 3])).tolist() == [2, 0, 0]
    assert reached(late, np.array([], np.int64)).tolist() == [0, 0, 0]


def test_nothing_after_the_cut_is_known_to_who_chooses() -> None:
    cascades = [Steps(np.array([1, 2, 9]), np.array([0, 5, 50])), Steps(np.array([3, 4]), np.array([10, 11]))]
    both = split(cascades, np.array([[2, 1], [4, 3]]))
    assert [one.tolist() for one in both.early.cascades] == [[0, 1]]  # 9 came after the cut
    assert [one.tolist() for one in both.later] == [[2, 3]]


def started(first: list[int], n: int = 40, cascades: int = 60) -> list[Steps]:
    """Cascades of six users, one of `first` at their head."""
    random = np.random.default_rng(0)
    return [
        Steps(
            np.r_[random.choice(first), random.choice(np.arange(10, n), 5, replace=False)].astype(np.int64),
            100 * number + np.arange(6),
        )
        for number in range(cascades)
    ]


def test_who_began_early_cascades_is_found_and_beats_who_is_followed() -> None:
    follows = np.array([[one, 5] for one in range(10, 40)] + [[one, 6] for one in range(10, 30)])
    found = {one.way: one for one in covered(split(started([0, 1]), follows), 2, draws=200)}
    assert found["followers"].share == 0
    assert found["own past: users after it"].share == pytest.approx(5 / 6)
    assert found["own past: users after it"].beyond_low > 0.5
    assert found["followers"].beyond == 0
    assert found["greedy: users after it"].share == pytest.approx(5 / 6)


def test_every_way_names_at_most_k_accounts_once() -> None:
    both = split(started([0, 1]), np.array([[one, one % 4] for one in range(10, 40)]))
    for choose in ways(both.early).values():
        chosen = choose(3)
        assert len(chosen) == len(set(chosen.tolist())) <= 3


def test_cascades_and_follows_are_read(tmp_path: Path) -> None:
    file = tmp_path / "cascades.txt"
    file.write_text("7 3 20,1 21,3 22,\n\n8 2 5,4 6\n")
    first, second = read_cascades(file)
    assert first.users.tolist() == [2, 4]  # which began first
    assert second.users.tolist() == [3, 1]  # each once
    edges = tmp_path / "edges.txt"
    edges.write_text("1,2\n1,2\n3,3\n2,1\n")
    assert read_follows(edges).tolist() == [[1, 2], [2, 1]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("7 3\n", "row 1"),
        ("7 3 5,4\n", "not a cascade"),
        ("7 3 5,4 x\n", "not a cascade"),
        ("7 3 5,4 2\n", "order"),
        ("\n", "no cascades"),
    ],
)
def test_files_that_hold_no_cascades_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "cascades.txt"
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        read_cascades(file)


def test_lines_that_are_no_ties_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "edges.txt"
    file.write_text("1,2\n1;2\n")
    with pytest.raises(DataError, match="row 2"):
        read_follows(file)
