"""What lies where published files are expected is no trouble of the board, and text of data is only text."""

from __future__ import annotations

import csv as csv_format
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stored import TABLE, published, put, put_predictions

from benchmark.errors import StoreError
from benchmark.files import sha256_of
from benchmark.run.checksums import checksummed_text
from benchmark.run.store import PREDICTIONS
from benchmark.scores.score import SliceScore
from leaderboard.board.merged import csv, merged, published_board
from leaderboard.board.study import studies
from leaderboard.board.write import write_board, write_published
from leaderboard.page.page import embedded
from leaderboard.publishing import seed
from leaderboard.publishing.check import check_published
from leaderboard.publishing.pictures import DRAWN
from leaderboard.publishing.results import row_files
from leaderboard.publishing.row import ROW
from leaderboard.publishing.seed import PredictionsFile
from leaderboard.publishing.told import PAIRS
from leaderboard.publishing.told import TABLE as OF_TABLE
from leaderboard.tables.rows import read_rows
from leaderboard.tables.table import Derived

ROWS = {"recent_median", "model", "other"}
MODEL = TABLE / "model__default__none"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made")
    for name, error in (("recent_median", 1.5), ("model", 1.0), ("other", 1.2)):
        put_predictions(home / "runs", name, error)
    published(home / "runs", home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def become(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(results: Path) -> None:
        path = results / name
        shutil.move(path, results.parent / f"moved-{path.name}")
        make(path)

    return damage


def as_link(path: Path) -> None:
    home = next(one for one in path.parents if one.name == "results").parent
    path.symlink_to(home / f"moved-{path.name}")


OF_ONE_ROW = {
    "a row that is a pipe": become(f"{MODEL}/{ROW}", os.mkfifo),
    "a row that is a folder": become(f"{MODEL}/{ROW}", Path.mkdir),
    "a row that is a link": become(f"{MODEL}/{ROW}", as_link),
    "a row behind a link": become(str(MODEL), as_link),
}
OF_ALL_ROWS = {
    "a table that is a pipe": become(f"{TABLE}/{OF_TABLE}", os.mkfifo),
    "pairs that are a pipe": become(f"{TABLE}/{PAIRS}", os.mkfifo),
    "pairs that are a folder": become(f"{TABLE}/{PAIRS}", Path.mkdir),
    "a table behind a link": become(str(TABLE), as_link),
}
OF_NONE = {
    "pictures that are a pipe": become(f"{MODEL}/{DRAWN}", os.mkfifo),
    "pictures that are a folder": become(f"{MODEL}/{DRAWN}", Path.mkdir),
    "pictures that are a link": become(f"{MODEL}/{DRAWN}", as_link),
    "pictures of a million bins": become(
        f"{MODEL}/{DRAWN}",
        lambda path: path.write_text(
            '{"against": {"likes": {"low": 0, "high": 1, "bins": 1000000, "cells": []}}}'
        ),
    ),
    "pictures of single posts": become(
        f"{MODEL}/{DRAWN}",
        lambda path: path.write_text(
            '{"against": {"likes": {"low": 0, "high": 1, "bins": 2, "cells": [[0, 0, 1]]}}}'
        ),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", [*OF_ONE_ROW, *OF_ALL_ROWS, *OF_NONE])
def test_the_board_and_the_check_do_not_wait_or_follow(home: Path, what: str) -> None:
    results = home / "results"
    (OF_ONE_ROW | OF_ALL_ROWS | OF_NONE)[what](results)
    assert check_published(results)
    found = published_board(results)
    kept = {row.about.baseline for row in found.rows}
    if what in OF_ONE_ROW:
        assert kept == ROWS - {"model"} and len(found.left_out) == 1
    elif what in OF_ALL_ROWS:
        assert kept == set() and len(found.left_out) == 3
    else:
        assert kept == ROWS and found.left_out == ()


def test_a_page_without_pictures_says_why_and_names_no_folder_of_the_machine(home: Path) -> None:
    OF_NONE["pictures that are a pipe"](home / "results")
    write_published(home)
    text = (home / "index.html").read_text(encoding="utf-8")
    (row,) = (row for row in embedded(text)["rows"] if row["baseline"] == "model")
    assert row["plots"][0]["why"].startswith("pictures.json: is no plain file")
    assert str(home) not in text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a\x1b[31m.webp", "<img src=x>.webp", "=1.webp"])
def test_a_plot_whose_name_is_none_is_refused(home: Path, name: str) -> None:
    plot = home / "results" / MODEL / "plots" / name
    plot.parent.mkdir()
    plot.write_bytes(b"RIFF\0\0\0\0WEBP")
    assert any(
        "a plot is called by letters, digits" in problem for problem in check_published(home / "results")
    )
    assert {row.about.baseline for row in published_board(home / "results").rows} == ROWS


def test_predictions_that_unfold_beyond_all_measure_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / PREDICTIONS
    pq.write_table(pa.table({"post_id": ["p"] * 500, "likes/seed-0": np.zeros(500, np.float32)}), path)
    assert len(PredictionsFile(path, sha256_of(path)).table) == 500
    monkeypatch.setattr(seed, "MOST_NUMBERS", 999)
    with pytest.raises(StoreError, match="holds 500 posts in 2 columns; 999 numbers are allowed"):
        _ = PredictionsFile(path, sha256_of(path)).table


def test_folders_that_are_being_written_are_no_rows(home: Path) -> None:
    shutil.copytree(home / "results" / MODEL, home / "results" / TABLE / ".model.tmp")
    assert len(row_files(home / "results")) == 3


def test_a_row_in_the_folder_of_another_is_left_out(home: Path) -> None:
    shutil.copytree(home / "results" / MODEL, home / "results" / TABLE / "best__default__none")
    found = published_board(home / "results")
    assert {row.about.baseline for row in found.rows} == ROWS
    assert "best__default__none" in found.left_out[0] and "says that it is" in found.left_out[0]


def test_no_row_of_others_takes_the_place_of_the_reference(tmp_path: Path) -> None:
    put(tmp_path, "recent_median", 1.5)
    put(tmp_path, "recent_median", 9.0, variant="aaa")
    put(tmp_path, "recent_median", 7.0, crawl=True)
    reference = Derived(read_rows(tmp_path)).reference
    assert reference is not None
    assert (reference.about.variant, reference.about.crawl) == ("default", False)


def test_text_of_the_data_is_run_in_no_slice(tmp_path: Path) -> None:
    slices = tuple(
        SliceScore(target="likes", measure="mae", value=1.0, note=None, slice=name, n=9)
        for name in ("=1+1", "category=@x", "@x", "-a|b\n# c", "\t=1", "month=2021-01")
    )
    put(tmp_path / "runs", "recent_median", 1.5, slices=slices)
    write_board(tmp_path / "runs", tmp_path, tmp_path / "nothing")
    lines = list(csv_format.DictReader(io.StringIO((tmp_path / "slices.csv").read_text(encoding="utf-8"))))
    names = {line["slice"] for line in lines}
    assert names == {"'=1+1", "category=@x", "'@x", "'-a|b\n# c", "'\t=1", "month=2021-01"}


def test_settings_of_a_study_may_be_lists_and_hold_markup(tmp_path: Path) -> None:
    for number, inputs in enumerate((["text"], ["text", "<b>|x"])):
        settings = {"inputs": inputs, "loss": "mae"}
        study = {"settings": settings, "study": ("inputs", "loss"), "variant": f"inputs={number},loss=mae"}
        put(tmp_path, "model", 1.0 + number, **study)
    text = studies(read_rows(tmp_path))
    assert r"| text+\<b\>\|x |" in text and "loss: mae" in text


def test_studies_of_other_settings_are_tables_of_their_own(tmp_path: Path) -> None:
    for name in ("loss", "scaling"):
        put(tmp_path, "model", 1.0, settings={name: "a"}, study=(name,), variant=f"{name}=a")
    assert studies(read_rows(tmp_path)).count("**`model` on posts likes, frozen**") == 2


def test_a_reason_of_half_a_character_is_no_trouble(tmp_path: Path) -> None:
    put(tmp_path / "runs", "recent_median", 1.5)
    put(tmp_path / "runs", "odd", status="failed", reason="x")
    (page,) = (tmp_path / "runs" / TABLE / "odd").rglob("result.json")
    told = json.loads(page.read_text())
    told.pop("sha256")
    told["run"]["reason"] = "cannot open a\udcff.txt"
    page.write_text(checksummed_text(told))
    write_board(tmp_path / "runs", tmp_path, tmp_path / "nothing")
    (reason,) = merged(tmp_path / "runs", tmp_path / "nothing").left_out
    assert "run.reason: " in reason and reason.isprintable()


def test_rows_of_names_that_sort_oddly_keep_their_places(tmp_path: Path) -> None:
    for variant in ("+history", "_x", "Z", "a.b", "0", "a:b/c"):
        put(tmp_path / "runs", "model", 1.0, variant=variant)
    put(tmp_path / "runs", "recent_median", 1.5)
    found = merged(tmp_path / "runs", tmp_path / "nothing")
    told = {line["variant"] for line in csv_format.DictReader(io.StringIO(csv(found.board)))}
    assert told == {"default", "'+history", "_x", "Z", "a.b", "0", "a:b/c"}
