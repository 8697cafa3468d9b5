"""Of labels that mean nothing, mistakes that let labels in make a score; and what mistakes are worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

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
from scipy.stats import spearmanr
from worlds import write_baseline

from benchmark.scores.bootstrap import interval, replicates
from benchmark.scores.clusters import clusters
from benchmark.scores.drawn import drawn_from
from benchmark.scores.measures import measure
from benchmark.scores.measures.measure import Predicted
from benchmark.scores.measures.resamples import Resamples
from benchmark.scores.uncertainty import Uncertainty
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made
from pitfalls.price.inflation import priced
from pitfalls.price.report import lines
from pitfalls.price.study import Study


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_of_an_error_less_is_better(of_noise: Study) -> None:
    said, _ = sides(of_noise.ground)
    perfect = replace(said, predicted=of_noise.ground.posts.labels[said.rows].astype(np.float32))
    for one in priced(of_noise.ground.posts, Made(perfect), said).inflations:
        assert one.told == "inflates"
