"""The recent level that models correct: how far labels of an account are trusted, and a category that
drifts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from baselines.parts.categories import CategoryLevels
from baselines.parts.level import AVERAGED, USUAL, RecentLevel, averaged, prior
from baselines.parts.origins import origins
from benchmark import Array
from benchmark.declared.column import Column
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

COLUMNS = {"community": Column(role="category", level=1)}


def handed(
    users: list[str], communities: list[str], y: Array, test: list[tuple[str, str]]
) -> tuple[Posts, Posts]:
    """A training post a day with the labels y, and then posts to predict, all at once."""
    n = len(users)
    targets = ("likes", "shares")[: y.shape[1]]
    timeline = Timeline(Schema(columns=COLUMNS, targets=targets, features={}), Clock(n * DAY_MS, 0, None))

    def table(first: int, users: list[str], communities: list[str]) -> pa.Table:
        days = np.arange(first, first + len(users), dtype=np.int64) * DAY_MS
        return pa.table(
            {
                "post_id": [f"p{i}" for i in range(first, first + len(users))],
                "user_id": users,
                "time": pa.array(days).cast(pa.timestamp("ms")),
                "community": communities,
            }
        )

    rows = np.arange(n)
    train = revealed(timeline, Reveal(table(0, users, communities), rows, rows, y, {}))
    late = table(n, [user for user, _ in test], [community for _, community in test])
    return train, shown(timeline, Predict(late, np.arange(n, n + len(test))))


def test_labels_of_an_account_count_for_more_the_more_accounts_differ() -> None:
    random = np.random.default_rng(0)
    users = np.repeat(np.arange(100), 10)
    noise = random.normal(0, 1, (1000, 1))
    far = prior(users, random.normal(0, 5, (100, 1))[users] + noise)
    near = prior(users, random.normal(0, 1, (100, 1))[users] + noise)
    alike = prior(users, noise)
    assert 0.03 < far[0] < 0.06  # 1 / 25
    assert 0.7 < near[0] <= 1
    assert alike[0] == 1


def test_where_nothing_tells_how_accounts_differ_a_category_counts_as_one_label() -> None:
    assert prior(np.zeros(5, np.int64), np.ones((5, 2), np.float32)).tolist() == [1, 1]
    assert prior(np.arange(5), np.ones((5, 1), np.float32)).tolist() == [1]


def test_an_account_without_a_label_is_at_the_level_of_its_category_and_one_far_off_at_its_own() -> None:
    users = ["ann", "bob", "cat", "dan"] * 20
    communities = ["cars", "pubs", "cars", "pubs"] * 20
    own = {"ann": 0.0, "cat": 2.0, "bob": 10.0, "dan": 12.0}
    y = np.array([[own[user]] for user in users], np.float32)
    train, test = handed(
        users, communities, y, [("eve", "cars"), ("eve", "pubs"), ("ann", "cars"), ("dan", "pubs")]
    )
    level = RecentLevel().fit(train, y)
    assert level.prior[0] < 0.01
    np.testing.assert_allclose(level.of(test)[:, 0], [1, 11, 0, 12], atol=0.05)


def test_a_category_that_drifts_is_told_by_its_newest_labels_and_each_training_post_by_those_before_it() -> (
    None
):
    n = 200
    users = [f"u{i}" for i in range(n)]
    y = np.linspace(0, 20, n, dtype=np.float32)[:, None]
    train, test = handed(users, ["cars"] * n, y, [("new", "cars")])
    level = RecentLevel().fit(train, y)
    assert level.categories.newest == 20
    assert abs(level.of(test)[0, 0] - 19) < 0.2  # the median of the last 20
    behind = y[50:, 0] - level.of_training[50:, 0]
    np.testing.assert_allclose(behind, behind[0], atol=0.01)
    assert 0.9 < behind[0] < 1.2  # as far behind at its time as the level is now


def test_where_nothing_drifts_all_labels_of_a_category_count() -> None:
    random = np.random.default_rng(1)
    y = random.normal(0, 1, (400, 1)).astype(np.float32)
    train, _ = handed([f"u{i}" for i in range(400)], ["cars"] * 400, y, [("new", "cars")])
    level = RecentLevel().fit(train, y)
    assert level.categories.newest is None
    np.testing.assert_allclose(level.of_training, np.median(y), atol=1e-6)


def test_a_rolling_median_of_a_category_looks_at_nothing_later() -> None:
    users, communities = [f"u{i}" for i in range(60)], ["cars", "pubs"] * 30
    y = np.arange(60, dtype=np.float32)[:, None]
    train, _ = handed(users, communities, y, [("new", "cars")])
    categories = CategoryLevels(20)
    categories.add(train, y)
    whole = categories.before(train, y)
    changed = y.copy()
    changed[40:] = 1000
    assert (categories.before(train, changed)[15:41] == whole[15:41]).all()
    assert whole[20, 0] == np.median(y[0:20:2])
    assert whole[50, 0] == np.median(y[10:50:2])


def test_a_rolling_median_of_a_beginning_is_the_beginning_of_that_of_all() -> None:
    users, communities = [f"u{i}" for i in range(60)], ["cars", "pubs", "bikes"] * 20
    y = np.random.default_rng(0).normal(0, 1, (60, 2)).astype(np.float32)
    train, _ = handed(users, communities, y, [("new", "cars")])
    categories = CategoryLevels(20)
    categories.add(train, y)
    whole = categories.before(train, y)
    early = np.arange(40)
    assert (categories.before(train.take(early), y[early]) == whole[:40]).all()
    other = y[early] + 1
    np.testing.assert_allclose(categories.before(train.take(early), other)[18:], whole[18:40] + 1, atol=1e-5)


def alone(y: Array) -> tuple[Posts, Posts]:
    """A single account that has these labels, and a later post of it."""
    return handed(["ann"] * len(y), ["cars"] * len(y), y, [("ann", "cars")])


def test_an_account_of_even_labels_is_told_by_a_decaying_mean_and_one_of_wild_labels_by_the_median() -> None:
    random, days = np.random.default_rng(0), np.arange(800)
    even = random.uniform(-1, 1, 800)  # their median of 20 is another each time
    wild = np.where(random.random(800) < 0.3, 20.0, 0.0)
    y = np.stack([even, wild], axis=1).astype(np.float32)
    train, test = alone(y)
    level = RecentLevel().fit(train, y)
    assert level.half_lives.tolist() == [30, USUAL]
    weights = np.exp2(-(days[-1] - days[-AVERAGED:]) / 30)
    mean, labels = np.average(even[-AVERAGED:], weights=weights), weights.sum() ** 2 / (weights**2).sum()
    category = level.categories.medians(test)[0]
    expected = [(labels * mean + category[0]) / (labels + 1), (20 * 0 + category[1]) / 21]
    np.testing.assert_allclose(level.of(test)[0], expected, atol=1e-3)


def test_where_no_mean_is_notably_better_the_median_of_the_newest_twenty_stays() -> None:
    y = np.tile(np.array([[0], [1]], np.float32), (200, 1))
    train, _ = alone(y)
    assert RecentLevel().fit(train, y).half_lives.tolist() == [USUAL]


def test_few_posts_are_told_by_the_median_of_the_newest_twenty() -> None:
    y = np.arange(3, dtype=np.float32)[:, None]
    train, test = alone(y)
    level = RecentLevel().fit(train, y)
    assert level.half_lives.tolist() == [USUAL]
    assert np.isfinite(level.of(test)).all()


def test_a_mean_without_any_label_is_no_label() -> None:
    y = np.zeros((30, 1), np.float32)
    _, test = handed(["ann"] * 30, ["cars"] * 30, y, [("eve", "cars"), ("ann", "cars")])
    own = averaged(test.history(1, newest=AVERAGED), 7)
    assert own.level.tolist() == [[0], [0]]
    assert own.labels[0, 0] == 0
    assert 15 < own.labels[1, 0] < 20  # 30 labels that halve in a week


def test_origins_are_holdouts_that_end_earlier_and_earlier_and_see_nothing_later() -> None:
    y = np.arange(200, dtype=np.float32)[:, None]
    train, _ = alone(y)
    found = list(origins(train))
    ends = [(held.check_rows[0], held.check_rows[-1]) for held in found]
    assert ends == [(160, 199), (130, 169), (100, 139), (70, 109)]
    for held in found:
        assert held.fit_rows[-1] < held.check_rows[0]
        newest = held.check.history(1).recent[:, 0, 0]
        assert (newest == held.check_rows[0] - 1).all()  # frozen: known at the cut-off


def test_too_few_posts_have_no_origins() -> None:
    y = np.zeros((1, 1), np.float32)
    train, _ = alone(y)
    assert list(origins(train)) == []
