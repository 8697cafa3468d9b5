"""The hours of the desk: when an account's posts do better, and how sure that is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_worlds import GOOD_HOUR, fitted, write_world

from desk.model.hours import Hours

pytestmark = pytest.mark.usefixtures("made_up_drafts")


def week(hour: int = 12) -> list[dt.datetime]:
    return [dt.datetime(2021, 6, 7, hour, tzinfo=dt.UTC) + dt.timedelta(days=day) for day in range(7)]


@pytest.fixture(scope="module")
def with_hours(tmp_path_factory: pytest.TempPathFactory) -> Hours:
    world = write_world(tmp_path_factory.mktemp("hours"), posts=2000, accounts=2, hour=0.7)
    return fitted(world).hours


def test_the_best_hour_is_found_and_its_interval_holds_it(with_hours: Hours) -> None:
    for account in ("u0", "u1", "nobody"):
        best = with_hours.best(account, week()[0])
        assert len(best) == 3
        assert {one.start.hour for one in best} <= {GOOD_HOUR - 1, GOOD_HOUR, GOOD_HOUR + 1}
        # 3 hours in 24 are 0.7 above the others, and the usual is their mean.
        there = np.exp(0.7 * (1 - 3 / 24)) - 1
        centre = next(one for one in best if one.start.hour == GOOD_HOUR)
        assert centre.low <= there <= centre.high
        assert centre.posts > 10


def test_few_posts_tell_no_hours(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "few").mkdir()
    assert len(fitted(write_world(tmp_path / "all")).hours.best("u0", week()[0])) == 3, (
        "all accounts together have enough"
    )
    few = fitted(write_world(tmp_path / "few", posts=90)).hours
    assert few.best("u0", week()[0]) == ()


def test_where_no_hour_is_better_none_is_said_to_be(tmp_path: Path) -> None:
    """The best of 168 hours looks good by chance; its interval knows that."""
    surely = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        above = rng.normal(0, 0.5, 400)
        hours = made_up_hours(rng.integers(7, size=400), rng.integers(24, size=400), above)
        surely += hours.best("a", week()[0])[0].low > 0
    assert surely <= 3


def made_up_hours(day: Any, hour: Any, above: Any) -> Hours:
    def summed(weights: Any) -> Any:
        found = np.zeros((2, 7, 24))
        np.add.at(found, (slice(None), day, hour), weights)
        return found

    return Hours(["a"], summed(np.ones(len(above))), summed(above), summed(above**2))


@pytest.mark.parametrize(
    "moment", ["2021-06-07T12:00", "1970-01-01T12:00", "2000-02-29T23:30", "2031-12-31T00:00"]
)
def test_a_day_of_the_week_is_the_one_that_the_calendar_has(moment: str) -> None:
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
    hours = np.array([np.datetime64(moment, "h")]).astype(np.int64)
    assert (hours // 24 + 3) % 7 == at.weekday()
    assert hours % 24 == at.hour


def test_hours_are_those_of_the_week_after_the_draft_in_utc() -> None:
    rng = np.random.default_rng(0)
    day, hour = rng.integers(7, size=3000), rng.integers(24, size=3000)
    above = rng.normal(0, 0.1, 3000) + (day == 2) * 0.5 + (hour == 9) * 1.0 + (abs(hour - 9) == 1) * 0.5
    at = dt.datetime(2021, 6, 9, 11, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))  # a Wednesday, 09:30 UTC
    best = made_up_hours(day, hour, above).best("a", at)[0]
    assert best.start == dt.datetime(2021, 6, 16, 9, tzinfo=dt.UTC), "09:00 of this Wednesday has passed"
    assert best.start.utcoffset() == dt.timedelta(0)
