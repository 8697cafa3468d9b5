"""Published results: what is committed, that nothing else is, and that a wrong file is found out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.errors import StoreError
from benchmark.files import sha256_of
from benchmark.run.store import PREDICTIONS, REPLICATES, TRUTH, seal
from benchmark.scores.scoring import predictions_table, scores
from leaderboard.publishing import results as published
from leaderboard.publishing.results import check_published, publish, read_published
from leaderboard.publishing.row import ROW, _checksum, row_name
from leaderboard.tables.rows import Row, read_rows
from leaderboard.tables.scores import leaderboard

POSTS, USERS = 120, 40
METRICS = ["spearman", "mae"]
LABELS = np.random.default_rng(0).normal(5, 1, POSTS)
TABLE = Path("posts", "likes", "frozen")


def truth_table() -> pa.Table:
    users = np.arange(POSTS) % USERS
    return pa.table(
        {
            "post_id": [f"p{i:03}" for i in range(POSTS)],
            "user": users,
            "time": pa.array(1_600_000_000_000 + np.arange(POSTS) * 86_400_000, pa.timestamp("ms", "UTC")),
            "cluster": users,
            "seen_in_training": users < 30,
            "category": pa.nulls(POSTS, pa.string()),
            "label_likes": LABELS,
        }
    )


def put(runs: Path, baseline: str, error: float = 1.0, *, posts: int = POSTS, **changed: Any) -> None:
    """Store a row whose predictions are off by about `error`, scored as every row is."""
    told: dict[str, Any] = {
        "version": 1,
        "key": "k" * 64,
        "truth_key": "a" * 64,
        "dataset": "posts",
        "title": "Some posts",
        "synthetic": False,
        "task": "likes",
        "targets": ["likes"],
        "metrics": METRICS,
        "protocol": "frozen",
        "protocol_version": "1",
        "baseline": baseline,
        "summary": "A row",
        "variant": "default",
        "settings": {},
        "study": [],
        "encoders": "none",
        "crawl": False,
        "seed": 0,
        "status": "ok",
        "reason": None,
        "data_fingerprint": "d" * 64,
        "code_hash": baseline.encode().hex().ljust(64, "0"),
        "created": "2026-01-01T00:00:00.000+00:00",
        "environment": {"python": "3.11.0", "platform": "Linux-of-someone"},
        "wall_seconds": 2.5,
    } | changed
    table = runs / told["dataset"] / told["task"] / told["protocol"]
    variant = told["variant"].replace("/", "_") + ("+crawl" if told["crawl"] else "")
    folder = table / baseline / variant / f"seed-{told['seed']}" / told["truth_key"][:16]
    folder.mkdir(parents=True)
    if told["status"] in ("ok", "ceiling"):
        truth = truth_table().slice(0, posts)
        put_truth(table / f"truth-{told['truth_key'][:16]}", truth, told)
        noise = np.random.default_rng([len(baseline), told["seed"]]).normal(0, 1, POSTS)
        points = (LABELS + error * noise)[:posts, None].astype(np.float32)
        quantiles = {level: points + np.float32(level - 0.5) for level in (0.1, 0.5, 0.9)}
        predictions = predictions_table(truth, ["likes"], points, quantiles)
        pq.write_table(predictions, folder / PREDICTIONS)
        found, sliced, replicates = scores(truth, predictions, ["likes"], METRICS)
        np.savez_compressed(folder / REPLICATES, **replicates)  # type: ignore[arg-type]
        told |= {"scores": found, "slices": sliced, "clusters": USERS, "n_train": 500, "n_test": posts}
        told |= {"fit_seconds": 2.0, "predict_seconds": 0.5, "peak_mb": 100.0}
    seal(folder, told)


def put_truth(folder: Path, truth: pa.Table, told: dict[str, Any]) -> None:
    if not folder.is_dir():
        folder.mkdir()
        pq.write_table(truth, folder / TRUTH)
        seal(folder, {"truth_key": told["truth_key"]})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a reference, a row of two seeds and one that was skipped; and what is published of it."""
    home = tmp_path_factory.mktemp("made")
    put(home / "runs", "recent_median", 1.5)
    put(home / "runs", "model", 1.0)
    put(home / "runs", "model", 1.0, seed=1)
    put(home / "runs", "looker", status="skipped", reason="needs image")
    publish(read_rows(home / "runs"), home / "results")
    return home


