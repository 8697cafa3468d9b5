"""Dates that are hardly true: what `prepare` says of them, and that nothing is cut by one."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_layouts import write_csv
from table_sets import rows, table_card
from worlds import BASELINES, World

from benchmark.data.dates import date_notes, dates_in_words, lies_apart
from benchmark.data.prepare import prepare
from benchmark.data.report import report_lines
from benchmark.declared.card import Card
from benchmark.errors import DataError
from benchmark.run.tasks import FEWEST_POSTS, TaskPosts
from benchmark.split import DAY_MS

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
BY_SHARE = {"frozen": {"test_fraction": 0.3}, "rolling": {"test_fraction": 0.3}}


def days(*dates: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(dates, "datetime64[ms]").astype(np.int64)


def a_month(*more: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.sort(np.concatenate([days("2023-03-01") + np.arange(30) * DAY_MS, days(*more)]))


def dated(folder: Path, dates: dict[int, str], protocols: dict[str, Any] = BY_SHARE) -> Card:
    """A card whose posts of one month have, by their number, other dates."""
    content = rows()
    for i, date in dates.items():
        content[i]["time"] = date
    write_csv(folder / "raw" / "mine.csv", content)
    return table_card(folder, tasks=[{"name": "t", "targets": ["likes"], "protocols": protocols}])


def test_dates_of_one_stretch_are_not_worth_a_word() -> None:
    assert date_notes(a_month(), NOW) == []


@pytest.mark.parametrize(
    ("date", "why"),
    [
        ("2099-01-01", "in the future"),
        ("2020-01-01", "a gap of more than 10 times"),
        ("2023-12-31", "a gap of more than 10 times"),
    ],
)
def test_one_date_that_stands_alone_is_told_with_the_range_of_the_others(date: str, why: str) -> None:
    (note,) = date_notes(a_month(date), NOW)
    assert note.startswith(
        f"1 of 31 posts is dated {date}, the others lie between 2023-03-01 and 2023-03-30 ({why}"
    )


def test_several_are_told_together_and_each_reason_apart() -> None:
    first, second = date_notes(a_month("2099-01-01", "2098-05-01", "2000-01-01"), NOW)
    assert first.startswith("2 of 33 posts are dated 2098-05-01 to 2099-01-01, the others lie between 2000")
    assert second.startswith("1 of 33 posts is dated 2000-01-01")


def test_a_date_without_a_zone_may_be_half_a_day_ahead() -> None:
    assert date_notes(days("2023-12-31", "2024-01-01T12:00"), NOW) == []


def test_a_pause_of_years_between_years_of_posts_is_none_of_a_wrong_clock() -> None:
    times = np.concatenate([days("2010-01-01") + np.arange(900) * DAY_MS, days("2019-01-01")])
    assert not lies_apart(times).any()


@given(st.lists(st.integers(-(10**12), 4 * 10**12), min_size=1, max_size=60))
def test_fewer_than_half_of_all_posts_lie_apart_and_they_lie_at_the_ends(times: list[int]) -> None:
    ordered = np.sort(np.array(times, np.int64))
    apart = lies_apart(ordered)
    assert apart.sum() < len(times) / 2
    inside = np.flatnonzero(~apart)
    assert (np.diff(inside) == 1).all()
    assert "\n" not in dates_in_words(ordered)
    assert all("\n" not in note for note in date_notes(ordered, NOW))


def test_prepare_reports_them(tmp_path: Path) -> None:
    prepared = prepare(dated(tmp_path, {7: "2099-01-01T00:00:00"}), tmp_path / "home", [])
    (line,) = [line for line in report_lines(prepared) if line.startswith("  dates: ")]
    assert "1 of 40 posts is dated 2099-01-01" in line


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00", "2000-01-01T00:00:00"])
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_share_of_the_time_is_not_taken_of_a_range_that_one_wrong_date_spans(
    tmp_path: Path, protocol: Any, date: str
) -> None:
    prepared = prepare(dated(tmp_path, {7: date}), tmp_path / "home", [])
    with pytest.raises(DataError, match=rf"1 of 40 posts is dated {date[:10]}, .*set a cut_off"):
        TaskPosts.of(prepared, prepared.card.tasks[0]).windows(protocol)


def test_what_has_settled_is_not_counted_from_a_newest_post_that_stands_alone(tmp_path: Path) -> None:
    card = dated(tmp_path, {7: "2099-01-01T00:00:00"}, {"frozen": {"cut_off": "2021-03-15T00:00:00"}})
    (task,) = card.tasks
    asked = task.model_copy(update={"filter": task.filter.model_copy(update={"settled_days": 3.0})})
    with pytest.raises(DataError, match=r"`settled_days` of task 't' counts from .*2099-01-01"):
        TaskPosts.of(prepare(card, tmp_path / "home", []), asked)


def test_with_a_cut_off_of_its_own_the_task_stands(tmp_path: Path) -> None:
    card = dated(tmp_path, {7: "2099-01-01T00:00:00"}, {"frozen": {"cut_off": "2021-03-15T00:00:00"}})
    prepared = prepare(card, tmp_path / "home", [])
    assert len(TaskPosts.of(prepared, card.tasks[0]).windows("frozen").test) > FEWEST_POSTS


@pytest.mark.parametrize(("test_posts", "enough"), [(FEWEST_POSTS - 1, False), (FEWEST_POSTS, True)])
def test_a_test_set_of_fewer_posts_than_the_floor_is_no_task(
    tmp_path: Path, test_posts: int, enough: bool
) -> None:
    dates = {i: f"2021-03-{1 if i < 40 - test_posts else 25:02}T00:00:{i:02}" for i in range(40)}
    card = dated(tmp_path, dates, {"frozen": {"cut_off": "2021-03-20T00:00:00"}})
    posts = TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0])
    if enough:
        assert len(posts.windows("frozen").test) == test_posts
        return
    problem = (
        r"task 't', protocol 'frozen': 9 labelled posts to predict.* the first is of 2021-03-01, quarters"
    )
    with pytest.raises(DataError, match=problem):
        posts.windows("frozen")


def test_a_training_set_of_fewer_posts_than_the_floor_is_none(tmp_path: Path) -> None:
    dates = {i: f"2021-03-{1 if i < 9 else 25:02}T00:00:{i:02}" for i in range(40)}
    card = dated(tmp_path, dates, {"frozen": {"cut_off": "2021-03-20T00:00:00"}})
    posts = TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0])
    with pytest.raises(DataError, match="9 labelled posts to fit on, and fewer than 10 tell nothing"):
        posts.windows("frozen")


def test_posts_of_which_none_has_a_label_are_told_by_the_name_of_the_label(tmp_path: Path) -> None:
    write_csv(tmp_path / "raw" / "mine.csv", [{**row, "likes": ""} for row in rows()])
    for protocols in ({"frozen": {"cut_off": "2021-03-20T00:00:00"}}, BY_SHARE):
        card = table_card(tmp_path, tasks=[{"name": "t", "targets": ["likes"], "protocols": protocols}])
        posts = TaskPosts.of(prepare(card, tmp_path / "home", []), card.tasks[0])
        with pytest.raises(DataError, match="task 't', protocol 'frozen': no post has a label of likes"):
            posts.windows("frozen")


@pytest.mark.slow
def test_a_table_that_cannot_be_cut_is_one_problem_however_many_rows_were_asked_for(tmp_path: Path) -> None:
    protocols = {"frozen": {"cut_off": "2021-03-15T00:00:00"}, "rolling": {"test_fraction": 0.3}}
    card = dated(tmp_path, {7: "2099-01-01T00:00:00"}, protocols)
    said = io.StringIO()
    summary = World(card, tmp_path / "home").run(
        *(BASELINES / f"{name}.py" for name in ("global_median", "recent_median")), stream=said
    )
    assert summary.counts == {"ok": 2}
    (problem,) = summary.problems
    assert problem.startswith("mine: ") and "task 't', protocol 'rolling'" in problem
    assert "dates: 1 of 40 posts is dated 2099-01-01" in said.getvalue()
