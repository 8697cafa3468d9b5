"""Rescoring: measures change, and nothing is fitted again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from predicted import guesses, prepared_world, question, smpbench, written
from typer.testing import CliRunner, Result
from worlds import BASELINES, World, write_baseline
from wrong_measures import OffByOne

from benchmark.run.checksums import PAGE
from benchmark.run.rescoring import rescore
from benchmark.run.store import PREDICTIONS, REPLICATES, Store
from benchmark.run.truth import read_truth, truth_folder_of
from benchmark.run.verify import verify_store
from benchmark.scores.measures import MEASURES
from smpbench.cli.main import app

pytestmark = [pytest.mark.usefixtures("preloaded"), pytest.mark.slow]

MEDIAN = BASELINES / "global_median.py"
OTHERWISE = {"measures": ("rmse", "spearman"), "primary": "rmse", "reference": "last_value"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path, posts=120).with_only("one", "frozen")


def asking(world: World, **changed: Any) -> World:
    """The same data, of which the card asks something else."""
    tasks = tuple(task.model_copy(update=changed) for task in world.card.tasks)
    return World(world.card.model_copy(update={"tasks": tasks}), world.home)


def fitted_once(folder: Path) -> Path:
    """A baseline that fails when it is fitted a second time, and prints into its log."""
    note = folder / "fitted"
    body = f"""
    def fit(self, train, y):
        Path({str(note)!r}).touch(exist_ok=False)
        print("fitting")
        self.middle = np.median(y, axis=0)
    """
    return write_baseline(folder / "mine", "once", body)


def contents(world: World) -> dict[str, bytes]:
    runs = world.home / "runs"
    return {
        str(path.relative_to(runs)): path.read_bytes()
        for path in sorted(runs.rglob("*"))
        if path.is_file() and ".locks" not in path.parts
    }


@pytest.mark.usefixtures("unsealed")
def test_a_run_scores_anew_what_its_card_asks_for_otherwise_and_fits_nothing(
    world: World, tmp_path: Path
) -> None:
    mine = fitted_once(tmp_path)
    assert world.run(mine).counts == {"ok": 1}
    before, (was,) = contents(world), world.results().values()
    changed = asking(world, **OTHERWISE)
    assert changed.run(mine).counts == {"rescored": 1}
    (now,) = world.results().values()
    assert (now.about.measures, now.about.primary) == (("rmse", "spearman"), "rmse")
    assert now.about.reference == "last_value"
    assert [one.measure for one in now.run.scores] == ["rmse", "spearman"]
    assert {one.measure for one in now.run.slices} == {"spearman", "mae", "rmse"}
    assert now.replicates().keys() == {"likes/rmse", "likes/spearman"}
    kept = ("seed", "key", "created", "environment", "wall_seconds", "fit_seconds", "peak_mb", "clusters")
    assert all(getattr(now.run, name) == getattr(was.run, name) for name in kept)
    written = {name.rpartition("/")[2] for name, data in contents(world).items() if data != before[name]}
    assert written == {PAGE, REPLICATES}, "predictions, log and truth are the same to the byte"
    assert b"fitting" in (now.folder / "log.txt").read_bytes()
    verified = verify_store(world.home, {world.card.name: changed.card})
    assert (verified.checked, verified.problems, verified.notes) == (1, [], set())


def test_the_next_run_has_nothing_to_do(world: World) -> None:
    world.run(MEDIAN)
    changed = asking(world, **OTHERWISE)
    changed.run(MEDIAN)
    before = contents(world)
    assert changed.run(MEDIAN).counts == {"reused": 1}
    assert contents(world) == before


def test_rows_without_scores_are_told_what_their_task_asks_for_as_well(world: World, tmp_path: Path) -> None:
    """The rows of a table agree about the measure that ranks, those that failed too."""
    bad = write_baseline(tmp_path / "mine", "bad", "def fit(self, train, y):\n    raise ValueError('no')")
    needy = write_baseline(tmp_path / "mine", "needy", "", "needs = {'smell'}")
    assert world.run(bad, needy).counts == {"failed": 1, "skipped": 1}
    assert asking(world, **OTHERWISE).run(bad, needy).counts == {"rescored": 2}
    assert {stored.about.primary for stored in world.results().values()} == {"rmse"}
    assert {stored.run.status for stored in world.results().values()} == {"failed", "skipped"}


def test_a_measure_that_is_new_is_scored_resampled_and_verified_with_no_other_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run(MEDIAN)
    monkeypatch.setitem(MEASURES, "share_off_by_one", OffByOne())
    changed = asking(world, measures=("mae", "share_off_by_one"), primary="share_off_by_one")
    assert changed.run(MEDIAN).counts == {"rescored": 1}
    (stored,) = world.results().values()
    assert [one.measure for one in stored.run.scores] == ["mae", "share_off_by_one"]
    assert stored.replicates()["likes/share_off_by_one"].std() > 0
    assert verify_store(world.home, {world.card.name: changed.card}).problems == []


def test_what_the_stored_labels_do_not_say_is_not_rescored_and_a_run_stores_it_beside_them(
    world: World,
) -> None:
    """Which posts compete, and of which slice they are, is a part of a truth, and has a key of its own."""
    world.run(MEDIAN)
    asked = {"measures": ("mae", "week_ndcg"), "slices": ("is_reply", "app")}
    changed, cards = asking(world, **asked), {world.card.name: asking(world, **asked).card}
    (problem,) = rescore(world.home / "runs", cards).problems
    assert "do not say which posts compete, which 'week_ndcg' reads" in problem
    assert changed.run(MEDIAN).counts == {"ok": 1}
    results = list(Store(world.home / "runs").results())
    (new,) = (one for one in results if "week_ndcg" in one.about.measures)
    assert len({one.about.truth_key for one in results}) == 2
    told = set(read_truth(truth_folder_of(new)).column_names)
    assert {"slice_app", "slice_is_reply", "account_week"} < told
    assert [one.measure for one in new.run.scores] == ["mae", "week_ndcg"]
    verified = verify_store(world.home, cards)
    assert (verified.checked, verified.problems) == (2, [])


def test_a_measure_that_has_changed_is_found_by_asking_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run looks at names alone, which costs nothing; `smpbench rescore` derives everything anew."""
    world.run(MEDIAN)
    monkeypatch.setattr("benchmark.scores.measures.errors.MAE.loss", OffByOne.loss)
    assert world.run(MEDIAN).counts == {"reused": 1}
    told: list[tuple[int, int]] = []
    found = rescore(world.home / "runs", {world.card.name: world.card}, lambda *counts: told.append(counts))
    assert (len(found.rescored), found.unchanged, found.problems) == (1, 0, [])
    assert told == [(0, 1)]
    assert verify_store(world.home, {world.card.name: world.card}).problems == []


