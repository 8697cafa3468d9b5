"""What is wrong with published results is found and named, with labels and without."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stored import LABELS, POSTS, TABLE, published, put_predictions

from benchmark.files import sha256_of
from benchmark.run.checksums import checksummed_text
from benchmark.run.store import PREDICTIONS
from leaderboard.board.merged import published_board
from leaderboard.publishing.check import check_published
from leaderboard.publishing.pictures import DRAWN, LARGEST, MOST
from leaderboard.publishing.row import MEND, ROW
from leaderboard.publishing.told import PAIRS, STANDINGS
from leaderboard.publishing.told import TABLE as OF_TABLE

pytestmark = pytest.mark.slow

MODEL = TABLE / "model__default__none"
Damage = Callable[[Path], Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store and what is published of it; the row that is damaged comes after a sound one."""
    home = tmp_path_factory.mktemp("made")
    put_predictions(home / "runs", "earlier", 1.2)
    put_predictions(home / "runs", "looker", status="skipped", reason="needs image")
    put_predictions(home / "runs", "model", 1.0)
    put_predictions(home / "runs", "model", 1.0, seed=1)
    put_predictions(home / "runs", "recent_median", 1.5)
    published(home / "runs", home)
    return home


@pytest.fixture
def runs(made: Path) -> Path:
    return made / "runs"


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "results", tmp_path / "results"))


def rewrite(folder: Path, page: str = ROW, **changed: Any) -> None:
    """Other content under a checksum that holds: as if it had been published so."""
    told = json.loads((folder / page).read_text()) | changed
    told.pop("sha256")
    (folder / page).write_text(checksummed_text(told))


def rewrite_about(**changed: Any) -> Damage:
    def damage(folder: Path) -> None:
        rewrite(folder, about=json.loads((folder / ROW).read_text())["about"] | changed)

    return damage


