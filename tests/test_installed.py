"""Installed without its checkout, the suite says where to go and shows nothing that is silently wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from raw_layouts import ROOT

PACKAGES = ("baselines", "benchmark", "desk", "leaderboard", "smpbench")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel would unpack: the packages' code, and neither data sets nor results beside them."""
    site = tmp_path_factory.mktemp("site")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            copy = site / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return site


def run(site: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    environment.pop("SMPBENCH_HOME", None)
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, timeout=120)


COMMAND = "from smpbench.cli.main import main; main()"


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["list"], ["run", "-b", "recent_median"], ["board"], ["prepare"], ["verify"], ["data"], ["publish"]],
    ids=lambda arguments: arguments[0],
)
def test_a_command_is_answered_with_one_line_that_says_where_to_go(site: Path, arguments: list[str]) -> None:
    before = sorted(path for path in site.rglob("*") if "__pycache__" not in path.parts)
    done = run(site, COMMAND, *arguments)
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"smpbench: no data sets lie beside the package in {site}: ")
    assert line.endswith("Clone the repository and run `make install` there")
    assert sorted(path for path in site.rglob("*") if "__pycache__" not in path.parts) == before


def test_help_is_to_be_had(site: Path) -> None:
    assert "Usage" in run(site, COMMAND, "--help").stdout


@pytest.mark.slow
@pytest.mark.parametrize("call", ["task('demo_tweets')", "datasets()", "baselines()", "task('my/card.toml')"])
def test_the_door_for_python_says_the_same(site: Path, call: str) -> None:
    done = run(site, f"import smpbench as smp; smp.{call}")
    assert "SmpbenchError: no data sets lie beside the package" in done.stderr.splitlines()[-1]
