"""The first minutes: a run says at once what it will do, shows a first table early, and ends in an answer."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import invoke, smpbench
from raw_layouts import ROOT
from waiting import PATIENCE
from worlds import MadeUpEncoder, World, write_baseline

from benchmark.errors import CardError, SmpbenchError
from benchmark.finding.discovery import load
from benchmark.processes.talk import Budget
from benchmark.run.cell import Cell
from benchmark.run.options import Options
from benchmark.run.plan import choose
from benchmark.run.progress import Progress
from leaderboard.board.expected import Expected, Known, machine_factor
from smpbench.cli import completion
from smpbench.cli.beginning import begun


def cell(baseline: str, variant: str = "default", protocol: str = "frozen") -> Cell:
    return Cell("d", "t", protocol, baseline, variant, 0, "none", False)  # type: ignore[arg-type]


KNOWN = [
    Known("mlp", "default", "frozen", 1000, 20.0),
    Known("mlp", "default", "rolling", 1000, 40.0),
    Known("ridge", "default", "frozen", 1000, 2.0),
]


def test_a_cell_is_expected_to_take_what_its_like_took_by_the_number_of_posts() -> None:
    expected = Expected(KNOWN)
    assert expected.seconds(cell("mlp"), 2000) == pytest.approx(41, abs=0.1)
    assert expected.seconds(cell("mlp", protocol="rolling"), 1000) == pytest.approx(41, abs=0.1)
    # Another variant goes by its baseline, a baseline that nobody ran by all.
    assert expected.seconds(cell("mlp", "wide"), 1000) == pytest.approx(31, abs=0.1)
    assert expected.seconds(cell("mine"), 1000) == pytest.approx(21, abs=0.1)
    assert Expected(KNOWN, factor=3).seconds(cell("ridge"), 1000) == pytest.approx(9, abs=0.1)
    assert Expected([]).seconds(cell("ridge"), 1000) > 0


def test_a_cell_that_has_run_already_is_expected_to_take_as_long_under_another_seed() -> None:
    same = Known(
        "mlp", "default", "frozen", 100, 7.0, "d", "t"
    )  # the task asks of few of the data set's posts
    other_task = Known("mlp", "default", "frozen", 2000, 900.0, "d", "virality")
    assert Expected([*KNOWN, same, other_task]).seconds(cell("mlp"), 2000) == pytest.approx(8)


def test_a_large_set_is_expected_to_take_by_the_largest_that_ran_and_a_small_one_by_the_small() -> None:
    small = [Known("mlp", "default", "frozen", 1000 + i, 20.0) for i in range(9)]
    large = [Known("mlp", "default", "frozen", 100_000 + i, 200.0) for i in range(3)]
    expected = Expected(small + large)
    assert expected.seconds(cell("mlp"), 500_000) == pytest.approx(1001, rel=0.01)
    assert expected.seconds(cell("mlp"), 2000) == pytest.approx(41, rel=0.01)


def test_how_slow_this_machine_is_is_known_in_a_moment() -> None:
    began = time.monotonic()
    assert 0.1 <= machine_factor() < 1000
    assert time.monotonic() - began < PATIENCE


def test_the_time_left_goes_by_what_cells_are_expected_to_take(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    with progress.cells(3):
        progress.weigh({"quick": 1.0, "slow": 100.0, "slower": 200.0})
        progress.cell_done("quick", 2.0, "quick")
        progress.cell_done("slow", 200.0, "slow")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("about 10 min left"), "twice as slow as expected: 600 s, not the 4 s of the mean"
    assert second.endswith("about 7 min left")


def test_what_is_expected_stands_until_a_cell_of_which_something_was_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(sys.stderr, jobs=2)
    progress._total = 4
    progress.cell_done("a quick one", 1.0, "reference")
    progress.weigh({"network": 600.0, "trees": 120.0})
    progress.cell_done("skipped", 0.0, "needs category")
    progress.cell_done("the first", 90.0, "trees")
    _, skipped, first = capsys.readouterr().err.splitlines()
    assert skipped.endswith("about 6 min left"), "720 s by two at once, not the pace of the quick ones"
    assert first.endswith("about 4 min left"), "three quarters of what was expected"


def test_what_comes_before_the_first_piece_of_a_longer_work_is_not_taken_for_its_pace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("benchmark.run.progress.time.monotonic", lambda: now[0])
    with Progress().work("encoding") as counter:
        for done, at in ((1, 60.0), (2, 71.0), (3, 82.0)):  # a minute to load the model
            now[0] = at
            counter(done, 10)
    first, second, third = capsys.readouterr().err.splitlines()
    assert first == "encoding: 1 of 10"
    assert second == "encoding: 2 of 10, about 88 s left"
    assert third == "encoding: 3 of 10, about 77 s left"


class ItemsAreMinutes(Expected):
    """A minute for each item to be encoded, nothing else."""

    def seconds(self, cell: Cell, posts: int) -> float:
        return 0.0

    def encoding(self, name: str, posts: int) -> float:
        return 60.0 * posts


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded", "made_up_encoders")
def test_what_is_encoded_already_is_not_expected_to_take_time_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.make(tmp_path, posts=60).with_only("one", "frozen")
    monkeypatch.setattr(
        "benchmark.encoders.encoder", lambda profile, encoding, languages: MadeUpEncoder(encoding)
    )
    monkeypatch.setattr("leaderboard.board.times.expected", lambda *_: ItemsAreMinutes([]))
    for name, known, read in (
        ("first", "how long is told when data are read", "about 60 min"),
        ("second", "nothing to fit", "about 0 s"),
    ):
        mine = write_baseline(tmp_path, name, "", "wants = {'text'}")
        options = Options(home=world.home, raw_roots=(), budget=Budget(PATIENCE, 8000), plots=False)
        begun([world.card], [choose("", load(mine))], options, Progress())
        assert f"1 cell to compute: {known}" in capsys.readouterr().err
        assert world.run(mine, expected=ItemsAreMinutes([])).counts["ok"]
        assert f"to go: 1 cell on 1 data set, {read} here" in capsys.readouterr().err


@pytest.mark.slow
def test_what_takes_more_than_a_moment_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.run.progress.MOMENT", 0.01)
    with Progress().waiting("reading"):
        time.sleep(0.5)
    with Progress(quiet=True).waiting("reading quietly"):
        time.sleep(0.1)
    assert capsys.readouterr().err == "reading\n"


def test_the_version_names_the_protocols_as_well() -> None:
    said = invoke("--version").output
    assert re.match(r"smpbench \d+\.\d+\.\d+, protocol version 1, in ", said)


def test_list_says_what_is_at_hand_and_how_the_rest_is_got(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMPBENCH_RAW", raising=False)
    (tmp_path / "mine" / "musk_tweets").mkdir(parents=True)
    said = invoke("list", "--home", tmp_path, "--raw", tmp_path / "mine").output
    at_hand, rest = said.partition("Data sets that are not at hand")[::2]
    assert "musk_tweets" in at_hand and str(tmp_path / "mine" / "musk_tweets") in at_hand
    assert "demo_tweets" in at_hand and "made here when it is first used" in at_hand
    assert "smp-challenge.com" in rest and "`smpbench data -d twitter_ratio`" in rest
    told = json.loads(invoke("list", "--json", "--home", tmp_path).output)
    named = {one["dataset"]: one for one in told["datasets"]}
    assert named["demo_tweets"]["at_hand"] and not named["musk_tweets"]["at_hand"]
    assert {"ridge", "lightgbm"} <= {one["baseline"] for one in told["baselines"]}


@pytest.mark.parametrize(
    ("spec", "answer"),
    [
        (
            "posts.csv",
            "`smpbench new dataset {folder}/posts.csv` looks at it and writes a card.toml; then: -d ",
        ),
        ("folder", "is a folder without a card. `smpbench new dataset {folder}/folder`"),
        ("nowhere.csv", "nothing is at {folder}/nowhere.csv"),
        ("musk_tweet.csv", "nothing is at {folder}/musk_tweet.csv; did you mean 'musk_tweets'"),
    ],
)
def test_a_file_that_is_no_card_is_answered_with_how_one_is_made(
    spec: str, answer: str, tmp_path: Path
) -> None:
    (tmp_path / "posts.csv").write_text("id,likes\n1,2\n")
    (tmp_path / "folder").mkdir()
    error = invoke("run", "-d", tmp_path / spec, "--home", tmp_path / "home").exception
    assert isinstance(error, CardError)
    assert answer.format(folder=tmp_path) in str(error)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["run", "--seeds", "three"], "'--seeds': 'three': "),
        (["run", "--time-limit", "0"], "'--time-limit': '0': "),
        (["compare", "ridge", "mlp", "--margin", "5"], "'--margin': '5': "),
        (["rum"], "No such command 'rum'. Did you mean 'run'?"),
        (["new", "datset"], "No such command 'datset'. Did you mean 'dataset'?"),
        (["run", "--sedes", "3"], "--sedes"),
    ],
)
def test_a_wrong_option_is_answered_with_its_name_and_value(arguments: list[str], answer: str) -> None:
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert answer in done.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["table", "-d", "demo_tweets"], "the board has no scores yet"),
        (["compare", "ridge", "nowhere.csv"], "/nowhere.csv: give the path of a leaderboard.csv"),
        (["aggregate", "--format", "lates"], "unknown format 'lates'; did you mean 'latex'?"),
        (["aggregate", "--missing", "imput"], "unknown policy 'imput'; did you mean 'impute'?"),
        (["table", "-d", "x", "--format", "jsn"], "unknown format 'jsn'; did you mean 'json'?"),
        (["run", "-b", "README.md"], "README.md is no baseline: that is a file that ends in .py, or a name"),
        (["check", "nowhere/mine.py"], "/nowhere/mine.py"),
        (["check", "nowhere/folder"], "nothing is at "),
        (["run", "--profile", "bundeld"], "did you mean 'bundled'? A file of your own"),
        (["posts", "-d", "demo_tweets", "-t", "engagment"], "task of demo_tweets 'engagment'; did you mean"),
    ],
)
def test_a_wrong_value_of_an_option_is_named_with_what_is_near(
    arguments: list[str], answer: str, tmp_path: Path
) -> None:
    home = [] if arguments[0] == "check" else ["--home", str(tmp_path)]
    error = invoke(*arguments, *home).exception
    assert isinstance(error, SmpbenchError)
    assert answer in str(error)


@pytest.mark.slow
def test_a_shell_completes_names_without_loading_anything() -> None:
    assert completion.datasets("demo_t") == ["demo_tweets"]
    assert completion.baselines("lightg") == ["lightgbm"]
    assert "lightgbm:+history" in completion.baselines("lightgbm:+h")
    assert completion.baselines("nothing:") == []
    assert "engagement" in completion.tasks("eng") and completion.measures("spear") == ["spearman"]
    code = """
