"""Published rows that this checkout would compute otherwise are named; they are no differences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stored import published
from typer.testing import CliRunner
from worlds import MadeUpEncoder, World, write_baseline

from benchmark.declared.card import Card
from benchmark.finding.code import code_hash
from leaderboard.board.write import write_published
from leaderboard.publishing.outdated import outdated
from leaderboard.publishing.row import ROW
from leaderboard.tables.rows import read_rows
from smpbench.cli.main import app

pytestmark = [pytest.mark.usefixtures("preloaded", "made_up_encoders"), pytest.mark.slow]

TOLD = "trial/one/frozen: 1 of 2 published rows are outdated, by a change of code, encoders or card: "


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Its two rows are published in `there`: of a baseline that reads texts, and of one that reads none."""
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    reads = write_baseline(tmp_path, "reads", "", "wants = {'text'}")
    world.run(reads, write_baseline(tmp_path, "reads_none", ""), seeds=2)
    published(world.home / "runs", tmp_path / "there")
    return world


def told(world: World, card: Card | None = None, **codes: str) -> list[str]:
    here = {name: code_hash(world.card.folder / f"{name}.py") for name in ("reads", "reads_none")}
    card = card or world.card
    return outdated(world.card.folder / "there" / "results", {card.name: card}, here | codes)


def test_rows_that_would_be_computed_so_again_are_not_named(world: World) -> None:
    assert told(world) == []


def test_a_row_of_other_code_is(world: World) -> None:
    assert told(world, reads_none="0" * 64) == [f"{TOLD}reads_none"]


def test_so_is_one_that_reads_what_another_encoder_makes_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MadeUpEncoder.versions, "text", 2)
    assert told(world) == [f"{TOLD}reads"]


def test_such_a_row_keeps_no_seed_that_read_the_older_encoder(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MadeUpEncoder.versions, "text", 2)
    world.run(world.card.folder / "reads.py", world.card.folder / "reads_none.py")
    rows = {row.about.baseline: [run.seed for run in row.runs] for row in read_rows(world.home / "runs")}
    assert rows == {"reads": [0], "reads_none": [0, 1]}


def test_so_are_those_whose_card_shows_other_columns_now(world: World) -> None:
    columns = {name: column for name, column in world.card.columns.items() if name != "width"}
    assert "2 of 2 published rows" in told(world, world.card.model_copy(update={"columns": columns}))[0]


def test_so_are_those_whose_task_the_card_has_no_more(world: World) -> None:
    other = world.card.tasks[0].model_copy(update={"name": "other"})
    assert "2 of 2 published rows" in told(world, world.card.model_copy(update={"tasks": (other,)}))[0]


def test_nothing_is_said_of_what_is_read_by_an_encoder_that_is_not_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MadeUpEncoder.versions, "text", 2)
    monkeypatch.setattr(MadeUpEncoder, "unavailable", lambda self: "not installed")
    assert told(world) == []


def test_a_row_that_cannot_be_read_is_left_to_the_check(world: World) -> None:
    for path in (world.card.folder / "there").rglob(ROW):
        path.write_text("{}")
    assert told(world, reads="0" * 64) == []


def test_verify_notes_them_and_counts_no_difference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = world.card.folder / "there"
    write_published(folder)
    monkeypatch.setenv("SMPBENCH_PUBLISHED", str(folder))
    codes = {"reads": world.card.folder / "reads.py", "reads_none": Path(__file__)}
    monkeypatch.setattr("benchmark.finding.discovery.baseline_files", lambda: codes)
    card = str(world.card.folder / "card.toml")
    done = CliRunner().invoke(
        app, ["verify", "--home", str(world.card.folder / "home"), "-d", card, "--json"]
    )
    said = json.loads(done.stdout)
    assert f"{TOLD}reads_none" in said["notes"]
    assert (done.exit_code, said["differences"]) == (0, []), said
