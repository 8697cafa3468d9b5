"""The tools that damage homes and kill runs: what they do, and that they notice what is not mended."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from waiting import FOR_EVER, wait_until

from tools.faults import damage, kills, outcome
from tools.faults.damage import HOWS, PLAN, Case, Verdict, cases, judged, place
from tools.faults.outcome import Outcome, ended, without_costs

BOARD = "baseline,score,fit_seconds,predict_ms_per_post,peak_mb,rank\nridge,{score},{seconds},2,3,1\n"
TRUTH = "runs/demo_tweets/engagement/frozen/truth-1/truth.parquet"


def board(score: float = 0.5, seconds: float = 1.0) -> str:
    return BOARD.format(score=score, seconds=seconds)


def finished(home: Path, score: float = 0.5, seconds: float = 1.0, predictions: bytes = b"1 2 3") -> Path:
    """As much of a finished home as the tools look at."""
    files = {
        "runs/demo_tweets/engagement/frozen/ridge/default/seed-0/ab/predictions.parquet": predictions,
        TRUTH: b"truth",
        "leaderboard/leaderboard.csv": board(score, seconds).encode(),
        "leaderboard/slices.csv": b"slice,score\nall,1\n",
        "runs/.locks/one.lock": b"",
    }
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
    return home


# What is compared


def test_boards_are_compared_without_what_a_run_cost() -> None:
    assert without_costs(board(seconds=1)) == without_costs(board(seconds=7))
    assert without_costs(board(score=0.5)) != without_costs(board(score=0.6))
    assert without_costs(board()).splitlines()[0] == "baseline,score,rank"


def test_an_outcome_tells_what_differs_what_is_missing_and_what_is_new(tmp_path: Path) -> None:
    calm = Outcome.of(finished(tmp_path / "calm"))
    assert calm.differences(Outcome.of(finished(tmp_path / "same", seconds=9))) == []
    other = finished(tmp_path / "other", score=0.6, predictions=b"1 2 4")
    (other / "leaderboard" / "slices.csv").unlink()
    told = calm.differences(Outcome.of(other))
    assert [line.rpartition("/")[2] for line in told] == [
        "predictions.parquet differs",
        "leaderboard.csv differs",
        "slices.csv is missing",
    ]
    assert Outcome.of(other).differences(calm)[-1] == "slices.csv is new"


# Damage


@pytest.mark.parametrize("how", HOWS)
def test_each_kind_of_damage_leaves_what_its_name_says(tmp_path: Path, how: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345678")
    HOWS[how](path)
    kind = stat.S_IFMT(path.lstat().st_mode) if os.path.lexists(path) else None
    kinds = {"removed": None, "folder": stat.S_IFDIR, "pipe": stat.S_IFIFO, "link": stat.S_IFLNK}
    assert kind == (kinds | {"loop": stat.S_IFLNK}).get(how, stat.S_IFREG)
    if kind == stat.S_IFREG:
        assert path.read_bytes() != b"12345678"


def test_the_plan_has_many_kinds_of_damage_in_many_places() -> None:
    planned = list(cases())
    assert len(PLAN) >= 20 and {one.how for one in planned} == set(HOWS)
    assert [one.how for one in cases("ids.json")] == ["cut", "removed", "pipe", "loop"]
    assert {one.how for one in cases("loop")} == {"loop"}


def test_a_place_means_one_path_of_a_home(tmp_path: Path) -> None:
    home = finished(tmp_path)
    assert place(home, f"{damage.FROZEN}/truth-*/truth.parquet") == home / TRUTH
    with pytest.raises(LookupError, match=r"nowhere means 0 paths below"):
        place(home, "nowhere")
    with pytest.raises(LookupError, match=r"leaderboard/\*\.csv means 2 paths"):
        place(home, "leaderboard/*.csv")


def run_that(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Instead of the command: this, in the home as `home`."""

    def started(home: Path, options: object = ()) -> subprocess.Popen[str]:
        command = [sys.executable, "-S", "-c", f"home = {str(home)!r}\n{code}"]
        pipe, out = subprocess.PIPE, subprocess.STDOUT
        return subprocess.Popen(command, stdout=pipe, stderr=out, text=True, start_new_session=True)

    monkeypatch.setattr(damage, "started", started)
    monkeypatch.setattr(damage, "unsound", lambda home: [])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "word", "fine"),
    [
        (f"open(home + '/{TRUTH}', 'w').write('truth')", "mended", True),
        ("pass", "DIFFERS", False),
        (f"print(home + '/{TRUTH} is damaged'); raise SystemExit(1)", "named", True),
        ("print('truth.parquet, row 3: not a number'); raise SystemExit(1)", "named", True),
        (
            "print(home + '/runs/demo_tweets/engagement/frozen/truth-1: is empty'); raise SystemExit(1)",
            "named",
            True,
        ),
        ("print('something is wrong'); raise SystemExit(1)", "UNNAMED", False),
        (f"raise OSError(home + '/{TRUTH}')", "TRACEBACK", False),
        (f"import time; time.sleep({FOR_EVER})", "HANGS", False),
    ],
)
def test_a_verdict_says_what_came_of_the_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, word: str, fine: bool
) -> None:
    run_that(monkeypatch, code)
    case = Case(f"{damage.FROZEN}/truth-*/truth.parquet", "removed")
    seconds = 0.5 if word == "HANGS" else 60
    verdict = judged(case, finished(tmp_path / "sound"), tmp_path / "home", seconds)
    assert (verdict.word, verdict.fine) == (word, fine)
    assert word in damage.table([verdict])
    assert (tmp_path / "sound" / TRUTH).read_bytes() == b"truth"


