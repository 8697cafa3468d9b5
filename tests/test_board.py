"""The board of results here together with those that others have published."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from browsers import renamed
from stored import TABLE, published, put_predictions, texts
from typer.testing import CliRunner
from worlds import BASELINES, World

from benchmark import PROJECT
from benchmark.errors import StoreError
from benchmark.run.store import Store
from leaderboard.board.merged import csv, merged, published_board, read_csv
from leaderboard.board.write import (
    differences,
    publish_rows,
    published_differences,
    write_board,
    write_published,
)
from leaderboard.page.page import embedded
from leaderboard.publishing.check import check_published
from leaderboard.publishing.results import read_published
from leaderboard.tables.scores import COLUMNS
from smpbench.cli.main import app

pytestmark = pytest.mark.slow

FILES = {"leaderboard.csv", "slices.csv", "LEADERBOARD.md", "index.html"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables with a reference and two models each, and the published board of them."""
    home = tmp_path_factory.mktemp("made")
    for dataset in ("posts", "films"):
        put_predictions(home / "runs", "recent_median", 1.5, dataset=dataset)
        put_predictions(home / "runs", "model", 1.0, dataset=dataset)
        put_predictions(home / "runs", "other_model", 1.2, dataset=dataset)
    published(home / "runs", home / "published")
    write_published(home / "published")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def write(home: Path) -> Path:
    """The board of the home and of what is published there."""
    write_board(home / "runs", home / "leaderboard", home / "published" / "results")
    return home / "leaderboard"


def board_of(home: Path) -> pd.DataFrame:
    return merged(home / "runs", home / "published" / "results").board


def by_mae(board: pd.DataFrame, dataset: str = "posts") -> pd.DataFrame:
    return board[(board["dataset"] == dataset) & (board["measure"] == "mae")].set_index("baseline")


def without_rows(home: Path) -> None:
    """The labels stay: as on a machine that has prepared the data, and has run something else."""
    for folder in Store(home / "runs").folders():
        shutil.rmtree(folder)


# The published board


def test_the_published_board_is_the_same_text_with_labels_and_without(home: Path) -> None:
    before = texts(home / "published")
    assert set(before) > FILES
    shutil.rmtree(home / "runs")
    write_published(home / "published")
    assert texts(home / "published") == before
    assert published_differences(home / "published") == []


def test_what_lies_in_the_run_store_does_not_change_the_published_board(home: Path) -> None:
    before = texts(home / "published")
    put_predictions(home / "runs", "newcomer", 0.3)
    put_predictions(home / "runs", "model", 0.1, code_hash="e" * 64, created="2026-03-01T00:00:00.000+00:00")
    write_published(home / "published")
    assert texts(home / "published") == before


def test_with_the_labels_at_hand_intervals_are_derived_to_the_digit_that_is_published(home: Path) -> None:
    without_rows(home)
    derived = merged(home / "runs", home / "published" / "results")
    told = published_board(home / "published" / "results")
    assert all(row.labelled for row in derived.rows) and not any(row.labelled for row in told.rows)
    assert csv(derived.board) == csv(told.board)
    assert csv(derived.slices) == csv(told.slices)


@pytest.mark.slow
def test_a_number_changed_in_a_file_of_the_published_board_is_found(home: Path) -> None:
    for name in FILES:
        path = home / "published" / name
        text = path.read_text()
        path.write_text(renamed(path, "other_model", "best_model"))
        (found,) = published_differences(home / "published")
        assert str(path) in found
        path.write_text(text)
        path.unlink()
        assert published_differences(home / "published") == [f"{path}: is missing"]
        path.write_text(text)
    assert published_differences(home / "published") == []


# The board of a home


def test_a_board_without_any_run_is_that_of_the_published_results(home: Path) -> None:
    shutil.rmtree(home / "runs")
    board = write(home)
    assert {path.name for path in board.iterdir()} == FILES
    for name in FILES - {"index.html"}:
        assert (board / name).read_bytes() == (home / "published" / name).read_bytes()
    told, published = (
        embedded((folder / "index.html").read_text()) for folder in (board, home / "published")
    )
    assert published.pop("beside") and not told.pop("beside"), "results lie beside one of them"
    assert told == published
    found = merged(home / "runs", home / "published" / "results")
    assert len(by_mae(found.board)) == len(by_mae(found.board, "films")) == 3
    assert differences(board, found) == []


