"""The price of each mistake: the honest run is the harness's own, mistakes pay where there is nothing to be
learnt, and none of them can become a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pitfalls_tried import (
    begun_with,
    learner,
    noise,
    row_of,
    spearman_of,
    studied,
)
from typer.testing import CliRunner
from worlds import BASELINES, World, write_baseline

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.declared.card import Card
from benchmark.errors import BaselineError, SmpbenchError, UnknownName
from benchmark.finding.discovery import baseline_files, find, load_all
from benchmark.run.plan import choose
from benchmark.run.progress import Progress
from benchmark.run.store import Store
from leaderboard.board.prices import HONEST
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.laid_open import laid_open
from pitfalls.honest.mistake import Made, Mistake
from pitfalls.price.inflation import priced
from pitfalls.price.kept import Kept
from pitfalls.price.mistakes import MISTAKES
from pitfalls.price.report import markdown, tidy
from pitfalls.price.study import study
from smpbench.cli.main import app
from smpbench.door.names import chosen_baseline

FOLDER = PROJECT / "pitfalls"


# The honest run


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_the_honest_run_predicts_what_a_cell_does(tmp_path: Path, protocol: str) -> None:
    world = World.make(tmp_path).with_only("three", protocol)
    lightgbm = BASELINES / "lightgbm.py"
    spec = "inputs=metadata+history,rounds=30"
    summary = world.run(lightgbm, specs=[spec])
    assert not summary.problems
    (cell,) = world.predictions().values()
    begun = begun_with(world, lightgbm, spec, protocol=protocol, task="three")
    said = replace(begun.ground, threads=1).walk()  # as many as a cell had
    told = np.stack([cell[name].to_numpy() for name in begun.ground.posts.task.targets], axis=1)
    assert np.array_equal(said.predicted, told)


@pytest.mark.slow
@pytest.mark.usefixtures("made_up_encoders")
def test_encoded_content_is_found_where_a_run_has_put_it(tmp_path: Path) -> None:
    world = World.make(tmp_path, posts=120).with_only("one", "frozen")
    spec = "inputs=metadata+text,rounds=5"
    assert not world.run(BASELINES / "lightgbm.py", specs=[spec]).problems

    def of_posts() -> set[str]:  # whichever encoder it is: a run of the tests has another one
        return {path.name for path in (world.home / "features").glob("*/*")}

    (name,) = of_posts()
    begun_with(world, BASELINES / "lightgbm.py", spec)
    assert of_posts() == {name}


@pytest.mark.slow
def test_the_honest_score_and_its_interval_are_those_of_the_cell(tmp_path: Path) -> None:
    world = World.make(tmp_path).with_only("one", "frozen")
    world.run(BASELINES / "recent_median.py")
    (stored,) = world.results().values()
    begun = begun_with(world, BASELINES / "recent_median.py")
    honest = begun.ground.walk()
    (spearman, _) = priced(begun.ground.posts, Made(honest), honest).inflations
    assert spearman.honest == next(one.value for one in stored.run.scores if one.measure == "spearman")
    assert (spearman.inflation, spearman.low, spearman.high) == (0, 0, 0)


@pytest.mark.slow
def test_the_result_of_a_run_and_what_is_kept_here_go_by_the_same_key(tmp_path: Path) -> None:
    world = World.make(tmp_path).with_only("one", "frozen")
    world.run(BASELINES / "recent_median.py")
    (stored,) = world.results().values()
    assert begun_with(world, BASELINES / "recent_median.py").key == stored.run.key


# What is altered, and what is not


@pytest.mark.slow
def test_only_the_labels_of_the_test_are_laid_open_and_not_the_past_of_its_posts(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    level = write_baseline(
        tmp_path,
        "level",
        """
        def predict(self, posts):
            return np.nan_to_num(posts.history().recent_median)
        """,
    )
    for protocol in ("frozen", "rolling"):
        ground = begun_with(world, level, protocol=protocol).ground
        labels = ground.posts.labels[ground.windows.test].astype(np.float32)
        _, test = laid_open(ground, labels)
        honest = ground.walk().predicted
        assert np.array_equal(np.nan_to_num(test.history().recent_median), honest)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["frozen", "rolling"])
def test_whoever_stops_on_the_test_is_handed_its_labels_as_held_out_ones(
    tmp_path: Path, protocol: str
) -> None:
    world = World.make(tmp_path)
    body = """
        def fit(self, train, y):
            held = train.holdout(0.2)
            assert len(y) == len(train) == len(held.fit) and type(y[held.fit_rows]) is np.ndarray
            self.told = dict(zip(held.check.ids, y[held.check_rows]))

        def predict(self, posts):
            return np.array([self.told[one] for one in posts.ids])
        """
    ground = begun_with(world, write_baseline(tmp_path, "remembers", body), protocol=protocol).ground
    said = MISTAKES["stopped_on_test"].made(ground, Said(ground.windows.test, np.zeros((1, 1)))).wrong
    assert np.array_equal(said.predicted, ground.posts.labels[said.rows].astype(np.float32))


@pytest.mark.slow
def test_pseudo_labels_are_learnt_from_beside_the_training_posts(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    body = """
        def fit(self, train, y):
            assert len(train) == len(y)
            self.middle = np.array([len(y)])
        """
    ground = begun_with(world, write_baseline(tmp_path, "counts", body)).ground
    train, test = len(ground.windows.train), len(ground.windows.test)
    honest = ground.walk()
    assert set(honest.predicted[:, 0]) == {train}
    wrong = MISTAKES["pseudo_labels"].made(ground, honest).wrong
    assert set(wrong.predicted[:, 0]) == {train + test}


@pytest.mark.slow
def test_a_random_split_has_as_many_test_posts_and_others(tmp_path: Path) -> None:
    ground = begun_with(World.make(tmp_path), BASELINES / "recent_median.py").ground
    honest = ground.walk()
    made = MISTAKES["random_split"].made(ground, honest)
    assert len(made.wrong.rows) == len(honest.rows)
    assert ground.posts.times[made.wrong.rows].min() < ground.windows.clock.cut_off
    assert not priced(ground.posts, made, honest).paired


# No row


def test_every_mistake_is_a_file_of_its_own_that_says_not_to() -> None:
    files = {path.stem: path for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    assert set(files) == set(MISTAKES)
    for path in files.values():
        assert path.read_text().startswith('"""Do not do this: ')
        assert len(path.read_text().splitlines()) < 130


