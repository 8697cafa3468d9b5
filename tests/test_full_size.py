"""What every baseline costs at full size, tried at two small sizes: steps, rows, and what is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmark import PROJECT
from benchmark.errors import StoreError
from tools.full_size import Cost, costs_of, print_table, rows_of
from tools.scale import made_up_card

SIZES = (200, 400)
"""Posts: from as few on as the generator makes. Their texts and a few pictures have to be encoded."""


def measured(home: Path, *arguments: str) -> str:
    command = [
        sys.executable,
        "-m",
        "tools.full_size",
        "--home",
        str(home),
        "--posts",
        *map(str, SIZES),
        *arguments,
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_each_part_and_each_row_is_measured_at_each_size_and_what_is_done_is_kept(tmp_path: Path) -> None:
    table = measured(tmp_path, "-b", "recent_median", "-b", "ridge")
    for part in ("generate", "prepare", "encode", "history", "score", "board"):
        assert f"| {part} |" in table
    for row in ("frozen recent_median", "frozen ridge", "rolling recent_median", "rolling ridge"):
        assert f"| {row} |" in table
    for posts in SIZES:
        home = tmp_path / str(posts)
        assert len(list((home / "raw").rglob("*.jpg"))) == posts // 50  # pictures of a part
        assert len(rows_of(home)) == 4
        assert all(cost.seconds > 0 and cost.gigabytes > 0 for cost in costs_of(home).values())
    assert measured(tmp_path, "--table").splitlines() == table[table.index("\n|") :].splitlines()


def test_how_seconds_grow_is_told_of_what_was_measured_at_both_sizes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for posts, seconds in ((1000, 1.0), (100_000, 100.0)):
        home = tmp_path / str(posts)
        home.mkdir()
        (home / "costs.json").write_text(f'{{"prepare": {list(Cost(seconds, 0.5))}}}')
    (tmp_path / "1000" / "costs.json").write_text('{"prepare": [1.0, 0.5], "encode": [2.0, 1.0]}')
    print_table({posts: tmp_path / str(posts) for posts in (1000, 100_000)})
    told = capsys.readouterr().out
    assert "| prepare | 1.0 s | 0.5 | 100.0 s | 0.5 | 1.00 |" in told
    assert "| encode | 2.0 s | 1.0 | | |  |" in told


def test_of_a_home_where_nothing_was_measured_there_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"{tmp_path}: no results lie there"):
        print_table({posts: tmp_path / str(posts) for posts in SIZES})


@pytest.mark.slow
def test_a_made_up_card_has_all_that_its_generator_runs_in_its_own_folder(tmp_path: Path) -> None:
    card = made_up_card(tmp_path / "home", 300, 20)
    made = tmp_path / "made"
    command = [sys.executable, str(card.with_name("generate.py")), "--posts", "300", "--out", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONSAFEPATH": "1"})
    assert done.returncode == 0, done.stderr
    assert len(list(made.rglob("*.jpg"))) == 20
