"""The ceiling of virality: the best probability that anybody can give of a planted event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from generated import DATASETS, prepare
from scipy.stats import norm
from table_sets import table_card
from worlds import BASELINES, World

from benchmark.data.cards import load_card
from benchmark.data.prepared import Prepared
from benchmark.declared.card import Card
from benchmark.declared.task import Viral
from benchmark.errors import DataError
from benchmark.run.tasks import TaskPosts
from benchmark.virality.derived import best_probability

VIRAL = {"of": "likes", "share": 0.1, "window_days": 30, "minimum": 20, "matured_days": 1}
GENERATOR = """
import argparse, pathlib, numpy as np
parser = argparse.ArgumentParser()
parser.add_argument("--out", type=pathlib.Path); parser.add_argument("--posts", type=int)
asked = parser.parse_args()
asked.out.mkdir(parents=True)
rng = np.random.default_rng(0)
level = np.sort(rng.choice(200 * 1440, asked.posts, replace=False))
known = rng.normal(9, 1, asked.posts)
likes = np.expm1(known + rng.normal(0, NOISE, asked.posts)).round().astype(int)
with open(asked.out / "posts.csv", "w") as posts, open(asked.out / "ceiling.csv", "w") as ceiling:
    print("post_id,user_id,time,text,width,likes", file=posts)
    print("post_id,likes" + HEAD, file=ceiling)
    for i, minute in enumerate(level):
        time = np.datetime64("2021-01-01T00:00") + int(minute)
        print(f"p{i},u,{time},t,1,{likes[i]}", file=posts)
        print(f"p{i},{known[i]:.4f}{TOLD}", file=ceiling)
"""


def planted(folder: Path, *, head: str = ",likes_noise", told: str = ",0.5", rule: Any = VIRAL) -> Card:
    folder.mkdir(exist_ok=True)
    (folder / "generate.py").write_text(f"NOISE, HEAD, TOLD = 0.5, {head!r}, {told!r}\n{GENERATOR}")
    protocols = {"frozen": {"cut_off": "2021-06-01", "embargo_days": 1}}
    return table_card(
        folder,
        synthetic=True,
        generator={"script": "generate.py", "posts": 3000, "ceiling": "ceiling.csv"},
        targets={"likes": {"scale": "log1p"}, "viral": {"viral": rule}},
        tasks=[{"name": "virality", "kind": "event", "targets": ["viral"], "protocols": protocols}],
    )


def of_task(prepared: Prepared) -> TaskPosts:
    return TaskPosts.of(prepared, prepared.card.task("virality"))


@pytest.mark.slow
def test_the_ceiling_of_a_planted_event_is_calibrated(tmp_path: Path) -> None:
    prepared = prepare(planted(tmp_path), tmp_path / "home")
    assert prepared.targets()["ceiling_noise_likes"].unique().to_pylist() == [0.5]
    posts = of_task(prepared)
    assert posts.ceiling is not None
    known = ~np.isnan(posts.labels[:, 0])
    label, best = posts.labels[known, 0], posts.ceiling[known, 0]
    assert np.isnan(posts.ceiling[~known]).all()
    off = (label - best).sum() / np.sqrt((best * (1 - best)).sum())
    assert abs(off) < 3
    for low, high in ((0, 0.1), (0.1, 0.5), (0.5, 1)):
        within = (best >= low) & (best < high)
        error = np.sqrt((best[within] * (1 - best[within])).sum())
        assert abs((label[within] - best[within]).sum()) < 3.5 * error


@pytest.mark.slow
@pytest.mark.parametrize("told", [True, False])
def test_the_row_of_the_ceiling_is_there_where_the_noise_is_told_and_nothing_breaks_where_not(
    tmp_path: Path, told: bool
) -> None:
    card = planted(tmp_path / "card") if told else planted(tmp_path / "card", head="", told="")
    world = World(card, tmp_path)
    assert world.run(BASELINES / "recent_rate.py", allow_generator=True).problems == []
    found = world.results()
    assert ("virality frozen ceiling 0" in found) == told
    if told:
        best = {one.measure: one.value for one in found["virality frozen ceiling 0"].run.scores}
        (other,) = [one for name, one in found.items() if "ceiling" not in name]
        scores = {one.measure: one.value for one in other.run.scores}
        assert best["average_precision"] > scores["average_precision"] + 0.2
        assert best["brier"] < scores["brier"]


@pytest.mark.slow
def test_of_a_weighed_count_no_ceiling_is_known(tmp_path: Path) -> None:
    card = planted(tmp_path, rule=VIRAL | {"of": {"likes": 2}})
    assert of_task(prepare(card, tmp_path / "home")).ceiling is None


@pytest.mark.slow
@pytest.mark.parametrize("told", [",0", ",-1", ","])
def test_a_noise_that_is_none_is_refused(tmp_path: Path, told: str) -> None:
    with pytest.raises(DataError, match=r"ceiling\.csv, row 2, column 'likes_noise'"):
        prepare(planted(tmp_path, told=told), tmp_path / "home")


def best(**columns: list[float]) -> Any:
    return best_probability(
        Viral.model_validate({"of": "likes"}), np.array([1.0, 1.0, np.nan]), pa.table(columns)
    )


def test_the_best_probability_is_that_of_the_noise_to_make_up_what_is_lacking() -> None:
    found = best(ceiling_likes=[1.0, 0.0, 0.0], ceiling_noise_likes=[2.0, 0.5, 1.0])
    np.testing.assert_allclose(found[:2], [0.5, norm.sf(2)])
    assert np.isnan(found[2])
    assert best(ceiling_likes=[1.0, 0.0, 0.0]) is None


def test_all_demos_plant_virality() -> None:
    for name in ("demo_tweets", "demo_flickr", "demo_network"):
        card = load_card(DATASETS / name / "card.toml")
        assert [rule.of for task in card.tasks for rule in card.derived(task.name)]
        assert all(len(rule.of) == 1 for task in card.tasks for rule in card.derived(task.name))
