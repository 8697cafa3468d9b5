"""Trial: a small made-up data set with everything awkward in it, on which a baseline is tried out.

After its cut-off come users and categories never seen before, empty texts, missing numbers and vectors,
images that are absent or broken. Labels follow user, topic and text, so that there is something to
learn. Its tasks are of one kind, which can be chosen. Facts beside the posts are readings of their counts,
and mentions of their accounts. It is written as raw files with a card, and prepared like any other data set.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmark.data.cards import load_card
from benchmark.declared.card import Card
from benchmark.scores.kinds.event import EVENT

NAME = "trial"
DAYS, CUT_OFF_DAY = 120, 80
LABELS, FACTS, CRAWL = "labels of the test posts", "facts that are known later", "columns of the crawl"
"""What can be exchanged; a baseline must not know it."""
TARGETS = ("likes", "shares", "comments")
VECTOR = 4

_CARD = """\
name = "trial"
title = "A made-up trial"
reader = "table"
raw = "raw/posts.csv"
licence = "none: made up"
obtain = "Made up by benchmark/contract/trial.py."

[columns]
post_id = { role = "id" }
user_id = { role = "user" }
time = { role = "time" }
category = { role = "category", level = 1 }
topic = { role = "category", level = 2 }
text = { role = "text" }
tags = { role = "tags" }
image = { role = "image" }
app = { role = "categorical" }
is_reply = { role = "categorical" }
width = { role = "numeric" }
never_given = { role = "numeric" }
latitude = { role = "place" }
style = { role = "vector" }
followers = { role = "numeric", availability = "crawl" }

[facts.readings]
raw = "readings.csv"
[facts.readings.columns]
known_at = { role = "known_at" }
post = { role = "post" }
likes = { role = "numeric" }

[facts.mentions]
raw = "mentions.csv"
[facts.mentions.columns]
known_at = { role = "known_at" }
author = { role = "user" }
mentioned = { role = "user" }

[targets]
likes = { scale = "SCALE" }
shares = { scale = "SCALE" }
comments = { scale = "SCALE" }

[[tasks]]
name = "three"
kind = "KIND"
targets = ["likes", "shares", "comments"]
protocols = { frozen = { cut_off = 2021-03-22, embargo_days = 3 }, rolling = { cut_off = 2021-03-22 } }

[[tasks]]
name = "one"
kind = "KIND"
targets = ["likes"]
protocols = { frozen = { cut_off = 2021-03-22, embargo_days = 3 }, rolling = { cut_off = 2021-03-22 } }
"""
VIRAL = "viral"
"""Kind of a trial: events that are derived of counts."""
_VIRAL = "".join(
    f'{name}_viral = {{ viral = {{ of = "{name}", within = "all", share = 0.3, minimum = 5 }} }}\n'
    for name in TARGETS
)
START = np.datetime64("2021-01-01", "s")


def write_trial(
    folder: Path,
    *,
    posts: int = 240,
    users: int = 24,
    seed: int = 0,
    permute_from_day: float | None = None,
    exchanged: Set[str] = frozenset({LABELS, FACTS}),
    kind: str = "regression",
) -> Card:
    """Write raw files and a card into `folder`; the same arguments give the same bytes.

    Args:
        kind: of the tasks. Labels are counts; of an event, whether a count is among the largest third; of
            `VIRAL`, events that are derived of the counts.
        permute_from_day: exchange the labels of the posts published from this day on among each other, and
            so too what the facts say that become known after its beginning.
        exchanged: which of these to exchange; and CRAWL, what is known of all posts only when crawled.
    """
    rng = np.random.default_rng(seed)
    days = np.sort(rng.uniform(0, DAYS, posts))
    labels = _labels(rng, rows := _rows(rng, days, users))
    facts = np.random.default_rng([seed, 1])  # of their own: they leave the posts as they are
    late_from = permute_from_day if permute_from_day is not None and FACTS in exchanged else np.inf
    readings = _readings(facts, rows, days, labels, late_from)
    mentions = _mentions(facts, users, late_from)
    if kind == EVENT.name:
        labels = (labels > np.quantile(labels, 2 / 3, axis=0)).astype(np.int64)
    if permute_from_day is not None and CRAWL in exchanged:
        for row, other in zip(rows, np.roll([row["followers"] for row in rows], posts // 2), strict=True):
            row["followers"] = str(other)
    if permute_from_day is not None and LABELS in exchanged:
        late = np.flatnonzero(days >= permute_from_day)
        labels[late] = labels[np.roll(late, len(late) // 2)]
    for row, values in zip(rows, labels, strict=True):
        row |= dict(zip(TARGETS, values.tolist(), strict=True))
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    for name, content in {"posts": rows, "readings": readings, "mentions": mentions}.items():
        with (folder / "raw" / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
    _draw(folder / "raw", rng)
    card = _CARD.replace("SCALE", "identity" if kind == EVENT.name else "log1p")
    if kind == VIRAL:
        for name in TARGETS:
            card = card.replace(f'"{name}"', f'"{name}_viral"')
        card = card.replace("[[tasks]]", _VIRAL + "\n[[tasks]]", 1)
    card = card.replace("KIND", EVENT.name if kind == VIRAL else kind)
    (folder / "card.toml").write_text(card, encoding="utf-8")
    return load_card(folder / "card.toml")


@dataclass(frozen=True)
class MadeUpFeatures:
    """Stands in for an encoder's features: vectors that depend on the post alone, a tenth of them missing."""

    encoding: str
    n: int
    dim: int = 8

    def rows(self, index: ArrayLike) -> NDArray[np.float32]:
        """float32 [m, dim]; zeros where there is nothing."""
        seed = int.from_bytes(hashlib.sha256(self.encoding.encode()).digest()[:4], "little")
        every = np.random.default_rng(seed).normal(size=(self.n, self.dim)).astype(np.float32)
        return every[np.asarray(index)] * self.ok(index)[:, None]

    def ok(self, index: ArrayLike) -> NDArray[np.bool_]:
        """bool [m]"""
        given: NDArray[np.bool_] = np.asarray(index) % 10 != 0
        return given


