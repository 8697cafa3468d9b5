"""A verdict says in one sentence what a table says, and no more than it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored import CLUSTERS, EVENT, put, put_predictions

from benchmark.run.result import About
from benchmark.scale import log_base
from leaderboard.board.summary import summary
from leaderboard.tables import finding as findings
from leaderboard.tables.finding import base_of, finding
from leaderboard.tables.rows import by_table, read_rows
from leaderboard.tables.table import Derived, Table
from leaderboard.tables.verdict import factor, span, subject, verdict


def table_of(runs: Path) -> Table:
    (rows,) = by_table(read_rows(runs)).values()
    return Derived(rows)


def noise(seed: int) -> Any:
    """What resamples do to one row alone: it cancels in no difference."""
    return np.random.default_rng(seed).normal(0, 0.1, 200)


def test_the_best_row_its_rivals_and_what_it_gains_on_the_reference_are_one_sentence(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.5)
    put(tmp_path, "good", 1.2, noise=noise(1))
    put(tmp_path, "as_good", 1.21, noise=noise(2))
    put(tmp_path, "bad", 2.0)
    assert verdict(table_of(tmp_path)) == (
        "Some posts, 500 posts: good is best, not separable from 1 of 3 others; 20% better than the account's"
        " recent median."
    )


def test_a_row_apart_from_all_others_is_told_so_and_one_alone_has_no_rival(
    tmp_path: Path,
) -> None:
    put(tmp_path, "recent_median", 1.5)
    assert verdict(table_of(tmp_path)) == "Some posts, 500 posts: recent_median is the only row."
    put(tmp_path, "good", 1.0)
    assert "good is best, and apart from the other one; 33% better" in verdict(table_of(tmp_path))
    put(tmp_path, "bad", 2.0)
    assert "good is best, and apart from both others" in verdict(table_of(tmp_path))


def test_a_gain_that_may_be_chance_is_called_so(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.5, noise=noise(1))
    put(tmp_path, "hardly", 1.495, noise=noise(2))
    assert verdict(table_of(tmp_path)) == (
        "Some posts, 500 posts: hardly is ahead, but no row can be told from any other; less than 1% better "
        "than the account's recent median, which may be chance."
    )


def test_where_the_naive_guess_is_best_the_verdict_says_that_nothing_beats_it(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.0)
    put(tmp_path, "bad", 2.0)
    assert verdict(table_of(tmp_path)).endswith(
        "recent_median is best, and apart from the other one; nothing beats the account's recent median."
    )


def test_without_a_score_there_is_no_best(tmp_path: Path) -> None:
    put(tmp_path, "model", status="failed", reason="out of luck")
    assert verdict(table_of(tmp_path)) == "Some posts: no row has a score yet."
    assert finding(table_of(tmp_path)) is None


def test_rows_that_read_crawl_time_columns_have_a_verdict_of_their_own(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.5)
    put(tmp_path, "good", 1.0)
    put(tmp_path, "knows", 0.5, crawl=True)
    assert "good is best" in verdict(table_of(tmp_path))
    told = verdict(table_of(tmp_path), crawl=True)
    assert told.endswith(
        "knows is the only row; 67% better than the account's recent median (with columns known only at "
        "collection)."
    )


def test_an_event_is_told_by_its_measure_since_its_gain_is_no_share_of_an_error(tmp_path: Path) -> None:
    for name, error in (("recent_rate", 3.0), ("good", 0.2)):
        put_predictions(tmp_path, name, error, posts=120, **EVENT)
    told = verdict(table_of(tmp_path))
    assert told.startswith("Some posts, likes, 120 posts: good is best")
    assert "; Average precision 0." in told and "where the account's recent rate of such posts has 0." in told
    assert "factor" not in told and "% better" not in told


def test_months_and_accounts_come_from_the_results(tmp_path: Path) -> None:
    for name, error in (("recent_median", 3.0), ("good", 0.2)):
        put_predictions(tmp_path, name, error)
    found = finding(table_of(tmp_path))
    assert found is not None
    assert (found.n, found.accounts, found.weeks) == (120, 40, None)
    assert found.months is None, "a fourth of the posts lies in months that are not scored apart"
    months = replace(found, months=("2020-11", "2021-01"))
    assert subject(months) == "Some posts, 120 posts of Nov 2020 to Jan 2021"
    assert span(replace(found, months=("2020-11", "2020-12"))) == "Nov to Dec 2020"
    assert span(replace(found, months=("2020-11", "2020-11"))) == "Nov 2020"
    put(tmp_path / "other", "model", 1.0, weeks=50.0, effective=30.0)
    of_weeks = finding(table_of(tmp_path / "other"))
    assert of_weeks is not None and of_weeks.months is None and subject(of_weeks) == "Some posts, 500 posts"
    assert (of_weeks.accounts, of_weeks.weeks) == (None, 50.0), f"{CLUSTERS} stretches of time"


@pytest.mark.parametrize(
    ("scale", "unit", "base"),
    [
        ("log1p", "log(likes + 1)", np.e),
        ("identity", "log2(views + 1)", 2.0),
        ("identity", "log10 of plays", 10.0),
        ("identity", "log((views a day later + 1) / (views + 1))", np.e),
        ("identity", "share of catalogue", None),
        ("identity", "", None),
        ("signed-log", "sign(score) * log(1 + |score|)", None),
    ],
)
def test_a_typical_miss_is_a_factor_of_logarithms_alone(scale: Any, unit: str, base: float | None) -> None:
    assert log_base(scale, unit) == base


def test_a_typical_miss_is_told_where_the_card_of_the_data_says_that_labels_are_logarithms(
    tmp_path: Path,
) -> None:
    known = {"dataset": "musk_tweets", "title": "Tweets of Elon Musk"}
    put(tmp_path / "known", "recent_median", 1.5, **known)
    put(tmp_path / "known", "good", 1.0, **known)
    assert verdict(table_of(tmp_path / "known")).endswith("; a typical miss is a factor of 2.7.")
    stranger = put(tmp_path / "other", "good", 1.0, dataset="musk_tweets", title="Something else").about
    assert base_of(stranger, "likes") is None, "data of somebody else under a name that is known"


def test_a_card_that_cannot_be_read_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "datasets" / "posts").mkdir(parents=True)
    (tmp_path / "datasets" / "posts" / "card.toml").write_text("title = ")
    monkeypatch.setattr(findings, "PROJECT", tmp_path)
    findings._card.cache_clear()
    of: About = put(tmp_path / "runs", "good", 1.0).about
    assert base_of(of, "likes") is None
    findings._card.cache_clear()


@pytest.mark.parametrize(
    ("value", "told"), [(1.04, "1.0"), (3.93, "3.9"), (9.96, "10"), (14.4, "14"), (1234.0, "1,200")]
)
def test_a_factor_has_two_digits(value: float, told: str) -> None:
    assert factor(value) == told


def test_names_from_anywhere_are_shown_as_they_are(tmp_path: Path) -> None:
    for name, error in (("recent_median", 1.5), ("good", 1.0)):
        put(
            tmp_path,
            name,
            error,
            title="<b>Posts</b> *of* 2023",
            variant="a=b" if name == "good" else "default",
        )
    told = verdict(table_of(tmp_path), markdown=True)
    assert told.startswith(r"\<b\>Posts\</b\> \*of\* 2023, 500 posts: `good:a=b` is best")


def test_a_board_begins_with_a_line_a_data_set_real_ones_first(tmp_path: Path) -> None:
    for name, error in (("recent_median", 1.5), ("good", 1.0)):
        put(tmp_path, name, error, dataset="made_up", title="Made up", synthetic=True)
        put(tmp_path, name, error, dataset="real", title="Real")
        put(tmp_path, name, error, dataset="real", title="Real", protocol="rolling")
    put(tmp_path, "better", 0.5, dataset="real", title="Real", protocol="rolling")
    put(tmp_path, "model", dataset="unlucky", title="Unlucky", status="failed", reason="x")
    tables = [Derived(rows) for rows in by_table(read_rows(tmp_path)).values()]
    lines = summary(tables).splitlines()[2:]
    assert [line.split(",")[0].split(":")[0] for line in lines] == ["- Real", "- Unlucky", "- Made up"]
    assert "`better` is best" in lines[0], "of the protocol under which what was learnt is renewed"
    assert lines[1] == "- Unlucky: no row has a score yet."


def test_a_summary_has_ten_lines_at_most(tmp_path: Path) -> None:
    for number in range(12):
        put(tmp_path, "good", 1.0, dataset=f"set_{number:02}", title=f"Set {number:02}")
    lines = summary([Derived(rows) for rows in by_table(read_rows(tmp_path)).values()]).splitlines()[2:]
    assert (
        len(lines) == 10 and lines[8].startswith("- Set 08") and lines[9] == "- And 3 more data sets, below."
    )
