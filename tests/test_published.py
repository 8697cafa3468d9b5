"""Published results: what is committed, that nothing else is, and that no label is needed to read it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stored
from stored import ABOUT, EVENT, LABELS, TABLE, derived, published, put_predictions, texts

from benchmark.errors import StoreError
from benchmark.files import sha256_of
from benchmark.run.checksums import write_checksummed
from benchmark.run.result import About
from benchmark.run.store import PREDICTIONS
from benchmark.run.truth import TRUTH
from leaderboard.board.merged import tables_of
from leaderboard.board.write import publish_rows
from leaderboard.publishing import results as publishing
from leaderboard.publishing.check import check_published
from leaderboard.publishing.pictures import DRAWN, Pictures, pictures_of
from leaderboard.publishing.results import publish, read_published, told_table
from leaderboard.publishing.row import ROW, row_name
from leaderboard.publishing.told import PAIRS, STANDINGS
from leaderboard.tables.rows import Row
from leaderboard.tables.scores import leaderboard
from leaderboard.tables.table import Derived

TRUTH_OF_ACCOUNTS = stored.truth_table


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a reference, a row of two seeds and one that was skipped; and what is published of it."""
    home = tmp_path_factory.mktemp("made")
    put_predictions(home / "runs", "recent_median", 1.5)
    put_predictions(home / "runs", "model", 1.0)
    put_predictions(home / "runs", "model", 1.0, seed=1)
    put_predictions(home / "runs", "looker", status="skipped", reason="needs image")
    published(home / "runs", home)
    return home


@pytest.fixture
def runs(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "runs", tmp_path / "runs"))


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "results", tmp_path / "results"))


def sorted_board(tables: list[Derived]) -> pd.DataFrame:
    return leaderboard(tables).sort_values(["baseline", "measure"], ignore_index=True)


def only_table(runs: Path) -> Derived:
    (table,) = derived(runs)
    return table


@pytest.mark.slow
def test_published_rows_give_the_board_that_the_run_store_gives_with_labels_and_without(
    runs: Path, results: Path
) -> None:
    expected = sorted_board(derived(runs))
    assert len(expected) == 2 * 5 + 1, "four measures and skill of two rows, and the row that was skipped"
    for stores in ([runs], []):
        board = sorted_board(tables_of(results, stores))  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(board, expected)


def test_what_is_told_of_any_two_rows_is_what_their_labels_give(runs: Path, results: Path) -> None:
    put_predictions(runs, "other", 1.2)
    shutil.rmtree(results)
    told, ours = told_table(read_published(published(runs, results.parent))), only_table(runs)
    names = {row.name: row for row in ours.rows if row.scored}
    rows = [row for row in told.rows if row.scored]
    assert len(rows) == 3
    for one in rows:
        for other in (other for other in rows if other is not one):
            for measure in ("mae", "spearman", "pinball", "skill"):
                here = told.difference(one, other, "likes", measure)
                there = ours.difference(names[one.name], names[other.name], "likes", measure)
                assert (here.low, here.high) == pytest.approx((there.low, there.high), rel=1e-12)
                assert here.same == there.same
    assert np.isnan(told.difference(rows[0], rows[1], "likes", "coverage").low), "neither end is better"


def test_a_folder_holds_one_column_a_seed_and_no_label(results: Path) -> None:
    folder = results / TABLE / "model__default__none"
    assert sorted(path.name for path in folder.iterdir()) == sorted([PREDICTIONS, ROW, DRAWN])
    file = pq.ParquetFile(folder / PREDICTIONS)
    points = ["likes/seed-0", "likes/seed-1"]
    quantiles = [f"likes@{level}/seed-{seed}" for seed in (0, 1) for level in (0.1, 0.5, 0.9)]
    assert sorted(file.schema_arrow.names) == sorted(["post_id", *points, *quantiles])
    assert {str(file.schema_arrow.field(name).type) for name in points + quantiles} == {"float"}
    assert {file.metadata.row_group(0).column(i).compression for i in range(9)} == {"ZSTD"}
    predicted = file.read()["likes/seed-0"].to_numpy()
    assert not np.isclose(predicted, LABELS, atol=1e-6).any()


def test_beside_the_rows_of_a_table_lie_the_intervals_of_their_pairs(results: Path) -> None:
    assert {path.name for path in (results / TABLE).iterdir() if path.is_file()} == {
        "table.json",
        PAIRS,
        STANDINGS,
    }
    told = json.loads((results / TABLE / "table.json").read_text())
    assert [name for name, _ in told["rows"]] == ["model__default__none", "recent_median__default__none"]
    assert told["rows"][0][1] == sha256_of(results / TABLE / "model__default__none" / ROW)
    assert told["files"] == {name: sha256_of(results / TABLE / name) for name in (PAIRS, STANDINGS)}
    pairs = pq.read_table(results / TABLE / PAIRS)
    assert len(pairs) == 1
    parts = ("low", "high", "same")
    measures = ("spearman", "mae", "pinball", "skill")
    assert set(pairs.column_names) == {f"likes/{name}/{part}" for name in measures for part in parts}


