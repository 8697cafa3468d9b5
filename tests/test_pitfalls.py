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
from scipy.stats import spearmanr
from typer.testing import CliRunner
from worlds import BASELINES, World, write_baseline

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.declared.card import Card
from benchmark.errors import BaselineError, SmpbenchError, UnknownName
from benchmark.finding.discovery import baseline_files, find, load, load_all
from benchmark.run.plan import choose
from benchmark.run.progress import Progress
from benchmark.run.store import Store
from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.clusters import clusters
from benchmark.scores.drawn import drawn_from
from benchmark.scores.measures import measure
from benchmark.scores.measures.measure import Predicted
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.uncertainty import Uncertainty
from pitfalls.honest.begin import Begun, begin
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.laid_open import laid_open
from pitfalls.honest.mistake import Made, Mistake
from pitfalls.price.inflation import Inflation, priced
from pitfalls.price.kept import Kept
from pitfalls.price.mistakes import MISTAKES
from pitfalls.price.report import lines, markdown, tidy
from pitfalls.price.study import Row, Study, study
from smpbench.cli.main import app
from smpbench.door.names import chosen_baseline

FOLDER = PROJECT / "pitfalls"


def begun_with(
    world: World, baseline: Path, spec: str = "", *, protocol: str = "frozen", task: str | None = "one"
) -> Begun:
    return begin(
        world.card,
        choose(spec, load(baseline)),
        world.home,
        (),
        task=task,
        protocol=protocol,
        profile="bundled",
        seed=0,
        progress=Progress(),
    )


def studied(world: World, begun: Begun, *names: str) -> Study:
    kept = Kept.of(world.home, begun.cell, begun.key)
    asked = [MISTAKES[name] for name in names or MISTAKES]
    return study(begun.ground, begun.cell.variant, asked, kept, Progress())


def spearman_of(of: Study, name: str) -> Inflation:
    row = row_of(of, name)
    assert row.price is not None, (row.failed, row.not_possible)
    return next(one for one in row.price.inflations if one.measure == "spearman")


def row_of(of: Study, name: str) -> Row:
    return next(row for row in of.rows if row.mistake.name == name)


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


# Labels of pure noise

NOISE_CARD = """\
name = "noise"
title = "Labels that nothing tells of"
reader = "table"
raw = "raw/posts.csv"
licence = "none: made up"
obtain = "Made up by a test."

[columns]
post_id = { role = "id" }
user_id = { role = "user" }
time = { role = "time" }
text = { role = "text" }
followers = { role = "numeric", availability = "crawl" }

[facts.readings]
raw = "readings.csv"
[facts.readings.columns]
known_at = { role = "known_at" }
post = { role = "post" }
likes = { role = "numeric" }

[targets]
likes = {}

[[tasks]]
name = "one"
targets = ["likes"]
protocols = { frozen = { cut_off = 2021-03-17, embargo_days = 3 }, rolling = { cut_off = 2021-03-17 } }
"""
START = np.datetime64("2021-01-01", "s")


