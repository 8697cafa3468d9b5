"""History: what a post's user did before, and which of those labels are known by then."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.history import RECENT, History, Told, history, told
from benchmark.split import DAY_MS, Clock

NOTHING = np.float32(np.nan)
NO_MATURITY = Clock(0, 0, None)


@st.composite
def timelines(draw: st.DrawFn) -> dict[str, Any]:
    """Few users and few distinct times, so that ties abound; labels revealed in part, or not at all."""
    m = draw(st.integers(0, 40))
    n_targets = draw(st.integers(1, 3))
    times = draw(st.lists(st.integers(0, 12), min_size=m, max_size=m))
    users = draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    revealed = draw(st.lists(st.booleans(), min_size=m, max_size=m))
    labels = np.arange(m * n_targets, dtype=np.float32).reshape(m, n_targets) * 7 % 11
    labels[~np.array(revealed, bool)] = NOTHING
    rows = draw(st.lists(st.integers(0, m - 1), max_size=20)) if m else []
    # Never later than its publication in a run; the definition holds there too.
    early = draw(st.lists(st.integers(-4, 20), min_size=len(rows), max_size=len(rows)))
    times_ms = np.array(times, np.int64) * DAY_MS // 4
    return {
        "users": np.array(users, np.int64),
        "times": times_ms,
        "labels": labels,
        "rows": np.array(rows, np.int64),
        "as_of": times_ms[np.array(rows, np.int64)] - np.array(early, np.int64) * DAY_MS // 4,
        "clock": Clock(0, draw(st.sampled_from([0, DAY_MS // 4, 3 * DAY_MS // 4])), None),
        "k": draw(st.sampled_from([1, 3, 50])),
    }


def one_post(timeline: dict[str, Any], i: int) -> dict[str, Any]:
    """The definition, said as plainly as it can be: a walk over all posts of the timeline."""
    users, times, labels = timeline["users"], timeline["times"], timeline["labels"]
    row, as_of, k = timeline["rows"][i], timeline["as_of"][i], timeline["k"]
    earlier = [j for j in range(len(users)) if users[j] == users[row] and times[j] < times[row]]
    newest_first = sorted(earlier, key=lambda j: (times[j], j), reverse=True)

    def settled(j: int) -> bool:
        return bool(times[j] + timeline["clock"].maturity <= as_of and times[j] < as_of)

    known = [j for j in newest_first if settled(j) and not np.isnan(labels[j]).any()]
    return {
        "previous": newest_first[:k],
        "gaps": [(times[row] - times[j]) / DAY_MS for j in newest_first[:k]],
        "labels": [labels[j] if settled(j) else labels[j] * NOTHING for j in newest_first[:k]],
        "recent": [labels[j] for j in known[:RECENT]],
        "count": len(earlier),
        "known": len(known),
        "recency": (times[row] - times[newest_first[0]]) / DAY_MS if newest_first else NOTHING,
        "staleness": (times[row] - times[known[0]]) / DAY_MS if known else NOTHING,
    }


@given(timelines())
def test_history_is_what_a_walk_over_all_posts_finds(timeline: dict[str, Any]) -> None:
    found = history(**timeline)
    for i in range(len(timeline["rows"])):
        expected = one_post(timeline, i)
        n = len(expected["previous"])
        assert found.previous[i].tolist() == expected["previous"] + [-1] * (timeline["k"] - n)
        for name in ("gaps", "labels", "recent"):
            values, n = getattr(found, name)[i], len(expected[name])
            np.testing.assert_allclose(values[:n], np.reshape(expected[name], values[:n].shape), rtol=1e-6)
            assert np.isnan(values[n:]).all()
        for name in ("count", "known", "recency", "staleness"):
            np.testing.assert_allclose(getattr(found, name)[i], expected[name], rtol=1e-6)


@given(timelines())
def test_what_is_told_is_the_newest_known_labels_that_a_walk_finds(timeline: dict[str, Any]) -> None:
    found, whole = told(**timeline), history(**{**timeline, "k": 50})
    k, users, times = timeline["k"], timeline["users"], timeline["times"]
    for i, row in enumerate(timeline["rows"]):
        known = [
            (int(place), label)
            for place, label in zip(whole.previous[i], whole.labels[i], strict=True)
            if place >= 0 and not np.isnan(label).any()
        ][:k]
        n = len(known)
        assert found.previous[i].tolist() == [place for place, _ in known] + [-1] * (k - n)
        assert found.exists[i].tolist() == [True] * n + [False] * (k - n)
        assert np.isnan(found.labels[i, n:]).all() and np.isnan(found.ages[i, n:]).all()
        for j, (place, label) in enumerate(known):
            assert users[place] == users[row]
            np.testing.assert_array_equal(found.labels[i, j], label)
            newer = times[known[j - 1][0]] if j else times[row]
            assert found.gaps[i, j] == pytest.approx((newer - times[place]) / DAY_MS, rel=1e-5)
            assert found.ages[i, j] == pytest.approx((times[row] - times[place]) / DAY_MS, rel=1e-5)
        if n:
            assert found.ages[i, 0] == whole.staleness[i]


@pytest.mark.slow
@given(timelines(), st.randoms(use_true_random=False))
def test_the_order_in_which_posts_are_asked_for_changes_nothing(
    timeline: dict[str, Any], random: Any
) -> None:
    order = np.array(random.sample(range(len(timeline["rows"])), len(timeline["rows"])), np.int64)
    straight = history(**timeline)
    shuffled = history(**{**timeline, "rows": timeline["rows"][order], "as_of": timeline["as_of"][order]})
    for field in fields(History):
        np.testing.assert_array_equal(getattr(straight, field.name)[order], getattr(shuffled, field.name))


@given(timelines(), st.integers(0, 2**32 - 1))
def test_no_label_that_is_not_known_by_then_can_change_a_history(timeline: dict[str, Any], seed: int) -> None:
    """The one property that the whole benchmark rests on."""
    if not len(timeline["rows"]):
        return
    one = {**timeline, "rows": timeline["rows"][:1], "as_of": timeline["as_of"][:1]}
    times, as_of = timeline["times"], one["as_of"][0]
    future = (times + timeline["clock"].maturity > as_of) | (times >= as_of)
    other = timeline["labels"].copy()
    other[future] = np.random.default_rng(seed).normal(size=other[future].shape)
    for asked, kind in ((history, History), (told, Told)):
        before, after = asked(**one), asked(**{**one, "labels": other})
        for field in fields(kind):
            np.testing.assert_array_equal(getattr(before, field.name), getattr(after, field.name))


def account(labels: list[float], *, k: int = 20) -> History:
    """One account with a post a day, asked about on the day after the last."""
    days = np.arange(len(labels) + 1, dtype=np.int64) * DAY_MS
    return history(
        np.zeros(len(days), np.int64),
        days,
        np.array([*labels, np.nan], np.float32)[:, None],
        np.array([len(labels)]),
        days[-1:],
        clock=NO_MATURITY,
        k=k,
    )


def test_the_recent_level_is_the_median_of_the_newest_20_labels() -> None:
    assert account([1000.0] * 5 + [float(i) for i in range(20)]).recent_median[0, 0] == 9.5
    assert account([1.0, 2.0, 9.0]).recent_median[0, 0] == 2


def test_the_robust_level_leaves_a_quarter_out_at_either_end() -> None:
    assert account([0.0, 4.0, 6.0, 1000.0]).level[0, 0] == 5
    assert account([3.0]).level[0, 0] == 3


def test_the_spread_is_the_mean_distance_from_the_median() -> None:
    assert account([1.0, 2.0, 6.0]).spread[0, 0] == pytest.approx(5 / 3)


def test_the_trend_compares_the_newest_five_with_the_newest_twenty() -> None:
    rising = account([1.0] * 15 + [3.0] * 5)
    assert rising.trend[0, 0] == 2
    of_five = account([1.0] * 15 + [3.0, 1.0, 1.0, 3.0, 3.0])  # of four it would be 1, of six as well
    assert of_five.trend[0, 0] == 2
    assert account([1.0] * 20).trend[0, 0] == 0


def test_a_first_post_has_no_history() -> None:
    found = account([])
    assert found.count[0] == found.known[0] == 0
    for name in ("recency", "staleness", "recent_median", "level", "spread", "trend"):
        assert np.isnan(getattr(found, name)).all(), name


def test_posts_of_the_same_moment_are_not_each_others_past() -> None:
    same = np.zeros(2, np.int64)
    labels = np.array([[1.0], [2.0]], np.float32)
    found = history(same, same, labels, np.arange(2), same, clock=NO_MATURITY, k=2)
    assert found.count.tolist() == [0, 0]


def known_labels(moment: float, *, maturity_days: float) -> list[float]:
    """One account posts on days 0, 1 and 2, with the labels 10, 11 and 12; the last post is asked about."""
    days = np.arange(3, dtype=np.int64) * DAY_MS
    labels = np.array([[10.0], [11.0], [12.0]], np.float32)
    as_of = np.array([round(moment * DAY_MS)])
    clock = Clock(0, round(maturity_days * DAY_MS), None)
    found = history(np.zeros(3, np.int64), days, labels, np.array([2]), as_of, clock=clock, k=2)
    known = found.recent[0, : int(found.known[0]), 0].tolist()
    shown = found.labels[0, :, 0]
    assert shown[~np.isnan(shown)].tolist() == known
    return known


def test_a_label_is_known_from_the_moment_on_at_which_it_has_matured() -> None:
    assert known_labels(1.5, maturity_days=0.5) == [11, 10]
    assert known_labels(1.5 - 1 / DAY_MS, maturity_days=0.5) == [10]


def test_with_no_maturity_at_all_a_label_is_known_just_after_its_post_was_published() -> None:
    assert known_labels(1, maturity_days=0) == [10]
    assert known_labels(1 + 1 / DAY_MS, maturity_days=0) == [11, 10]


def test_a_post_never_knows_its_own_label_however_late_it_is_asked_about() -> None:
    assert known_labels(9, maturity_days=0) == [11, 10]


def test_of_several_targets_all_are_known_or_none() -> None:
    labels = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, np.nan]], np.float32)
    days = np.arange(3, dtype=np.int64) * DAY_MS
    found = history(np.zeros(3, np.int64), days, labels, np.array([2]), days[2:], clock=NO_MATURITY, k=2)
    assert found.known[0] == 1
    assert found.recent[0, 0].tolist() == [2, 3]


def test_the_frame_tells_everything_around_the_recent_level() -> None:
    frame = account([1.0, 2.0, 6.0]).frame()
    expected = {
        "history_count": 3,
        "history_known": 3,
        "history_recency": 1,
        "history_staleness": 1,
        "history_last_0": 4,
        "history_level_0": 1,
        "history_spread_0": 1.6667,
        "history_trend_0": 0,
        "history_median_0": 2,
    }
    assert frame.loc[0].to_dict() == pytest.approx(expected, abs=1e-4)
    assert "history_median_0" not in account([1.0, 2.0, 6.0]).frame(relative=True)


def test_the_aggregates_are_finite_or_missing_never_infinite() -> None:
    frame = account([1.0, 2.0]).frame()
    assert not np.isinf(frame.to_numpy()).any()
    assert frame.loc[0, "history_count"] == 2


@given(timelines())
def test_more_of_the_newest_labels_change_nothing_but_how_far_back_they_go(timeline: dict[str, Any]) -> None:
    usual, more = history(**timeline), history(**timeline, newest=RECENT + 15)
    assert np.array_equal(more.recent[:, :RECENT], usual.recent, equal_nan=True)
    assert np.array_equal(more.recent_gaps[:, :RECENT], usual.recent_gaps, equal_nan=True)
    assert np.array_equal(more.recent_gaps[:, 0], usual.staleness, equal_nan=True)
    assert (np.isnan(more.recent_gaps) == np.isnan(more.recent[:, :, 0])).all()
    for name in ("recent_median", "level", "spread", "trend"):
        assert np.array_equal(getattr(more, name), getattr(usual, name), equal_nan=True)
