"""The board of results here together with those that others have published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_published import put
from typer.testing import CliRunner

from benchmark import PROJECT
from benchmark.errors import StoreError
from leaderboard.board.merged import csv, merged, read_csv
from leaderboard.board.write import differences, publish_board, write_board
from leaderboard.publishing.results import check_published
from leaderboard.tables.rows import NAME, identity
from leaderboard.tables.scores import COLUMNS
from smpbench.cli.main import app


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two tables with a reference and two models each, their board, and what is published of them."""
    for dataset in ("posts", "films"):
        put(tmp_path / "runs", "recent_median", 1.5, dataset=dataset)
        put(tmp_path / "runs", "model", 1.0, dataset=dataset)
        put(tmp_path / "runs", "other_model", 1.2, dataset=dataset)
    write_board(tmp_path / "runs", tmp_path / "leaderboard")
    publish_board(tmp_path / "runs", tmp_path / "leaderboard", {"posts", "films"})
    return tmp_path


def board_text(home: Path, name: str = "leaderboard.csv") -> str:
    return (home / "leaderboard" / name).read_text()


def write(home: Path) -> None:
    write_board(home / "runs", home / "leaderboard")


def test_a_board_without_any_run_is_that_of_the_published_results(home: Path) -> None:
    before = {name: board_text(home, name) for name in ("leaderboard.csv", "slices.csv", "LEADERBOARD.md")}
    shutil.rmtree(home / "runs")
    write(home)
    assert {name: board_text(home, name) for name in before} == before
    assert differences(home / "runs", home / "leaderboard") == []


def test_running_one_data_set_leaves_the_published_tables_of_the_others(home: Path) -> None:
    before = read_csv(board_text(home))
    shutil.rmtree(home / "runs")
    put(home / "runs", "model", 0.5, dataset="films")
    write(home)
    after = read_csv(board_text(home))
    kept, written = (board[board["dataset"] == "posts"] for board in (after, before))
    assert csv(kept) == csv(written)
    assert csv(after[after["dataset"] == "films"]) != csv(before[before["dataset"] == "films"])


def test_a_new_row_is_ranked_and_paired_with_those_that_are_published_on_the_same_posts(home: Path) -> None:
    shutil.rmtree(home / "runs" / "posts" / "likes" / "frozen" / "model")
    shutil.rmtree(home / "runs" / "posts" / "likes" / "frozen" / "recent_median")
    put(home / "runs", "newcomer", 0.3)
    found = merged(home / "runs", home / "leaderboard").board
    mae = found[(found["dataset"] == "posts") & (found["metric"] == "mae")].set_index("baseline")
    assert list(mae.sort_values("rank").index) == ["newcomer", "model", "other_model", "recent_median"]
    assert mae["delta_best_low"]["model"] > 0, "the paired interval is derived from published predictions"
    assert mae["skill"]["newcomer"] > 0, "against the published reference"


def test_a_row_that_was_run_here_stands_for_the_published_one_of_its_name(home: Path) -> None:
    shutil.rmtree(home / "runs" / "posts" / "likes" / "frozen" / "model")
    put(home / "runs", "model", 0.1)
    board = merged(home / "runs", home / "leaderboard").board
    mae = board[(board["dataset"] == "posts") & (board["metric"] == "mae")]
    assert list(mae["baseline"]).count("model") == 1
    assert mae.set_index("baseline")["score"]["model"] < 0.2


def test_a_table_on_newer_data_is_not_mixed_with_published_rows(home: Path) -> None:
    shutil.rmtree(home / "runs")
    put(home / "runs", "model", 1.0, truth_key="b" * 64)
    board = merged(home / "runs", home / "leaderboard").board
    assert set(board[board["dataset"] == "posts"]["baseline"]) == {"model"}


def test_a_board_that_is_not_that_of_the_published_rows_is_refused(home: Path) -> None:
    shutil.rmtree(home / "runs")
    path = home / "leaderboard" / "leaderboard.csv"
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if ",other_model," in line and ",mae," in line)
    score = read_csv("\n".join([lines[0], lines[at]]))["score"][0]
    lines[at] = lines[at].replace(f",{score:.6g},", ",0.001,", 1)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(StoreError, match=r"other_model.* mae is 0\.001; it was published as .*git checkout"):
        merged(home / "runs", home / "leaderboard")
    path.unlink()
    with pytest.raises(StoreError, match="is missing"):
        merged(home / "runs", home / "leaderboard")


def test_publishing_a_part_keeps_what_others_have_published(home: Path) -> None:
    shutil.rmtree(home / "runs")
    put(home / "runs", "newcomer", 0.3)
    written = publish_board(home / "runs", home / "leaderboard", {"posts"})
    assert {path.name.split("__")[0] for path in written} == {
        "newcomer",
        "model",
        "other_model",
        "recent_median",
    }
    assert (home / "leaderboard" / "results" / "films").is_dir()
    with pytest.raises(StoreError, match="nothing to publish"):
        publish_board(home / "runs", home / "leaderboard", {"films"})


def test_the_csv_read_again_is_the_csv(home: Path) -> None:
    put(home / "runs", "broken", status="failed", reason='says "no", twice\nand more')
    write(home)
    text = board_text(home)
    assert csv(read_csv(text)) == text


@pytest.mark.slow
def test_the_projects_own_published_results_are_sound_and_those_of_its_board(tmp_path: Path) -> None:
    folder = PROJECT / "leaderboard"
    assert check_published(folder / "results") == []
    found = merged(tmp_path, folder)
    published = {identity(row) for row in found.rows}
    assert published, "the board of the real data sets is published"
    lines = read_csv((folder / "leaderboard.csv").read_text(encoding="utf-8"))
    real = lines[~lines["dataset"].str.startswith("demo_")]
    assert set(real[NAME].itertuples(index=False, name=None)) == published
    assert csv(found.board[COLUMNS]) == csv(real[COLUMNS])


def test_check_says_whether_a_folder_of_results_is_sound(home: Path) -> None:
    results = home / "leaderboard" / "results"
    told = CliRunner().invoke(app, ["check", str(results), "--home", str(home)])
    assert told.exit_code == 0, told.output
    assert "ok: 6 rows in 2 tables" in told.output

    told = CliRunner().invoke(app, ["check", str(results), "--home", str(home / "elsewhere")])
    assert told.exit_code == 0
    assert "not derived anew: films/likes/frozen" in told.output

    next(results.glob("posts/*/*/model*/predictions.parquet")).write_bytes(b"")
    told = CliRunner().invoke(app, ["check", str(results), "--home", str(home)])
    assert told.exit_code == 1
    assert "broken: " in told.output and "checksum" in told.output

    told = CliRunner().invoke(app, ["check", str(home / "runs"), "--home", str(home)])
    assert told.exit_code == 1