def test_running_one_data_set_leaves_the_published_tables_of_the_others(home: Path) -> None:
    before = read_csv((home / "published" / "leaderboard.csv").read_text())
    shutil.rmtree(home / "runs" / "posts")
    without_rows(home)
    put_predictions(home / "runs", "model", 0.5, dataset="films")
    after = board_of(home)
    kept, written = (board[board["dataset"] == "posts"] for board in (after, before))
    assert csv(kept) == csv(written)
    assert csv(after[after["dataset"] == "films"]) != csv(before[before["dataset"] == "films"])


def test_own_rows_stand_among_published_ones_with_paired_intervals(home: Path) -> None:
    without_rows(home)
    put_predictions(home / "runs", "newcomer", 0.3)
    mae = by_mae(board_of(home))
    assert list(mae.sort_values("rank").index) == ["newcomer", "model", "other_model", "recent_median"]
    assert mae["delta_best_low"]["model"] > 0, "the paired interval is derived from published predictions"
    own = mae["score_high"] - mae["score_low"]
    assert (mae["delta_best_high"] - mae["delta_best_low"])["model"] < own["model"] + own["newcomer"]
    assert mae["skill"]["newcomer"] > 0, "against the published reference"


def test_a_row_that_was_run_here_stands_for_the_published_one_of_its_name(home: Path) -> None:
    without_rows(home)
    put_predictions(home / "runs", "model", 0.1)
    mae = by_mae(board_of(home))
    assert list(mae.index).count("model") == 1
    assert mae["score"]["model"] < 0.2


def test_a_table_on_newer_data_is_not_mixed_with_published_rows(home: Path) -> None:
    without_rows(home)
    put_predictions(home / "runs", "model", 1.0, truth_key="b" * 64)
    assert set(by_mae(board_of(home)).index) == {"model"}


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_of_a_table_whose_labels_are_lost_the_rows_that_were_run_here_remain(home: Path, how: str) -> None:
    truth = home / "runs" / TABLE / f"truth-{'a' * 16}"
    shutil.rmtree(truth) if how == "lost" else (truth / "truth.parquet").write_bytes(b"PAR1")
    shutil.rmtree(home / "runs" / TABLE / "model")
    write(home)
    found = merged(home / "runs", home / "published" / "results")
    assert set(by_mae(found.board).index) == {"other_model", "recent_median"}
    assert len(by_mae(found.board, "films")) == 3
    (reason,) = found.left_out
    assert "the 1 published rows of posts/likes/frozen: its labels are missing, or damaged" in reason
    assert "1 published rows" in (home / "leaderboard" / "LEADERBOARD.md").read_text()


def test_tasks_that_are_not_named_are_left_as_they_are(home: Path) -> None:
    put_predictions(home / "runs", "newcomer", 0.3)
    put_predictions(home / "runs", "newcomer", 0.3, task="unfinished")
    written = publish_rows(home / "runs", home / "published", {"posts"}, ["likes"])
    assert {path.parts[-3] for path in written} == {"likes"}
    assert not (home / "published" / "results" / "posts" / "unfinished").exists()
    with pytest.raises(StoreError, match="holds no result of other of posts: there is nothing to publish"):
        publish_rows(home / "runs", home / "published", {"posts"}, ["other"])


def test_publishing_a_part_keeps_what_others_have_published(home: Path) -> None:
    without_rows(home)
    put_predictions(home / "runs", "newcomer", 0.3)
    films = texts(home / "published" / "results" / "films")
    written = publish_rows(home / "runs", home / "published", {"posts"})
    names = {path.name.split("__")[0] for path in written}
    assert names == {"newcomer", "model", "other_model", "recent_median"}
    assert texts(home / "published" / "results" / "films") == films
    assert check_published(home / "published" / "results", [home / "runs"]) == []
    with pytest.raises(StoreError, match="nothing to publish"):
        publish_rows(home / "runs", home / "published", {"films"})


