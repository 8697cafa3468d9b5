"""Slurm, by the local executor of submitit: jobs are processes of this machine, else all is as on one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import PATIENCE
from worlds import BASELINES, World

from benchmark import PROJECT

pytestmark = pytest.mark.slow


def run(world: World, *told: str) -> subprocess.CompletedProcess[str]:
    call = [
        *(sys.executable, "-m", "smpbench", "run", "-d", str(world.card.folder / "card.toml")),
        *("-b", str(BASELINES / "recent_median.py"), "-b", str(BASELINES / "ridge.py")),
        *("-t", "one", "-p", "frozen", "--threads", "1", "--memory-limit", "2", "--no-plots"),
        *("--home", str(world.home), "--engine", "slurm", "--jobs", "2", *told),
    ]
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONSAFEPATH": "1"}
    return subprocess.run(call, capture_output=True, text=True, env=environment, timeout=PATIENCE)


def test_cells_come_byte_for_byte_to_what_they_come_to_without(tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    world = World.make(tmp_path / "world")
    alone = world.copied_to(tmp_path / "alone")
    alone.with_only("one", "frozen").run(
        BASELINES / "recent_median.py", BASELINES / "ridge.py", told_threads=1
    )
    ended = run(world, "--slurm", "cluster=local")
    assert ended.returncode == 0, ended.stderr
    mine, theirs = world.predictions(), alone.predictions()
    assert mine.keys() == theirs.keys()
    assert all(mine[name].equals(theirs[name]) for name in mine)
    assert {one.run.environment["engine"] for one in world.results().values()} == {"slurm"}


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (["--slurm", "partition"], "write NAME=VALUE"),
        (["--slurm", "cluster=local", "--slurm", "colour=blue"], "Slurm cannot be used here"),
        ([], "Slurm cannot be used here"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, told: list[str], says: str) -> None:
    pytest.importorskip("submitit")
    ended = run(World.make(tmp_path / "world"), *told)
    assert ended.returncode == 1
    assert says in ended.stderr.strip().splitlines()[-1]
    assert "Traceback" not in ended.stderr
