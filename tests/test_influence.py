"""Tasks of kind influence: accounts are ranked among each other, period by period."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from worlds import BASELINES, World

from benchmark.data.cards import load_card
from benchmark.scores.bootstrap import replicates
from benchmark.scores.measures import MEASURES, measure
from benchmark.scores.measures.measure import Among, Floats, Predicted
from benchmark.scores.measures.resamples import Resamples
from tools.account_periods import Question, account_periods, write_card

DAY = 86_400_000
START = 18_262 * DAY
"""The first day of 2020."""
WITHIN_PERIODS = [name for name, one in MEASURES.items() if one.within_periods]


def predicted(periods: list[int], truth: list[float], points: list[float]) -> tuple[Floats, Predicted]:
    y = np.array(truth, float)
    return y, Predicted.of(points, None, Among(np.array(periods), y))


def value(name: str, *of: list) -> float:
    return measure(name).value(*predicted(*of))


def test_a_value_is_the_mean_over_periods_however_many_accounts_each_has() -> None:
    right, wrong = [1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 4.0, 3.0, 2.0, 1.0]
    twice = [*right, *right]
    periods = [0] * 5 + [1] * 10
    assert value("period_spearman", periods, right + twice, right + twice) == pytest.approx(1)
    assert value("period_spearman", periods, right + twice, wrong + twice) == pytest.approx(0)


def test_only_accounts_of_one_period_compete() -> None:
    low, high = [1.0, 2.0, 3.0, 4.0, 5.0], [101.0, 102.0, 103.0, 104.0, 105.0]
    assert value("period_spearman", [0] * 5 + [1] * 5, low + high, high + low) == pytest.approx(1)


def test_precision_at_ten_counts_those_foretold_among_the_first_and_shares_a_tie() -> None:
    truth = [float(i) for i in range(20)]
    assert value("period_first_ten", [0] * 20, truth, truth) == 1
    assert value("period_first_ten", [0] * 20, truth, truth[::-1]) == 0
    assert value("period_first_ten", [0] * 20, truth, [0.0] * 20) == pytest.approx(0.5)
    assert np.isnan(value("period_first_ten", [0] * 10, truth[:10], truth[:10]))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40))
def test_spearman_is_that_of_scipy_in_every_period_of_five_accounts(rows: list[tuple[int, int, int]]) -> None:
    table = pd.DataFrame(rows, columns=["period", "truth", "points"]).astype(float)
    expected = [
        0.0
        if part["points"].min() == part["points"].max()
        else spearmanr(part["truth"], part["points"]).statistic
        for _, part in table.groupby("period")
        if len(part) >= 5 and part["truth"].min() < part["truth"].max()
    ]
    columns = (table[name].tolist() for name in ("truth", "points"))
    found = value("period_spearman", table["period"].astype(int).tolist(), *columns)
    assert found == pytest.approx(np.mean(expected) if expected else np.nan, nan_ok=True)


@pytest.mark.parametrize("name", WITHIN_PERIODS)
def test_a_replicate_is_the_value_of_the_accounts_that_were_drawn(name: str) -> None:
    rng = np.random.default_rng(0)
    accounts, periods = np.tile(np.arange(15), 3), np.repeat(np.arange(3), 15)
    y, points = rng.normal(size=45), rng.normal(size=45)
    told = Predicted.of(points, None, Among(periods, y))
    resamples = Resamples(accounts, 4)
    counts = resamples.counts(0, 4)
    for found, often in zip(replicates(measure(name), y, told, resamples), counts, strict=True):
        drawn = np.repeat(np.arange(45), often[accounts])
        assert found == pytest.approx(measure(name).value(y[drawn], told.part(drawn)), nan_ok=True)


def made_up(accounts: int = 14, days: int = 224) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Posts whose engagement is the account's own level, and edges to the accounts of a high one."""
    rng = np.random.default_rng(0)
    levels = rng.normal(5, 2, accounts)
    who, day = np.repeat(np.arange(accounts), days), np.tile(np.arange(days), accounts)
    names = np.array([f"a{i}" for i in range(accounts)], object)
    noisy = levels[who] + rng.normal(0, 0.5, len(who))
    posts = pd.DataFrame({"user_id": names[who], "time": START + day * DAY + 1, "engagement": noisy})
    named = rng.choice(accounts, size=len(who), p=np.exp(levels) / np.exp(levels).sum())
    return posts, pd.DataFrame({"author": names[who], "named": names[named], "time": START + day * DAY + 1})


ASKED = Question(start=START, until=START + 224 * DAY)


def test_what_a_row_is_told_lies_before_its_period_and_its_label_is_settled_when_the_next_begins() -> None:
    posts, edges = made_up()
    rows = account_periods(posts, edges, ASKED)
    one = rows[(rows["user_id"] == "a3") & (rows["time"] == START + 2 * 28 * DAY)].iloc[0]
    day = (posts["time"] - START) // DAY
    theirs = posts[(posts["user_id"] == "a3") & (day >= 56) & (day < 84 - 3)]
    assert one["engagement"] == pytest.approx(theirs["engagement"].median())
    others = edges[(edges["named"] == "a3") & (edges["author"] != "a3")]
    day = (others["time"] - START) // DAY
    assert one["named_before"] == ((day >= 28) & (day < 56)).sum()
    assert one["named"] == ((day >= 56) & (day < 84)).sum()
    assert one["namers_before"] == others[(day >= 28) & (day < 56)]["author"].nunique()


def test_no_post_and_no_edge_from_a_period_on_changes_what_is_told_of_it() -> None:
    posts, edges = made_up()
    told = ["row_id", "posts_before", "named_before", "namers_before", "names_before"]
    whole = account_periods(posts, edges, ASKED)
    past = [one[one["time"] < START + 84 * DAY] for one in (posts, edges)]
    early = account_periods(*past, ASKED)
    upto = START + 84 * DAY
    left, right = (one[one["time"] <= upto][told].reset_index(drop=True) for one in (whole, early))
    pd.testing.assert_frame_equal(left, right)


@pytest.mark.slow
def test_a_task_of_influence_runs_like_any_other_and_own_past_is_its_reference(tmp_path: Path) -> None:
    rows = account_periods(*made_up(), ASKED)
    world = World(load_card(write_card(tmp_path, "accounts", rows, ASKED, cut_off=5)), tmp_path / "data")
    world.run(BASELINES / "recent_median.py", BASELINES / "ridge.py")
    found = world.results()
    for name in ("recent_median", "ridge"):
        stored = found[f"engagement rolling {name} 0"]
        assert stored.run.status == "ok"
        score = next(one for one in stored.run.scores if one.measure == "period_spearman")
        assert score.value is not None and score.value > 0.8
        assert score.note == "3 periods of 14 to 14 accounts"
    assert world.card.task("named").reference == "recent_median"