@pytest.fixture
def runs(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "runs", tmp_path / "runs"))


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "results", tmp_path / "results"))


def texts(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_published_rows_give_the_board_that_the_run_store_gives(runs: Path, results: Path) -> None:
    board = leaderboard(read_published(results, [runs]))
    expected = leaderboard(read_rows(runs))
    assert len(board) == 2 * 5 + 1, "four metrics and skill of two rows, and the row that was skipped"
    order = ["baseline", "metric"]
    pd.testing.assert_frame_equal(
        board.sort_values(order, ignore_index=True), expected.sort_values(order, ignore_index=True)
    )


def test_a_folder_holds_one_column_a_seed_and_no_label(results: Path) -> None:
    folder = results / TABLE / "model__default__none"
    assert sorted(path.name for path in folder.iterdir()) == [PREDICTIONS, ROW]
    file = pq.ParquetFile(folder / PREDICTIONS)
    points = ["likes/seed-0", "likes/seed-1"]
    quantiles = [f"likes@{level}/seed-{seed}" for seed in (0, 1) for level in (0.1, 0.5, 0.9)]
    assert sorted(file.schema_arrow.names) == sorted(["post_id", *points, *quantiles])
    assert {str(file.schema_arrow.field(name).type) for name in points + quantiles} == {"float"}
    assert {file.metadata.row_group(0).column(i).compression for i in range(9)} == {"ZSTD"}
    predicted = file.read()["likes/seed-0"].to_numpy()
    assert not np.isclose(predicted, LABELS, atol=1e-6).any()


def test_row_json_tells_provenance_scores_slices_and_costs_of_each_seed(results: Path) -> None:
    text = (results / TABLE / "model__default__none" / ROW).read_text()
    told = json.loads(text)
    assert text == json.dumps(told, indent=1, sort_keys=True) + "\n"
    assert (told["baseline"], told["truth_key"], told["code_hash"][:10]) == ("model", "a" * 64, "6d6f64656c")
    assert [seed["seed"] for seed in told["seeds"]] == [0, 1]
    for seed in told["seeds"]:
        assert seed["fit_seconds"] == 2.0
        assert {one["metric"] for one in seed["scores"]} == {"spearman", "mae", "pinball", "coverage"}
        assert {one["slice"] for one in seed["slices"]} >= {"seen_users", "unseen_users"}
        assert seed["environment"] == {"python": "3.11.0"}, "libraries, and nothing of the machine"
    assert told["files"] == {PREDICTIONS: sha256_of(results / TABLE / "model__default__none" / PREDICTIONS)}


def test_no_path_of_the_machine_is_published(runs: Path, tmp_path: Path) -> None:
    reason = "FileNotFoundError: '/home/someone/models/clip.bin' and C:\\Users\\someone\\x.bin; see https://a.org/b/c"
    put(runs, "broken", status="failed", reason=reason, settings={"weights": "/home/someone/w.bin"})
    publish(read_rows(runs), tmp_path / "out")
    text = (tmp_path / "out" / TABLE / "broken__default__none" / ROW).read_text()
    told = json.loads(text)
    assert "someone" not in text
    assert told["seeds"][0]["reason"] == "FileNotFoundError: 'clip.bin' and x.bin; see https://a.org/b/c"
    assert told["settings"] == {"weights": "w.bin"}


def test_publishing_again_changes_no_byte(runs: Path, results: Path) -> None:
    before = texts(results)
    publish(read_rows(runs), results)
    assert texts(results) == before


def test_rows_that_are_gone_go_and_other_tables_stay(runs: Path, results: Path, tmp_path: Path) -> None:
    put(tmp_path / "other", "model", dataset="others")
    publish(read_rows(tmp_path / "other"), results)
    kept = texts(results / "others")
    publish([row for row in read_rows(runs) if row.first["baseline"] != "model"], results)
    names = {path.name for path in (results / TABLE).iterdir()}
    assert names == {"looker__default__none", "recent_median__default__none"}
    assert texts(results / "others") == kept


def test_a_table_is_as_it_was_if_writing_it_fails(
    runs: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(results)
    write = published._write

    def fail_at_the_second(row: Row, folder: Path) -> None:
        if row.first["baseline"] == "model":
            raise OSError("disk full")
        write(row, folder)

    monkeypatch.setattr(published, "_write", fail_at_the_second)
    with pytest.raises(OSError, match="disk full"):
        publish(read_rows(runs), results)
    assert texts(results) == before


def told(variant: str, **changed: Any) -> dict[str, Any]:
    return {"baseline": "model", "variant": variant, "encoders": "none", "crawl": False} | changed


def test_a_plain_row_has_a_name_that_can_be_read() -> None:
    assert row_name(told("+text", encoders="bundled")) == "model__+text__bundled"
    assert row_name(told("loss=mae,scaling=log", crawl=True)) == "model__loss=mae,scaling=log__none__crawl"


def test_no_two_rows_share_a_name_and_no_name_leaves_its_folder() -> None:
    awkward = [
        "../../up",
        "a/b",
        "a_b",
        "a:b",
        "A_b",
        "a__b",
        ".",
        "..",
        "",
        " ",
        "x" * 500,
        "a\x00b",
        "é",
        "crawl",
    ]
    names = [row_name(told(one)) for one in awkward] + [row_name(told("default", crawl=True))]
    assert len({name.lower() for name in names}) == len(names)
    for name in [*names, row_name(told("d", baseline="../up")), row_name(told("d", baseline=".hidden"))]:
        assert "/" not in name and "\\" not in name and not name.startswith(".") and len(name) < 150


def test_a_data_set_whose_name_is_a_path_is_refused(runs: Path, tmp_path: Path) -> None:
    row = read_rows(runs)[0]
    row.first["dataset"] = "../elsewhere"
    with pytest.raises(StoreError, match="cannot be the name of a folder"):
        publish([row], tmp_path / "out" / "results")
    assert not (tmp_path / "out").exists()


def test_sound_results_have_no_problem_with_or_without_labels(runs: Path, results: Path) -> None:
    (results / "README.md").write_text("What this is")
    assert check_published(results, [runs]) == []
    assert check_published(results) == []


def test_without_labels_there_are_scores_and_no_replicates(results: Path) -> None:
    row = next(row for row in read_published(results) if row.first["baseline"] == "model")
    assert row.values("likes", "mae") == pytest.approx([0.8, 0.8], abs=0.2)
    with pytest.raises(StoreError, match="no labels on this machine"):
        row.replicates("likes", "mae")


def predictions_become(change: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    """Other predictions, under a checksum that holds: as if the row had been published so."""

    def damage(folder: Path) -> None:
        pq.write_table(change(pq.read_table(folder / PREDICTIONS)), folder / PREDICTIONS)
        rewrite(folder, files={PREDICTIONS: sha256_of(folder / PREDICTIONS)})

    return damage


def rewrite(folder: Path, **changed: Any) -> None:
    told = json.loads((folder / ROW).read_text()) | changed
    (folder / ROW).write_text(json.dumps(told | {"sha256": _checksum(told)}))


def column(name: str, values: Callable[[Any], Any]) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        changed = pa.array(values(table[name].to_numpy().copy()), table[name].type)
        return table.set_column(table.column_names.index(name), name, changed)

    return change


def first_is(value: Any) -> Callable[[Any], Any]:
    return lambda values: [value, *values[1:]]


def flattered(part: str, name: str) -> Callable[[Path], None]:
    """A score that no longer follows from the predictions, under a checksum that holds."""

    def damage(folder: Path) -> None:
        told = json.loads((folder / ROW).read_text())
        where = told if part == "intervals" else told["seeds"][1]
        where[part][1][name] -= 1e-4
        rewrite(folder, **told)

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a file that was touched": (
        lambda folder: (folder / PREDICTIONS).write_bytes(b"PAR1"),
        "predictions.parquet: its checksum does not hold",
    ),
    "no predictions": (lambda folder: (folder / PREDICTIONS).unlink(), "predictions.parquet: is missing"),
    "a text that was touched": (
        lambda folder: (folder / ROW).write_text((folder / ROW).read_text().replace('"A row"', '"The row"')),
        "row.json: its checksum does not hold",
    ),
    "half a text": (lambda folder: (folder / ROW).write_text('{"version": 1'), "cannot be read as a row"),
    "another version": (lambda folder: rewrite(folder, version=2), "version: Input should be 1. Version 1"),
    "a field of no meaning": (
        lambda folder: rewrite(folder, note="x"),
        "note: Extra inputs are not permitted",
    ),
    "a seed that is none": (lambda folder: rewrite(folder, seeds=[{"seed": -1}]), "seeds.0.seed: "),
    "no row.json": (lambda folder: (folder / ROW).unlink(), "model__default__none: does not belong"),
    "a file beside": (lambda folder: (folder / "labels.csv").write_text("1"), "labels.csv: does not belong"),
    "a link": (
        lambda folder: ((folder / ROW).rename(folder.parents[4] / ROW), (folder / ROW).symlink_to("../x")),
        "row.json: does not belong",
    ),
    "a folder of another name": (
        lambda folder: folder.rename(folder.with_name("best__default__none")),
        "says that it is posts/likes/frozen/model__default__none",
    ),
    "a post twice": (
        predictions_become(column("post_id", first_is("p001"))),
        "1 posts are predicted more than once; the first: 'p001'",
    ),
    "a post too few": (
        predictions_become(lambda table: table.slice(1)),
        "seed 0 was tested on 120 posts; 119 are predicted",
    ),
    "other posts": (
        predictions_become(column("post_id", first_is("q000"))),
        "its posts, or their order, are not those of",
    ),
    "another order": (
        predictions_become(lambda table: table.take(np.arange(POSTS)[::-1])),
        "its posts, or their order, are not those of",
    ),
    "a number that is none": (
        predictions_become(column("likes/seed-1", first_is(np.nan))),
        "1 of 120 predictions of 'likes/seed-1' are not finite",
    ),
    "a label": (
        predictions_become(lambda table: table.append_column("label_likes", pa.array(LABELS))),
        "column 'label_likes' is no prediction",
    ),
    "a wider number": (
        predictions_become(lambda table: table.set_column(1, table.column_names[1], pa.array(LABELS))),
        "is double; predictions are float32",
    ),
    "a seed without a column": (
        predictions_become(lambda table: table.drop_columns(["likes/seed-1"])),
        "likes/seed-1 is missing from the predictions",
    ),
    "other data": (lambda folder: rewrite(folder, data_fingerprint="e" * 64), "its data fingerprint is eee"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_wrong_is_found_without_labels(results: Path, damage: str) -> None:
    """The row comes after a sound one, whose posts it must share."""
    sound, wrong = (results / TABLE / f"{name}__default__none" for name in ("earlier", "model"))
    shutil.copytree(wrong, sound)
    rewrite(sound, baseline="earlier")
    assert check_published(results) == []
    hurt, phrase = DAMAGES[damage]
    hurt(wrong)
    (problem, *_) = check_published(results)
    assert phrase in problem
    assert "earlier__default__none:" not in problem


@pytest.mark.parametrize(
    ("damage", "phrase"),
    [
        (flattered("scores", "value"), "seed 1: score likes, mae is published as"),
        (flattered("slices", "value"), "seed 1: slice score likes, "),
        (flattered("intervals", "low"), "interval likes, mae is published as"),
        (
            predictions_become(column("likes/seed-0", lambda values: values + 0.01)),
            "seed 0: score likes, mae",
        ),
        (predictions_become(lambda table: table.take(np.arange(POSTS)[::-1])), "not of the test posts"),
    ],
)
def test_a_score_that_does_not_follow_from_the_predictions_is_found_where_labels_are(
    runs: Path, results: Path, damage: Callable[[Path], None], phrase: str
) -> None:
    damage(results / TABLE / "model__default__none")
    assert any(phrase in problem for problem in check_published(results, [runs]))


def test_labels_of_other_data_are_not_taken_for_those_of_the_row(runs: Path, results: Path) -> None:
    truth = runs / TABLE / f"truth-{'a' * 16}"
    truth.rename(truth.with_name(f"truth-{'b' * 16}"))
    flattered("scores", "value")(results / TABLE / "model__default__none")
    assert check_published(results, [runs]) == [], "there is nothing to hold it against"


def test_a_row_that_is_published_from_published_results_stays_as_it_is(results: Path, tmp_path: Path) -> None:
    publish(read_published(results), tmp_path / "again")
    assert texts(tmp_path / "again") == texts(results)
