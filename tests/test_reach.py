"""Reach: on how many lists a post was soon after its publication; events by a number that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from raw_tables import card, frame_of
from viral_worlds import RULE, card_of, posts_of, task_posts, timeline_of

from benchmark.errors import DataError
from benchmark.handover import revealed, shown
from benchmark.scale import scaled
from benchmark.virality.thresholds import just_below

SEEN = """id,who,at,likes,read,country
early,ann,2021-02-25T00:00:00Z,9,2021-03-01T00:00:00Z,BR
wide,ann,2021-03-01T00:00:00Z,1,2021-03-01T12:00:00Z,BR
wide,ann,2021-03-01T00:00:00Z,2,2021-03-01T12:00:00Z,MX
wide,ann,2021-03-01T00:00:00Z,4,2021-03-02T12:00:00Z,BR
wide,ann,2021-03-01T00:00:00Z,8,2021-03-05T12:00:00Z,US
late,bob,2021-03-01T00:00:00Z,,2021-03-03T00:00:00Z,US
late,bob,2021-03-01T00:00:00Z,6,2021-03-05T00:00:00Z,US
new,bob,2021-03-05T00:00:00Z,7,2021-03-05T06:00:00Z,US
"""


def told(tmp_path: Path, **target: Any) -> dict[str, float]:
    asked = card(
        {"repeated": "readings", "read_at": {"source": "read"}},
        {"country": {"role": "categorical", "availability": "crawl"}},
        targets={"likes": target},
    )
    found = frame_of(asked, tmp_path, {"a.csv": SEEN})
    return dict(zip(found["post_id"], found["likes"], strict=True))


def over(tmp_path: Path, hours: float, **more: Any) -> dict[str, float]:
    return told(tmp_path, readings={"distinct": "country", "within_hours": hours, **more}, scale="log1p")


def test_the_different_values_of_a_column_are_counted_up_to_an_age(tmp_path: Path) -> None:
    assert over(tmp_path, 48)["wide"] == 2
    assert over(tmp_path, 108)["wide"] == 3
    assert over(tmp_path, 48)["late"] == 1


def test_a_post_that_was_on_no_list_by_then_was_on_none(tmp_path: Path) -> None:
    assert over(tmp_path, 24)["late"] == 0


def test_where_not_all_of_the_hours_were_looked_at_nothing_is_told(tmp_path: Path) -> None:
    """Its first hours lie before the first reading of all, or its last after the last of all."""
    found = over(tmp_path, 24)
    assert np.isnan(found["early"]) and np.isnan(found["new"])


def test_whether_one_value_is_among_them_is_an_event(tmp_path: Path) -> None:
    found = over(tmp_path, 48, only="US")
    assert (found["wide"], found["late"]) == (0, 1)
    with pytest.raises(DataError, match="no reading has the value 'FR'; there are 'BR', 'MX', 'US'"):
        over(tmp_path, 48, only="FR")


def test_the_first_reading_is_that_of_the_columns_or_none(tmp_path: Path) -> None:
    found = told(tmp_path, readings={"first": True, "within_hours": 24}, scale="log1p")
    assert (found["wide"], found["new"]) == (1, 7)
    assert np.isnan(found["early"]) and np.isnan(found["late"])
    assert np.isnan(told(tmp_path, readings={"first": True})["late"])  # its first reading has no count


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ({"readings": {"distinct": "country"}}, "say within_hours"),
        ({"readings": {"distinct": "country", "first": True, "within_hours": 1}}, "say one of"),
        ({"readings": {"first": True, "only": "US"}}, "only goes with distinct"),
        ({"readings": {"first": True, "slack_hours": 1}}, "slack_hours goes with"),
        ({"readings": {"distinct": "countri", "within_hours": 1}}, "did you mean 'country'"),
        ({"readings": {"distinct": "time", "within_hours": 1}}, "no column of role 'categorical'"),
        ({"readings": {"distinct": "country", "within_hours": 1}, "source": "x"}, "no source of its own"),
    ],
)
def test_a_count_over_readings_that_means_nothing_is_refused(
    tmp_path: Path, target: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        told(tmp_path, **target)


# Events by a number that is asked for

FIXED = {"of": "likes", "at_least": 47}


def test_a_post_that_comes_to_the_number_is_viral_whosever_it_is(tmp_path: Path) -> None:
    posts = task_posts(tmp_path, FIXED)
    likes = np.array([one["likes"] for one in posts_of()])
    assert 47 in likes
    np.testing.assert_array_equal(posts.labels[:, 0], (likes >= 47).astype(float))


@pytest.mark.parametrize("number", [1, 3, 50, 1e6, 0.1])
def test_the_threshold_is_exceeded_by_the_number_itself(number: float) -> None:
    for scale in ("identity", "signed-log"):
        reached = scaled(np.array([number, number * (1 - 1e-6)]), scale)  # type: ignore[arg-type]
        threshold = just_below(float(reached[0]))
        assert (reached > threshold).tolist() == [True, False]
        assert np.float32(reached[0]) > np.float32(threshold)


@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_everybody_knows_the_number(tmp_path: Path, protocol: str) -> None:
    posts = task_posts(tmp_path, FIXED)
    timeline, windows = timeline_of(posts, protocol)
    for reveal, predict in posts.handed_over(windows, posts.prepared.card.visible()):
        train = revealed(timeline, reveal)
        np.testing.assert_array_equal(train.engagement() > train.threshold(), reveal.labels == 1)
        assert len(np.unique(shown(timeline, predict).threshold())) == 1


def test_what_such_an_event_means_is_said_in_words(tmp_path: Path) -> None:
    (viral,) = card_of(tmp_path, FIXED).derived("virality")
    assert viral.words == "47 or more of likes"


def test_a_number_is_no_share_of_a_past(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is viral whatever was before it: leave matured_days and minimum"):
        card_of(tmp_path, {key: RULE[key] for key in ("minimum", "matured_days")} | FIXED)
    with pytest.raises(ValueError, match="greater than 0"):
        card_of(tmp_path, FIXED | {"at_least": 0})


def test_readings_come_in_any_order(tmp_path: Path) -> None:
    header, *lines = SEEN.splitlines()
    mixed = "\n".join([header, *reversed(lines)])
    asked = card(
        {"repeated": "readings", "read_at": {"source": "read"}},
        {"country": {"role": "categorical"}},
        targets={"likes": {"readings": {"distinct": "country", "within_hours": 48}}},
    )
    frames = [frame_of(asked, tmp_path / name, {"a.csv": text}) for name, text in (("a", SEEN), ("b", mixed))]
    one, other = (frame.set_index("post_id")["likes"].sort_index() for frame in frames)
    pd.testing.assert_series_equal(one, other)
