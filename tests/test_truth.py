"""Truth: what scoring is told of the predicted posts, on a data set small enough to be read."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from table_sets import table_card
from worlds import World, write_baseline

from benchmark.data.prepare import prepare
from benchmark.declared.task import ProtocolName
from benchmark.errors import DataError
from benchmark.run.tasks import TaskPosts
from benchmark.run.truth import account_weeks, truth_table
from benchmark.split import Block, Clock, Windows

POSTS = """\
post_id,user_id,time,app,category,topic,likes,stars
s3,gus,2021-02-27,phone,Sports,Balls,2,3
p9,ann,2021-03-01,phone,Fashion,Shoes,9,1
x1,zoe,2021-03-02,web,Fashion,Shoes,8,1
p4,bob,2021-03-05,phone,Travel,Shoes,3,2
p7,ann,2021-03-08,phone,Fashion,Shoes,0,3
p2,eve,2021-03-19,phone,Fashion,Hats,5,4
p5,cat,2021-03-21,phone,Fashion,Shoes,7,5
p1,bob,2021-03-22,phone,Fashion,Shoes,1,4
p8,ann,2021-03-23,phone,Travel,Hats,0,3
q0,bob,2021-03-23,phone,Fashion,Hats,,
p3,cat,2021-03-24,phone,,,31,2
p6,eve,2021-03-29,phone,Travel,Shoes,15,1
p0,dan,2021-03-30,phone,Fashion,,3,5
"""
"""The cut-off is the 20th. The task is about posts from the phone; p2 is too young to be trained on; nobody
knows the labels of q0. Shoes stand below Fashion (twice in training) and below Travel (once)."""
PREDICTED = ["p5", "p1", "p8", "p3", "p6", "p0"]


@pytest.fixture(autouse=True)
def _few_posts_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a task these are too few: here they are read one by one."""
    monkeypatch.setattr("benchmark.run.tasks.FEWEST_POSTS", 1)


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> TaskPosts:
    return prepared_posts(tmp_path_factory.mktemp("set"), POSTS)


def prepared_posts(folder: Path, raw: str, *left_out: str) -> TaskPosts:
    """The posts of `raw`, without some of its columns."""
    (folder / "raw").mkdir()
    with (folder / "raw" / "posts.csv").open("w", newline="") as file:
        rows = [
            {k: v for k, v in row.items() if k not in left_out} for row in csv.DictReader(raw.splitlines())
        ]
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    columns: dict[str, Any] = {
        "post_id": {"role": "id"},
        "user_id": {"role": "user"},
        "time": {"role": "time"},
        "app": {"role": "categorical"},
        # Deepest first: the levels count, not the order in the card.
        "topic": {"role": "category", "level": 2},
        "category": {"role": "category", "level": 1},
    }
    task = {
        "name": "t",
        "targets": ["stars", "likes"],
        "filter": {"where": {"app": "phone"}},
        "protocols": {
            "frozen": {"cut_off": "2021-03-20T00:00:00", "embargo_days": 2},
            "rolling": {"cut_off": "2021-03-20T00:00:00"},
            "official": {},
        },
    }
    card = table_card(
        folder,
        columns={name: column for name, column in columns.items() if name not in left_out},
        targets={"likes": {"scale": "log1p"}, "stars": {"scale": "identity"}},
        tasks=[task],
    )
    return TaskPosts.of(prepare(card, folder / "data", ()), card.tasks[0])


def truth(posts: TaskPosts, protocol: ProtocolName = "frozen") -> pa.Table:
    return truth_table(posts, posts.windows(protocol))


@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_the_posts_come_in_the_order_in_which_they_are_predicted(
    posts: TaskPosts, protocol: ProtocolName
) -> None:
    table = truth(posts, protocol)
    assert table["post_id"].to_pylist() == PREDICTED
    assert [f"{time:%m-%d}" for time in table["time"].to_pylist()] == (
        ["03-21", "03-22", "03-23", "03-24", "03-29", "03-30"]
    )


