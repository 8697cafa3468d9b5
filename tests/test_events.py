"""Events: a data set whose label is 0 or 1, from the card to the score; and the naive reference for it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from predicted import guesses, question, written
from sklearn.metrics import average_precision_score, roc_auc_score
from worlds import BASELINES, World, write_baseline

from benchmark.contract import conformance, probe
from benchmark.contract.conformance import check
from benchmark.data.prepare import prepare
from benchmark.errors import DataError
from benchmark.history import RECENT
from benchmark.outside.predictions import read_predictions
from benchmark.run.truth import read_truth, truth_folder_of
from benchmark.run.verify import verify_store
from benchmark.scores.kinds import KINDS

pytestmark = [pytest.mark.usefixtures("preloaded"), pytest.mark.slow]

PROBABLE = """
def fit(self, train, y):
    self.rate = y.mean(axis=0)

def predict(self, posts):
    words = np.array([len(text.split()) for text in posts.text()])
    return np.clip(self.rate + (words[:, None] - 4) / 20, 0, 1)
"""
"""A baseline that answers with probabilities."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path, posts=160, kind="event").with_only("one", "frozen")


def answering(folder: Path, name: str, line: str) -> Path:
    body = f"def predict(self, posts):\n    {line}"
    return write_baseline(folder, name, body, "answers = {'event'}")


def test_a_task_of_events_is_scored_as_its_kind_asks(world: World, tmp_path: Path) -> None:
    mine = write_baseline(tmp_path / "mine", "mine", PROBABLE, "answers = frozenset({'event'})")
    assert world.run(mine).counts == {"ok": 1}
    (stored,) = world.results().values()
    told, run = stored.about, stored.run
    assert (told.kind, told.primary, told.reference) == ("event", "average_precision", "recent_rate")
    assert [one.measure for one in run.scores] == [
        *("average_precision", "auc", "precision_at_tenth", "recall_at_tenth"),
        *("brier", "log_loss", "calibration_error"),
    ]
    left_out = [name for name in told.measures if name not in {one.measure for one in run.scores}]
    assert left_out == ["week_spearman", "week_ndcg", "week_best"], "these labels rest on no count"
    y = read_truth(truth_folder_of(stored))["label_likes"].to_numpy()
    points = stored.predictions()["likes"].to_numpy().astype(np.float64)
    values = {one.measure: one.value for one in run.scores}
    assert values["average_precision"] == pytest.approx(average_precision_score(y, points))
    assert values["auc"] == pytest.approx(roc_auc_score(y, points))
    assert values["brier"] == pytest.approx(((y - points) ** 2).mean())
    assert {one.measure for one in run.slices} == {"average_precision", "auc"}
    assert stored.replicates().keys() == {f"likes/{one.measure}" for one in run.scores}
    assert run.base_rates == (y.mean(),)
    verified = verify_store(world.home, {world.card.name: world.card})
    assert (verified.checked, verified.problems) == (1, [])


def test_a_baseline_of_another_kind_is_skipped_with_a_reason(world: World) -> None:
    assert world.run(BASELINES / "recent_median.py").counts == {"skipped": 1}
    (stored,) = world.results().values()
    assert stored.run.told == "skipped: answers regression, and this task is of kind event"


def test_a_baseline_that_answers_both_kinds_runs_on_both(tmp_path: Path) -> None:
    path = write_baseline(tmp_path / "mine", "both", "", "answers = {'event', 'regression'}")
    for kind in ("event", "regression"):
        world = World.make(tmp_path / kind, posts=120, kind=kind).with_only("one", "frozen")
        assert world.run(path).counts == {"ok": 1}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("return np.where(posts.ids == posts.ids[4], 1.2, 0.5)[:, None]", "1.2"),
        ("return np.where(posts.ids == posts.ids[4], -0.1, 0.5)[:, None]", "-0.1"),
        ("return np.where(posts.ids == posts.ids[4], np.nan, 0.5)[:, None]", "nan"),
    ],
)
def test_what_is_no_probability_is_blamed_on_its_post(
    world: World, tmp_path: Path, line: str, value: str
) -> None:
    world.run(answering(tmp_path / "mine", "mine", line))
    (stored,) = world.results().values()
    assert stored.run.status == "failed"
    fifth = question(world).test_ids[4]
    problem = "predictions are not a number from 0 to 1; the first is"
    assert f"{problem} {value} for post {fifth}, target 'likes'" in (stored.run.reason or "")


