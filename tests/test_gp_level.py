"""The Gaussian process around the account: the filter is the process, and it follows what becomes known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.gp_level import CALM, LEVELS, GPLevel, Rehearsed, _accounts, _chosen
from baselines.processes.gaussian_process import GaussianProcess, Series
from baselines.processes.state_space import Process, ahead, ahead_variance, beginning, filtered
from benchmark import Array
from benchmark.declared.column import Column
from benchmark.handover import Predict, Reveal, revealed, shown
from benchmark.posts import Posts
from benchmark.split import DAY_MS, Clock
from benchmark.timeline import Schema, Timeline

PROCESS = Process(1.3, 0.4, 0.05, 0.8, 20.0, 0.6, 1.5)


def covariance(days: Any, later: Any) -> Any:
    """Of the sum of the parts of PROCESS, at moments of one account counted from its first post."""
    s, t = np.meshgrid(days, later, indexing="ij")
    apart = np.abs(s - t)
    return (
        PROCESS.account**2
        + PROCESS.wander**2 * np.minimum(s, t)
        + PROCESS.line**2 * s * t
        + PROCESS.slow**2 * np.exp(-apart / PROCESS.slow_days)
        + PROCESS.quick**2 * np.exp(-apart / PROCESS.quick_days)
    )


@pytest.mark.slow
def test_the_filter_says_what_the_covariance_matrix_says_of_each_account() -> None:
    random = np.random.default_rng(0)
    days = [np.sort(random.uniform(0, 60, n)) for n in (30, 1, 12)]
    days = [one - one[0] for one in days]
    y, noise = random.normal(size=43), random.uniform(0.5, 3, 43)
    first = np.isin(np.arange(43), [0, 30, 31])
    found = filtered(PROCESS, first, np.concatenate(days), y[:, None], noise)
    begin = 0
    for own in days:
        rows = slice(begin, begin + len(own))
        k = covariance(own, own) + np.diag(noise[rows])
        root = np.linalg.cholesky(k)
        np.testing.assert_allclose(found.innovations[rows, 0], np.linalg.solve(root, y[rows]), atol=1e-8)
        np.testing.assert_allclose(found.spreads[rows], np.diag(root), atol=1e-8)
        later = own[-1:] + 5
        expected = covariance(later, own) @ np.linalg.solve(k, y[rows])
        last = slice(begin + len(own) - 1, begin + len(own))
        np.testing.assert_allclose(ahead(PROCESS, found.means[last], np.array([5.0])), expected, atol=1e-8)
        across = covariance(later, own)
        left = covariance(later, later) - across @ np.linalg.solve(k, across.T)
        variance = ahead_variance(PROCESS, found.covariances[last], np.array([5.0]))
        np.testing.assert_allclose(variance, left[0], atol=1e-8)
        begin += len(own)


def test_of_a_new_account_the_process_varies_as_where_accounts_start() -> None:
    variance = ahead_variance(PROCESS, beginning(PROCESS)[None], np.array([0.0]))
    start = covariance(np.zeros(1), np.zeros(1))
    np.testing.assert_allclose(variance, start[0], atol=1e-12)


def drawn(accounts: int, posts: int, seed: int = 0) -> tuple[Series, Any, Any]:
    """Accounts that differ and wander, a feature that tells and one that does not; labels without noise."""
    random = np.random.default_rng(seed)
    users = np.repeat(np.arange(accounts), posts)
    days = np.sort(random.uniform(0, 200, (accounts, posts)), axis=1).ravel()
    walk = np.cumsum(random.normal(0, 0.3, (accounts, posts)), axis=1) + random.normal(0, 2, (accounts, 1))
    x = random.normal(size=(len(users), 2))
    features = np.column_stack([x, np.ones(len(users))]).astype(np.float32)
    return Series(users, days, features, np.array([0, 1, -1])), walk.ravel() + 1.5 * x[:, 0], random


@pytest.mark.slow
def test_evidence_tells_a_group_of_features_that_says_something_from_one_that_does_not() -> None:
    series, clean, random = drawn(5, 120)
    y = clean + random.normal(0, 0.5, len(clean))
    process = GaussianProcess(heavy=False).search(series, y).learn(series, y)
    assert abs(process.scale * process.weights[0] - 1.5) < 0.1
    assert abs(process.scale * process.weights[1]) < 0.1
    told = process.told()
    assert told["weights_0"] > 3 * told["weights_1"]


@pytest.mark.slow
def test_where_noise_has_heavy_tails_a_wild_label_moves_the_level_less() -> None:
    series, clean, random = drawn(1, 300)
    y = clean + random.normal(0, 0.3, len(clean))
    wild = y.copy()
    wild[-1] += 15
    moved = {}
    for heavy in (False, True):
        process = GaussianProcess(heavy).search(series, y)
        levels = [process.learn(series, labels).states[-1] for labels in (y, wild)]
        levels = [one[0] + one[2] + one[3] for one in levels]
        moved[heavy] = abs(levels[1] - levels[0])
    assert moved[True] < 0.2 * moved[False]


def test_the_newest_known_post_of_an_account_is_its_last_up_to_that_moment() -> None:
    series = Series(np.array([2, 2, 2, 5]), np.arange(4.0), np.ones((4, 1), np.float32), np.array([-1]))
    asked = np.array([2, 2, 2, 2, 5, 5, 3, 9])
    moments = np.array([-np.inf, 0.0, 1.5, 9.0, 3.0, 2.9, 4.0, 1.0])
    assert series.newest(asked, moments).tolist() == [-1, 0, 1, 2, 3, -1, -1, -1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 10)), max_size=20),
)
def test_the_newest_known_post_is_that_of_a_naive_search(
    held: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    users, days = (np.array(one) for one in zip(*sorted(held), strict=True))
    series = Series(users, days.astype(float), np.ones((len(users), 1), np.float32), np.array([-1]))
    found = series.newest(np.array([user for user, _ in asked]), np.array([float(day) for _, day in asked]))
    for (user, day), place in zip(asked, found, strict=True):
        before = np.flatnonzero((users == user) & (days <= day))
        assert place == (before[-1] if len(before) else -1)


def test_a_sample_has_whole_accounts_or_of_one_account_its_newest_posts() -> None:
    many = Series(np.repeat(np.arange(100), 10), np.arange(1000.0), np.ones((1000, 1)), np.array([-1]))  # type: ignore[arg-type]
    rows = many.sample(200)
    assert len(rows) == 200
    assert set(np.bincount(many.users[rows])) == {0, 10}
    one = Series(np.zeros(1000, np.int64), np.arange(1000.0), np.ones((1000, 1)), np.array([-1]))  # type: ignore[arg-type]
    assert one.sample(50).tolist() == list(range(950, 1000))


def handed(y: Array, test: int, users: list[str] | None = None) -> tuple[Timeline, Posts, Posts]:
    """A post a day; the first have the labels y, `test` more are to be predicted."""
    n = len(y)
    columns = {"n_links": Column(role="numeric")}
    schema = Schema(columns=columns, targets=("likes",), features={})
    timeline = Timeline(schema, Clock(n * DAY_MS, 0, None))
    names = users or ["ann"] * (n + test)

    def table(rows: Any) -> pa.Table:
        return pa.table(
            {
                "post_id": [f"p{i}" for i in rows],
                "user_id": [names[i] for i in rows],
                "time": pa.array(rows * DAY_MS).cast(pa.timestamp("ms")),
                "n_links": (rows % 3).astype(np.float32),
            }
        )

    early, late = np.arange(n), np.arange(n, n + test)
    train = revealed(timeline, Reveal(table(early), early, early, y, {}))
    return timeline, train, shown(timeline, Predict(table(late), late))


@pytest.mark.slow
def test_what_is_revealed_moves_the_level_of_that_account_alone() -> None:
    random = np.random.default_rng(1)
    users = ["ann", "bob"] * 82
    walks = np.cumsum(random.normal(0, 0.5, (80, 2)), axis=0)
    y = walks.reshape(160, 1).astype(np.float32)
    timeline, train, test = handed(y, 4, users)
    model = GPLevel(noise="normal")
    model.fit(train, y)
    before = model.predict(test)[:, 0, 2]
    told, labels = test.take(np.array([0])), walks[-1:, :1].astype(np.float32) + 5
    timeline.reveal(timeline.positions(np.array([160])), labels)
    model.reveal(told, labels)
    later = Posts(timeline, test._positions, Clock(163 * DAY_MS, 0, None))
    after = model.predict(later)[:, 0, 2]
    assert after[2] - before[2] > 2
    assert abs(after[3] - before[3]) < 0.3


def test_a_noise_of_another_name_is_refused() -> None:
    y = np.zeros((20, 1), np.float32)
    _, train, _ = handed(y, 1)
    with pytest.raises(ValueError, match="one of normal, heavy"):
        GPLevel(noise="wild").fit(train, y)


def rehearsed(errors: list[list[float]], n: int = 200) -> Rehearsed:
    """Of one target and two noises: what errs so much, above and below the truth by turns."""
    random = np.random.default_rng(0)
    truth = random.normal(size=(n, 1)).astype(np.float32)
    off = np.array(errors)[:, :, None, None] * np.where(np.arange(n) % 2, 1, -1)[:, None]
    return Rehearsed(truth - off, np.ones_like(off), truth)


def test_noise_and_calm_are_what_errs_least_over_the_origins_and_calm_needs_to_be_notable() -> None:
    wild = [1.0, 0.9, 0.8, 0.95]
    early, late = rehearsed([wild, [2.0] * 4]), rehearsed([[1.2] * 4, [1.1] * 4])
    settings, tails = _chosen([early, late], ["normal", "heavy"])
    assert settings == [("normal", CALM[2])]
    assert tails.shape == (1, len(LEVELS))
    np.testing.assert_allclose(tails[0, [0, 2, 4]], [-1.2, 0, 1.2])
    settings, _ = _chosen([rehearsed([[1.0, 0.99, 1.0, 1.0], [1.1, 0.1, 1.0, 1.0]])], ["normal", "heavy"])
    assert settings == [("normal", 1.0)]


def test_where_all_errors_are_on_one_side_the_quantiles_still_enclose_the_median() -> None:
    truth = np.ones((50, 1), np.float32)
    low = np.zeros((1, len(CALM), 50, 1))
    _, tails = _chosen([Rehearsed(low, low + 1, truth)], ["normal"])
    assert tails[0].tolist() == [0, 0, 0, 1, 1]


def test_a_choice_looks_at_whole_accounts_and_at_all_where_they_are_few() -> None:
    users = np.random.default_rng(0).integers(0, 50, 1000)
    some = _accounts(users, 200, 0)
    assert 200 <= len(some) < 200 + np.bincount(users).max()
    assert (np.isin(users, users[some]) == np.isin(np.arange(1000), some)).all()
    assert len(_accounts(users, 1000, 0)) == 1000


@pytest.mark.slow
def test_quantiles_hold_what_they_promise_and_are_wider_the_less_is_known_of_an_account() -> None:
    random = np.random.default_rng(2)
    users = ["ann", "bob"] * 300 + ["ann", "new"] * 40
    walks = np.cumsum(random.normal(0, 0.03, (340, 2)), axis=0) + random.normal(0, 0.5, (340, 2))
    y = (walks + np.array([3, -3])).reshape(680, 1).astype(np.float32)
    _, train, test = handed(y[:600], 80, users)
    model = GPLevel(noise="normal")
    model.fit(train, y[:600])
    said = model.predict(test)
    assert said.shape == (80, 1, len(LEVELS))
    assert (np.diff(said, axis=2) >= 0).all()
    width = said[:, 0, -1] - said[:, 0, 0]
    assert width[-2] > width[0]  # ann, 80 days on
    assert width[1] > width[0]  # an account never seen
    ann = np.arange(0, 80, 2)
    inside = (y[600 + ann, 0] >= said[ann, 0, 0]) & (y[600 + ann, 0] <= said[ann, 0, -1])
    assert inside.mean() > 0.6