def test_the_order_is_that_of_prediction_even_where_it_is_not_that_of_time(posts: TaskPosts) -> None:
    ids = posts.table["post_id"].to_pylist()
    late, early = np.array([ids.index("p6")]), np.array([ids.index("p5"), ids.index("p8")])
    none = np.array([], np.int64)
    blocks = (Block(0, none, np.array([1]), late), Block(0, none, none, early))
    table = truth_table(posts, Windows(Clock(0, 0, None), blocks))
    assert table["post_id"].to_pylist() == ["p6", "p5", "p8"]
    assert table["label_stars"].to_pylist() == [1, 5, 3]
    assert table["user"].to_pylist() == [3, 4, 1]


def test_users_have_the_codes_that_they_have_in_training(posts: TaskPosts) -> None:
    """gus 0, ann 1, bob 2, eve 3, cat 4, dan 5: by their first post, and not by their first test post."""
    gus, ann, bob, eve, cat, dan = range(6)
    assert truth(posts)["user"].to_pylist() == [cat, bob, ann, cat, eve, dan]
    assert posts.users[posts.windows("frozen").train].tolist() == [gus, ann, bob, ann]


def test_a_user_is_seen_who_has_a_post_among_the_training_posts(posts: TaskPosts) -> None:
    """bob and ann; not eve, whose only earlier post was too young, nor the new ones."""
    assert truth(posts)["seen_in_training"].to_pylist() == [False, True, True, False, False, False]


def test_the_category_is_the_top_one(posts: TaskPosts) -> None:
    assert truth(posts)["category"].to_pylist() == ["Fashion", "Fashion", "Travel", None, "Travel", "Fashion"]


def test_training_posts_are_counted_below_the_same_parents_and_missing_without_a_deepest_category(
    posts: TaskPosts,
) -> None:
    """Fashion > Shoes twice, Travel > Hats never, Travel > Shoes once; p3 and p0 have no topic."""
    assert truth(posts)["training_posts_topic"].to_pylist() == [2, 2, 0, None, 1, None]


def test_labels_are_on_the_scale_that_is_scored(posts: TaskPosts) -> None:
    table = truth(posts)
    np.testing.assert_allclose(table["label_likes"], np.log([8, 2, 1, 32, 16, 4]))  # log(1 + likes)
    assert table["label_stars"].to_pylist() == [5, 4, 3, 2, 1, 5]


def test_with_few_users_stretches_of_time_are_clusters(posts: TaskPosts) -> None:
    """Six posts of two weeks: two posts, the cube root rounded up, make a cluster."""
    assert truth(posts)["cluster"].to_pylist() == [0, 0, 1, 1, 2, 2]


