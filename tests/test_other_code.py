"""Published rows of other code than is here: named, with their table and baselines, and no difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stored import TABLE, published, put_predictions
from typer.testing import CliRunner

from benchmark.finding.code import code_hash
from benchmark.finding.discovery import baseline_files
from leaderboard.board.write import write_published
from leaderboard.publishing.other_code import of_other_code
from leaderboard.publishing.row import ROW
from smpbench.cli.main import app

HERE = {name: code_hash(path) for name, path in baseline_files().items()}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Three rows: of the code here, of other code, and of a baseline that is not here."""
    runs = tmp_path / "runs"
    put_predictions(runs, "recent_median", 1.0, code_hash=HERE["recent_median"])
    put_predictions(runs, "ridge", 0.5, code_hash="0" * 64)
    put_predictions(runs, "elsewhere", 0.6, code_hash="0" * 64)
    return published(runs, tmp_path / "published")


def test_a_table_tells_how_many_of_its_rows_are_of_other_code_and_which_they_are(results: Path) -> None:
    assert of_other_code(results, HERE) == [
        f"{TABLE}: 1 of 2 published rows were computed by other code than is here: ridge"
    ]


def test_nothing_is_said_where_all_is_of_this_code(results: Path) -> None:
    assert of_other_code(results, {"recent_median": HERE["recent_median"]}) == []


def test_a_row_that_cannot_be_read_is_left_to_the_check(results: Path) -> None:
    for path in results.rglob(ROW):
        path.write_text("{}")
    assert of_other_code(results, HERE) == []


def test_verify_notes_them_and_counts_no_difference(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_published(results.parent)
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(results.parent))
    done = CliRunner().invoke(app, ["verify", "--home", str(results.parent / "home"), "--json"])
    told = json.loads(done.stdout)
    noted = [note for note in told["notes"] if "other code" in note]
    assert noted == of_other_code(results, HERE)
    assert (done.exit_code, told["differences"]) == (0, [])
