"""The command line: answers at once, names what is wrong, and leads from an idea to a row."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from commands import invoke, smpbench
from raw_layouts import ROOT
from worlds import World, write_baseline

from benchmark.errors import SmpbenchError

HEAVY = ("torch", "transformers", "timm", "lightgbm", "sklearn", "scipy", "numba", "pandas", "pyarrow")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["run", "--help"]])
def test_help_and_list_load_no_library_that_takes_its_time(arguments: list[str]) -> None:
    code = f"""
import sys
from smpbench.cli.main import app
try:
    app({arguments!r})
except SystemExit as ended:
    assert not ended.code, ended.code
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_list_shows_every_data_set_and_baseline() -> None:
    output = invoke("list").output
    for name in ("smpd_image", "musk_tweets", "demo_flickr", "recent_median", "ridge", "lightgbm"):
        assert f"  {name} " in output
    assert "unavailable" not in output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["run", "-d", "musk_tweet"], "unknown data set 'musk_tweet'; did you mean 'musk_tweets'"),
        (["run", "-b", "rigde"], "unknown baseline 'rigde'; did you mean 'ridge'"),
        (["run", "-p", "frozn"], "unknown protocol 'frozn'; did you mean 'frozen'"),
        (["run", "-b", "lightgbm:metadat"], "unknown variant of lightgbm 'metadat'; did you mean 'metadata'"),
        (["run", "-b", "ridge:alhpa=1"], "unknown setting of Ridge 'alhpa'; did you mean 'alpha'"),
        (["run", "-b", "ridge:alpha=much"], "ridge:alpha=much: setting alpha=much: cannot be read as float"),
        (["run", "-b", "ridge:alpha=1,beta"], "ridge:alpha=1,beta: 'beta' has no value. Write beta=..."),
        (["run", "-b", "nowhere/mine.py"], "no baseline file at nowhere/mine.py"),
        (["run", "-d", "nowhere/card.toml"], "nowhere/card.toml: cannot be read"),
        (["prepare", "-d", "demo"], "unknown data set 'demo'; known: demo_flickr, demo_network, demo_tweets"),
        (["check", "rigde"], "unknown baseline 'rigde'; did you mean 'ridge'"),
        (["run", "--raw", "nowhere"], "no folder at nowhere"),
    ],
)
def test_what_nothing_answers_to_is_answered_with_the_nearest(
    arguments: list[str], answer: str, tmp_path: Path
) -> None:
    home = ["--home", str(tmp_path)] if arguments[0] == "run" else []
    done = invoke(*arguments, *home)
    assert done.exit_code == 1
    assert isinstance(done.exception, SmpbenchError)
    assert answer in str(done.exception)
    assert not list(tmp_path.iterdir()), "nothing was begun"


@pytest.mark.slow
def test_an_error_that_a_user_can_mend_is_one_line_and_no_traceback() -> None:
    done = smpbench("run", "-d", "musk_tweet")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "smpbench: unknown data set 'musk_tweet'; did you mean 'musk_tweets' or 'musk_reddit' or "
        "'demo_tweets'?"
    ]