def test_other_resamples_of_the_same_scores_are_written_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run(MEDIAN)
    (before,) = world.results().values()
    monkeypatch.setattr("benchmark.scores.scoring.RESAMPLES", 50)
    assert len(rescore(world.home / "runs", {world.card.name: world.card}).rescored) == 1
    (after,) = world.results().values()
    assert after.run.scores == before.run.scores
    assert {values.shape for values in after.replicates().values()} == {(50,)}


def test_the_row_that_nobody_can_beat_is_scored_anew_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = with_ceiling(World.make(tmp_path, posts=120).with_only("one", "frozen"), monkeypatch)
    world.run(MEDIAN)
    assert {one.run.status for one in world.results().values()} == {"ok", "ceiling"}
    assert asking(world, **OTHERWISE).run(MEDIAN).counts == {"rescored": 1}, "a ceiling is no cell"
    assert {one.about.primary for one in world.results().values()} == {"rmse"}
    assert {tuple(s.measure for s in one.run.scores) for one in world.results().values()} == {
        ("rmse", "spearman")
    }


def with_ceiling(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """As if the data set were synthetic: its labels themselves are the noiseless score."""
    from benchmark.run.tasks import TaskPosts

    of = TaskPosts.of.__func__  # type: ignore[attr-defined]

    def knowing(cls: type[TaskPosts], *arguments: Any) -> TaskPosts:
        posts = of(cls, *arguments)
        object.__setattr__(posts, "ceiling", posts.labels)
        return posts

    monkeypatch.setattr(TaskPosts, "of", classmethod(knowing))
    return World(world.card.model_copy(update={"synthetic": True}), world.home)


def rescore_command(world: World) -> Result:
    card = world.card.folder / "card.toml"
    return CliRunner().invoke(app, ["rescore", "-d", str(card), "--home", str(world.home)])


def card_asks_for(world: World, line: str) -> None:
    path = world.card.folder / "card.toml"
    path.write_text(path.read_text().replace('targets = ["likes"]\n', f'targets = ["likes"]\n{line}\n'))


@pytest.mark.slow
def test_the_command_scores_all_results_anew_and_says_how_many(world: World) -> None:
    world.run(MEDIAN, BASELINES / "recent_median.py")
    before = contents(world)
    done = rescore_command(world)
    assert done.exit_code == 0, done.output
    assert "0 results scored anew" in done.output
    assert contents(world) == before, "nothing is written where nothing changed"
    card_asks_for(world, 'measures = ["rmse", "mape"]')
    done = rescore_command(world)
    assert done.exit_code == 0, done.output
    assert "2 results scored anew" in done.output
    for stored in world.results().values():
        assert [one.measure for one in stored.run.scores] == ["rmse", "mape"]
        assert stored.about.primary == "rmse"
        name = str((stored.folder / PREDICTIONS).relative_to(world.home / "runs"))
        assert contents(world)[name] == before[name]


@pytest.mark.slow
@pytest.mark.parametrize("damaged", [PAGE, PREDICTIONS, REPLICATES])
def test_a_damaged_result_is_told_and_left_as_it_is(world: World, damaged: str) -> None:
    world.run(MEDIAN, BASELINES / "recent_median.py")
    path = world.results()["one frozen global_median 0"].folder / damaged
    path.write_bytes(path.read_bytes()[:-9])
    before = path.read_bytes()
    found = rescore(world.home / "runs", {world.card.name: asking(world, **OTHERWISE).card})
    assert len(found.rescored) == 1, "the other is scored anew"
    (problem,) = found.problems
    assert str(path) in problem
    assert path.read_bytes() == before


def test_a_damaged_result_makes_the_command_fail_with_its_name(world: World) -> None:
    world.run(MEDIAN)
    (stored,) = world.results().values()
    (stored.folder / PREDICTIONS).unlink()
    done = rescore_command(world)
    assert done.exit_code == 1
    assert f"{stored.folder / PREDICTIONS}: is missing" in done.output


def test_a_result_without_its_truth_is_told(world: World) -> None:
    world.run(MEDIAN)
    (truth,) = (world.home / "runs").glob("*/*/*/truth-*/truth.parquet")
    truth.unlink()
    (problem,) = rescore(world.home / "runs", {world.card.name: world.card}).problems
    assert problem == f"{truth}: is missing"


def test_a_run_mends_a_missing_truth_before_it_scores_anew(world: World) -> None:
    world.run(MEDIAN)
    (truth,) = (world.home / "runs").glob("*/*/*/truth-*/truth.parquet")
    truth.unlink()
    assert asking(world, **OTHERWISE).run(MEDIAN).counts == {"rescored": 1}
    assert truth.is_file()


def test_official_results_stay_as_they_are(world: World) -> None:
    (task,) = world.card.tasks
    official = task.protocols["frozen"].model_copy(update={"cut_off": None, "test_fraction": None})
    path = world.card.folder / "raw" / "posts.csv"
    unlabel_the_last(path, 40)
    world = asking(world, protocols={"official": official})
    assert world.run(MEDIAN).counts == {"ok": 1}
    (stored,) = world.results().values()
    assert stored.run.predicted and not stored.run.scores
    before = contents(world)
    changed = asking(world, **OTHERWISE)
    assert changed.run(MEDIAN).counts == {"reused": 1}
    found = rescore(world.home / "runs", {world.card.name: changed.card})
    assert (found.unchanged, found.rescored, found.problems) == (1, [], [])
    assert contents(world) == before


def unlabel_the_last(path: Path, n: int) -> None:
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.loc[frame.index[-n:], ["likes", "shares", "comments"]] = ""
    frame.to_csv(path, index=False)


def test_results_of_a_task_or_a_data_set_that_is_gone_stay_as_they_are(world: World) -> None:
    world.run(MEDIAN)
    renamed = asking(world, name="two", **OTHERWISE).card
    event = asking(world, kind="event", **OTHERWISE).card
    for cards in ({}, {world.card.name: renamed}, {world.card.name: event}):
        found = rescore(world.home / "runs", cards)
        assert (found.unchanged, found.rescored, found.problems) == (1, [], [])


def test_external_rows_are_scored_anew_like_any_other(tmp_path: Path) -> None:
    world = prepared_world(tmp_path)
    path = written(guesses(question(world)), tmp_path / "p.csv")
    assert smpbench(world, "score", path, "--name", "my_model", "-t", "one").exit_code == 0
    card_asks_for(world, 'measures = ["rmse"]')
    assert "1 results scored anew" in rescore_command(world).output
    (stored,) = world.results().values()
    assert stored.run.external is not None and stored.run.external.file == "p.csv"
    assert [one.measure for one in stored.run.scores] == ["rmse"]


def test_scores_that_were_rescored_are_those_of_a_run_from_scratch(world: World, tmp_path: Path) -> None:
    world.run(MEDIAN)
    asking(world, **OTHERWISE).run(MEDIAN)
    fresh = asking(World(world.card, tmp_path / "fresh"), **OTHERWISE)
    fresh.run(MEDIAN)
    (one,), (other,) = (list(w.results().values()) for w in (world, fresh))
    assert one.about == other.about
    assert (one.run.scores, one.run.slices) == (other.run.scores, other.run.slices)
    ours, theirs = one.replicates(), other.replicates()
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert json.loads((one.folder / PAGE).read_text()).keys() == {
        *("about", "run", "files", "sha256", "version")
    }