def test_what_reads_a_damaged_feature_is_computed_anew() -> None:
    assert Case("features/*/*/ids.json", "cut").unread == damage.RIDGE
    assert Case("raw/demo_tweets/tweets.csv", "cut").unread is None


def test_a_run_that_mends_everything_but_a_score_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, home = finished(tmp_path / "sound"), finished(tmp_path / "home")
    monkeypatch.setattr(damage, "unsound", lambda home: ["score mae is told as 1 and derived anew as 2"])
    assert damage.differences(sound, home) == ["score mae is told as 1 and derived anew as 2"]
    assert Verdict(Case("x", "cut"), 0, damage.differences(sound, home), None, False).word == "DIFFERS"


# Kills

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', 'import time; time.sleep({})'])"


@pytest.fixture
def run() -> subprocess.Popen[str]:
    """A process of a group of its own, with a child."""
    command = [sys.executable, "-S", "-c", PARENT.format(FOR_EVER)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: psutil.Process(started.pid).children(), "it had a child", started)
    return started


@pytest.mark.parametrize("worker", [False, True])
def test_a_kill_hits_the_parent_or_a_worker_and_what_lives_on_is_told(
    run: subprocess.Popen[str], worker: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "FAREWELL", 0.2)
    kill = kills.disturb(run, 0.01, worker, random.Random(0))
    assert kill is not None and kill.what == ("worker" if worker else "parent")
    wrong = kills.after(kill, run, tmp_path)
    (child,) = kill.below
    assert wrong == ([] if worker else [f"process {child.pid} lives on"])
    wait_until(lambda: not kills.lives(child), "the child was gone")


def test_a_run_that_is_over_is_not_killed() -> None:
    over = subprocess.Popen([sys.executable, "-S", "-c", ""], stdout=subprocess.PIPE, text=True)
    assert kills.disturb(over, FOR_EVER, False, random.Random(0)) is None
    assert ended(over, 1)[0] == 0


def test_a_home_that_came_out_otherwise_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "unsound", lambda home: [])
    storm = kills.Storm(Outcome.of(finished(tmp_path / "calm")))
    storm.compare(finished(tmp_path / "same", seconds=5))
    assert storm.problems == [] and "all as the undisturbed one" in kills.told(storm, 1)
    storm.compare(finished(tmp_path / "other", score=0.7))
    assert storm.problems == ["home 2: leaderboard.csv differs"] and "1 problems" in kills.told(storm, 1)


@pytest.mark.slow
def test_homes_that_are_damaged_and_runs_that_are_killed_come_out_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outcome, "BASELINES", ("recent_median",))
    assert damage.main(["--only", "facts_readings"]) == 0
    assert "2 kinds of damage, 0 neither mended nor named" in capsys.readouterr().out
    assert kills.main(["--times", "2"]) == 0
    assert "2 kills" in capsys.readouterr().out