@pytest.mark.slow
def test_a_users_own_card_and_file_lead_to_a_row_with_one_command(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    mine = write_baseline(tmp_path / "mine", "my_model", "", "value: float = 1.0")
    home = tmp_path / "home"
    arguments = ["-d", tmp_path / "card.toml", "-b", f"{mine}:value=2", "-b", "recent_median", "-p", "frozen"]
    done = smpbench("run", *arguments, "--home", home, "--no-plots")
    assert done.returncode == 0, done.stderr
    assert "cells: 4 ok" in done.stderr
    board = pd.read_csv(home / "leaderboard" / "leaderboard.csv")
    row = board[(board["baseline"] == "my_model") & (board["task"] == "one") & (board["measure"] == "mae")]
    assert row["variant"].tolist() == ["value=2"]
    assert row["rank"].notna().all()
    assert smpbench("verify", "--home", home).returncode == 0


@pytest.mark.slow
def test_with_crawl_adds_marked_rows_for_baselines_that_read_columns(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    reader = """
    def predict(self, posts):
        assert "followers" in posts.columns
        return np.zeros((len(posts), len(posts.targets)))
    """
    path = write_baseline(tmp_path / "mine", "reader", reader)
    home = tmp_path / "home"
    arguments = [
        "-d",
        tmp_path / "card.toml",
        "-b",
        path,
        "-b",
        "global_median",
        "-p",
        "frozen",
        "--with-crawl",
    ]
    done = smpbench("run", *arguments, "--home", home)
    board = pd.read_csv(home / "leaderboard" / "leaderboard.csv")
    status = board.groupby(["baseline", "crawl"])["status"].first()
    assert status["reader", True] == status["global_median", False] == "ok"
    assert "AssertionError" in status["reader", False], "the column is withheld by default"
    assert ("global_median", True) not in status.index
    assert done.returncode == 1, "a failed cell is told in the exit status"


@pytest.mark.slow
def test_check_says_what_a_file_breaks_and_exits_1(tmp_path: Path) -> None:
    broken = write_baseline(tmp_path, "broken", "def predict(self, posts):\n    return posts.nothing")
    done = invoke("check", broken)
    assert done.exit_code == 1
    assert "FAIL fits and predicts: AttributeError" in done.output
    (told,) = json.loads(invoke("check", "--json", broken).stdout)
    assert not told["ok"] and any("AttributeError" in line for line in told["findings"])


@pytest.mark.slow
def test_a_new_baseline_runs_to_a_row_with_one_further_command(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    home = tmp_path / "home"
    written = smpbench("new", "baseline", "my_idea", "--folder", tmp_path / "mine")
    assert written.returncode == 0, written.stderr
    path = tmp_path / "mine" / "my_idea.py"
    assert f"-b {path}" in written.stdout
    done = smpbench("run", "-d", tmp_path / "card.toml", "-b", path, "-p", "frozen", "--home", home)
    assert done.returncode == 0, done.stderr
    board = pd.read_csv(home / "leaderboard" / "leaderboard.csv")
    assert set(board.loc[board["baseline"] == "my_idea", "status"]) == {"ok"}
    assert smpbench("check", path).returncode == 0


@pytest.mark.parametrize("name", ["My-Idea", "class", "1st", "../climbs", ""])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    done = invoke("new", "baseline", name, "--folder", tmp_path / "mine")
    assert "is no name for a row" in str(done.exception)
    assert not (tmp_path / "mine").exists()


def test_a_file_that_exists_is_never_written_over(tmp_path: Path) -> None:
    path = write_baseline(tmp_path, "mine", "")
    before = path.read_text()
    assert "exists already" in str(invoke("new", "baseline", "mine", "--folder", tmp_path).exception)
    assert path.read_text() == before


def test_a_file_with_the_name_of_a_project_baseline_is_refused(tmp_path: Path) -> None:
    mine = write_baseline(tmp_path, "ridge", "")
    done = invoke("run", "-b", mine, "--home", tmp_path / "data")
    assert isinstance(done.exception, SmpbenchError)
    assert "the project has a baseline 'ridge' already" in str(done.exception)
    assert "Rename the file" in str(done.exception)


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
def test_a_baseline_that_needs_what_no_encoder_gives_is_skipped_and_the_others_go_on(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    needy = write_baseline(tmp_path / "mine", "needy", "", attributes='needs = {"smell"}')
    plain = write_baseline(tmp_path / "mine", "plain", "")
    world.run(needy, plain)
    run = {name: stored.run for name, stored in world.results().items()}
    assert run["one frozen plain 0"].status == "ok"
    assert run["one frozen needy 0"].status == "skipped"
    assert "'smell'" in (run["one frozen needy 0"].reason or "")


@pytest.mark.slow
def test_a_data_set_asked_for_by_name_that_is_not_at_hand_is_a_problem(tmp_path: Path) -> None:
    asked = smpbench(
        "run",
        "-d",
        "smpd_image",
        "-b",
        "global_median",
        "--home",
        tmp_path / "data",
        SMPBENCH_RAW=str(tmp_path),
    )
    assert asked.returncode == 1
    assert "problem: smpd_image: not at hand" in asked.stderr
    assert "smp-challenge.com" in asked.stderr
