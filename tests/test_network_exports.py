"""Exports of a network: tables, GraphML and JSON for other programs, and pseudonyms that hold in all."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from network_readings import reading

from benchmark.outside.spreadsheet import unguarded
from network.export.graphml import write_graphml
from network.export.tables import write_tables
from network.export.told import as_json, write_json
from network.page.notebook import Shown
from network.page.plain import numbers, ranks
from network.page.pseudonyms import names_of
from network.reading import Crossing, Reading

EVIL = ('=HYPERLINK("http://x","y")', "<b>&\"'</b>", "a,b\n\x07c", "</script><img src=x>", "\u202eright")
XML = "{http://graphml.graphdrawing.org/xmlns}"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_of_accounts_has_each_with_scores_intervals_ranks_and_its_community(tmp_path: Path) -> None:
    made = reading()
    write_tables(made, tmp_path, names_of(made, nobody=True))
    found = {row["account"]: row for row in rows(tmp_path / "accounts.csv")}
    assert len(found) == made.network.graph.n
    in_degree = made.influence[0]
    assert in_degree.tied is not None
    for code, name in enumerate(made.network.graph.names.tolist()):
        row = found[name]
        assert float(row["in_degree"]) == in_degree.values[code]
        assert float(row["in_degree_high"]) == pytest.approx(in_degree.high[code])
        assert int(row["in_degree_could_be"]) == in_degree.tied[code] <= int(row["in_degree_rank"])
        community = made.communities.of[code]
        assert row["community"] == ("" if community < 0 else str(community))
        assert bool(row["own_past"]) == bool(np.isfinite(made.influence[2].values[code]))


def test_the_table_of_edges_has_each_with_its_moment_and_kind(tmp_path: Path) -> None:
    made = reading()
    write_tables(made, tmp_path, names_of(made, nobody=True))
    found = rows(tmp_path / "edges.csv")
    assert len(found) == len(made.network.graph)
    assert {row["kind"] for row in found} == {"mention", "reply"}
    assert [row["known_at"] for row in found] == sorted(row["known_at"] for row in found)
    assert found[0]["known_at"].startswith("2020-01-0") and found[0]["known_at"].endswith("Z")


def test_no_name_is_run_by_a_spreadsheet_or_breaks_a_file(tmp_path: Path) -> None:
    made = reading(names=sorted(EVIL))
    names = names_of(made, nobody=True)
    write_tables(made, tmp_path, names)
    write_graphml(made, tmp_path / "network.graphml", names)
    written = [row["account"] for row in rows(tmp_path / "accounts.csv")]
    assert not [one for one in written if one[0] in "=+-@\t\r\n"]
    assert {unguarded(one) for one in written} == set(names.of.tolist())
    tree = ElementTree.parse(tmp_path / "network.graphml")
    labels = {one.text for one in tree.iter(f"{XML}data") if one.get("key") == "d0"}
    assert labels == set(names.of.tolist())


def test_graphml_read_back_is_the_network(tmp_path: Path) -> None:
    made = reading()
    path = tmp_path / "network.graphml"
    write_graphml(made, path, names_of(made, nobody=True))
    root = ElementTree.parse(path).getroot()
    titles = {key.get("id"): key.get("attr.name") for key in root.iter(f"{XML}key")}

    def told(element: Any) -> dict[str, str]:
        return {titles[one.get("key")]: one.text for one in element.iter(f"{XML}data")}

    nodes = {node.get("id"): told(node) for node in root.iter(f"{XML}node")}
    called = {told["label"]: told for told in nodes.values()}
    graph = made.network.graph
    assert set(called) == set(graph.names.tolist())
    assert [float(called[name]["in_degree"]) for name in graph.names] == made.influence[0].values.tolist()
    weights = np.zeros((graph.n, graph.n))
    code = {name: place for place, name in enumerate(graph.names.tolist())}
    for edge in root.iter(f"{XML}edge"):
        ends = [code[nodes[edge.get(end)]["label"]] for end in ("source", "target")]
        weights[ends[0], ends[1]] += float(told(edge)["weight"])
    np.fill_diagonal(weights, 0)
    assert np.array_equal(weights, graph.matrix("events").toarray())


@pytest.mark.slow
def test_networkx_reads_the_graphml(tmp_path: Path) -> None:
    networkx = pytest.importorskip("networkx", reason="networkx is not installed")
    made = reading()
    write_graphml(made, tmp_path / "network.graphml")
    found = networkx.read_graphml(tmp_path / "network.graphml")
    assert found.is_directed() and found.number_of_nodes() == made.network.graph.n


def test_json_holds_plain_values_alone_and_says_beside_each_ranking_what_it_is_worth(tmp_path: Path) -> None:
    made = reading()
    write_json(made, tmp_path / "network.json")
    told = json.loads((tmp_path / "network.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert told == as_json(made)
    assert set(told) == {
        "version", "dataset", "title", "synthetic", "measure", "counts", "names", "headline", "influence",
        "held", "communities", "crossings", "notes",
    }  # fmt: skip
    in_degree, pagerank, own_past = told["influence"]
    assert "Says nothing new about engagement" in in_degree["beside"][0]
    assert "Says something about mentions to come" in in_degree["beside"][1]
    assert "takes away from it" in pagerank["beside"][0]
    assert "reference" in own_past["beside"][0]
    first = in_degree["ranking"][0]
    assert first["rank"] == first["could_be"] == 1
    assert told["crossings"]["found"][1]["hours_to_third"] is None
    assert "no forecast" in told["crossings"]["description"]
    assert [one["verdict"] for one in told["held"]] == ["nothing", "loses", "gains"]


def test_a_score_that_was_not_held_against_the_future_says_so() -> None:
    told = as_json(replace(reading(), held=()))
    assert "not held against what came after" in told["influence"][0]["beside"][0]
    assert "none is known to foretell" in told["headline"]


def test_accounts_that_publish_nothing_have_pseudonyms_unless_one_asks() -> None:
    made = reading()
    names = names_of(made)
    publishes = np.isin(np.arange(made.network.graph.n), made.network.published.author)
    assert np.array_equal(names.renamed, ~publishes)
    assert np.array_equal(names.of[publishes], made.network.graph.names[publishes])
    assert all(name.startswith("account ") for name in names.of[~publishes])
    assert not names_of(made, nobody=True).renamed.any()
    assert names_of(made, everyone=True).renamed.all()
    assert len(set(names.of.tolist())) == made.network.graph.n
    with pytest.raises(ValueError, match="either"):
        names_of(made, everyone=True, nobody=True)


def test_where_followers_are_known_the_small_have_pseudonyms() -> None:
    made = reading()
    followers = np.full(made.network.graph.n, np.nan)
    followers[[0, 1, 50, 51]] = [20_000, 500, 20_000, 500]
    big = replace(made.influence[0], name="followers", values=followers)
    names = names_of(replace(made, influence=(big,)))
    assert names.renamed[[0, 1, 50, 51]].tolist() == [False, True, False, True]
    assert not names.renamed[2] and names.renamed[52], "of these followers are unknown, and one publishes"
    assert not names_of(replace(made, influence=(big,)), below=100).renamed[1]
    assert "10,000 followers" in names.rule


def hidden_name(made: Reading, text: str) -> str:
    return names_of(made, everyone=True).text(text)


@pytest.mark.parametrize(
    "text",
    [
        "#user_00007",
        "@User_00007",
        "user_00007",
        "#more, #USER_00007; Portuguese",
        "https://example.org/user_00007",
        "https://example.org/@user_00007/status/1",
        "ask @user_00007.",
    ],
)
def test_a_tag_a_link_or_a_phrase_that_names_a_hidden_account_does_so_no_more(text: str) -> None:
    found = hidden_name(reading(), text)
    assert "user_00007" not in found.lower() and "account" in found


def test_what_names_nobody_stays_as_it_is() -> None:
    for text in ("#group1, #more; Portuguese", "https://example.org/news", "user_00007b and others"):
        assert hidden_name(reading(), text) == text


def test_under_pseudonyms_no_file_holds_a_name_nor_the_order_of_the_alphabet(tmp_path: Path) -> None:
    made = reading(names=["Zoë Müller", "anna.b"])
    made = replace(
        made,
        crossings=(*made.crossings, Crossing("#anna.b", 0, 0, 3, ((0, 0), (1, 5)), None)),
        notes=("@anna.b",),
    )
    names = names_of(made, everyone=True)
    write_tables(made, tmp_path, names)
    write_graphml(made, tmp_path / "network.graphml", names)
    write_json(made, tmp_path / "network.json", names)
    for file in tmp_path.iterdir():
        text = file.read_text(encoding="utf-8-sig")
        assert not [name for name in made.network.graph.names if name in text], file.name
    alike = np.flatnonzero(made.influence[0].values == 0)
    assert np.any(np.diff(names.number[alike]) < 0), "accounts that are alike are shuffled"
    assert names_of(made, everyone=True).of.tolist() == names.of.tolist(), "and always in the same way"


def test_numbers_are_rounded_but_counts_are_not_and_what_is_unknown_is_none() -> None:
    told = numbers(np.array([1234567.0, 0.123456, np.nan, np.inf, -0.0, 98765.4321, 1e-12]))
    assert told == [1234567, 0.1235, None, None, 0, 98770.0, 1e-12]


def test_those_alike_have_the_same_rank() -> None:
    assert ranks(np.array([3.0, 5.0, 3.0, np.nan, 1.0])).tolist() == [2, 1, 2, 0, 4]


@pytest.mark.slow
def test_a_notebook_shows_a_picture_and_rankings_that_run_nothing() -> None:
    made = reading(names=sorted(EVIL))
    shown = Shown(made, names_of(made, nobody=True))
    html = shown._repr_html_()
    assert "<svg" in html and "Says nothing new about engagement" in html
    assert "<script" not in html and "<img" not in html and "<b>" not in html
    assert repr(shown) == "<network of A planted network: 60 accounts, 400 edges>"
