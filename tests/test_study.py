"""Studies: the settings that a baseline compares, run on request and shown in a table of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import board_of, table
from handing import handed_over
from stored import EVENT, derived, put
from typer.testing import CliRunner
from worlds import World, write_baseline

from baselines.lstm import LSTM
from baselines.mlp import MLP
from baselines.transformer import Transformer
from benchmark.data.prepare import prepare
from benchmark.finding.discovery import load
from benchmark.run.plan import choose, studied
from leaderboard.board.study import studies
from leaderboard.tables.rows import Row
from smpbench.cli.main import app
from tools.tables import study as tool

AXES = (
    'study = {"loss": ("mae", "mse"), "scaling": ("log", "robust")}\nloss: str = "mae"\nscaling: str = "log"'
)


def rows_of(runs: Path) -> list[Row]:
    return [row for table in derived(runs) for row in table.rows]


def combination(runs: Path, loss: str, scaling: str, mae: float, **changed: Any) -> None:
    settings = {"loss": loss, "scaling": scaling}
    variant = f"loss={loss},scaling={scaling}"
    put(runs, "mlp", mae, variant=variant, settings=settings, study=tuple(settings), **changed)


def test_a_study_is_every_combination_of_the_values_that_it_compares(tmp_path: Path) -> None:
    found = load(write_baseline(tmp_path, "mine", "", attributes=AXES))
    chosen = studied(choose("", found))
    assert chosen is not None and chosen.study
    assert chosen.variants == {
        "loss=mae,scaling=log": {"loss": "mae", "scaling": "log"},
        "loss=mae,scaling=robust": {"loss": "mae", "scaling": "robust"},
        "loss=mse,scaling=log": {"loss": "mse", "scaling": "log"},
        "loss=mse,scaling=robust": {"loss": "mse", "scaling": "robust"},
    }


def test_a_run_without_the_flag_leaves_studies_out(tmp_path: Path) -> None:
    found = load(write_baseline(tmp_path, "mine", "", attributes=AXES))
    assert list(choose("", found).variants) == ["default"]


def test_asking_for_a_study_of_a_baseline_that_has_none_is_an_error_and_not_an_empty_run(
    tmp_path: Path,
) -> None:
    answer = CliRunner().invoke(app, ["run", "--study", "-b", "global_median", "--home", str(tmp_path)])
    assert answer.exit_code != 0
    assert "none of these baselines declares a study" in str(answer.exception)


def test_rows_of_a_study_are_not_ranked_among_the_others(tmp_path: Path) -> None:
    """The best of many combinations, picked by its test score, would be no honest rival."""
    put(tmp_path, "ridge", 2.0)
    combination(tmp_path, "mae", "log", 1.0)
    board = table(tmp_path)
    assert board.loc["ridge", "rank"] == 1
    assert board.loc["mlp", ["rank", "delta_best"]].isna().all()
    assert board["study"].to_dict() == {"ridge": False, "mlp": True}


def test_a_study_is_shown_as_one_setting_by_the_other_with_the_best_in_bold(tmp_path: Path) -> None:
    put(tmp_path, "ridge", 2.0)
    for loss, scaling, mae in (("mae", "log", 1.0), ("mae", "robust", 1.2), ("mse", "log", 1.4)):
        combination(tmp_path, loss, scaling, mae)
    text = studies(rows_of(tmp_path))
    assert "| loss | scaling: log | scaling: robust |" in text
    assert "| mae | **1.000 / 0.750** | 1.200 / 0.700 |" in text
    assert "| mse | 1.400 / 0.650 |  |" in text, "a combination without a result has an empty cell"
    page = board_of(tmp_path)
    before, _, after = page.partition("## Studies")
    assert "loss=mae" not in before and text in "## Studies" + after


def test_a_study_on_another_kind_of_task_is_shown_by_the_measures_of_that_task(tmp_path: Path) -> None:
    """Of which more is better: the best is the highest."""
    for loss, precision in (("mae", 0.6), ("mse", 0.4)):
        values = {"average_precision": precision, "auc": 0.9}
        combination(tmp_path, loss, "log", 0.0, values=values, **EVENT)
    text = studies(rows_of(tmp_path))
    assert "| mae | **0.600 / 0.900** |" in text
    assert "| mse | 0.400 / 0.900 |" in text


@pytest.mark.parametrize("rows", [[], ["ridge"]])
def test_without_a_study_the_page_does_not_mention_any(tmp_path: Path, rows: list[str]) -> None:
    for name in rows:
        put(tmp_path, name, 1.0)
    assert studies(rows_of(tmp_path)) == ""


def test_a_setting_that_all_combinations_share_is_told_once_above_the_table(tmp_path: Path) -> None:
    for loss, mae in (("mae", 1.0), ("mse", 1.4)):
        settings = {"loss": loss, "encodings": ["text", "topics"]}
        put(tmp_path, "mlp", mae, variant=f"loss={loss}", settings=settings, study=tuple(settings))
    text = studies(rows_of(tmp_path))
    assert "(encoders: none; encodings: text+topics)" in text
    assert "| loss | score |" in text


@pytest.mark.parametrize("cls", [MLP, LSTM, Transformer])
def test_the_networks_of_the_tweets_study_compare_the_same(cls: type[MLP | LSTM | Transformer]) -> None:
    assert {name: len(values) for name, values in cls.study.items()} == {
        "loss": 4,
        "scaling": 2,
        "level": 2,
        "encodings": 1,
    }
    (content,) = cls.study["encodings"]
    assert set(content) == cls(encodings=content).wanted() == {"text", "image", "sentiment", "topics"}


@pytest.mark.slow
@pytest.mark.parametrize("cls", [MLP, LSTM, Transformer])
def test_without_the_level_a_network_is_told_the_past_and_corrects_nothing(
    tmp_path: Path, cls: type[MLP | LSTM | Transformer]
) -> None:
    world = World.make(tmp_path)
    train, test = handed_over(prepare(world.card, world.home, ()))
    network = cls(level=False, epochs=1)
    network.fit(train, train._timeline.labels[train._positions])
    assert len({*network.aim.base(test)[:, 0].tolist()}) == 1, "one number for all posts, their middle"
    assert any("history_median" in name for name in network.names())
    assert np.isfinite(network.predict(test)).all()


def test_a_random_split_is_priced_beside_the_study_and_no_part_of_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(tool, "_failed", lambda *arguments: bool(told.append(arguments)))
    monkeypatch.setattr(tool, "unavailable", lambda card, profile: "no models" if profile == "hub" else None)
    with pytest.raises(SystemExit) as ended:
        tool.main(["-d", "musk_tweets"])
    assert ended.value.code == 0
    (run,) = [one for one in told if one[0] == "run"]
    assert "--study" in run and {"mlp", "lstm", "transformer"} <= set(run)
    prices = [one for one in told if one[0] == "pitfalls"]
    assert len(prices) == 3 and all("random_split" in one for one in prices)
    assert not any("random_split" in one for one in told if one[0] != "pitfalls")
