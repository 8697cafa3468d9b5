"""The door for Python: a task says what it is, an evaluation is a row, rows are compared."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from doors import asked, made_up
from raw_layouts import ROOT
from typer.testing import CliRunner
from worlds import World

import smpbench as smp
from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.errors import CardError, DataUnavailable, SmpbenchError, UnknownName
from benchmark.outside.handout import chosen_task
from smpbench.cli.main import app

HEAVY = ("numpy", "pandas", "pyarrow", "torch", "sklearn", "scipy", "numba", "lightgbm", "cloudpickle")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, preloaded: None) -> Path:
    """A data set on which several tests run baselines; they change nothing that another one reads."""
    folder = tmp_path_factory.mktemp("door")
    made_up(folder)
    return folder


@pytest.fixture(scope="module")
def task(folder: Path) -> smp.Task:
    return asked(folder)


@pytest.fixture(scope="module")
def row(task: smp.Task) -> smp.Row:
    return smp.evaluate("user_median", task, quiet=True)


def test_importing_it_loads_no_library_that_takes_its_time() -> None:
    code = f"import smpbench, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr


def test_everything_that_it_offers_is_there_and_says_what_it_is() -> None:
    for name in smp.__all__:
        assert getattr(smp, name).__doc__ or name == "Array"
        assert name in dir(smp)
    with pytest.raises(AttributeError, match="no attribute 'tsak'"):
        smp.tsak  # noqa: B018


def test_its_version_is_that_of_the_package() -> None:
    assert smp.__version__ == version("smpbench")


@pytest.mark.slow
def test_a_task_says_what_it_is(task: smp.Task, folder: Path) -> None:
    told = repr(task).splitlines()
    assert told[0] == "Task trial/one frozen"
    assert "  data: A made-up trial, 120 posts by " in told[1]
    assert "  targets: likes: log(1 + count)" in told
    assert any("cut-off 2021-03-22, labels of the last 3 days before it withheld" in line for line in told)
    assert f"  fitted on: {task.n_train} posts, 2021-01-0" in repr(task)
    assert f"  tested on: {task.n_test} posts, 2021-03-2" in repr(task)
    assert str(folder / "raw" / "posts.csv") in told[-1] and task.fingerprint[:16] in told[-1]


def test_a_rolling_task_tells_its_blocks(folder: Path) -> None:
    assert "6 blocks of 7 days, a label known 3 days after publication" in repr(
        asked(folder, "one", "rolling")
    )


@pytest.mark.slow
def test_a_task_is_prepared_if_need_be_and_not_again(tmp_path: Path) -> None:
    made_up(tmp_path)
    asked(tmp_path)
    prepared = tmp_path / "data" / "prepared" / "trial" / "prepared.json"
    before = prepared.stat().st_mtime_ns
    assert asked(tmp_path) == asked(tmp_path)
    assert prepared.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("demo_tweet",), "unknown data set 'demo_tweet'; did you mean 'demo_tweets'"),
        (("demo_tweets", "engagment"), "unknown task of demo_tweets 'engagment'; did you mean 'engagement'"),
        (("demo_tweets", None, "roling"), "unknown protocol 'roling'; did you mean 'rolling'"),
        (("demo_tweets", None, "official"), "unknown protocol of demo_tweets 'official'; known: "),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(
    arguments: tuple[str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(UnknownName) as error:
        smp.task(*arguments, home=tmp_path)
    assert told in str(error.value)
    assert not list(tmp_path.iterdir()), "nothing was begun"


def test_without_a_name_it_is_the_only_task_that_asks_for_a_count() -> None:
    cards = {name: load_card(path) for name, path in find_cards(PROJECT / "datasets").items()}
    assert chosen_task(cards["demo_tweets"], None, "rolling").name == "engagement"
    assert chosen_task(cards["demo_tweets"], "virality", "rolling").name == "virality"
    assert chosen_task(cards["smpd_video"], None, "official").name == "popularity"
    with pytest.raises(SmpbenchError, match="several tasks: engagement, newest, virality"):
        chosen_task(cards["influencers"], None, "frozen")


def test_where_there_are_several_tasks_one_is_to_be_named(folder: Path) -> None:
    with pytest.raises(SmpbenchError, match=r"trial has several tasks: three, one. Name one"):
        smp.task(folder / "card.toml", home=folder / "data")


def test_home_and_raw_are_found_as_the_command_line_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMPBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SMPBENCH_RAW", str(tmp_path / "nowhere"))
    card = made_up(tmp_path)
    with pytest.raises(CardError, match="no folder at"):
        smp.task(card, "one")
    monkeypatch.delenv("SMPBENCH_RAW")
    assert smp.task(card, "one").home == tmp_path / "home"
    with pytest.raises(DataUnavailable, match="smp-challenge"):
        smp.task("smpd_image")


@pytest.mark.slow
def test_scores_are_those_of_the_board(row: smp.Row, task: smp.Task) -> None:
    assert row.name == "user_median" and row.status == "ok"
    assert row.scores.columns.tolist() == ["target", "measure", "score", "low", "high", "skill", "n"]
    assert row.scores["measure"].tolist() == [*task.measures, "skill"]
    assert (row.scores["n"] == task.n_test).all()
    done = CliRunner().invoke(app, ["board", "--home", str(task.home)])
    assert done.exit_code == 0, done.output
    board = pd.read_csv(task.home / "leaderboard" / "leaderboard.csv").query("baseline == 'user_median'")
    board = board[board["task"] == "one"].set_index("measure")
    for line in row.scores.itertuples():
        theirs = board.loc[line.measure, ["score", "score_low", "score_high", "skill"]].tolist()
        assert [line.score, line.low, line.high, line.skill] == pytest.approx(theirs, rel=1e-4)


@pytest.mark.slow
def test_predictions_are_of_the_test_posts_and_hold_no_label(row: smp.Row, task: smp.Task) -> None:
    assert row.predictions.columns.tolist() == ["post_id", "likes"]
    assert len(row.predictions.loc[0]) == task.n_test
    assert row.predictions["likes"].dtype == np.float32


def test_slices_and_costs_are_at_hand(row: smp.Row) -> None:
    assert row.slices.columns.tolist() == ["target", "slice", "n", "measure", "score", "low", "high"]
    assert row.costs.index.tolist() == ["fit_seconds", "predict_ms_per_post", "peak_mb"]
    assert (row.costs > 0).all()


def test_a_row_shows_itself_in_short(row: smp.Row) -> None:
    mae = row.scores.set_index("measure").loc["mae", "score"]
    assert repr(row).startswith("Row user_median on trial/one frozen: likes spearman ")
    assert f"mae {mae:.3f} [" in repr(row)
    assert "<b>user_median</b> on trial/one frozen" in row._repr_html_() and "<table" in row._repr_html_()


@pytest.mark.slow
def test_a_second_call_computes_nothing(
    row: smp.Row, task: smp.Task, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted((task.home / "runs").rglob("result.json"))
    stamps = [path.stat().st_mtime_ns for path in before]
    again = smp.evaluate("user_median", task)
    assert "user_median on trial/one frozen: found finished" in capsys.readouterr().err
    assert sorted((task.home / "runs").rglob("result.json")) == before
    assert [path.stat().st_mtime_ns for path in before] == stamps
    assert again.scores.equals(row.scores)


@pytest.mark.slow
def test_what_the_command_line_has_run_is_not_run_again(
    task: smp.Task, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = str(folder / "card.toml")
    arguments = ["-d", card, "-b", "category_median", "-p", "frozen", "--home", str(task.home)]
    assert CliRunner().invoke(app, ["run", *arguments]).exit_code == 0
    capsys.readouterr()
    smp.evaluate("category_median", task)
    assert "category_median on trial/one frozen: found finished" in capsys.readouterr().err


@pytest.mark.slow
def test_quiet_says_nothing(task: smp.Task, capsys: pytest.CaptureFixture[str]) -> None:
    smp.evaluate("global_median", task, quiet=True)
    told = capsys.readouterr()
    assert told.out == told.err == ""


@pytest.mark.slow
def test_a_comparison_is_paired_and_says_how_this_row_stands(row: smp.Row, task: smp.Task) -> None:
    poor = smp.evaluate("global_median", task, quiet=True)
    lines = row.compare("global_median", ["mae"])
    (line,) = lines.to_dict("records")
    ours, theirs = (one.scores.set_index("measure").loc["mae", "score"] for one in (row, poor))
    assert (line["score"], line["other"]) == pytest.approx((ours, theirs))
    assert line["difference"] == pytest.approx(ours - theirs) and ours < theirs
    assert line["paired"] and line["n"] == task.n_test
    assert line["high"] < 0 and line["verdict"] == "better"
    (other_way,) = poor.compare(row, ["mae"]).to_dict("records")
    assert other_way["verdict"] == "worse"
    assert other_way["low"] == pytest.approx(-line["high"])


@pytest.mark.slow
def test_a_comparison_shows_every_measure_of_the_task_unless_told(row: smp.Row, task: smp.Task) -> None:
    assert row.compare("recent_median")["measure"].tolist() == list(task.measures)
    assert row.compare(row)["verdict"].unique().tolist() == ["same"]
    assert row.compare("recent_median", ["skill"])["verdict"].item() in ("better", "worse", "cannot tell")


@pytest.mark.slow
def test_what_cannot_be_compared_is_refused(row: smp.Row, folder: Path) -> None:
    with pytest.raises(
        UnknownName, match=r"unknown row of trial/one frozen 'recent_medain'; did you mean 'rec"
    ):
        row.compare("recent_medain")
    with pytest.raises(UnknownName, match="unknown measure 'mea'; did you mean 'mae'"):
        row.compare("recent_median", ["mea"])
    elsewhere = smp.evaluate("user_median", asked(folder, "one", "rolling"), quiet=True)
    with pytest.raises(SmpbenchError, match="predicts other posts than user_median on trial/one frozen"):
        row.compare(elsewhere)


def test_the_leaderboard_of_a_task_ranks_its_rows(row: smp.Row, task: smp.Task) -> None:
    table = smp.leaderboard(task)
    ranked = table.query("measure == 'mae' and rank.notna()")
    assert ranked["rank"].is_monotonic_increasing and ranked["score"].is_monotonic_increasing
    assert {"user_median", "recent_median"} <= set(table["row"])
    assert set(table["target"]) == {"likes"}


@pytest.mark.slow
def test_published_rows_stand_beside_those_run_here(tmp_path: Path, preloaded: None) -> None:
    made_up(tmp_path)
    theirs = asked(tmp_path)
    scores = smp.evaluate("user_median", theirs, quiet=True).scores.set_index("measure")
    home = str(theirs.home)
    done = CliRunner().invoke(app, ["publish", "-d", str(tmp_path / "card.toml"), "--home", home])
    assert done.exit_code == 0, done.output
    (theirs.home / "runs").rename(tmp_path / "lost")
    table = smp.leaderboard(theirs).set_index(["row", "measure"])
    assert table.loc[("user_median", "mae"), "score"] == pytest.approx(scores.loc["mae", "score"])
    mine = smp.evaluate("global_median", theirs, quiet=True)
    assert mine.compare("user_median", ["mae"])["paired"].item()


def test_the_data_sets_and_baselines_are_listed() -> None:
    sets = smp.datasets().set_index("dataset")
    demo = sets.loc["demo_tweets"]
    assert demo["task"].tolist() == ["engagement", "virality"] and demo["synthetic"].all()
    known = smp.baselines().set_index("name")
    assert known.loc["lightgbm:+history", "family"] == "trees"
    assert "recent_median" in known.index and (known["unavailable"] == "").all()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("rigde", "unknown baseline 'rigde'; did you mean 'ridge'"),
        ("lightgbm", "several variants, each a row of its own. Name one: 'lightgbm:metadata'"),
        ("lightgbm:metadat", "unknown variant of lightgbm 'metadat'; did you mean 'metadata'"),
        ("nowhere/mine.py", "no baseline file at nowhere/mine.py"),
        (3, "3 is no model: give a baseline's name"),
    ],
)
def test_what_is_no_model_is_answered_with_what_is(task: smp.Task, what: str, told: str) -> None:
    with pytest.raises(SmpbenchError) as error:
        smp.evaluate(what, task, quiet=True)
    assert told in str(error.value)


def test_a_task_holds_no_label(task: smp.Task) -> None:
    for value in vars(task).values():
        assert not hasattr(value, "labels") and not isinstance(value, np.ndarray | pd.DataFrame)


@pytest.mark.slow
def test_a_bare_script_without_a_guard_runs_once(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    script = tmp_path / "study.py"
    script.write_text(
        textwrap.dedent("""
        import pathlib
        import numpy as np
        import smpbench as smp

        with open("ran", "a") as file:
            file.write("x")
        SHIFT = 0.5

        class Shifted(smp.Baseline):
            def fit(self, train, y):
                self.middle = np.median(y, axis=0) + SHIFT

            def predict(self, posts):
                return np.tile(self.middle, (len(posts), 1))

        task = smp.task("card.toml", "one", home="data")
        print(smp.evaluate(Shifted(), task, seeds=2))
        """)
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    run = [sys.executable, str(script)]
    done = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Row shifted on trial/one frozen: likes ")
    assert (tmp_path / "ran").read_text() == "x"
    again = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert "shifted on trial/one frozen: found finished" in again.stderr, "in another session, too"