def noise(folder: Path, *, posts: int = 800, users: int = 80, twins: int = 0, seed: int = 0) -> World:
    """Posts whose labels are drawn; the newest `twins` repeat an old one, label and text."""
    rng = np.random.default_rng(seed)
    days, labels = np.sort(rng.uniform(0, 100, posts)), rng.normal(10, 1, posts)
    words = [" ".join(f"word{i}" for i in rng.integers(0, 500, 6)) for _ in range(posts)]
    old = rng.choice(posts // 2, twins, replace=False)
    if twins:
        labels[-twins:], words[-twins:] = labels[old], [words[i] for i in old]
    rows = [
        {
            "post_id": f"p{i}",
            "user_id": f"u{rng.integers(users)}",
            "time": moment(days[i]),
            "text": words[i],
            "followers": round(100 * labels[i] + rng.normal(0, 100)),
            "likes": labels[i],
        }
        for i in range(posts)
    ]
    readings = [
        {"known_at": moment(days[i] + 0.1), "post": f"p{i}", "likes": labels[i] / 2 + rng.normal(0, 0.2)}
        for i in range(posts)
    ]
    (folder / "raw").mkdir(parents=True)
    for name, content in {"posts": rows, "readings": readings}.items():
        with (folder / "raw" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
    (folder / "card.toml").write_text(NOISE_CARD)
    return World(load_card(folder / "card.toml"), folder / "data")


def moment(day: float) -> str:
    return str(START + np.timedelta64(round(day * 86_400), "s"))


def learner(folder: Path) -> Path:
    """Least squares on all numbers, and by heart what it has read before."""
    return write_baseline(
        folder,
        "learner",
        """
        def numbers(self, posts):
            found = posts.tabular().select_dtypes("number").to_numpy(np.float64)
            return np.column_stack([np.ones(len(found)), np.nan_to_num(found)])

        def fit(self, train, y):
            self.weights = np.linalg.lstsq(self.numbers(train), y, rcond=None)[0]
            self.known = dict(zip(train.text(), y))

        def predict(self, posts):
            found = self.numbers(posts) @ self.weights
            for i, text in enumerate(posts.text()):
                found[i] = self.known.get(text, found[i])
            return found.astype(np.float32)
        """,
    )


def guesser(folder: Path) -> Path:
    """It draws what it says: of 30 ways to draw it takes the one that did best on held-out posts."""
    return write_baseline(
        folder,
        "guesser",
        """
        def drawn(self, posts, way):
            return np.array([hash_of(f"{one} {way} {self.salt}") for one in posts.ids], np.float32)[:, None]

        def fit(self, train, y):
            held = train.holdout(0.2)
            told = y[held.check_rows]
            errors = [np.abs(told - 10 - self.drawn(held.check, way)).mean() for way in range(30)]
            self.way = int(np.argmin(errors))
            self.validation = 10 + self.drawn(held.check, self.way)

        def predict(self, posts):
            return 10 + self.drawn(posts, self.way)


        def hash_of(text):
            import hashlib

            return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32 - 0.5
        """.replace("\n\n\n        def hash_of", "\n\n        @staticmethod\n        def _hash_of").replace(
            "hash_of(f", "self._hash_of(f"
        ),
        attributes="salt: int = 1000",
    )


@pytest.fixture(scope="module")
def of_noise(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("noise")
    world = noise(folder / "world")
    return studied(world, begun_with(world, learner(folder)))


@pytest.mark.slow
def test_of_noise_the_honest_protocol_tells_that_nothing_is_told(of_noise: Study) -> None:
    posts, said = of_noise.ground.posts, of_noise.honest
    found = Resamples(clusters(posts.users[said.rows], posts.times[said.rows]))
    y = posts.labels[said.rows, 0]
    drawn = replicates(measure("spearman"), y, Predicted.of(said.predicted[:, 0]), found)
    low, high = interval(drawn, n_clusters=found.n_clusters)
    assert low < 0 < high


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["random_split_user_means", "target_encoding", "crawl_columns", "early_readings"]
)
def test_of_noise_a_mistake_that_lets_labels_in_makes_a_score(of_noise: Study, name: str) -> None:
    found = spearman_of(of_noise, name)
    assert found.told == "inflates"
    assert found.wrong is not None and found.wrong > 0.15


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["random_split", "no_embargo", "fitted_on_test", "pseudo_labels", "batch_spearman", "drop_last"]
)
def test_of_noise_a_mistake_that_lets_no_label_in_makes_none(of_noise: Study, name: str) -> None:
    assert spearman_of(of_noise, name).told == "cannot tell"


def test_what_a_set_or_a_baseline_does_not_allow_is_listed_with_the_reason(of_noise: Study) -> None:
    refused = {row.mistake.name: row.not_possible for row in of_noise.rows if row.not_possible}
    assert set(refused) == {"duplicates", "stopped_on_test", "best_of_twenty"}
    assert refused["stopped_on_test"] == "learner chooses nothing on held-out posts"
    told = "\n".join(lines(of_noise, "likes"))
    for row in of_noise.rows:
        assert row.mistake.title in told
    assert "not possible here: no text of 3 words or more stands on both sides of the cut-off" in told


@pytest.mark.slow
def test_of_noise_twins_across_the_cut_off_make_a_score(tmp_path: Path) -> None:
    world = noise(tmp_path / "world", twins=60)
    found = studied(world, begun_with(world, learner(tmp_path)), "duplicates")
    assert spearman_of(found, "duplicates").told == "inflates"
    row = row_of(found, "duplicates")
    assert row.price is not None and row.price.n_wrong - row.price.n_honest == 60


@pytest.mark.slow
def test_of_noise_choosing_on_the_test_makes_a_score(tmp_path: Path) -> None:
    world = noise(tmp_path / "world")
    found = studied(world, begun_with(world, guesser(tmp_path)), "stopped_on_test", "best_of_twenty")
    for row in found.rows:
        one = spearman_of(found, row.mistake.name)
        assert one.inflation is not None and one.inflation > 0
        assert one.wrong is not None and one.wrong > 0.08
    row = row_of(found, "best_of_twenty")
    assert row.made is not None and row.made.against == "the best of the 20 on held-out training posts"


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


def test_where_the_test_posts_are_the_same_the_difference_is_paired(of_noise: Study) -> None:
    unpaired = {row.mistake.name for row in of_noise.rows if row.price and not row.price.paired}
    assert unpaired == {"random_split", "random_split_user_means"}


# The arithmetic


def sides(ground: Ground) -> tuple[Said, np.ndarray]:
    rng = np.random.default_rng(5)
    rows = ground.windows.test
    said = Said(rows, (ground.posts.labels[rows] + rng.normal(0, 2, (len(rows), 1))).astype(np.float32))
    return said, ground.posts.labels[rows, 0]


@pytest.mark.slow
def test_a_measure_over_batches_is_the_mean_of_the_batches(of_noise: Study) -> None:
    said, y = sides(of_noise.ground)
    (found, _) = priced(of_noise.ground.posts, Made(said, batches=64), said).inflations
    cut = range(0, len(y), 64)
    by_batch = [spearmanr(y[i : i + 64], said.predicted[i : i + 64, 0]).statistic for i in cut]
    assert found.wrong == pytest.approx(np.mean(by_batch))
    assert found.honest == pytest.approx(spearmanr(y, said.predicted[:, 0]).statistic)
    assert found.low is not None and found.high is not None and found.inflation is not None
    assert found.low < found.inflation < found.high


@pytest.mark.slow
def test_the_interval_of_a_mean_over_batches_lies_around_it(of_noise: Study) -> None:
    """In a resample batches hold other posts, and their mean is another one: that is no part of the price."""
    said, _ = sides(of_noise.ground)
    for one in priced(of_noise.ground.posts, Made(said, batches=20), said).inflations:
        assert one.low is not None and one.high is not None and one.inflation is not None
        assert one.low < one.inflation < one.high


@pytest.mark.slow
def test_a_part_of_the_posts_is_held_against_all_of_them_on_the_same_resamples(of_noise: Study) -> None:
    said, y = sides(of_noise.ground)
    kept = np.arange(len(y)) % 10 > 0
    _, found = priced(of_noise.ground.posts, Made(said.part(kept)), said).inflations
    posts = of_noise.ground.posts
    of = clusters(posts.users[said.rows], posts.times[said.rows])
    error = np.abs(y - said.predicted[:, 0].astype(np.float64))
    (counts,) = [drawn for _, drawn in Resamples(of).blocks()]
    weights = counts[:, of].astype(np.float64)
    whole = weights @ error / weights.sum(axis=1)
    part = weights[:, kept] @ error[kept] / weights[:, kept].sum(axis=1)
    drawn = drawn_from(of, posts.users[said.rows], posts.times[said.rows])
    wanted = Uncertainty(drawn).interval(whole - part)
    assert (found.low, found.high) == pytest.approx(wanted)


def test_of_an_error_less_is_better(of_noise: Study) -> None:
    said, _ = sides(of_noise.ground)
    perfect = replace(said, predicted=of_noise.ground.posts.labels[said.rows].astype(np.float32))
    for one in priced(of_noise.ground.posts, Made(perfect), said).inflations:
        assert one.told == "inflates"


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