def _rows(rng: np.random.Generator, days: NDArray[np.float64], users: int) -> list[dict[str, object]]:
    """Everything but the labels. The last quarter of the users comes after the cut-off only."""
    regular = max(1, users * 3 // 4)
    rows: list[dict[str, object]] = []
    for i, day in enumerate(days):
        late = bool(day >= CUT_OFF_DAY)
        user = int(rng.integers(users if late else regular))
        topic = int(rng.integers(6 if late else 5))
        empty = rng.random() < 0.1
        words = " ".join(rng.choice(_WORDS, size=int(rng.integers(1, 9))))
        rows.append(
            {
                "post_id": f"p{i:05d}",
                "user_id": f"user{user}",
                "time": _moment(day),
                "category": "" if rng.random() < 0.05 else f"category{topic % 3}" if topic < 5 else "unseen",
                "topic": f"topic{topic}",
                "text": "" if empty else words,
                "tags": "" if empty else " ".join(words.split()[:3]),
                "image": "" if i % 5 == 0 else f"images/{i % 8}.jpg",
                "app": str(rng.choice(["web", "phone", ""])) if not late else str(rng.choice(["web", "tv"])),
                "is_reply": str(rng.random() < 0.3).lower(),
                "width": "" if rng.random() < 0.1 else str(int(rng.integers(100, 2000))),
                "never_given": "",
                "latitude": "" if rng.random() < 0.5 else f"{rng.uniform(-60, 60):.3f}",
                "style": "" if i % 3 else str([round(float(x), 3) for x in rng.normal(size=VECTOR)]),
                "followers": str(int(rng.integers(10, 10_000))),
            }
        )
    return rows


def _labels(rng: np.random.Generator, rows: list[dict[str, object]]) -> NDArray[np.int64]:
    """int64 [n, targets]: counts. A user has a level, topic and every word add to it, the rest is noise."""
    levels = {user: rng.normal(5, 1.5) for user in sorted({str(row["user_id"]) for row in rows})}
    means = np.array(
        [
            levels[str(row["user_id"])]
            + 0.3 * int(str(row["topic"])[-1])
            + 0.1 * len(str(row["text"]).split())
            for row in rows
        ]
    )
    noisy = means[:, None] + rng.normal(0, 0.7, (len(rows), len(TARGETS))) - np.arange(len(TARGETS))
    return np.expm1(np.clip(noisy, 0.7, 12)).round().astype(np.int64)


def _readings(
    rng: np.random.Generator,
    posts: list[dict[str, object]],
    days: NDArray[np.float64],
    labels: NDArray[np.int64],
    late_from: float,
) -> list[dict[str, object]]:
    """The likes of each post half a day, two days and three weeks after it: the last are nearly its label."""
    ages = np.array([0.5, 2, 21])
    read_at = (days[:, None] + ages + rng.uniform(0, 0.1, (len(days), len(ages)))).ravel()
    likes = _exchanged((labels[:, :1] * (1 - np.exp(-ages))).round().ravel(), read_at > late_from)
    ids = np.repeat([str(row["post_id"]) for row in posts], len(ages))
    return [
        {"known_at": _moment(day), "post": post, "likes": int(count)}
        for day, post, count in zip(read_at, ids, likes, strict=True)
    ]


def _mentions(rng: np.random.Generator, users: int, late_from: float) -> list[dict[str, object]]:
    """Who mentions whom; some of the authors never post."""
    said_at = np.sort(rng.uniform(0, DAYS, 10 * users))
    authors = rng.integers(2 * users, size=len(said_at))
    mentioned = _exchanged(rng.integers(users, size=len(said_at)), said_at > late_from)
    return [
        {"known_at": _moment(day), "author": f"user{author}", "mentioned": f"user{other}"}
        for day, author, other in zip(said_at, authors, mentioned, strict=True)
    ]


def _exchanged(values: NDArray[Any], late: NDArray[np.bool_]) -> NDArray[Any]:
    """Those that are late, among each other."""
    values[late] = np.roll(values[late], late.sum() // 2)
    return values


def _moment(day: float) -> str:
    return str(START + np.timedelta64(round(day * 86_400), "s"))


def _draw(folder: Path, rng: np.random.Generator) -> None:
    """Images 0 to 5 are sound, 6 is broken, 7 is absent."""
    from PIL import Image

    (folder / "images").mkdir(exist_ok=True)
    for i in range(6):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{i}.jpg")
    (folder / "images" / "6.jpg").write_bytes(b"no image")


_WORDS = (
    "sun",
    "sea",
    "city",
    "cat",
    "dog",
    "night",
    "ride",
    "food",
    "snow",
    "red",
    "launch",
    "https://a.b",
    "#x",
)
