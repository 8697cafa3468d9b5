"""The page of a network: one file that asks for nothing, says what its scores are worth, and is more than its
picture: what is drawn is in tables too."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from network_pages import EVIL, POLICY, empty, large, named, ordinary
from network_readings import DAY, START, influence, reading

from network.page.backbone import FIRST, GUARD, chance, held_of
from network.page.layout import positions
from network.page.page import page, write_page
from network.page.windows import MOST, place_in, windows_of
from network.reading import Crossing


def embedded(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


@pytest.mark.slow
def test_the_page_is_one_file_and_the_same_for_the_same_reading() -> None:
    text = ordinary()
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert text == named(reading())


@pytest.mark.slow
def test_only_its_own_scripts_may_run() -> None:
    text = ordinary()
    (policy,) = POLICY.findall(text)
    told = dict(part.split(" ", 1) for part in policy.split("; "))
    assert told["default-src"] == "'none'" and "unsafe" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert told["script-src"].split() == [f"'sha256-{one}'" for one in hashes]


@pytest.mark.slow
def test_no_name_ends_the_data_or_becomes_an_element() -> None:
    made = reading(names=sorted(EVIL))
    made = replace(made, crossings=(Crossing(EVIL[0], 0, 0, 3, ((0, 0), (1, 9)), None),), notes=EVIL)
    text = named(made)
    assert EVIL[0] not in text and "\u2028" not in text and "<img" not in text
    told = embedded(text)
    assert EVIL[0] in told["accounts"]["name"]
    assert told["crossings"][0]["what"] == EVIL[0]


@pytest.mark.slow
def test_beside_each_ranking_stands_whether_the_score_beats_own_past() -> None:
    in_degree, pagerank, own_past = embedded(ordinary())["scores"]
    assert [conclusion for conclusion, _ in in_degree["beside"]] == [
        "Says nothing new about engagement: it does not beat the account's own past.",
        "Says something about mentions to come that the account's own past does not.",
    ]
    assert in_degree["beside"][0][1] == (
        "On 132 accounts: Spearman .505 [.360, .630] with the engagement to come, own past .955; added to "
        "own past −.001 [−.004, +.002]."
    )
    assert pagerank["verdicts"] == ["loses"] and own_past["reference"]


def test_numbers_that_are_unknown_are_null_and_no_score_is_needed() -> None:
    told = embedded(named(empty()))
    assert told["scores"] == told["communities"] == told["windows"] == []
    assert told["found"]["seeds"] is None


@pytest.mark.slow
def test_edges_of_a_pair_a_kind_and_a_window_are_one_and_none_is_lost() -> None:
    told = embedded(ordinary())["edges"]
    graph = reading().network.graph
    assert sum(told["weight"]) == (graph.source != graph.target).sum()
    assert told["loops"] == (graph.source == graph.target).sum()
    assert set(told["window"]) == {0, 1}, "the halves in which communities were found"
    keys = list(zip(told["source"], told["target"], told["kind"], told["window"], strict=True))
    assert len(set(keys)) == len(keys)


@pytest.mark.slow
def test_no_account_loses_all_of_its_edges_to_heavier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = embedded(ordinary())["edges"]
    monkeypatch.setattr("network.page.data.EDGES", 60)
    told = embedded(named(reading()))["edges"]
    assert len(told["source"]) == 60 and told["left_out"] == len(whole["source"]) - 60
    linked = {*whole["source"], *whole["target"]}
    assert len({*told["source"], *told["target"]}) >= 0.9 * min(len(linked), 60)


@pytest.mark.slow
def test_of_many_accounts_the_backbone_comes_first_with_each_community_by_its_share() -> None:
    told = embedded(large())
    linked = {*told["edges"]["source"], *told["edges"]["target"]}
    assert len(told["accounts"]["name"]) == GUARD + 1200
    assert told["counts"]["first"] == FIRST
    first = np.asarray(told["accounts"]["community"][:FIRST])
    assert set(range(100)) <= linked, "the best connected have edges"
    shares = np.bincount(first + 1, minlength=4)[1:] / FIRST
    everyone = np.bincount(np.asarray(told["accounts"]["community"]) + 1, minlength=4)[1:]
    assert shares == pytest.approx(everyone / everyone.sum(), abs=0.02)


def test_a_page_holds_no_more_accounts_than_it_may_but_those_in_front_of_every_ranking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("network.page.backbone.RANKED", 5)
    made = reading()
    odd = np.zeros(made.network.graph.n)
    odd[-1] = 1.0
    made = replace(made, influence=(*made.influence, influence("odd", "odd", odd)))
    held = held_of(made, np.arange(made.network.graph.n), most=20)
    assert len(held) == 20
    assert made.network.graph.n - 1 in held, "without an edge, but the first by a score"


@pytest.mark.slow
def test_an_account_of_no_community_an_unknown_score_and_pseudonyms_are_told() -> None:
    made = reading()
    told = embedded(page(made))
    assert sum(told["accounts"]["renamed"]) == told["counts"]["renamed"] > 0
    assert -1 in told["accounts"]["community"] and None in told["scores"][2]["value"]
    assert not {name for name in told["accounts"]["name"] if name.startswith("user_")} - set(
        made.network.graph.names[made.network.published.author]
    )


@pytest.mark.slow
def test_places_are_finite_the_same_twice_and_keep_communities_apart() -> None:
    made = reading(n=400, edges=4000, groups=4)
    weights = made.network.graph.matrix("log", symmetric=True)
    of = made.communities.of
    found = positions(weights, of)
    assert np.array_equal(found, positions(weights, of))
    assert np.isfinite(found).all() and np.abs(found).max() < 2
    middles = np.asarray([np.median(found[of == code], axis=0) for code in range(4)])
    own = np.argmin(np.linalg.norm(found[:, None] - middles[None], axis=2), axis=1)
    assert np.mean(own[of >= 0] == of[of >= 0]) > 0.8
    assert len(np.unique(found, axis=0)) == len(found), "none stands on another"


@pytest.mark.parametrize(("n", "edges"), [(4, 0), (4, 1), (3, 5)])
def test_networks_of_next_to_nothing_have_places(n: int, edges: int) -> None:
    made = reading(n=n, edges=edges, groups=1)
    weights = made.network.graph.matrix("log", symmetric=True)
    assert np.isfinite(positions(weights, made.communities.of)).all()


def test_windows_are_those_of_the_communities_else_of_the_calendar() -> None:
    made = reading()
    assert len(windows_of(made)) == 2
    bare = replace(made, communities=replace(made.communities, windows=()))
    months = windows_of(bare)
    assert len(months) == 12 <= MOST and months[0].name == "Jan 2020"
    assert months[0].until == months[1].since == START + 31 * DAY
    times = np.array([START - 1, START, START + 31 * DAY - 1, START + 31 * DAY, months[-1].until])
    assert place_in(months, times).tolist() == [-1, 0, 0, 1, -1]
    assert windows_of(empty()) == []


def test_an_edge_stands_out_that_takes_more_of_an_account_than_chance_would_give() -> None:
    source, target = np.zeros(10, np.int64), np.arange(1, 11)
    weight = np.ones(10)
    weight[3] = 100
    found = chance(source, target, weight, 11)
    assert found[3] < 1e-8 and np.all(found[[0, 1, 2, 4]] > 0.9)
    assert chance(np.array([0]), np.array([1]), np.array([5.0]), 2).tolist() == [1.0]


@pytest.mark.slow
def test_writing_leaves_a_whole_page(tmp_path: Path) -> None:
    write_page(reading(), tmp_path / "graph.html")
    assert (tmp_path / "graph.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
