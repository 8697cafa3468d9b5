"""Virality of the real sets: labels held against a count of their own over what the raw files say, and the
numbers that the pages state."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from documents import page
from raw_layouts import REAL

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.data.prepare import prepare
from benchmark.declared.card import Card
from benchmark.declared.task import Viral
from benchmark.run.tasks import TaskPosts

ROOT = Path(os.environ.get("SMPBENCH_RAW", REAL))
CARDS = {name: load_card(path) for name, path in find_cards(PROJECT / "datasets").items()}
DAY = np.timedelta64(1, "D")
STATED = re.compile(
    r"^\| `(\w+)` / `(\w+)` \| [^|]+ \| [^|]+ \| ([\d,]+) / ([\d,]+) \| ([^|]+) / ([^|]+) \|$", re.MULTILINE
)
EVENTS = {
    "demo_flickr virality": 22,
    "demo_flickr virality_all": 46,
    "demo_network virality": 139,
    "demo_tweets virality": 38,
    "influencers_instagram virality": 1437,
    "instagram_profiles virality": 124,
    "musk_tweets virality": 73,
    "reddit_musk virality_category": 106,
    "smpd_video virality_all": 89,
    "tiktok_news virality": 142,
    "tiktok_vn virality_all": 228,
    "vine virality": 53,
    "vine virality_all": 241,
    "youtube_trending reach": 494,
    "youtube_trending virality": 677,
    "youtube_trending virality_category": 1388,
}
"""Task -> viral test posts."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home, known = tmp_path_factory.mktemp("home"), {}

    def of(name: str) -> Any:
        card = CARDS[name]
        if not card.synthetic and not any((ROOT / one).exists() for one in card.raw):
            pytest.skip(f"no real data: {ROOT / card.raw[0]}")
        if name not in known:
            known[name] = prepare(card, home, [] if card.synthetic else [ROOT])
        return known[name]

    yield of


def stated() -> dict[str, tuple[str, ...]]:
    section = page("docs/data_sets.md").partition("\n## What is called viral\n")[2]
    return {f"{name} {task}": tuple(told) for name, task, *told in STATED.findall(section)}


def test_the_page_says_of_every_task_of_events_what_is_called_viral() -> None:
    section = page("docs/data_sets.md").partition("\n## What is called viral\n")[2]
    told = {f"{one} {task}" for one, task in re.findall(r"^\| `(\w+)` / `(\w+)` \|", section, re.MULTILINE)}
    assert told == {
        f"{card.name} {task.name}" for card in CARDS.values() for task in card.tasks if task.kind == "event"
    }
    assert stated().keys() | {"smpd_image virality"} == told


@pytest.mark.slow
@pytest.mark.parametrize("named", sorted(EVENTS))
def test_labels_are_those_of_a_count_of_their_own_and_as_many_as_the_page_states(
    named: str, prepared: Any
) -> None:
    name, _, task = named.partition(" ")
    posts = TaskPosts.of(prepared(name), CARDS[name].task(task))
    windows = posts.windows("frozen")
    train, test, rate_train, rate_test = stated()[named]
    labels = posts.labels[:, 0]
    assert (f"{len(windows.train):,}", f"{len(windows.test):,}") == (train, test)
    assert f"{labels[windows.train].mean():.1%}" == rate_train
    assert f"{labels[windows.test].mean():.1%}" == rate_test
    assert labels[windows.test].sum() == EVENTS[named]
    (viral,) = CARDS[name].derived(task)
    if viral.at_least is None:
        assert_by_the_words_of_the_rule(CARDS[name], viral, posts)


def assert_by_the_words_of_the_rule(card: Card, viral: Viral, posts: TaskPosts) -> None:
    """Of 60 labelled posts, from the whole table of the filter's posts, with a sort and nothing else."""
    table = posts.prepared.posts().to_pandas().assign(row=np.arange(len(posts.prepared.posts())))
    targets = posts.prepared.targets().to_pandas()
    table["value"] = sum(weight * targets[name] for name, weight in viral.of.items())
    if viral.age:
        table["value"] /= table[viral.age].clip(lower=1 / 24)
    for column, wanted in posts.task.filter.where.items():
        table = table[table[column] == wanted]
    table = table[table["time"] <= table["time"].max() - pd.Timedelta(days=posts.task.filter.settled_days)]
    if viral.within != "all":
        scope = "user_id" if viral.within == "account" else viral.within
        of_scope = dict(iter(table.groupby(scope)))
    rng = np.random.default_rng(0)
    labels = pd.Series(posts.labels[:, 0], posts.rows).dropna()
    for row, label in labels.iloc[rng.choice(len(labels), min(60, len(labels)), replace=False)].items():
        own = table[table["row"] == row].iloc[0]
        others = table if viral.within == "all" else of_scope[own[scope]]
        age = (own["time"] - others["time"]) / pd.Timedelta(days=1)
        before = others[(age >= viral.matured_days) & (age <= viral.window_days) & others["value"].notna()]
        assert len(before) >= viral.minimum
        place = max(1, math.floor(viral.share * len(before) + 1e-9))
        assert label == (own["value"] > before["value"].nlargest(place).iloc[-1])


@pytest.mark.slow
def test_lists_that_a_video_was_on_are_those_of_its_first_72_hours(prepared: Any) -> None:
    found = prepared("youtube_trending")
    frame = found.posts().to_pandas().merge(found.targets().to_pandas(), on="post_id").set_index("post_id")
    files = sorted((ROOT / "youtube_trending").glob("data/videos/**/trending_*.csv"))
    rows = pd.concat(
        pd.read_csv(one, usecols=["video_id", "published_at", "fetched_at", "country", "views"])
        for one in files
    )
    rows["read"] = pd.to_datetime(rows["fetched_at"], utc=True, format="ISO8601")
    rows = rows.sort_values(["read", "country"], kind="stable")
    # A planned premiere is moved: what it says at first counts.
    published = pd.to_datetime(rows["published_at"], utc=True, format="ISO8601")
    rows["born"] = published.groupby(rows["video_id"]).transform("first")
    rows["age"] = (rows["read"] - rows["born"]) / pd.Timedelta(hours=1)
    read = rows["read"]
    early = rows[rows["age"] <= 72].groupby("video_id")["country"]
    born = rows.groupby("video_id")["born"].first()
    whole = (born >= read.min()) & (born + pd.Timedelta(hours=72) <= read.max())
    many = early.nunique().reindex(born.index).fillna(0)[whole]
    pd.testing.assert_series_equal(
        frame["countries"].dropna().sort_index(), many.sort_index(), check_names=False, check_dtype=False
    )
    for country, column in (("BR", "in_br"), ("US", "in_us")):
        there = early.agg(lambda names, one=country: float(one in set(names)))
        there = there.reindex(born.index).fillna(0.0)[whole]
        found_there = frame[column].dropna().sort_index()
        pd.testing.assert_series_equal(found_there, there.sort_index(), check_names=False)
    first = rows.drop_duplicates("video_id")
    seen = first[first["age"] <= 72].set_index("video_id")["views"].astype(float)
    pd.testing.assert_series_equal(
        frame["views_seen"].dropna().sort_index(), seen.dropna().sort_index(), check_names=False
    )
