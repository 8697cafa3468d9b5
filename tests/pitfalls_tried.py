"""Mistakes tried on small worlds, among them one of labels that mean nothing."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from worlds import World, write_baseline

from benchmark.data.cards import load_card
from benchmark.finding.discovery import load
from benchmark.run.plan import choose
from benchmark.run.progress import Progress
from pitfalls.honest.begin import Begun, begin
from pitfalls.price.inflation import Inflation
from pitfalls.price.kept import Kept
from pitfalls.price.mistakes import MISTAKES
from pitfalls.price.study import Row, Study, study


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
