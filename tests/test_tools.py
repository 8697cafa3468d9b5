"""Tools that read data sets and results: what is wrong is a sentence, and nothing looks like a finding."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark import PROJECT
from tools import command, network_judged
from tools.tables import ageing, averaged, bests

Main = Callable[[], object]


def stopped(main: Main) -> object:
    with pytest.raises(SystemExit) as stop:
        command.run(main)
    return stop.value.code


def test_what_is_wrong_with_its_input_is_told_in_a_sentence() -> None:
    told = stopped(lambda: network_judged.main(["-d", "musk_tweet"]))
    assert str(told).startswith("unknown data set 'musk_tweet'")
    assert "Traceback" not in str(told)


def test_after_ctrl_c_the_status_is_what_a_shell_expects() -> None:
    def main() -> None:
        raise KeyboardInterrupt

    assert stopped(main) == 130


@pytest.mark.parametrize("lines", [1, 100_000])
def test_whoever_has_read_enough_hears_no_more(lines: int) -> None:
    told = f"from tools import command; command.run(lambda: print('line\\n' * {lines}))"
    reads, writes = os.pipe()
    os.close(reads)  # as `head` leaves
    done = subprocess.run([sys.executable, "-c", told], cwd=PROJECT, stdout=writes, stderr=subprocess.PIPE)
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_mistake_of_its_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        command.run(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (ageing.main, ["FOLDER"]),
        (ageing.main, ["--home", "FOLDER"]),
        (averaged.main, ["--home", "FOLDER"]),
        (bests.main, ["FOLDER", "FOLDER"]),
    ],
)
def test_where_there_are_no_results_there_is_no_table_without_lines(
    main: Main,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [one.replace("FOLDER", str(tmp_path)) for one in arguments]
    monkeypatch.setattr(sys, "argv", ["tool", *given])
    assert str(stopped(main)).endswith("no results lie there")
    assert capsys.readouterr().out == ""