def test_row_json_tells_provenance_scores_slices_and_costs_of_each_seed(results: Path) -> None:
    folder = results / TABLE / "model__default__none"
    text = (folder / ROW).read_text()
    told = json.loads(text)
    assert text == json.dumps(told, indent=1, sort_keys=True) + "\n"
    of = told["about"]
    assert (told["version"], of["baseline"], of["truth_key"]) == (2, "model", "a" * 64)
    assert (of["kind"], of["primary"], of["reference"]) == ("regression", "mae", "recent_median")
    assert of["code_hash"].startswith(b"model".hex())
    assert [run.get("seed", 0) for run in told["runs"]] == [0, 1]
    for run in told["runs"]:
        assert run["fit_seconds"] == 2.0
        assert {one["measure"] for one in run["scores"]} == {"spearman", "mae", "pinball", "coverage"}
        assert {one["slice"] for one in run["slices"]} >= {"seen_users", "unseen_users"}
        assert run["environment"] == {"python": "3.11.0"}, "libraries, and nothing of the machine"
    assert {one["measure"] for one in told["intervals"]} >= {"mae", "skill"}
    assert told["files"] == {name: sha256_of(folder / name) for name in (PREDICTIONS, DRAWN)}


def test_no_path_of_the_machine_is_published(runs: Path, tmp_path: Path) -> None:
    reason = "FileNotFoundError: '/home/someone/models/clip.bin' and C:\\Users\\someone\\x.bin; see https://a.org/b/c"
    put_predictions(
        runs, "broken", status="failed", reason=reason, settings={"weights": "/home/someone/w.bin"}
    )
    text = (published(runs, tmp_path / "out") / TABLE / "broken__default__none" / ROW).read_text()
    told = json.loads(text)
    assert "someone" not in text
    assert told["runs"][0]["reason"] == "FileNotFoundError: 'clip.bin' and x.bin; see https://a.org/b/c"
    assert told["about"]["settings"] == {"weights": "w.bin"}


def test_publishing_again_changes_no_byte(runs: Path, results: Path) -> None:
    before = texts(results)
    published(runs, results.parent)
    assert texts(results) == before


def test_rows_that_are_gone_go_and_other_tables_stay(runs: Path, results: Path, tmp_path: Path) -> None:
    put_predictions(tmp_path / "other", "model", dataset="others")
    published(tmp_path / "other", results.parent)
    kept = texts(results / "others")
    rows = [row for row in only_table(runs).rows if row.about.baseline != "model"]
    publish(Derived(rows), [Pictures()] * 2, results)
    names = {path.name for path in (results / TABLE).iterdir() if path.is_dir()}
    assert names == {"looker__default__none", "recent_median__default__none"}
    assert not (results / TABLE / PAIRS).exists(), "a single row has no pair"
    assert texts(results / "others") == kept