def replace(name: str, content: bytes) -> Damage:
    """Another file, whose checksum the row tells."""

    def damage(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        files = json.loads((folder / ROW).read_text())["files"]
        rewrite(folder, files=files | {name: sha256_of(folder / name)})

    return damage


def predictions_become(change: Callable[[pa.Table], pa.Table]) -> Damage:
    def damage(folder: Path) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(change(pq.read_table(folder / PREDICTIONS)), sink)
        replace(PREDICTIONS, sink.getvalue().to_pybytes())(folder)

    return damage


def column(name: str, values: Callable[[Any], Any]) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        changed = pa.array(values(table[name].to_numpy().copy()), table[name].type)
        return table.set_column(table.column_names.index(name), name, changed)

    return change


def first_is(value: Any) -> Callable[[Any], Any]:
    return lambda values: [value, *values[1:]]


def drawn_becomes(change: Callable[[dict[str, Any]], Any]) -> Damage:
    def damage(folder: Path) -> None:
        told = json.loads((folder / DRAWN).read_text())
        change(told)
        replace(DRAWN, json.dumps(told).encode())(folder)

    return damage


WEBP = b"RIFF\x00\x00\x00\x00WEBP"

OF_A_ROW: dict[str, tuple[Damage, str]] = {
    "a file that was touched": (
        lambda folder: (folder / PREDICTIONS).write_bytes(b"PAR1"),
        f"predictions.parquet: its checksum does not hold: it was changed after it was written. {MEND}",
    ),
    "no predictions": (
        lambda folder: (folder / PREDICTIONS).unlink(),
        f"predictions.parquet: is missing. {MEND}",
    ),
    "a text that was touched": (
        lambda folder: (folder / ROW).write_text((folder / ROW).read_text().replace("Made up", "The row")),
        "row.json: its checksum does not hold",
    ),
    "half a text": (lambda folder: (folder / ROW).write_text('{"version": 2'), "row.json: cannot be read"),
    "the version of before": (
        lambda folder: rewrite(folder, version=1),
        f"row.json: version: 1; version 2 is read here. {MEND}",
    ),
    "a field of no meaning": (
        lambda folder: rewrite(folder, note="x"),
        f"row.json: note: Extra inputs are not permitted. {MEND}",
    ),
    "a seed that is none": (lambda folder: rewrite(folder, runs=[{"seed": -1}]), "row.json: runs.0.seed: "),
    "an unknown kind": (rewrite_about(kind="guess"), "row.json: about.kind: 'guess' is not known here"),
    "an unknown measure": (
        rewrite_about(measures=["mae", "luck"]),
        "row.json: about.measures: 'luck' is not known here",
    ),
    "a measure that ranks nothing": (
        rewrite_about(primary="coverage"),
        "row.json: about.primary: a measure that ranks and is called 'coverage' is not known here",
    ),
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
        "1 of 120 predictions of 'likes/seed-1' are not a finite number",
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
    "other data": (rewrite_about(data_fingerprint="e" * 64), "about.data_fingerprint: 'eee"),
    "an exchanged picture": (
        lambda folder: shutil.copy(folder.parent / "earlier__default__none" / DRAWN, folder / DRAWN),
        f"pictures.json: its checksum does not hold: it was changed after it was written. {MEND}",
    ),
    "pictures of no meaning": (
        drawn_becomes(lambda told: told.update(posts=[1, 2])),
        f"pictures.json: posts: Extra inputs are not permitted. {MEND}",
    ),
    "a picture of no number": (
        drawn_becomes(lambda told: told["against"]["likes"].update(low=float("nan"))),
        "pictures.json: against.likes.low: Input should be a finite number",
    ),
    "a plot that is no WebP": (
        replace("plots/curve.webp", b"<svg onload=alert(1)>"),
        f"plots/curve.webp: is no WebP picture of at most {LARGEST} bytes. {MEND}",
    ),
    "a plot that is too large": (
        replace("plots/curve.webp", WEBP + bytes(LARGEST)),
        f"plots/curve.webp: is no WebP picture of at most {LARGEST} bytes. {MEND}",
    ),
}


@pytest.mark.parametrize("damage", OF_A_ROW)
def test_what_is_wrong_with_a_row_is_found_without_labels(results: Path, damage: str) -> None:
    hurt, phrase = OF_A_ROW[damage]
    hurt(results / MODEL)
    (problem, *_) = check_published(results)
    assert phrase in problem
    assert "earlier__default__none:" not in problem
    assert str(results / TABLE) in problem, "where it is"


def test_a_row_has_no_more_plots_than_a_page_can_hold(results: Path) -> None:
    for number in range(MOST + 1):
        replace(f"plots/{number}.webp", WEBP)(results / MODEL)
    assert f"plots: holds {MOST + 1} plots; a row has at most {MOST}" in check_published(results)[0]


def pairs_become(change: Callable[[pa.Table], pa.Table]) -> Damage:
    """Other intervals, under a checksum that holds."""

    def damage(folder: Path) -> None:
        pq.write_table(change(pq.read_table(folder / PAIRS)), folder / PAIRS)
        rewrite(folder, OF_TABLE, files={name: sha256_of(folder / name) for name in (PAIRS, STANDINGS)})

    return damage


OF_A_TABLE: dict[str, tuple[Damage, str]] = {
    "a row that it does not speak of": (
        lambda folder: rewrite(
            folder, OF_TABLE, rows=json.loads((folder / OF_TABLE).read_text())["rows"][:2]
        ),
        "table.json: does not speak of the rows that lie beside it (recent_median__default__none). Take",
    ),
    "a row that is gone": (
        lambda folder: shutil.rmtree(folder / "earlier__default__none"),
        "table.json: does not speak of the rows that lie beside it (earlier__default__none)",
    ),
    "a row of another revision": (
        lambda folder: rewrite(folder / "model__default__none", intervals=[]),
        "table.json: does not speak of the rows that lie beside it (model__default__none)",
    ),
    "no table.json": (lambda folder: (folder / OF_TABLE).unlink(), f"table.json: is missing. {MEND}"),
    "a table.json that was touched": (
        lambda folder: (folder / OF_TABLE).write_text(
            (folder / OF_TABLE).read_text().replace("earlier", "Earlier")
        ),
        "table.json: its checksum does not hold",
    ),
    "a field of no meaning": (
        lambda folder: rewrite(folder, OF_TABLE, note=1),
        f"table.json: note: Extra inputs are not permitted. {MEND}",
    ),
    "no pairs": (lambda folder: (folder / PAIRS).unlink(), "pairs.parquet: is missing, or its checksum"),
    "pairs that were touched": (
        lambda folder: (folder / PAIRS).write_bytes(b"PAR1"),
        f"pairs.parquet: is missing, or its checksum does not hold. {MEND}",
    ),
    "a pair too few": (
        pairs_become(lambda table: table.slice(1)),
        f"pairs.parquet: has 2 pairs; 3 rows make 3. {MEND}",
    ),
    "pairs of words": (
        pairs_become(lambda table: table.set_column(0, table.column_names[0], pa.array(["a", "b", "c"]))),
        "/low' is not one of double without gaps",
    ),
    "a pair without an end": (
        pairs_become(lambda table: table.set_column(0, table.column_names[0], pa.array([0.1, None, 0.2]))),
        "/low' is not one of double without gaps",
    ),
}


OF_ROWS_ALONE = {
    "a row that is gone": "earlier",
    "a row of another revision": "model",
}
"""Damage that concerns one row of a table -> which; any other takes the table."""


@pytest.mark.parametrize("damage", OF_A_TABLE)
def test_what_is_wrong_with_a_table_is_found_without_labels_and_the_board_is_made_without_it(
    results: Path, damage: str
) -> None:
    hurt, phrase = OF_A_TABLE[damage]
    hurt(results / TABLE)
    (problem, *_) = check_published(results)
    assert phrase in problem and str(results / TABLE) in problem
    board = published_board(results)
    names = {row.about.baseline for row in board.rows}
    if damage in OF_ROWS_ALONE:
        assert names == {"earlier", "looker", "model", "recent_median"} - {OF_ROWS_ALONE[damage]}
        (reason,) = board.left_out
        assert reason.startswith(f"{TABLE}/{OF_ROWS_ALONE[damage]}__default__none: ")
    else:
        if damage == "a row that it does not speak of":
            phrase = "pairs.parquet: has 3 pairs; 2 rows make 1"
        assert names == set()
        assert {reason for reason in board.left_out if phrase in reason}
        assert not [reason for reason in board.left_out if str(results) in reason], (
            "the same on every machine"
        )


def test_sound_results_have_no_problem_with_or_without_labels(runs: Path, results: Path) -> None:
    (results / "README.md").write_text("What this is")
    assert check_published(results, [runs]) == []
    assert check_published(results) == []


def flattered(part: str, name: str) -> Damage:
    """A number that no longer follows from the predictions, under a checksum that holds."""

    def damage(folder: Path) -> None:
        told = json.loads((folder / MODEL.name / ROW).read_text())
        where = told if part == "intervals" else told["runs"][1]
        where[part][1][name] -= 1e-4
        rewrite(folder / MODEL.name, **told)

    return damage


def of_the_model(damage: Damage) -> Damage:
    return lambda folder: damage(folder / MODEL.name)


def spoken_of_anew(folder: Path) -> None:
    """The table speaks of its rows as they are now."""
    rows = [name for name, _ in json.loads((folder / OF_TABLE).read_text())["rows"]]
    rewrite(folder, OF_TABLE, rows=[(name, sha256_of(folder / name / ROW)) for name in rows])


def narrowed(table: pa.Table) -> pa.Table:
    return column("likes/mae/low", lambda values: values + 1e-4)(table)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "phrase"),
    [
        (flattered("scores", "value"), "model__default__none: seed 1: score likes, mae is told as"),
        (flattered("slices", "value"), "model__default__none: seed 1: slice score likes, "),
        (flattered("intervals", "low"), "model__default__none: interval likes, mae is told as"),
        (
            of_the_model(predictions_become(column("likes/seed-0", lambda values: values + 0.01))),
            "seed 0: score likes, mae",
        ),
        (
            of_the_model(predictions_become(lambda table: table.take(np.arange(POSTS)[::-1]))),
            "not of the test posts",
        ),
        (
            of_the_model(drawn_becomes(lambda told: told["against"]["likes"]["cells"].pop())),
            "model__default__none: its pictures are not those of its predictions",
        ),
        (pairs_become(narrowed), "the paired intervals of its rows (likes/mae/low) are not those of their"),
        (
            pairs_become(lambda table: table.take([1, 0, 2])),
            "the paired intervals of its rows (likes/spearman/low) are not those of their predictions",
        ),
        (
            pairs_become(lambda table: table.drop_columns(["likes/skill/low"])),
            "the paired intervals of its rows (likes/skill/low) are not those of their predictions",
        ),
    ],
)
def test_what_does_not_follow_from_the_predictions_is_found_where_labels_are(
    runs: Path, results: Path, damage: Damage, phrase: str
) -> None:
    damage(results / TABLE)
    spoken_of_anew(results / TABLE)
    problems = check_published(results, [runs])
    assert any(phrase in problem for problem in problems)
    assert check_published(results, [runs], at_once=3) == problems, "several at once, in the same order"


def test_labels_of_other_data_are_not_taken_for_those_of_the_row(runs: Path, results: Path) -> None:
    other = Path(shutil.copytree(runs, results.parent / "other"))
    truth = other / TABLE / f"truth-{'a' * 16}"
    truth.rename(truth.with_name(f"truth-{'b' * 16}"))
    flattered("scores", "value")(results / TABLE)
    spoken_of_anew(results / TABLE)
    assert check_published(results, [other]) == [], "there is nothing to hold it against"