import sys
from smpbench.cli import completion
from smpbench.cli.beginning import begun
completion.datasets(""), completion.baselines("r"), completion.tasks("")
heavy = ("torch", "pandas", "pyarrow", "sklearn", "scipy", "lightgbm")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.slow
def test_a_run_says_what_it_will_do_shows_a_first_table_and_ends_in_one_with_a_sentence(
    tmp_path: Path,
) -> None:
    World.make(tmp_path, posts=120)
    mine = write_baseline(tmp_path / "mine", "mine", "")
    arguments = ["-d", tmp_path / "card.toml", "-t", "one", "-p", "frozen", "--home", tmp_path / "home"]
    named = [word for name in ("global_median", "recent_median", "last_value") for word in ("-b", name)]
    done = smpbench("run", *arguments, *named, "-b", mine, "--no-plots")
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert "at hand" in said[0]
    assert said[1].startswith("4 cells to compute: ") and "Ctrl-C at any time" in said[1]
    first = said.index("a first table:")
    assert first < next(place for place, line in enumerate(said) if "frozen mine seed 0" in line)
    assert "one, frozen" in said[first + 1]
    for name in ("global_median", "recent_median", "last_value", "mine"):
        assert f" {name} " in done.stdout
    *_, verdict, _, last = done.stdout.splitlines()
    assert "posts" in verdict and verdict.endswith(".")
    page = Path(last.removeprefix("the whole board: "))
    assert page == tmp_path / "home" / "leaderboard" / "index.html" and page.is_file()
    again = smpbench("run", *arguments, *named, "-b", mine, "--quiet", "--json")
    assert again.stderr == ""
    told = json.loads(again.stdout)
    assert told["cells"] == {"reused": 4} and told["problems"] == [] and not told["interrupted"]
    (table,) = told["tables"]
    assert table["verdict"] == verdict and table["measure"] == "mae"
    assert {line["row"] for line in table["lines"]} == {
        *("global_median", "recent_median", "last_value", "mine")
    }
    assert all(line["ran"] and line["low"] <= line["score"] <= line["high"] for line in table["lines"])
    board = json.loads(invoke("board", "--json", "--home", tmp_path / "home").stdout)
    assert [one["verdict"] for one in board["tables"]] == [verdict] and "leaderboard.csv" in board["files"]
    checked = json.loads(invoke("verify", "--json", "--home", tmp_path / "home").stdout)
    assert checked == {"checked": 4, "differences": [], "notes": checked["notes"]}