def test_a_table_is_as_it_was_if_writing_it_fails(
    runs: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(results)
    write = publishing._write

    def fail_at_the_second(row: Row, *others: object) -> None:
        if row.about.baseline == "model":
            raise OSError("disk full")
        write(row, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_write", fail_at_the_second)
    with pytest.raises(OSError, match="disk full"):
        published(runs, results.parent)
    assert texts(results) == before


def test_a_row_of_a_task_about_an_event_can_be_published(tmp_path: Path) -> None:
    for name, error in (("recent_rate", 3.0), ("good", 0.2)):
        put_predictions(tmp_path / "runs", name, error, **EVENT)
    expected = sorted_board(derived(tmp_path / "runs"))
    results = published(tmp_path / "runs", tmp_path)
    pd.testing.assert_frame_equal(sorted_board(tables_of(results, [])), expected)  # type: ignore[arg-type]
    drawn = json.loads((results / TABLE / "good__default__none" / DRAWN).read_text())
    assert list(drawn) == ["reliability"]


@pytest.mark.slow
def test_measures_within_weeks_are_derived_from_published_predictions_too(tmp_path: Path) -> None:
    asked = EVENT | {"measures": (*EVENT["measures"], "week_spearman")}
    for name, error in (("recent_rate", 2.0), ("good", 0.2)):
        put_predictions(tmp_path / "runs", name, error, **asked)
    results = published(tmp_path / "runs", tmp_path)
    for stores in ([tmp_path / "runs"], []):
        board = sorted_board(tables_of(results, stores))  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(board, sorted_board(derived(tmp_path / "runs")))
        assert "week_spearman" in set(board["measure"])
    assert check_published(results, [tmp_path / "runs"]) == []


def test_labels_from_before_posts_were_compared_are_not_taken_for_those_that_say_how(tmp_path: Path) -> None:
    asked = EVENT | {"measures": (*EVENT["measures"], "week_spearman")}
    put_predictions(tmp_path / "runs", "good", 0.2, **asked)
    results = published(tmp_path / "runs", tmp_path)
    (folder,) = (tmp_path / "runs").rglob("truth-*")
    old = pq.read_table(folder / TRUTH).drop_columns(["engagement_likes", "account_week"])
    pq.write_table(old, folder / TRUTH)
    write_checksummed(folder, {})
    (one,) = read_published(results, [tmp_path / "runs"])
    with pytest.raises(
        StoreError, match="likes/week_spearman: the labels on this machine were stored before"
    ):
        one.row.replicates("likes", "week_spearman")


def test_a_row_that_is_published_from_published_results_stays_as_it_is(
    runs: Path, results: Path, tmp_path: Path
) -> None:
    rows = read_published(results, [runs])
    table = Derived([one.row for one in rows])
    publish(table, [pictures_of(one.row, one.folder) for one in rows], tmp_path / "again")
    assert texts(tmp_path / "again") == texts(results)


def test_without_labels_there_are_scores_and_no_replicates(results: Path) -> None:
    row = next(one.row for one in read_published(results) if one.told.about.baseline == "model")
    assert row.values("likes", "mae") == pytest.approx([0.8, 0.8], abs=0.2)
    assert not row.labelled
    with pytest.raises(StoreError, match="no labels on this machine"):
        row.replicates("likes", "mae")


# Names of folders


def named(variant: str, **changed: object) -> str:
    """Of a row whatever it is called: what is none of the names is refused, and that is tested elsewhere."""
    of = About.model_validate(ABOUT | {"baseline": "model", "code_hash": "c" * 64})
    return row_name(of.model_copy(update={"variant": variant} | changed))


def test_a_plain_row_has_a_name_that_can_be_read() -> None:
    assert named("+text", profile="bundled") == "model__+text__bundled"
    assert named("loss=mae,scaling=log", crawl=True) == "model__loss=mae,scaling=log__none__crawl"


def test_no_two_rows_share_a_name_and_no_name_leaves_its_folder() -> None:
    awkward = ["../../up", "a/b", "a_b", "a:b", "A_b", "a__b", ".", "..", "", " ", "x" * 500, "a\x00b", "é"]
    names = [named(one) for one in [*awkward, "crawl"]] + [named("default", crawl=True)]
    assert len({name.lower() for name in names}) == len(names)
    for name in [*names, named("d", baseline="../up"), named("d", baseline=".hidden")]:
        assert "/" not in name and "\\" not in name and not name.startswith(".") and len(name) < 150


def test_results_of_a_task_that_its_card_has_no_more_are_not_published(tmp_path: Path) -> None:
    for task in ("engagement", "gone"):
        put_predictions(tmp_path / "runs", "ridge", dataset="musk_tweets", task=task)
    publish_rows(tmp_path / "runs", tmp_path / "published", {"musk_tweets"})
    assert [path.name for path in (tmp_path / "published" / "results" / "musk_tweets").iterdir()] == [
        "engagement"
    ]


def test_a_data_set_whose_name_is_a_path_is_refused(runs: Path, tmp_path: Path) -> None:
    row = only_table(runs).rows[0]
    stored = row.seeds[0]
    about = stored.about.model_copy(update={"dataset": "../elsewhere"})
    object.__setattr__(stored, "result", stored.result.model_copy(update={"about": about}))  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="cannot be the name of a folder"):
        publish(Derived([row]), [Pictures()], tmp_path / "out" / "results")
    assert not (tmp_path / "out").exists()


def weeks_of_one_account(of_kind: str = "regression") -> pa.Table:
    """The labels of `stored`, all of one account, which are drawn three days at a time."""
    truth = TRUTH_OF_ACCOUNTS(of_kind)
    everyone = {"user": np.zeros(len(truth), np.int64), "cluster": np.arange(len(truth)) // 3}
    for name, values in everyone.items():
        truth = truth.set_column(truth.column_names.index(name), name, pa.array(values))
    return truth


@pytest.mark.slow
def test_drift_of_weeks_is_published_and_the_board_is_the_same_without_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "truth_table", weeks_of_one_account)
    for name, error in (("recent_median", 1.5), ("model", 1.0), ("other", 0.8)):
        put_predictions(tmp_path / "runs", name, error)
    results = published(tmp_path / "runs", tmp_path)
    expected = sorted_board(derived(tmp_path / "runs"))
    ranked = expected[expected["rank"].notna()]
    assert ranked["drift"].notna().all()
    assert set(expected["clusters"]) == {17}
    assert set(expected["score_widen"].dropna()) == {1.3}
    pd.testing.assert_frame_equal(sorted_board(tables_of(results, [])), expected)  # type: ignore[arg-type]
    assert check_published(results, [tmp_path / "runs"]) == []


@pytest.mark.slow
def test_a_drift_that_is_not_that_of_the_predictions_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "truth_table", weeks_of_one_account)
    for name, error in (("recent_median", 1.5), ("model", 1.0)):
        put_predictions(tmp_path / "runs", name, error)
    results = published(tmp_path / "runs", tmp_path)
    monkeypatch.setattr(Derived, "drift", lambda *_: 9.0)
    (problem,) = check_published(results, [tmp_path / "runs"])
    assert "/drift) are not those of their predictions" in problem
