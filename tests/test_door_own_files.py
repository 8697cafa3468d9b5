"""A baseline of one's own behind the door for Python: a failure says why and where, a change is noticed."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from doors import asked, made_up
from worlds import write_baseline

import smpbench as smp
from benchmark.errors import BaselineError, SmpbenchError, UnknownName
from benchmark.finding.discovery import load
from benchmark.run.plan import choose


@pytest.mark.slow
def test_several_seeds_are_one_row(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    noisy = write_baseline(tmp_path / "mine", "noisy", _NOISY)
    row = smp.evaluate(noisy, asked(tmp_path), seeds=2, quiet=True)
    assert row.seeds == (0, 1)
    first, second = (row.predictions.loc[seed, "likes"].to_numpy() for seed in row.seeds)
    assert not np.array_equal(first, second)
    with pytest.raises(SmpbenchError, match="one seed or more"):
        smp.evaluate(noisy, asked(tmp_path), seeds=0)


_NOISY = """
def predict(self, posts):
    return np.tile(self.middle + self.seed, (len(posts), 1))
"""


@pytest.mark.slow
def test_a_failure_is_an_error_with_the_reason_and_the_place(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    broken = write_baseline(tmp_path / "mine", "broken", "def predict(self, posts):\n    return 1 / 0")
    with pytest.raises(BaselineError) as error:
        smp.evaluate(f"{broken}", asked(tmp_path), quiet=True)
    assert "ZeroDivisionError: division by zero" in str(error.value)
    assert f"{broken}:" in str(error.value)


@pytest.mark.slow
@pytest.mark.usefixtures("unsealed")
def test_what_has_failed_is_tried_again(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    needed = tmp_path / "needed"
    path = write_baseline(
        tmp_path / "mine", "needy", f"def artefacts(self, folder):\n    open({str(needed)!r})"
    )
    with pytest.raises(BaselineError, match="FileNotFoundError"):
        smp.evaluate(path, asked(tmp_path), quiet=True)
    needed.touch()
    assert smp.evaluate(path, asked(tmp_path), quiet=True).status == "ok"


@pytest.mark.slow
def test_what_a_data_set_has_not_is_an_error_and_no_silent_row(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    needy = write_baseline(tmp_path / "mine", "needy", "", attributes='needs = {"smell"}')
    with pytest.raises(BaselineError, match="needy on trial/one frozen: skipped: unknown encoding"):
        smp.evaluate(needy, asked(tmp_path), quiet=True)


@pytest.mark.slow
def test_a_file_that_was_changed_in_the_session_is_run_anew(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    mine = write_baseline(tmp_path / "mine", "mine", "")
    before = smp.evaluate(mine, asked(tmp_path), quiet=True)
    write_baseline(tmp_path / "mine", "mine", "", attributes="quantiles = (0.25, 0.5)")
    with pytest.raises(BaselineError, match="predict returned shape"):
        smp.evaluate(mine, asked(tmp_path), quiet=True)
    write_baseline(tmp_path / "mine", "mine", "")
    again = smp.evaluate(mine, asked(tmp_path), quiet=True)
    assert again.predictions.equals(before.predictions)


@pytest.mark.slow
def test_a_file_that_was_changed_in_the_session_has_the_settings_that_it_has_now(tmp_path: Path) -> None:
    made_up(tmp_path)
    mine = write_baseline(tmp_path / "mine", "mine", "")
    with pytest.raises(UnknownName, match="unknown setting of Mine 'level'"):
        smp.evaluate(f"{mine}:level=1", asked(tmp_path), quiet=True)
    write_baseline(tmp_path / "mine", "mine", "", attributes="level: float = 0.0")
    assert choose("level=1", load(mine)).variants == {"level=1": {"level": 1.0}}


@pytest.mark.slow
def test_a_row_is_of_its_own_code_though_the_board_has_a_later_one(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    good, poor = "", "def predict(self, posts):\n    return np.full((len(posts), 1), 30.0)"
    maes = []
    for body in (good, poor, good):
        mine = write_baseline(tmp_path / "mine", "mine", body)
        row = smp.evaluate(mine, asked(tmp_path), quiet=True)
        maes.append(row.scores.set_index("measure").loc["mae", "score"])
    assert maes[0] == maes[2] < maes[1]


@pytest.mark.slow
def test_crawl_time_columns_are_handed_over_only_when_asked(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    reader = """
    def predict(self, posts):
        return np.full((len(posts), len(posts.targets)), float("followers" in posts.columns))
    """
    mine = write_baseline(tmp_path / "mine", "reader", reader)
    blind, knowing = (smp.evaluate(mine, asked(tmp_path), crawl=crawl, quiet=True) for crawl in (False, True))
    assert set(blind.predictions["likes"]) == {0} and set(knowing.predictions["likes"]) == {1}
    assert knowing.name == "reader with crawl-time columns"
    alone = smp.evaluate(mine, asked(tmp_path, protocol="rolling"), crawl=True, quiet=True)
    assert set(alone.predictions["likes"]) == {1}
    stored = alone.task.home / "runs" / "trial" / "one" / "rolling" / "reader"
    assert [path.name for path in stored.iterdir()] == ["default+crawl"], "nothing that was not asked for"
    with pytest.raises(SmpbenchError, match="global_median reads no columns: leave crawl=True out"):
        smp.evaluate("global_median", asked(tmp_path), crawl=True)


@pytest.mark.slow
def test_a_run_over_its_time_is_an_error(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    slow = write_baseline(tmp_path / "mine", "slow", "def fit(self, train, y):\n    time.sleep(60)")
    started = time.monotonic()
    smp.evaluate("recent_median", asked(tmp_path), quiet=True)
    with pytest.raises(BaselineError, match="timeout: took longer than 1 s"):
        smp.evaluate(slow, asked(tmp_path), time_limit=1, quiet=True)
    assert time.monotonic() - started < 30