def interrupted(
    arguments: list[str | Path], until: Callable[[str], bool], folder: Path
) -> tuple[int, str, str]:
    """Start a run, press Ctrl-C once it has said something; exit status, standard output, what it said."""
    command = [sys.executable, "-c", "from smpbench.cli.main import main; main()", *map(str, arguments)]
    env = {**os.environ, "PYTHONSAFEPATH": "1"}
    out = folder / "stdout"
    with out.open("w") as stdout:
        run = subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=stdout, stderr=subprocess.PIPE)
        assert run.stderr is not None
        said = ""
        for line in run.stderr:
            said += line
            if until(line):
                run.send_signal(signal.SIGINT)
                break
        said += run.stderr.read()
        return run.wait(PATIENCE), out.read_text(), said


@pytest.mark.slow
def test_ctrl_c_in_a_cell_writes_the_board_of_what_is_finished_and_says_how_to_go_on(tmp_path: Path) -> None:
    World.make(tmp_path, posts=120)
    slow = "def fit(self, train, y):\n    time.sleep(600)"
    mine = write_baseline(tmp_path / "mine", "sleeper", slow)
    home = tmp_path / "home"
    chosen = ["-t", "one", "-p", "frozen", "-b", "global_median", "-b", mine, "--home", home]
    status, shown, said = interrupted(
        ["run", "-d", tmp_path / "card.toml", *chosen], lambda line: "[1/2]" in line, tmp_path
    )
    assert status == 130
    assert "interrupted after 1 cells, which are kept" in said and "Traceback" not in said
    assert f"to go on from here: smpbench run -d {tmp_path / 'card.toml'}" in said
    assert "global_median" in shown and (home / "leaderboard" / "index.html").is_file()
    assert smpbench("verify", "--home", home).returncode == 0


@pytest.mark.slow
def test_ctrl_c_before_anything_is_finished_says_how_to_go_on(tmp_path: Path) -> None:
    arguments = ["run", "-d", "demo_tweets", "-b", "global_median", "--home", tmp_path / "home"]
    status, shown, said = interrupted(arguments, lambda line: "to compute" in line, tmp_path)
    assert status == 130 and shown == ""
    assert "interrupted; what is finished is kept. To go on from here: smpbench run" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_the_demo_ends_in_a_table_of_three_rows(tmp_path: Path) -> None:
    done = smpbench("demo", "--home", tmp_path / "home")
    assert done.returncode == 0, done.stderr
    for name in ("recent_median", "ridge", "lightgbm:metadata"):
        assert f" {name} " in done.stdout
    assert "(synthetic)" in done.stdout and "smpbench new dataset posts.csv" in done.stderr
    assert "the whole board: " in done.stdout.splitlines()[-1]