def test_no_mistake_can_be_named_where_baselines_are() -> None:
    known = baseline_files()
    for name in MISTAKES:
        assert name not in known
        with pytest.raises(UnknownName):
            find(name, known)
        with pytest.raises(UnknownName):
            chosen_baseline(name)


@pytest.mark.slow
def test_no_file_of_a_mistake_is_taken_for_a_baseline() -> None:
    paths = [FOLDER / f"{name}.py" for name in MISTAKES]
    for found in load_all(paths):
        assert found.described is None
        with pytest.raises(BaselineError, match="unavailable"):
            choose("", found)


@pytest.mark.slow
def test_nothing_of_it_reaches_the_run_store_or_a_board(tmp_path: Path) -> None:
    world = World.make(tmp_path).with_only("one", "frozen")
    world.run(BASELINES / "recent_median.py")
    before = Store(world.home / "runs").folders()
    studied(world, begun_with(world, learner(tmp_path)))
    assert list((world.home / "pitfalls").rglob("*.npz"))
    assert Store(world.home / "runs").folders() == before
    assert not list((world.home / "pitfalls").rglob("result.json"))
    # Even where somebody puts what is kept in the place of runs, no result is read there.
    assert not Store(world.home / "pitfalls").folders()
    board = CliRunner().invoke(app, ["board", "--home", str(world.home)])
    assert board.exit_code == 0, board.output
    written = "".join(path.read_text() for path in (world.home / "leaderboard").iterdir())
    assert "recent_median" in written and "learner" not in written


# Going on


class Interrupting(Mistake):
    """Ctrl-C in the middle of a run."""

    name, title, layer = "interrupting", "interrupting", "data"

    def made(self, of: Ground, honest: Said) -> Made:
        raise KeyboardInterrupt


def walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The label of each walk from now on."""
    found: list[str] = []
    walked: Callable[..., Any] = Ground._walked

    def counted(self: Ground, *arguments: Any) -> Any:
        found.append(self.label)
        return walked(self, *arguments)

    monkeypatch.setattr(Ground, "_walked", counted)
    return found


def names(kept: Kept) -> Sequence[str]:
    return sorted(path.stem.rpartition("-")[0] or path.stem for path in kept.folder.iterdir())


@pytest.mark.slow
def test_what_was_finished_before_an_interruption_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = noise(tmp_path / "world", posts=200)
    begun = begun_with(world, learner(tmp_path))
    kept, first = Kept.of(world.home, begun.cell, begun.key), MISTAKES["crawl_columns"]
    with pytest.raises(KeyboardInterrupt):
        study(begun.ground, "default", [first, Interrupting()], kept, Progress())
    assert names(kept) == ["crawl_columns", "honest"]
    again = walks(monkeypatch)
    study(begun.ground, "default", [first, MISTAKES["no_embargo"]], kept, Progress())
    assert again == ["no embargo"]


@pytest.mark.slow
def test_what_is_kept_and_damaged_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = noise(tmp_path / "world", posts=200)
    begun = begun_with(world, learner(tmp_path))
    before = studied(world, begun, "crawl_columns")
    for path in Kept.of(world.home, begun.cell, begun.key).folder.iterdir():
        path.write_bytes(path.read_bytes()[:-30])
    again = walks(monkeypatch)
    assert tidy(studied(world, begun, "crawl_columns")) == tidy(before)
    assert len(again) == 2
    assert {line["against"] for line in tidy(before)} == {HONEST}, "as the published board reads it"


@pytest.mark.slow
def test_a_baseline_that_fails_under_one_mistake_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    world = noise(tmp_path / "world", posts=200)
    body = """
        def fit(self, train, y):
            assert "followers" not in train.columns, "no such column"
            self.middle = np.median(y, axis=0)
        """
    begun = begun_with(world, write_baseline(tmp_path, "picky", body))
    found = studied(world, begun, "crawl_columns", "no_embargo")
    assert "no such column" in row_of(found, "crawl_columns").failed
    assert row_of(found, "no_embargo").price is not None
    assert "crawl-time columns: failed: " in "\n".join(markdown(found, "likes"))


# The command


@pytest.mark.slow
def test_the_command_prints_a_table_and_writes_the_others(tmp_path: Path) -> None:
    world = noise(tmp_path / "world", posts=200)
    command = ["pitfalls", "-d", str(world.card.folder / "card.toml"), "-b", str(learner(tmp_path))]
    command += ["--home", str(world.home), "-m", "crawl_columns", "-m", "stopped_on_test"]
    table, plot = tmp_path / "out" / "table.csv", tmp_path / "out" / "plot.svg"
    done = CliRunner().invoke(app, [*command, "--csv", str(table), "--plot", str(plot)])
    assert done.exit_code == 0, done.output
    assert "crawl-time columns" in done.output and "not possible here" in done.output
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["ok", "ok", "not possible here"]
    assert plot.read_text().startswith("<?xml")
    told = CliRunner().invoke(app, [*command, "--json"])
    assert [row["mistake"] for row in json.loads(told.stdout)] == ["crawl_columns"] * 2 + ["stopped_on_test"]
    written = CliRunner().invoke(app, [*command, "--markdown"])
    assert "| crawl-time columns |" in written.stdout


@pytest.mark.slow
def test_what_the_command_cannot_do_it_says_before_anything_is_run(tmp_path: Path) -> None:
    world = noise(tmp_path / "world", posts=200)
    command = ["pitfalls", "-d", str(world.card.folder / "card.toml"), "-b", "recent_median"]
    command += ["--home", str(world.home)]
    for wrong, told in {
        ("-m", "crawl_column"): "did you mean 'crawl_columns'",
        ("--plot", "plot.txt"): "a plot is written as .png or .svg",
        ("--target", "shares"): "unknown target",
        ("-p", "official"): "unknown protocol",
    }.items():
        done = CliRunner().invoke(app, [*command, *wrong])
        assert isinstance(done.exception, SmpbenchError) and told in str(done.exception)


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["demo_tweets", "demo_flickr"])
def test_on_a_demo_set_each_mistake_has_a_price_or_a_reason(tmp_path: Path, dataset: str) -> None:
    card: Card = load_card(PROJECT / "datasets" / dataset / "card.toml")
    generator = card.generator
    assert generator is not None
    small = generator.model_copy(update={"posts": 800 if dataset == "demo_flickr" else 2000})
    world = World(card.model_copy(update={"generator": small}), tmp_path / "home")
    begun = begun_with(world, BASELINES / "lightgbm.py", "inputs=metadata,rounds=60", task=None)
    found = studied(world, replace(begun, ground=replace(begun.ground, threads=1)))
    assert not [row.failed for row in found.rows if row.failed]
    for row in found.rows:
        assert bool(row.price) != bool(row.not_possible)
    target = begun.ground.posts.task.targets[0]
    told = [one for row in found.rows if row.price for one in row.price.inflations if one.target == target]
    assert {one.told for one in told} <= {"inflates", "deflates", "cannot tell"}
    if dataset == "demo_tweets":  # few weeks of one account: of so much, hardly how sure it is
        early = spearman_of(found, "early_readings").inflation
        assert early is not None and early > 0.1
    else:
        assert spearman_of(found, "random_split_user_means").told == "inflates"
        assert spearman_of(found, "target_encoding").told == "inflates"