def test_further_seeds_of_a_published_row_join_those_that_are_published(home: Path) -> None:
    without_rows(home)
    put_predictions(home / "runs", "model", seed=1)
    put_predictions(home / "runs", "model", seed=2)
    assert seeds_published(home) == [0, 1, 2]
    assert check_published(home / "published" / "results", [home / "runs"]) == []


@pytest.mark.parametrize("otherwise", [{"code_hash": "c" * 64}, {"row_key": "r" * 64}])
def test_seeds_of_other_code_or_encoders_take_the_place_of_a_published_row(
    home: Path, otherwise: dict[str, str]
) -> None:
    without_rows(home)
    put_predictions(home / "runs", "model", seed=1, **otherwise)
    assert seeds_published(home) == [1]


def seeds_published(home: Path) -> list[int]:
    """Of the model, once what was run here is published."""
    publish_rows(home / "runs", home / "published", {"posts"})
    results = read_published(home / "published" / "results")
    (row,) = [one for one in results if one.row.name[:4] == ("posts", "likes", "frozen", "model")]
    return [run.seed for run in row.told.runs]


def test_the_csv_read_again_is_the_csv(home: Path) -> None:
    put_predictions(home / "runs", "broken", status="failed", reason='says "no", twice\nand more')
    text = (write(home) / "leaderboard.csv").read_text()
    assert "says" in text
    assert csv(read_csv(text)) == text
    assert list(read_csv(text).columns) == COLUMNS


@pytest.mark.slow
def test_the_projects_own_published_results_are_sound_and_those_of_its_board(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("leaderboard.together.aggregate.ELO_ROUNDS", 200)  # as it was written
    folder = PROJECT / "leaderboard" / "published"
    assert check_published(folder / "results") == []
    assert published_differences(folder) == []


# Which files change


@pytest.fixture
def tracked(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of git that holds a published board, and is the one that commands read."""
    shutil.rmtree(home / "published" / "results" / "films")
    write_published(home / "published")
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(home / "published"))
    git(home / "published", "init", "--quiet")
    git(home / "published", "add", ".")
    git(home / "published", "commit", "--quiet", "-m", "published")
    return home / "published"


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def smpbench(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, f"{done.output} {done.exception!r}"
    return done.output


@pytest.mark.slow
def test_no_command_but_publish_changes_a_tracked_file(tracked: Path, tmp_path: Path) -> None:
    before = git(PROJECT, "status", "--porcelain")
    world = World.make(tmp_path / "world", posts=400).with_only("one", "frozen")
    card, home = world.card.folder / "card.toml", ("--home", world.home)
    smpbench("prepare", "-d", card, *home)
    smpbench("run", "-d", card, "-b", "global_median", "-b", "recent_median", "-p", "frozen", *home)
    stored = next(Store(world.home / "runs").results())
    predicted = stored.predictions().to_pandas()
    predicted.to_csv(tmp_path / "mine.csv", index=False)
    smpbench("score", "-d", card, "-t", stored.about.task, "--name", "mine", tmp_path / "mine.csv", *home)
    smpbench("board", *home)
    smpbench("rescore", "-d", card, *home)
    smpbench("compare", "global_median", "recent_median", *home)
    smpbench("compare", "global_median", BASELINES / "user_median.py", "-d", card, *home)
    smpbench("aggregate", "-d", card, *home)
    smpbench("verify", "-d", card, *home)
    assert (world.home / "leaderboard" / "index.html").is_file()
    assert git(tracked, "status", "--porcelain") == ""
    assert git(PROJECT, "status", "--porcelain") == before

    told = smpbench("publish", "-d", card, *home)
    assert "wrote " in told
    changed = git(tracked, "status", "--porcelain")
    assert {line.split()[-1] for line in changed.splitlines()} >= FILES | {f"results/{world.card.name}/"}
    assert git(PROJECT, "status", "--porcelain") == before
    smpbench("verify", "-d", card, *home)


@pytest.mark.slow
def test_check_says_whether_a_folder_of_results_is_sound(home: Path) -> None:
    results = home / "published" / "results"
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
