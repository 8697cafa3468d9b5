"""Subsets of the test posts and their scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmark.scores import slices as module
from benchmark.scores.slices import slices, training_posts


def posts_of_three_users(n: int) -> pd.DataFrame:
    """Two of three users seen, months of 40 posts, categories A (half), B and missing (a quarter each)."""
    i = np.arange(n)
    return pd.DataFrame(
        {
            "user_id": [f"u{k % 3}" for k in i],
            "time": pd.Timestamp("2015-12-31 23:00") + pd.to_timedelta(i // 40 * 31, unit="D"),
            "seen_in_training": i % 3 > 0,
            "category": pd.Series([["A", "B", "A", None][k % 4] for k in i], dtype="str"),
        }
    )


def test_users_months_and_categories_become_slices_in_the_order_they_are_shown():
    found = slices(posts_of_three_users(120), category="category")
    assert {name: int(mask.sum()) for name, mask in found.items()} == {
        "unseen_users": 40,
        "seen_users": 80,
        "month=2015-12": 40,
        "month=2016-01": 40,
        "month=2016-03": 40,
        "category=A": 60,
        "category=B": 30,
    }
    assert list(found)[2:5] == ["month=2015-12", "month=2016-01", "month=2016-03"]
    assert all(mask.dtype == bool and mask.shape == (120,) for mask in found.values())


def test_columns_that_are_asked_for_become_slices_after_the_categories_and_as_they_do():
    posts = posts_of_three_users(120)
    country = pd.Series(["PT", "BR", "BR", None] * 30, dtype="str")
    posts = posts.assign(slice_country=country, slice_verified=pd.Series(["true", "false"] * 60, dtype="str"))
    found = slices(posts, category="category", asked=["country", "verified"])
    assert {name: int(mask.sum()) for name, mask in list(found.items())[5:]} == {
        "category=A": 60,
        "category=B": 30,
        "country=BR": 60,
        "country=PT": 30,
        "verified=false": 60,
        "verified=true": 60,
    }
    assert list(found)[7:] == ["country=BR", "country=PT", "verified=false", "verified=true"]
    assert set(country[found["country=BR"]]) == {"BR"}


def test_masks_mark_the_posts_that_they_name():
    posts = posts_of_three_users(120)
    found = slices(posts, category="category")
    assert posts["category"][found["category=B"]].unique().tolist() == ["B"]
    assert not posts["seen_in_training"][found["unseen_users"]].any()
    assert (found["seen_users"] ^ found["unseen_users"]).all()


def test_a_slice_of_29_posts_is_left_out_and_one_of_30_is_kept():
    posts = posts_of_three_users(120)
    assert "category=B" in slices(posts, category="category")
    posts.loc[posts.index[1], "category"] = "A"
    assert "category=B" not in slices(posts, category="category")


def test_a_slice_that_holds_every_post_is_left_out():
    posts = posts_of_three_users(40).assign(seen_in_training=True)
    assert slices(posts) == {}


def test_only_the_largest_categories_become_slices_whatever_the_order_of_rows(monkeypatch):
    monkeypatch.setattr(module, "MOST_CATEGORIES", 2)
    posts = posts_of_three_users(150).assign(category=np.repeat(["c", "b", "a"], [50, 40, 60]))
    expected = ["category=a", "category=c"]
    assert [name for name in slices(posts, category="category") if name.startswith("category")] == expected
    assert [
        name for name in slices(posts[::-1], category="category") if name.startswith("category")
    ] == expected


def test_categories_of_the_same_size_come_by_name():
    posts = posts_of_three_users(80).assign(category=np.repeat(["b", "a"], 40))
    assert list(slices(posts, category="category"))[-2:] == ["category=a", "category=b"]


def test_a_category_column_may_be_of_categorical_type_and_have_a_name_of_its_own():
    posts = posts_of_three_users(120).assign(topic=lambda frame: frame["category"].astype("category"))
    assert "topic=A" in slices(posts, category="topic")


def test_a_misspelt_column_is_an_error():
    with pytest.raises(KeyError, match="categroy"):
        slices(posts_of_three_users(40), category="categroy")


def test_posts_whose_deepest_category_has_no_training_post_or_fewer_than_ten_become_slices():
    counts = pd.Series(np.repeat([0, 1, 9, 10, None], [30, 15, 15, 40, 20]), dtype="Int64")
    posts = posts_of_three_users(120).assign(training_posts_concept=counts)
    found = slices(posts, deepest="concept")
    assert counts[found["unseen_concept"]].unique().tolist() == [0]
    assert counts[found["rare_concept"]].unique().tolist() == [1, 9]
    assert [int(found[name].sum()) for name in ("unseen_concept", "rare_concept")] == [30, 30]
    assert list(found)[2:4] == ["unseen_concept", "rare_concept"]


def test_training_posts_are_counted_by_the_whole_path_of_categories():
    levels = pd.DataFrame(
        {"category": ["A", "A", "B", "B", "A", None], "concept": ["x", "x", "x", "y", None, "x"]}
    )
    train, test = np.array([0, 1, 2]), np.array([3, 4, 5, 2, 0])
    counts = training_posts(levels, train, test)
    assert counts.isna().tolist() == [False, True, False, False, False]  # no concept
    assert counts.dropna().tolist() == [0, 0, 1, 2]  # (B, y), (none, x), (B, x), (A, x)


def test_counts_of_training_posts_match_a_naive_loop():
    rng = np.random.default_rng(0)
    levels = pd.DataFrame(
        {name: rng.choice(["a", "b", "c", None], 200) for name in ("top", "middle", "leaf")}
    )
    train, test = np.arange(150), np.arange(150, 200)
    rows = [tuple(row) for row in levels.fillna("none").to_numpy()]
    expected = [sum(rows[i] == rows[j] for i in train) if rows[j][-1] != "none" else -1 for j in test]
    assert training_posts(levels, train, test).fillna(-1).tolist() == expected
