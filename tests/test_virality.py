"""Virality: labels that are derived of counts, and what is known of them at the moment of prediction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from viral_worlds import PROTOCOLS, RULE, card_of, posts_of, task_posts, timeline_of

from benchmark.handover import revealed, shown
from benchmark.run.cell import truth_key
from benchmark.split import DAY_MS
from benchmark.virality.thresholds import Asked, Past, Rule, thresholds


def naive_label(posts: list[dict[str, Any]], i: int, scope: str, count: Any) -> float:
    """By the words of the rule, post by post."""
    moment = np.datetime64(posts[i]["posted"])
    before = [
        count(one)
        for one in posts
        if (scope == "all" or one[scope] == posts[i][scope])
        and np.timedelta64(24, "h") <= moment - np.datetime64(one["posted"]) <= np.timedelta64(240, "h")
    ]
    if len(before) < 3:
        return float("nan")
    best = sorted(before, reverse=True)[: max(1, int(0.25 * len(before)))]
    return float(count(posts[i]) > best[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "scope", "count"),
    [
        ({}, "author", lambda one: one["likes"]),
        ({"within": "topic"}, "topic", lambda one: one["likes"]),
        ({"within": "all"}, "all", lambda one: one["likes"]),
        ({"of": {"likes": 1, "shares": 5}}, "author", lambda one: one["likes"] + 5 * one["shares"]),
        ({"per": "day", "age": "age"}, "author", lambda one: one["likes"] / one["age"]),
    ],
)
def test_a_post_is_viral_if_it_exceeds_the_top_share_of_its_scopes_settled_past(
    tmp_path: Path, rule: dict[str, Any], scope: str, count: Any
) -> None:
    found = task_posts(tmp_path, RULE | rule).labels[:, 0]
    posts = posts_of()
    wanted = [naive_label(posts, i, scope, count) for i in range(len(posts))]
    np.testing.assert_array_equal(found, wanted)
    assert 0.1 < np.nanmean(found) < 0.5


def test_the_label_is_the_same_under_every_protocol_and_newest_cuts_only_afterwards(tmp_path: Path) -> None:
    posts = task_posts(tmp_path)
    frozen, rolling = posts.windows("frozen"), posts.windows("rolling")
    assert set(frozen.test) == set(rolling.test)
    newest = task_posts(tmp_path / "newest", filter={"newest": 60})
    np.testing.assert_array_equal(newest.labels, posts.labels[-60:])
    assert newest.engagement is not None and posts.engagement is not None
    np.testing.assert_array_equal(newest.engagement, posts.engagement[-60:])


@st.composite
def pasts(draw: st.DrawFn) -> tuple[Past, Asked, Rule]:
    n = draw(st.integers(1, 40))
    times = np.sort(np.array(draw(st.lists(st.integers(0, 50), min_size=n, max_size=n)), np.int64))
    scopes = np.array(draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n)), np.int64)
    values = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0, float("nan")]), min_size=n, max_size=n))
    behind = draw(st.integers(0, 10))
    rule = Rule(draw(st.sampled_from([0.1, 0.3, 0.5])), draw(st.integers(1, 40)), draw(st.integers(1, 5)))
    asked = Asked(scopes, times, np.maximum(times - behind, 0))
    return Past(scopes, times, times + draw(st.integers(1, 5)), np.array(values)), asked, rule


@given(pasts(), st.booleans())
def test_thresholds_are_those_of_a_naive_loop(case: tuple[Past, Asked, Rule], newest: bool) -> None:
    past, asked, rule = case
    found = thresholds(past, asked, rule, newest=newest)
    for i, (scope, time, as_of) in enumerate(zip(asked.scopes, asked.times, asked.as_of, strict=True)):
        known = (past.scopes == scope) & (scope >= 0) & (past.known_at <= as_of) & ~np.isnan(past.values)
        inside = past.values[known & (past.times >= time - rule.window)]
        if len(inside) < rule.fewest:
            inside = past.values[known][-rule.fewest :] if newest else inside[:0]
        wanted = np.sort(inside)[-max(1, int(rule.share * len(inside) + 1e-9))] if len(inside) else np.nan
        np.testing.assert_equal(found[i], wanted)


@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_no_engagement_is_in_the_worker_before_its_label_may_be(tmp_path: Path, protocol: str) -> None:
    posts = task_posts(tmp_path)
    timeline, windows = timeline_of(posts, protocol)
    asked = 0
    for block, (reveal, predict) in zip(
        windows.blocks, posts.handed_over(windows, posts.prepared.card.visible()), strict=True
    ):
        known = revealed(timeline, reveal)
        assert not np.isnan(known.engagement()).any()
        told = ~np.isnan(timeline.engagement[:, 0])
        assert (timeline.times[told] < block.start).all()
        assert (windows.clock.known_at(timeline.times[told]) <= block.start).all()
        coming = shown(timeline, predict)
        assert np.isnan(coming.engagement()).all()
        assert coming.counted
        asked += len(coming)
    assert asked == len(windows.test)


def test_posts_without_a_label_of_their_own_still_tell_the_past(tmp_path: Path) -> None:
    """The first posts of an account have too few predecessors to be viral or not."""
    posts = task_posts(tmp_path)
    timeline, windows = timeline_of(posts, "frozen")
    ((reveal, _),) = posts.handed_over(windows, posts.prepared.card.visible())
    train = revealed(timeline, reveal)
    early = np.flatnonzero(np.isnan(posts.labels[:, 0]))
    assert len(early) >= 3
    assert set(early) <= set(timeline.rows)
    assert not np.isnan(timeline.engagement[timeline.positions(posts.rows[early])]).any()
    assert len(train) == len(windows.train)  # and are not trained on


def test_under_rolling_the_threshold_is_nearly_known_and_under_frozen_it_grows_old(tmp_path: Path) -> None:
    posts = task_posts(tmp_path)
    assert posts.engagement is not None
    truths: dict[str, np.ndarray] = {}
    for protocol in ("frozen", "rolling"):
        timeline, windows = timeline_of(posts, protocol)
        found = []
        for reveal, predict in posts.handed_over(windows, posts.prepared.card.visible()):
            revealed(timeline, reveal)
            found.append(shown(timeline, predict).threshold()[:, 0])
        truths[protocol] = np.concatenate(found)
    viral = posts.labels[windows.test, 0]
    value = posts.engagement[windows.test, 0]
    agree = {name: np.mean((value > one) == viral) for name, one in truths.items()}
    assert agree["rolling"] > agree["frozen"]
    assert len(set(truths["frozen"])) <= 3  # one an account: nothing becomes known any more
    assert agree["rolling"] < 1  # what matured within the block is not known at its start


def test_a_training_post_knows_the_threshold_of_its_own_time(tmp_path: Path) -> None:
    posts = task_posts(tmp_path)
    timeline, windows = timeline_of(posts, "frozen")
    ((reveal, _),) = posts.handed_over(windows, posts.prepared.card.visible())
    train = revealed(timeline, reveal)
    agree = (train.engagement() > train.threshold())[:, 0] == reveal.labels[:, 0]
    assert agree.all()  # embargo and maturity are both a day, and frozen stands at publication


def test_a_regression_sees_the_engagement_where_an_event_sees_events(tmp_path: Path) -> None:
    posts = task_posts(tmp_path)
    timeline, windows = timeline_of(posts, "frozen")
    ((reveal, _),) = posts.handed_over(windows, posts.prepared.card.visible())
    train = revealed(timeline, reveal)
    assert train.kind == "event" and train.of_engagement().kind == "regression"
    assert train.of_engagement().scales == ("signed-log",)
    events, counts = train.history().recent, train.of_engagement().history().recent
    assert np.isin(events[~np.isnan(events)], (0, 1)).all()
    assert np.nanmax(counts) > 1.5
    # More is known of engagement than of events: that of posts that have no label.
    assert (~np.isnan(counts)).sum() > (~np.isnan(events)).sum()


def test_another_rule_is_another_truth_and_other_tasks_keep_their_keys(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    other = card_of(tmp_path / "other", RULE | {"share": 0.1})
    key = truth_key(card, card.tasks[0], "frozen", "data")
    assert key != truth_key(other, other.tasks[0], "frozen", "data")


def test_where_scores_may_be_negative_engagement_keeps_its_sign(tmp_path: Path) -> None:
    posts = task_posts(tmp_path)
    assert posts.prepared.card.engagement_scales("virality") == ("signed-log",)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"of": "like"}, "derived of unknown target 'like'; did you mean 'likes'?"),
        ({"of": "viral"}, "derived of unknown target 'viral'"),
        ({"per": "day"}, "engagement per day needs the column of days that it is divided by: `age`"),
        ({"per": "day", "age": "topic"}, "no numeric column 'topic' tells an age"),
        ({"within": "time"}, "is held against posts within 'time', which is neither"),
        ({"share": 1.0}, "less than 1"),
        ({"minimum": 0}, "greater than or equal to 1"),
        ({"matured_days": 10}, "no post is 10 days old and among the last 10 days"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(tmp_path: Path, rule: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError) as error:
        card_of(tmp_path, RULE | rule)
    assert problem in str(error.value)


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        ({"kind": "regression"}, "'viral' is an event: say kind = \"event\""),
        ({"targets": ["viral", "likes"]}, "mixes labels that are derived with some that are not"),
        ({"protocols": PROTOCOLS | {"official": {}}}, "nothing is predicted officially"),
    ],
)
def test_a_task_of_derived_labels_is_one_of_events(
    tmp_path: Path, task: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError) as error:
        card_of(tmp_path, **task)
    assert problem in str(error.value)


def test_what_viral_means_is_said_in_words(tmp_path: Path) -> None:
    (viral,) = card_of(tmp_path, RULE | {"of": {"likes": 1, "shares": 2}}).derived("virality")
    assert viral.words == "among the top 25% of 1 x likes + 2 x shares of the account's last 10 days"


def test_the_window_is_that_of_whole_milliseconds() -> None:
    assert Rule.of(0.1, 30, 20).window == 30 * DAY_MS


def test_a_post_of_no_scope_has_no_threshold() -> None:
    times = np.arange(5, dtype=np.int64)
    scopes = np.full(5, -1, np.int64)
    past = Past(scopes, times, times, np.ones(5))
    assert np.isnan(thresholds(past, Asked(scopes, times, times), Rule(0.1, 10, 1), newest=True)).all()
