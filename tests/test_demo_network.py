"""The demo network: communities, influence and cascades that were planted are there."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from generated import DATASETS, generate

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from network.build.build import build
from network.network import Network
from tools.network_scale import generator_module

pytestmark = pytest.mark.slow

CUT_OFF = "2023-10-01"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """8,000 posts, the size of the demo."""
    return generate("demo_network", tmp_path_factory.mktemp("demo") / "raw")


@pytest.fixture(scope="module")
def posts(raw: Path) -> pd.DataFrame:
    found = pd.read_csv(raw / "posts.csv", parse_dates=["posted_at"], keep_default_na=False)
    return found.assign(ceiling=pd.read_csv(raw / "ceiling.csv")["likes"], log=np.log1p(found["likes"]))


@pytest.fixture(scope="module")
def truth(raw: Path) -> pd.DataFrame:
    return pd.read_csv(raw / "truth.csv", index_col="account")


@pytest.fixture(scope="module")
def society() -> ModuleType:
    return generator_module("society")


@pytest.fixture(scope="module")
def network(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    card = load_card(DATASETS / "demo_network" / "card.toml")
    return build(prepare(card, tmp_path_factory.mktemp("home"), (raw.parent,)))


def test_the_ceiling_is_the_median_of_the_likes_and_ranks_them_well(posts: pd.DataFrame) -> None:
    assert (posts["log"] > posts["ceiling"]).mean() == pytest.approx(0.5, abs=0.02)
    late = posts[posts["posted_at"] >= CUT_OFF]
    assert 0.2 < len(late) / len(posts) < 0.3
    assert late["ceiling"].corr(late["log"], method="spearman") == pytest.approx(0.92, abs=0.02)


def test_most_namings_stay_in_the_community(posts: pd.DataFrame, truth: pd.DataFrame) -> None:
    named = (
        posts.assign(named=posts["mentions"].str.lower().str.split()).explode("named").dropna(subset="named")
    )
    home = truth["community"].reindex(named["author"]).to_numpy() == truth["community"].reindex(
        named["named"]
    )
    # Of the third that is drawn from all some are at home by chance.
    assert home.mean() == pytest.approx(0.75, abs=0.04)
    assert truth["community"].value_counts().between(20, 120).all()


def test_the_influential_are_named_more(network: Network, truth: pd.DataFrame) -> None:
    graph = network.graph.of("mention", "reply")
    times = pd.Series(np.bincount(graph.target, minlength=graph.n), index=graph.names)
    assert times.corr(truth["influence"].reindex(graph.names), method="spearman") > 0.6


def test_who_was_named_by_the_influential_gets_more_afterwards(
    posts: pd.DataFrame, truth: pd.DataFrame
) -> None:
    rest = posts["log"] - truth["own_effect"].reindex(posts["author"]).to_numpy()
    named = (
        posts.assign(named=posts["mentions"].str.lower().str.split()).explode("named").dropna(subset="named")
    )
    named = named[truth["influence"].reindex(named["author"]).to_numpy() > 0.2]
    after, before = [], []
    for account, moment in zip(named["named"], named["posted_at"], strict=True):
        own = posts["author"] == account
        week = pd.Timedelta(days=4)
        after.append(rest[own & posts["posted_at"].between(moment, moment + week)].mean())
        before.append(rest[own & posts["posted_at"].between(moment - week, moment)].mean())
    assert np.nanmean(after) > np.nanmean(before) + 0.2


def test_shared_tags_are_those_of_a_community(network: Network, truth: pd.DataFrame) -> None:
    graph = network.graph.of("co_tag")
    home = truth["community"].reindex(graph.names).to_numpy()
    assert len(graph) > 500
    assert (home[graph.source] == home[graph.target]).mean() > 0.85


def test_reposts_are_trees_over_follows_known_at_the_time(raw: Path) -> None:
    follows = pd.read_csv(raw / "follows.csv").set_index(["follower", "followed"])["since"].to_dict()
    posts = pd.read_csv(raw / "posts.csv", index_col="id")
    told: dict[tuple[str, str], int] = {}
    for row in pd.read_csv(raw / "reposts.csv").itertuples():
        moment, post, who, teller = row[1:]
        assert follows[who, teller] <= moment
        assert (post, who) not in told and who != posts["author"][post], "each passes a post on once"
        assert teller == posts["author"][post] or told[post, teller] < moment
        told[post, who] = moment
    assert pd.Series([post for post, _ in told]).value_counts().max() > 50


def test_the_network_has_every_kind_of_edge(network: Network) -> None:
    assert network.graph.kinds == ("co_tag", "follow", "mention", "reply", "repost")
    assert any(note.startswith("names that are another but for case or an @") for note in network.notes)
    assert any(note.startswith("edges from an account to itself, left out") for note in network.notes)


def test_no_reader_sees_what_is_true(network: Network) -> None:
    assert {"influence", "community", "own_effect"}.isdisjoint(network.published.table.column_names)
    assert "truth.csv" not in (DATASETS / "demo_network" / "card.toml").read_text()


def test_a_society_of_any_size_takes_seconds(society: ModuleType) -> None:
    began = time.process_time()
    rng = np.random.default_rng(0)
    of = society.society(70_000, rng)
    who = society.authors(of, 1_000_000, rng)
    whom = society.named_by(of, who, rng)
    assert time.process_time() - began < 20
    assert len(whom) == 1_000_000 and not (who == whom).any()
    assert (of.community[who] == of.community[whom]).mean() == pytest.approx(0.7, abs=0.03)


@pytest.mark.parametrize("accounts", [3, 40, 41, 1000])
def test_every_community_has_members_and_nobody_names_itself(society: ModuleType, accounts: int) -> None:
    rng = np.random.default_rng(1)
    of = society.society(accounts, rng)
    assert len(of.community) == accounts and np.bincount(of.community).min() > 0
    who = society.authors(of, 500, rng)
    assert not (society.named_by(of, who, rng) == who).any()


def test_the_generator_is_loaded_without_a_trace() -> None:
    before = list(sys.path)
    generator_module("society")
    assert sys.path == before and "society" not in sys.modules