def test_with_users_enough_a_user_is_a_cluster(posts: TaskPosts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.scores.clusters.ENOUGH_CLUSTERS", 4)
    ann, bob, eve, cat, dan = range(5)
    assert truth(posts)["cluster"].to_pylist() == [cat, bob, ann, cat, eve, dan]


def test_official_posts_have_everything_but_a_label(posts: TaskPosts) -> None:
    table = truth(posts, "official")
    assert table["post_id"].to_pylist() == ["q0"]
    assert table["seen_in_training"].to_pylist() == [True]
    assert table["training_posts_topic"].to_pylist() == [1]
    assert np.isnan(table["label_likes"].to_numpy()).all() and np.isnan(table["label_stars"].to_numpy()).all()


def test_there_is_nothing_in_it_but_what_scoring_needs(posts: TaskPosts) -> None:
    about = ["post_id", "user", "time", "cluster", "seen_in_training", "category", "training_posts_topic"]
    assert truth(posts).column_names == [*about, "label_stars", "label_likes"]


def asking(posts: TaskPosts, **asked: Any) -> TaskPosts:
    return dataclasses.replace(posts, task=posts.task.model_copy(update=asked))


def test_slices_that_the_task_asks_for_are_told_as_text_and_missing_where_they_are(posts: TaskPosts) -> None:
    table = truth(asking(posts, slices=("topic", "app")))
    assert [name for name in table.column_names if name.startswith("slice_")] == ["slice_topic", "slice_app"]
    assert table["slice_topic"].to_pylist() == ["Shoes", "Shoes", "Hats", None, "Shoes", None]
    assert table["slice_app"].to_pylist() == ["phone"] * 6


def test_where_labels_rest_on_counts_the_engagement_and_the_week_are_told(posts: TaskPosts) -> None:
    counts = np.arange(2 * len(posts.times), dtype=np.float64).reshape(-1, 2)
    counts[posts.table["post_id"].to_pylist().index("p8"), 0] = np.nan
    table = truth(dataclasses.replace(posts, engagement=counts))
    test = posts.windows("frozen").test
    assert table.column_names[-3:] == ["engagement_stars", "engagement_likes", "account_week"]
    np.testing.assert_array_equal(table["engagement_stars"], counts[test, 0])
    np.testing.assert_array_equal(table["engagement_likes"], counts[test, 1])
    assert np.isnan(table["engagement_stars"].to_numpy()).tolist() == [False, False, True] + 3 * [False]


def test_the_week_is_told_of_numbers_where_a_measure_within_weeks_is_asked_for(posts: TaskPosts) -> None:
    """cat wrote on Sunday the 21st, and on Wednesday of the week after: two weeks; each other one post."""
    table = truth(asking(posts, measures=("mae", "week_best")))
    assert table.column_names[-1] == "account_week"
    assert table["account_week"].to_pylist() == [3, 1, 0, 4, 2, 5], "by account, then by time"


def test_a_week_is_that_of_the_calendar_in_utc_and_an_accounts_own() -> None:
    rng = np.random.default_rng(0)
    moments = pd.Series(pd.to_datetime(rng.integers(-(10**12), 2 * 10**12, 500) // 2, unit="ms", utc=True))
    moments = pd.concat(
        [moments, pd.Series(pd.to_datetime(["1970-01-04 23:59", "1970-01-05 00:00"], utc=True))]
    )
    users = rng.integers(0, 3, len(moments))
    codes = account_weeks(users, moments.to_numpy("datetime64[ms]").astype(np.int64))
    iso = moments.dt.isocalendar()
    told = list(zip(users.tolist(), iso["year"].tolist(), iso["week"].tolist(), strict=True))
    order = {one: code for code, one in enumerate(sorted(set(told)))}
    assert codes.tolist() == [order[one] for one in told]
    assert account_weeks(np.array([], np.int64), np.array([], np.int64)).tolist() == []


def test_events_whose_labels_rest_on_no_count_cannot_be_ranked_by_what_posts_came_to(
    posts: TaskPosts,
) -> None:
    ranked = {"kind": "event", "measures": ("auc", "week_best"), "primary": "week_best"}
    with pytest.raises(DataError, match=r"task 't' is ranked by 'week_best', .* rest on no count"):
        asking(posts, **ranked)
    counts = np.zeros((len(posts.times), 2))
    assert dataclasses.replace(posts, task=posts.task.model_copy(update=ranked), engagement=counts)
    assert "account_week" not in truth(asking(posts, **ranked | {"primary": "auc"})).column_names


def test_with_one_level_of_category_it_is_the_top_and_the_deepest(tmp_path: Path) -> None:
    table = truth(prepared_posts(tmp_path, POSTS, "topic"))
    assert table["category"].to_pylist() == ["Fashion", "Fashion", "Travel", None, "Travel", "Fashion"]
    assert table["training_posts_category"].to_pylist() == [2, 2, 1, None, 1, 2]


def test_without_categories_the_column_is_empty_and_nothing_is_counted(tmp_path: Path) -> None:
    table = truth(prepared_posts(tmp_path, POSTS, "topic", "category"))
    assert table["category"].to_pylist() == [None] * 6
    assert not [name for name in table.column_names if name.startswith("training_posts")]


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_stored_prediction_stands_beside_the_post_that_it_was_made_for(
    tmp_path: Path, protocol: str
) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", protocol)
    number = "return np.array([[int(post[1:]) / 8] for post in posts.ids], float)"
    world.run(write_baseline(tmp_path, "numbers", f"def predict(self, posts):\n    {number}"))
    (table,) = world.predictions().values()
    assert table["likes"].to_pylist() == [int(post[1:]) / 8 for post in table["post_id"].to_pylist()]
