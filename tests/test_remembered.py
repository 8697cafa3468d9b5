"""What was derived of a table is remembered while its rows and the code are the same; no number changes."""

from __future__ import annotations

import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stored import EVENT, TABLE, put, put_predictions, texts
from typer.testing import CliRunner

from leaderboard.board.merged import csv, merged
from leaderboard.board.places import derived_folder
from leaderboard.board.write import write_merged
from leaderboard.tables.table import Derived, Table
from smpbench.cli.main import app

ASKED = ("interval", "difference", "drift", "standing")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, error in (("recent_median", 1.5), ("model", 1.0), ("other_model", 1.2)):
        put_predictions(tmp_path / "runs", name, error)
    put_predictions(tmp_path / "runs", "recent_rate", 2.0, task="viral", **EVENT)
    put_predictions(tmp_path / "runs", "model", 1.0, task="viral", **EVENT)
    return tmp_path


def board(home: Path, *, anew: bool = False) -> dict[str, bytes]:
    """The files of the board of a home."""
    found = merged(home / "runs", home / "nothing", None if anew else derived_folder(home))
    write_merged(found, home / "board")
    return texts(home / "board")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """The tables of which something was derived, as often as it was."""
    found: list[tuple[str, str, str]] = []

    def noted(name: str) -> None:
        derived = getattr(Derived, name)

        def ask(self: Table, *told: object) -> object:
            found.append(self.rows[0].about.table)
            return derived(self, *told)

        monkeypatch.setattr(Derived, name, ask)

    for name in ASKED:
        noted(name)
    return found


def test_a_board_of_what_is_remembered_is_the_same_to_the_last_byte(home: Path) -> None:
    anew = board(home, anew=True)
    assert not derived_folder(home).exists()
    assert board(home) == anew, "while it is remembered"
    assert derived_folder(home).joinpath(*TABLE.parts).with_suffix(".parquet").is_file()
    assert board(home) == anew


def test_what_is_remembered_is_not_derived_again(home: Path, asked: list[tuple[str, str, str]]) -> None:
    board(home)
    assert set(asked) == {("posts", "likes", "frozen"), ("posts", "viral", "frozen")}
    asked.clear()
    board(home)
    assert not asked


def test_a_table_with_a_result_more_is_derived_anew_and_no_other(
    home: Path, asked: list[tuple[str, str, str]]
) -> None:
    board(home)
    asked.clear()
    put_predictions(home / "runs", "model", 0.9, seed=1)
    told = board(home)
    assert set(asked) == {("posts", "likes", "frozen")}
    assert told == board(home, anew=True)


def test_a_result_that_ran_again_is_another(home: Path, asked: list[tuple[str, str, str]]) -> None:
    put(home / "runs", "made_up", 0.5, protocol="rolling")
    board(home)
    asked.clear()
    later = "2026-02-01T00:00:00.000+00:00"
    put(home / "runs", "made_up", 0.4, protocol="rolling", created=later, again="later")
    told = board(home)
    assert set(asked) == {("posts", "likes", "rolling")}
    assert told == board(home, anew=True)


def test_what_other_code_derived_is_forgotten(
    home: Path, asked: list[tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    board(home)
    asked.clear()
    monkeypatch.setattr("leaderboard.tables.remembered._deriving", lambda: "other code")
    board(home)
    assert asked


@pytest.mark.parametrize("damage", ["cut", "emptied"])
def test_what_is_damaged_is_said_and_derived_anew(
    home: Path, asked: list[tuple[str, str, str]], caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    whole = board(home)
    asked.clear()
    path = derived_folder(home).joinpath(*TABLE.parts).with_suffix(".parquet")
    path.write_bytes({"cut": path.read_bytes()[:-100], "emptied": b""}[damage])
    with caplog.at_level(logging.WARNING):
        assert board(home) == whole
    assert f"{path}: cannot be read" in caplog.text
    assert set(asked) == {("posts", "likes", "frozen")}
    asked.clear()
    assert board(home) == whole and not asked, "it was remembered anew"


def test_no_byte_that_is_changed_changes_a_number(home: Path) -> None:
    def told() -> str:
        return csv(merged(home / "runs", home / "nothing", derived_folder(home)).board)

    board(home)
    whole = told()
    path = derived_folder(home).joinpath(*TABLE.parts).with_suffix(".parquet")
    sound = path.read_bytes()
    for at in range(0, len(sound), len(sound) // 50):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x10]) + sound[at + 1 :])
        assert told() == whole, f"byte {at} of {len(sound)}"


def test_where_nothing_can_be_remembered_a_board_is_written_all_the_same(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = derived_folder(home).joinpath(*TABLE.parts).with_suffix(".parquet")
    path.mkdir(parents=True)
    with caplog.at_level(logging.WARNING):
        assert board(home) == board(home, anew=True)
    assert "the next board derives this table anew" in caplog.text


@pytest.mark.slow
def test_verify_believes_nothing_that_is_remembered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(home / "published"))
    (home / "published" / "results").mkdir(parents=True)
    CliRunner().invoke(app, ["board", "--home", str(home)])
    path = derived_folder(home).joinpath(*TABLE.parts).with_suffix(".parquet")
    told = pq.read_table(path, partitioning=None)
    at = told.column_names.index("number_0")
    better = pa.array([0.9 * one for one in told["number_0"].to_pylist()])
    pq.write_table(told.set_column(at, "number_0", better), path)
    CliRunner().invoke(app, ["board", "--home", str(home)])
    found = CliRunner().invoke(app, ["verify", "--home", str(home)])
    assert found.exit_code == 1
    assert "leaderboard.csv, row" in found.output and "the results give" in found.output