def test_a_file_of_predictions_from_elsewhere_is_held_to_the_same(world: World, tmp_path: Path) -> None:
    prepare(world.card, world.home, ())
    asked = question(world)
    sound = guesses(asked).assign(likes=0.25)
    assert (read_predictions(written(sound, tmp_path / "p.csv"), asked).points == 0.25).all()
    wrong = sound.assign(likes=[1.2, *sound["likes"][1:]])
    with pytest.raises(
        DataError, match=r"row 2, column 'likes', value '1.2': a prediction is a number from 0"
    ):
        read_predictions(written(wrong, tmp_path / "wrong.csv"), asked)


def test_a_label_that_is_neither_0_nor_1_is_refused_with_its_post_and_its_file(world: World) -> None:
    raw = world.card.folder / "raw" / "posts.csv"
    with raw.open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[7]["likes"] = "0.5"
    with raw.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (problem,) = world.run(BASELINES / "recent_rate.py").problems
    assert f"the first is that of post '{rows[7]['post_id']}'" in problem
    assert f"{world.card.folder / 'card.toml'}, column 'likes', value 0.5: 1 labels of task 'one'" in problem
    assert "1 where it happened to the post, 0 where it did not" in problem


def test_results_of_a_count_are_not_taken_for_those_of_an_event(tmp_path: Path) -> None:
    """A card that comes to ask for events asks another question, even of the same labels."""
    world = World.make(tmp_path, posts=120, kind="event").with_only("one", "frozen")
    (task,) = world.card.tasks
    asked_of = {"measures": ("mae",), "primary": "mae", "reference": "recent_median", "kind": "regression"}
    counts = world.card.model_copy(update={"tasks": (task.model_copy(update=asked_of),)})
    large = "def predict(self, posts):\n    return np.full((len(posts), 1), 1.2)"
    mine = write_baseline(tmp_path / "mine", "mine", large, "answers = {'event', 'regression'}")
    assert World(counts, world.home).run(mine).counts == {"ok": 1}
    assert world.run(mine).counts == {"failed": 1}


def test_the_recent_rate_is_the_share_among_the_newest_labels_shrunk_towards_that_of_all(
    world: World,
) -> None:
    world.run(BASELINES / "recent_rate.py")
    (stored,) = world.results().values()
    predicted = dict(zip(*stored.predictions().to_pydict().values(), strict=True))
    asked = question(world)
    posts, windows = asked.posts, asked.windows
    train, users = windows.train, posts.users
    everything = posts.labels[train, 0].mean()
    assert 0 < everything < 1
    for i in windows.test:
        own = posts.labels[train[users[train] == users[i]], 0][-RECENT:]
        expected = (len(own) * own.mean() + everything if len(own) else everything) / (len(own) + 1)
        assert predicted[posts.table["post_id"][int(i)].as_py()] == pytest.approx(expected, rel=1e-6)
    known = {len(train[users[train] == user]) for user in users[windows.test]}
    assert 0 in known and max(known) > 1, "accounts with and without a known label are among them"


@pytest.mark.slow
def test_the_recent_rate_keeps_the_rules_and_is_asked_for_events_alone() -> None:
    findings = check(BASELINES / "recent_rate.py")
    assert not [str(finding) for finding in findings if not finding.ok]
    assert {finding.kind for finding in findings if finding.rule != conformance.LOADS} == {
        "event",
        "viral",
    }
    assert any(str(finding) == f"ok   {conformance.BLIND} [event]" for finding in findings)


@pytest.mark.slow
def test_an_answer_that_is_no_probability_breaks_a_rule(tmp_path: Path) -> None:
    path = answering(tmp_path, "sure", "return np.full((len(posts), len(posts.targets)), 1.2)")
    broken = {finding.rule: finding.detail for finding in check(path) if not finding.ok}
    assert "93 of 93 predictions are not a number from 0 to 1" in broken[probe.SHAPE]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ("{'evnt'}", "`answers`: unknown kind of task 'evnt'; did you mean 'event'?"),
        ("set()", f"`answers` names no kind of task; there are {', '.join(KINDS)}"),
    ],
)
def test_a_baseline_that_answers_nothing_is_one_finding(answers: str, told: str, tmp_path: Path) -> None:
    (finding,) = check(write_baseline(tmp_path, "mine", "", f"answers = {answers}"))
    assert (finding.ok, finding.detail) == (False, told)
