"""Hand-outs: what a model elsewhere may know, and nothing that it may not."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from predicted import board, prepared_world, question, smpbench, written
from table_sets import table_card
from typer.testing import CliRunner
from worlds import World

from benchmark.errors import DataError
from benchmark.outside.handout import Question, write_handout
from smpbench.cli.main import app


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A prepared data set, to be read only."""
    return prepared_world(tmp_path_factory.mktemp("trial"))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A prepared data set of the test's own."""
    return prepared_world(tmp_path)


def handed(world: World, folder: Path, protocol: str, **options: Any) -> dict[str, pd.DataFrame]:
    write_handout(question(world, protocol=protocol), folder, **options)
    read = pd.read_csv if options.get("form") == "csv" else pd.read_parquet
    return {path.stem: read(path) for path in folder.iterdir() if path.name != "README.txt"}


@pytest.mark.slow
def test_a_handout_holds_training_labels_and_no_test_label(trial: World, tmp_path: Path) -> None:
    files = handed(trial, tmp_path / "out", "frozen")
    asked = question(trial)
    assert files.keys() == {"train", "context", "test", "facts_readings", "facts_mentions"}
    assert files["test"]["post_id"].tolist() == asked.test_ids
    inputs = set(files["test"]) - {"predict_at"}
    assert not inputs & trial.card.targets.keys() and "followers" not in inputs
    assert set(files["train"]) == inputs | {"likes"} and set(files["context"]) == inputs
    labels = asked.posts.labels[asked.windows.train, 0]
    np.testing.assert_array_equal(files["train"]["likes"], labels)
    assert files["train"]["time"].max() < files["context"]["time"].max() < files["test"]["time"].min()


def test_a_rolling_handout_says_from_when_on_a_label_may_be_used(trial: World, tmp_path: Path) -> None:
    files = handed(trial, tmp_path / "out", "rolling")
    test, revealed = files["test"], files["revealed"]
    times = pd.concat([test, files["context"]]).set_index("post_id")["time"]
    assert len(test["predict_at"].unique()) > 1
    assert (test["predict_at"] <= test["time"]).all()
    assert (revealed["known_at"] - revealed["post_id"].map(times) >= pd.Timedelta(days=3)).all()
    assert set(revealed["known_at"]) <= set(test["predict_at"])
    assert not set(revealed["post_id"]) & set(files["train"]["post_id"])


@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_a_handout_holds_the_facts_known_by_its_last_block_and_none_known_later(
    protocol: str, trial: World, tmp_path: Path
) -> None:
    files = handed(trial, tmp_path / "out", protocol)
    last = files["test"]["predict_at"].max()
    for name in ("readings", "mentions"):
        every = question(trial).posts.prepared.facts(name).to_pandas()
        assert 0 < len(files[f"facts_{name}"]) < len(every)
        pd.testing.assert_frame_equal(files[f"facts_{name}"], every[every["known_at"] <= last])
    told = (tmp_path / "out" / "README.txt").read_text()
    assert f"facts_readings.parquet: {len(files['facts_readings']):,} facts" in told
    assert "use those with `known_at` <= p and no others" in told


def test_a_handout_in_csv_says_the_same(trial: World, tmp_path: Path) -> None:
    columns = handed(trial, tmp_path / "parquet", "frozen")["train"]
    text = handed(trial, tmp_path / "csv", "frozen", form="csv")["train"]
    assert list(text) == list(columns)
    np.testing.assert_allclose(text["likes"], columns["likes"], rtol=1e-14)
    given = columns["style"].notna()
    assert [len(json.loads(vector)) for vector in text.loc[given, "style"]] == [4] * given.sum()


def test_crawl_time_columns_are_handed_out_only_when_asked_for(trial: World, tmp_path: Path) -> None:
    assert "followers" in handed(trial, tmp_path / "out", "frozen", crawl=True)["test"]
    assert "--with-crawl" in (tmp_path / "out" / "README.txt").read_text()


def test_a_folder_that_exists_is_never_written_over(trial: World, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = smpbench(trial, "posts", "-t", "one", "-o", tmp_path)
    assert "exists already. Name a new folder with -o" in str(done.exception)
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.slow
def test_from_the_handout_to_a_row_with_the_command_that_it_names(world: World) -> None:
    folder = world.home / "out"
    done = smpbench(world, "posts", "-t", "one", "-o", folder, "--format", "csv")
    assert done.exit_code == 0, done.output
    train, test = pd.read_csv(folder / "train.csv"), pd.read_csv(folder / "test.csv")
    path = written(test[["post_id"]].assign(likes=train["likes"].median()), world.home / "predictions.csv")
    (command,) = [line for line in done.output.splitlines() if line.startswith("smpbench score")]
    _, *arguments, file = shlex.split(command)
    assert file == path.name
    scored = CliRunner().invoke(app, [*arguments, str(path), "--home", str(world.home)])
    assert scored.exit_code == 0, scored.output
    assert set(board(world)["baseline"]) == {"my_model"}


def test_a_data_set_that_is_not_prepared_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not prepared\. Run `smpbench prepare -d mine`"):
        Question.of(table_card(tmp_path), tmp_path, None, "frozen")
