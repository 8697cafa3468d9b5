"""What a model may be told of who names whom: from edges and labels that each post knows, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.beside.graph import DAYS, Graph
from baselines.beside.handles import PRIOR, Handles
from baselines.lightgbm import LightGBM
from baselines.mlp import MLP
from baselines.ridge import Ridge
from benchmark import Baseline
from benchmark.data.said import said_by
from benchmark.declared.column import Column
from benchmark.declared.fact_table import OF_POSTS, FactTable
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.run.tasks import known_by
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

OF = {"mention": "mentions", "quote": "quoted"}
NAMED = FactTable(of=OF)
COLUMNS = {name: Column(role="tags") for name in OF.values()}
SCHEMA = Schema(
    columns=COLUMNS,
    targets=("likes",),
    features={},
    scales=("log1p",),
    facts={"named": OF_POSTS},
    naming={"named": OF},
)
FROZEN, ROLLING = None, 7 * DAY_MS


@dataclass(frozen=True)
class World:
    """Posts in order of time with their labels, and the clock of a protocol."""

    clock: Clock
    posts: pa.Table
    labels: np.ndarray

    @classmethod
    def of(cls, posts: list[dict[str, Any]], cut_off: float, block: int | None, maturity: float = 2) -> World:
        """Posts: `day`, `user`, and if need be `mentions`, `quoted`, `likes`."""
        posts = sorted(posts, key=lambda post: post["day"])
        times = np.array([round(post["day"] * DAY_MS) for post in posts])
        table = {
            "post_id": [f"p{i}" for i in range(len(posts))],
            "user_id": [post["user"] for post in posts],
            "time": pa.array(times, pa.int64()).cast(pa.timestamp("ms")),
            **{name: [post.get(name, "") for post in posts] for name in OF.values()},
        }
        labels = np.array([[post.get("likes", 0.0)] for post in posts], np.float32)
        return cls(Clock(round(cut_off * DAY_MS), round(maturity * DAY_MS), block), pa.table(table), labels)

    @property
    def times(self) -> np.ndarray:
        return self.posts["time"].cast("int64").to_numpy()

    def blocks(self) -> Iterator[tuple[Posts, np.ndarray, Posts]]:
        """As a worker is handed them: posts whose labels become known, with these, and those to predict."""
        facts = said_by(NAMED, self.posts)
        facts = facts.take(np.argsort(facts["known_at"].cast("int64").to_numpy(), kind="stable"))
        late = self.times[self.times >= self.clock.cut_off]
        starts = np.unique(self.clock.as_of(late)) if self.clock.block else np.array([self.clock.cut_off])
        timeline, told = Timeline(SCHEMA, self.clock), 0
        shown_already = np.zeros(len(self.times), bool)
        told_already = shown_already.copy()
        for start, end in zip(starts, [*starts[1:], 1 << 60], strict=True):
            new = np.flatnonzero((self.times < start) & ~shown_already)
            known = np.flatnonzero((self.clock.known_at(self.times) <= start) & ~told_already)
            rows = known_by(facts, int(start), told)
            told += len(rows)
            handed = Reveal(self.posts.take(new), new, known, self.labels[known], {"named": rows})
            train = revealed(timeline, handed)
            test = np.flatnonzero((self.times >= start) & (self.times < end))
            shown_already[new] = shown_already[test] = told_already[known] = True
            yield train, self.labels[known], shown(timeline, Predict(self.posts.take(test), test))

    def features(self) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        """Of the posts of each block that are to be predicted, what is told of them; and of the training."""
        test: list[dict[str, float]] = []
        train: list[dict[str, float]] = []
        parts: tuple[Graph, Handles] | None = None
        for known, y, asked in self.blocks():
            if parts is None:
                parts = Graph().fit(known), Handles().fit(known, y)
                train = _rows(parts, known)
            else:
                parts[1].add(known, y)
            test += _rows(parts, asked)
        return test, train


def _rows(parts: tuple[Graph, Handles], posts: Posts) -> list[dict[str, float]]:
    graph, handles = (part.frame(posts) for part in parts)
    both = graph.join(handles.drop(columns=["named others", "named itself"]))
    found: list[dict[str, float]] = both.to_dict("records")
    return found


def naive(world: World, i: int) -> dict[str, float]:
    """The same of one post, looked up one by one."""
    posts, times = world.posts.to_pylist(), world.times
    as_of = int(world.clock.as_of(times[i : i + 1])[0])

    def names(j: int) -> list[str]:
        return [name for column in OF.values() for name in posts[j][column].split()]

    def known(j: int) -> bool:
        return bool(world.clock.known_at(times[j : j + 1])[0] <= as_of)

    def level(user: str, moment: int) -> float:
        told = world.clock.known_at(times) <= moment
        theirs = [float(world.labels[j, 0]) for j in np.flatnonzero(told) if posts[j]["user_id"] == user]
        return float(np.median(theirs[-20:])) if theirs else np.nan

    edges = [
        (posts[j]["user_id"], name, times[j])
        for j in range(len(posts))
        for name in names(j)
        if times[j] <= as_of and times[j] < times[i] and name != posts[j]["user_id"]
    ]
    late = [edge for edge in edges if edge[2] > as_of - DAYS * DAY_MS]
    user = posts[i]["user_id"]
    others = sorted(set(names(i)) - {user})
    found = {
        "author named lately": np.log1p(sum(to == user for _, to, _ in late)),
        "author named by": np.log1p(len({of for of, to, _ in edges if to == user})),
        "author names lately": np.log1p(sum(of == user for of, _, _ in late)),
        "others": float(len(others)),
        "itself": float(user in names(i)),
        "members named": float(sum(not np.isnan(level(name, as_of)) for name in others)),
    }
    above = [level(name, as_of) - level(user, as_of) for name in others]
    found["member above 0"] = max((one for one in above if not np.isnan(one)), default=np.nan)
    of_each: dict[str, list[float]] = {
        "named lately": [sum(to == name for _, to, _ in late) for name in others],
        "named by": [len({of for of, to, _ in edges if to == name and of != user}) for name in others],
        "named before": [sum((of, to) == (user, name) for of, to, _ in edges) for name in others],
    }
    for name, counts in of_each.items():
        found[f"{name} max"] = np.log1p(max(counts)) if others else np.nan
        found[f"{name} mean"] = float(np.mean(np.log1p(counts))) if others else np.nan
    shrunken, often = [], []
    for name in others:
        residuals = [
            float(world.labels[j, 0])
            - level(posts[j]["user_id"], int(world.clock.as_of(times[j : j + 1])[0]))
            for j in range(len(posts))
            if known(j) and name in set(names(j)) - {posts[j]["user_id"]}
        ]
        residuals = [one for one in residuals if not np.isnan(one)]
        shrunken.append(sum(residuals) / (len(residuals) + PRIOR))
        often.append(np.log1p(len(residuals)))
    of_all = (float(np.mean(shrunken)), max(shrunken), min(shrunken)) if others else (np.nan,) * 3
    found |= {f"residual {name} 0": one for name, one in zip(("mean", "max", "min"), of_all, strict=True)}
    found["posts naming max"] = max(often) if others else np.nan
    return {f"named {name}": value for name, value in found.items()}


ACCOUNTS = ("ann", "bob", "cat", "stranger")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    words = st.lists(st.sampled_from(ACCOUNTS), max_size=3).map(" ".join)
    post = st.fixed_dictionaries(
        {
            "day": st.integers(0, 240).map(lambda step: step / 4),  # so coarse that ties abound
            "user": st.sampled_from(ACCOUNTS[:3]),
            "mentions": words,
            "quoted": st.sampled_from(["", "", *ACCOUNTS]),
            "likes": st.integers(0, 40).map(lambda count: count / 4),
        }
    )
    block, maturity = draw(st.sampled_from([FROZEN, ROLLING])), draw(st.sampled_from([0, 1, 3]))
    posts = [{"day": 0, "user": "ann"}, *draw(st.lists(post, max_size=25)), {"day": 61, "user": "bob"}]
    return World.of(posts, draw(st.integers(4, 60)), block, maturity)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(worlds())
def test_each_post_is_told_what_a_loop_finds_in_training_and_in_the_test(world: World) -> None:
    test, train = world.features()
    order = np.flatnonzero(world.times >= world.clock.cut_off)
    start = int(world.clock.as_of(world.times[order]).min())
    trained = np.flatnonzero(world.clock.known_at(world.times) <= start)
    for rows, posts in ((test, order), (train, trained)):
        assert len(rows) == len(posts)
        for row, i in zip(rows, posts, strict=True):
            expected = naive(world, int(i))
            assert set(row) == set(expected)
            for name, value in expected.items():
                assert row[name] == pytest.approx(value, abs=1e-5, nan_ok=True), name


def first_told(world: World, i: int = 0) -> dict[str, float]:
    """Of the i-th post to be predicted."""
    return world.features()[0][i]


@pytest.mark.parametrize("block", [FROZEN, ROLLING])
def test_no_edge_and_no_label_that_is_known_later_changes_an_earlier_prediction(block: int | None) -> None:
    early: list[dict[str, Any]] = [
        {"day": day, "user": user, "mentions": "bob stranger", "likes": day % 3}
        for day in range(20)
        for user in ("ann", "bob")
    ]
    asked: list[dict[str, Any]] = [{"day": 21.5, "user": "ann", "mentions": "bob stranger cat"}]
    later = [
        {"day": 22, "user": "cat", "mentions": "bob ann", "likes": 9.0},
        {"day": 23, "user": "bob", "mentions": "stranger", "likes": 9.0},
    ]
    other = [{"day": 22, "user": "ann", "mentions": "cat stranger", "likes": -9.0}]
    ways = [World.of([*early, *asked, *more], 21, block, 3) for more in (later, other, [])]
    first, *rest = [first_told(world) for world in ways]
    for one in rest:
        assert one == first
    young = [post | ({"likes": 50.0} if post["day"] == 19 else {}) for post in early]  # not known by then
    assert first_told(World.of([*young, *asked], 21, block, 3)) == first


def test_a_post_s_own_edges_are_not_counted_though_in_training_they_are_known_to_it() -> None:
    posts = [{"day": day, "user": "ann", "mentions": "stranger"} for day in range(3)]
    _, train = World.of([*posts, {"day": 9, "user": "ann"}], 8, FROZEN).features()
    assert [row["named named before max"] for row in train] == pytest.approx(np.log1p([0, 1, 2]))
    assert [row["named named lately max"] for row in train] == pytest.approx(np.log1p([0, 1, 2]))
    assert [row["named named by max"] for row in train] == [0, 0, 0]  # by nobody else
    assert [row["named author names lately"] for row in train] == pytest.approx(np.log1p([0, 1, 2]))


def test_an_account_that_names_or_quotes_itself_gains_no_reach_by_it() -> None:
    posts = [{"day": day, "user": "ann", "mentions": "ann", "quoted": "ann"} for day in range(3)]
    row = first_told(World.of([*posts, {"day": 9, "user": "ann", "quoted": "ann"}], 8, FROZEN))
    assert row["named itself"] == 1 and row["named others"] == 0
    assert row["named author named lately"] == row["named author named by"] == 0
    assert np.isnan(row["named residual mean 0"])


def test_of_a_few_posts_that_name_an_account_little_is_believed() -> None:
    past = [{"day": day / 4, "user": "ann"} for day in range(8)]
    naming = [{"day": 4 + day / 4, "user": "ann", "mentions": "stranger", "likes": 2.0} for day in range(2)]
    row = first_told(World.of([*past, *naming, {"day": 9, "user": "cat", "mentions": "stranger"}], 8, FROZEN))
    assert row["named residual mean 0"] == pytest.approx(2 * 2.0 / (2 + PRIOR))
    assert row["named posts naming max"] == pytest.approx(np.log1p(2))


def test_the_control_is_told_of_other_accounts_and_the_same_of_the_post_itself() -> None:
    posts = [{"day": day, "user": "ann", "mentions": "stranger"} for day in range(3)]
    asked = {"day": 9, "user": "ann", "mentions": "stranger bob", "quoted": "ann"}
    world = World.of([*posts, asked], 8, FROZEN)
    train, _, test = next(iter(world.blocks()))
    truly, shuffled = (Graph(shuffled=way).fit(train).frame(test).iloc[0] for way in (False, True))
    assert list(truly.index) == list(shuffled.index)
    assert shuffled["named named lately max"] == 0 < truly["named named lately max"]
    for name in ("named others", "named itself"):
        assert shuffled[name] == truly[name]


def test_without_a_table_of_whom_posts_name_the_author_alone_is_looked_up() -> None:
    world = World.of([{"day": 0, "user": "ann", "mentions": "bob"}, {"day": 9, "user": "bob"}], 8, FROZEN)
    train, y, test = next(iter(world.blocks()))
    for posts in (train, test):
        object.__setattr__(posts._timeline.schema, "naming", {})
    assert [*Graph().fit(train).frame(test)] == [
        "named author named lately",
        "named author named by",
        "named author names lately",
    ]
    assert not len(Handles().fit(train, y).frame(test).columns)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cls", "told"),
    [
        (Ridge, {"beside": ("graph", "named")}),
        (LightGBM, {"inputs": ("metadata", "history", "graph", "named"), "rounds": 5}),
        (MLP, {"beside": ("graph", "named"), "epochs": 1}),
    ],
)
def test_models_are_told_of_it_in_any_order_and_once_more_when_they_are_loaded(
    cls: type[Baseline], told: dict[str, Any], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    posts = [
        {
            "day": round(i / 4, 2),
            "user": ACCOUNTS[i % 3],
            "mentions": " ".join(rng.choice(ACCOUNTS, size=rng.integers(0, 3))),
            "likes": float(rng.normal(5, 1)),
        }
        for i in range(160)
    ]
    train, y, test = next(World.of(posts, 32, FROZEN).blocks())
    baseline = cls(**told)
    baseline.fit(train, y)
    found = baseline.predict(test)
    order = np.arange(len(test))[::-1]
    np.testing.assert_allclose(baseline.predict(test.take(order)), found[order], atol=1e-5)
    baseline.save(tmp_path)
    loaded = cls(**told)
    loaded.load(tmp_path, train, y)
    np.testing.assert_allclose(loaded.predict(test), found, atol=1e-5)
