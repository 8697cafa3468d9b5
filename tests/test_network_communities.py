"""Communities: planted ones are found, the same ones each time, and named by what sets them apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from network_worlds import DAY, graph_of, network_of, planted

from benchmark import PROJECT
from benchmark.errors import DataError
from network.communities.agreement import agreement, most_agreed, together
from network.communities.base import base_of
from network.communities.find import communities
from network.communities.leiden import leiden
from network.communities.matching import matched, moves
from network.communities.resamples import resamples
from network.communities.scan import at, scanned
from network.judging.camps import agreed, by_chance, by_texts, named_alike
from network.network import Network
from tools.network_communities import camps_of


def nobody(n: int) -> np.ndarray:
    return np.zeros(n, bool)


def told(graph_posts: tuple | None = None, *, outside: float = 0.1) -> tuple[Network, np.ndarray]:
    """Four communities, of which each uses a tag of its own and all use `#news`; one account floods a tag."""
    graph, of = planted([30, 25, 20, 15], outside=outside)
    posts = [
        (account, day * DAY, f"#own{of[account]} #news", "")
        for account in range(graph.n)
        for day in (3, 90, 170)
    ]
    posts += [(0, day * DAY, "#mine", "") for day in range(100)]
    return network_of(graph, posts), of


@pytest.mark.slow
def test_planted_communities_are_found() -> None:
    graph, of = planted([40, 30, 20, 10])
    runs, rule = scanned(graph)
    assert agreement(runs.labels, of) > 0.95
    assert "the finest" in rule
    assert runs.number == 4
    assert runs.between_seeds > 0.9
    assert runs.between_resamples > 0.8


@pytest.mark.slow
def test_without_communities_none_hold_and_the_rule_says_so() -> None:
    graph, _ = planted([60], ties=6)
    runs, rule = scanned(graph)
    assert runs.resolution == 1
    assert "take them with care" in rule


@pytest.mark.slow
def test_two_calls_and_two_processes_divide_alike() -> None:
    code = (
        "import sys, zlib; sys.path += ['.', '..']; from network_worlds import planted; "
        "from network.communities.leiden import leiden; "
        "m = planted([300, 200, 100], ties=4, outside=.6)[0].matrix('log', symmetric=True); "
        "print([zlib.crc32(leiden(m, 1, s).tobytes()) for s in (0, 1, 0, 1)])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT / "tests", capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert said[0].stdout == said[1].stdout
    first, second, again, anew = said[0].stdout.strip("[]\n").split(", ")
    assert (first, second) == (again, anew)
    assert first != second  # seeds do differ: what is compared is not blind


def test_communities_are_ties_in_one_piece() -> None:
    from scipy.sparse.csgraph import connected_components

    matrix = planted([200, 100], ties=3, outside=0.5)[0].matrix("log", symmetric=True)
    labels = leiden(matrix)
    for code in np.unique(labels):
        inside = matrix[labels == code][:, labels == code]
        assert connected_components(inside, return_labels=False) == 1


def test_a_graph_without_edges_has_none() -> None:
    found = communities(network_of(graph_of(3, []), [(0, 0, "", "")]))
    assert found.of.tolist() == [-1, -1, -1]
    assert found.found == ()
    assert found.windows == ()


def test_a_network_of_nobody_has_none() -> None:
    assert communities(network_of(graph_of(0, []), [])).found == ()


@pytest.mark.slow
def test_a_star_is_one_community() -> None:
    graph = graph_of(20, [(leaf, 0) for leaf in range(1, 20)])
    found = communities(network_of(graph, [(0, 0, "", "")]))
    assert set(found.of.tolist()) == {0}
    assert found.found[0].members[0] == 0  # the one that the others name


@pytest.mark.slow
def test_edges_that_are_all_known_at_once_have_no_windows() -> None:
    graph, of = planted([30, 20])
    frozen = graph_of(graph.n, list(zip(graph.source, graph.target, strict=True)), [0] * len(graph))
    found = communities(network_of(frozen, [(0, 0, "", "")]))
    assert found.windows == ()
    assert agreement(found.of, of) > 0.95


def test_who_is_only_named_joins_those_that_name_it() -> None:
    graph, of = planted([15, 15])
    edges = list(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    first = np.flatnonzero(of == 0)
    edges += [(int(first[0]), 30), (int(first[1]), 30), (int(np.flatnonzero(of == 1)[0]), 30)]
    wide = graph_of(32, edges)
    base = base_of(wide, nobody(32))
    assert base.accounts.sum() == 30
    labels = base.spread(leiden(base.within.matrix("log", symmetric=True)))
    assert labels[30] == labels[first[0]]
    assert labels[31] == -1  # whom nobody names


def test_accounts_that_name_others_alone_are_divided_by_whom_they_name() -> None:
    edges = [(one, 10 + one % 2) for one in range(10)] * 2
    base = base_of(graph_of(12, edges), nobody(12))
    assert base.accounts.all()
    labels = leiden(base.within.matrix("log", symmetric=True))
    assert agreement(labels[:10], np.arange(10) % 2) == 1


def test_shared_tags_are_no_ties_where_there_are_others() -> None:
    ties = graph_of(4, [(0, 1), (2, 3)])
    both = graph_of(4, [(0, 1), (2, 3), (0, 2), (0, 3), (1, 2)], kind="mention")
    both = type(both)(
        **{**both.__dict__, "kind": np.array([0, 0, 1, 1, 1], np.int8), "kinds": ("mention", "co_tag")}
    )
    assert len(base_of(both, nobody(4)).graph) == len(ties)


@pytest.mark.slow
def test_communities_are_named_by_the_tags_of_their_members_alone() -> None:
    network, of = told()
    found = communities(network, windows=())
    assert agreement(found.of, of) > 0.95
    for one in found.found:
        own = np.bincount(of[one.members]).argmax()
        assert one.name.startswith(f"#own{own}")
        assert "#news" not in one.name  # everybody's
        assert "#mine" not in one.name  # one account's, however often
        assert "somebody" not in one.name  # a column of accounts, not of tags


@pytest.mark.slow
def test_a_rare_tag_names_no_large_community() -> None:
    graph, of = planted([300, 300], ties=8)
    random = np.random.default_rng(0)
    posts = [(account, 0, f"#own{of[account]} #rare{random.integers(100)}", "") for account in range(600)]
    names = {one.name.split(";")[0] for one in communities(network_of(graph, posts), windows=()).found}
    assert names == {"#own0", "#own1"}


@pytest.mark.slow
def test_without_tags_words_name_a_community() -> None:
    graph, of = planted([20, 20])
    words = ["harvest tractor", "goalkeeper penalty"]
    posts = [(account, 0, "", f"about {words[of[account]]} https://x.y/z @somebody") for account in range(40)]
    names = {one.name.split(";")[0] for one in communities(network_of(graph, posts), windows=()).found}
    assert names == {"harvest, tractor", "goalkeeper, penalty"}


@pytest.mark.slow
def test_members_stay_together_where_communities_are_plain() -> None:
    network, _ = told(outside=0.02)
    assert all(one.stable > 0.95 for one in communities(network, windows=()).found)


@pytest.mark.slow
def test_codes_last_over_windows_and_who_moved_is_found() -> None:
    random = np.random.default_rng(0)
    edges, times = [], []
    for half in range(2):
        # Account 0 goes from the first twenty to the others.
        groups = [[*range(20)], [*range(20, 40)]] if not half else [[*range(1, 20)], [0, *range(20, 40)]]
        for group in groups:
            for account in group:
                for other in random.choice(group, 40):
                    edges.append((account, int(other)))
                    times.append(int(half * 100 * DAY + random.integers(0, 100 * DAY)))
    graph = graph_of(40, edges, times)
    spans = [(0, 100 * DAY), (100 * DAY, 200 * DAY)]
    found = communities(network_of(graph, [(0, 0, "", "")]), windows=spans)
    (_, _, first), (_, _, second) = found.windows
    assert (first[1:] == second[1:]).all()
    assert [(one.account, one.at) for one in found.moved] == [(0, 100 * DAY)]
    assert (found.moved[0].left, found.moved[0].joined) == (first[1], first[25])


@pytest.mark.slow
def test_an_empty_window_is_in_no_community() -> None:
    graph, _ = planted([15, 15], days=10)
    found = communities(network_of(graph, [(0, 0, "", "")]), windows=[(0, 10 * DAY), (50 * DAY, 60 * DAY)])
    assert (found.windows[1][2] == -1).all()
    assert found.moved == ()


def test_a_community_that_comes_back_has_its_code_again() -> None:
    one = np.repeat([0, 1], 10)
    gone = np.where(one == 1, -1, 0)
    coded = matched([one, gone, 1 - one], one)
    assert (coded[2] == one).all()


def test_a_community_that_splits_moves_nobody() -> None:
    before, after = np.zeros(20, np.int64), np.repeat([0, 1], 10)
    coded = matched([before, after], before)
    assert moves(coded, [np.ones(20, bool)] * 2, [0, 1]) == ()


def test_agreement_is_adjusted_and_looks_at_accounts_in_both() -> None:
    random = np.random.default_rng(0)
    one, other = random.integers(0, 30, 300), random.integers(0, 30, 300)
    assert abs(agreement(one, other)) < 0.1
    assert agreement(np.array([0, 0, 1, 1, -1]), np.array([1, 1, 0, 0, 0])) == 1
    assert np.isnan(agreement(np.zeros(3, np.int64), np.zeros(3, np.int64)))


def test_together_is_the_share_of_fellows_that_stay() -> None:
    labels = np.array([0, 0, 0, 1, 2])
    found = together(labels, [np.array([0, 0, 1, 1, -1])])
    assert found[:3].tolist() == [0.5, 0.5, 0.0]
    assert np.isnan(found[3:]).all()  # alone, or in no run


def test_the_run_that_agrees_best_is_no_outlier() -> None:
    one = np.repeat([0, 1], 10)
    odd = np.arange(20) % 2
    assert most_agreed([odd, one, one])[0] == 1
    assert np.isnan(most_agreed([one])[1])


def test_resamples_keep_the_order_of_time_and_the_weight_of_all() -> None:
    graph, _ = planted([20, 20])
    for one in resamples(graph, 3):
        assert (np.diff(one.known_at) >= 0).all()
        assert one.weight.sum() == pytest.approx(len(graph), rel=0.5)
    assert not np.array_equal(*(one.weight for one in list(resamples(graph, 2))))


def test_resamples_of_no_edges_are_none() -> None:
    assert [len(one) for one in resamples(graph_of(2, []), 2)] == [0, 0]


def test_steadiness_falls_where_ties_are_random() -> None:
    plain, noise = planted([20, 20], outside=0.05)[0], planted([40], ties=4)[0]
    assert at(plain, 1.0).between_resamples > at(noise, 1.0).between_resamples + 0.2


@pytest.mark.slow
def test_camps_are_told_by_their_share_above_chance() -> None:
    graph, of = planted([20, 20, 20])
    camps = np.where(np.arange(60) < 40, of, -1)
    labels = leiden(graph.matrix("log", symmetric=True))
    found = agreed(labels, camps, draws=100)
    assert found.ami > 0.9
    assert found.accounts == 40
    assert by_chance(labels, camps, trials=20) < 0.3
    with pytest.raises(ValueError, match="both a community and a camp"):
        agreed(labels, np.full(60, -1))


def test_accounts_that_name_alike_are_alike() -> None:
    # Everybody names 9; 0 and 1 name 6, 2 and 3 name 7; 8 is named by one alone.
    graph = graph_of(10, [(0, 6), (1, 6), (2, 7), (3, 7), (3, 8), *((one, 9) for one in range(4))])
    accounts = np.arange(10) < 4
    alike = named_alike(graph, accounts)
    assert alike[0, 1] > 0.9
    assert alike[2, 3] > 0.9
    assert alike[0, 2] == pytest.approx(0)
    assert (alike.diagonal() == 0).all()


def test_texts_alone_divide_accounts_that_write_of_different_things() -> None:
    texts = ["harvest tractor field soil"] * 6 + ["goalkeeper penalty match ball"] * 6
    assert agreement(by_texts(texts, 2), np.repeat([0, 1], 6)) == 1


@pytest.mark.slow
def test_a_list_of_camps_is_read_by_a_column_and_never_quoted(tmp_path: Path) -> None:
    posts = [(account, hour, "", "") for hour, account in enumerate([0, 0, 1, 2])]
    network = network_of(graph_of(4, [(0, 1), (2, 3)]), posts)
    file = tmp_path / "camps.csv"
    file.write_text("folder,camp\nbr,left\nbr,left\n")
    # Odd accounts are in `br`, the fourth has no posts.
    assert camps_of(network, file, "country").tolist() == [-1, 0, -1, -1]
    for text, said in (
        ("who,camp\nbr,left\n", "no column 'folder'"),
        ("folder,camp\nbr,left\nbr,right\n", "1 of its accounts are in two camps"),
        ("folder,camp\nmadeup,left\n", "no value of column 'country'"),
    ):
        file.write_text(text)
        with pytest.raises(DataError, match=said) as refused:
            camps_of(network, file, "country")
        assert not {"madeup", "left", "right"} & set(str(refused.value).replace("'", " ").split())
    file.write_text("folder,camp\nbr,left\n")
    with pytest.raises(DataError, match="no column 'person'"):
        camps_of(network, file, "person")
