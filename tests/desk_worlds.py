"""A world for the desk: posts of a few accounts; likes follow from the account, a question and the hour."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from worlds import BASELINES, MadeUpEncoder

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.data.prepared import Prepared
from benchmark.finding.discovery import load
from benchmark.run.plan import choose
from desk.judging.content import Vectors
from desk.judging.judge import Judge
from desk.model.fitting import Fitted, fit
from desk.ranking import Draft, Ranking

START = dt.datetime(2021, 3, 1, tzinfo=dt.UTC)
DAYS = 60
GOOD_HOUR = 18
QUESTION = np.log(2)
"""What a question adds to the logarithm of the likes: it doubles them."""

CARD = """\
name = "mine"
title = "Mine"
reader = "table"
raw = "raw"
licence = "mine"
obtain = "Ask Ann."
[columns]
post_id = { role = "id" }
user_id = { role = "user" }
time = { role = "time" }
text = { role = "text" }
width = { role = "numeric" }
topic = { role = "category", level = 1 }
pinned = { role = "categorical" }
[targets]
likes = { TARGET }
[[tasks]]
name = "t"
targets = ["likes"]
KIND
protocols = { frozen = { cut_off = 2021-04-20 } }
"""


def write_world(
    folder: Path,
    posts: int = 300,
    accounts: int = 4,
    *,
    target: str = 'scale = "log1p"',
    kind: str = "",
    hour: float = 0.0,
    noise: float = 0.3,
    without: Iterable[str] = (),
) -> Path:
    """Write raw files and their card; the card's path.

    Args:
        hour: what an hour around GOOD_HOUR adds to the logarithm of the likes.
        without: columns that the data set does not have.
    """
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    for i in range(posts):
        at = START + dt.timedelta(minutes=round(i * DAYS * 24 * 60 / posts))
        account = int(rng.integers(accounts))
        question = rng.random() < 0.5
        words = " ".join(rng.choice(["cats", "dogs", "tea", "rain"], rng.integers(1, 9)))
        level = 2.5 + 0.8 * account + QUESTION * question + hour * (abs(at.hour - GOOD_HOUR) <= 1)
        likes = np.expm1(level + rng.normal(0, noise))
        rows.append(
            {
                "post_id": f"p{i}",
                "user_id": f"u{account}",
                "time": f"{at:%Y-%m-%dT%H:%M:%S}",
                "text": f"{words}{'?' if question else ''}",
                "width": round(float(rng.normal(50, 10)), 2),
                "topic": "home" if account < 2 else "work",
                "pinned": "true" if rng.random() < 0.2 else "false",
                "likes": round(likes),
            }
        )
    (folder / "raw").mkdir(parents=True, exist_ok=True)
    dropped = set(without)
    names = [name for name in rows[0] if name not in dropped]
    with (folder / "raw" / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    lines = CARD.replace("TARGET", target).replace("KIND", kind).splitlines()
    kept = [line for line in lines if line.partition(" ")[0] not in dropped]
    (folder / "card.toml").write_text("\n".join(kept) + "\n")
    return folder / "card.toml"


def fitted(card: Path, baseline: str = "recent_median", **told: Any) -> Fitted:
    """A model of a world, fitted here."""
    name, _, spec = baseline.partition(":")
    prepared = prepare(load_card(card), card.parent / "data", ())
    chosen = choose(spec, load(BASELINES / f"{name}.py"))
    return fit(prepared, chosen, lambda encoding: vectors(prepared, encoding), profile="bundled", **told)


def vectors(prepared: Prepared, encoding: str) -> Any:
    """What the made-up encoder makes of the posts' texts."""
    columns = prepared.posts()
    texts = columns["text"].to_pylist() if "text" in columns.column_names else [""] * len(columns)
    made = MadeUpEncoder(encoding).encode([text or "" for text in texts])
    return Vectors(made.vectors.astype(np.float32), made.ok)


def draft(number: int = 1, text: str = "cats and tea", **told: Any) -> Draft:
    """One that would be published after all posts of the world."""
    told = {"account": "u0", "at": START + dt.timedelta(days=DAYS + 1), **told}
    return Draft(number=number, name=f"draft {number}", text=text, **told)


def ranked(model: Fitted, *drafts: Draft) -> Ranking:
    return Judge(model).rank(drafts, {}, qualities=False)


def by_number(ranking: Ranking) -> dict[int, Any]:
    return {one.draft.number: one for one in ranking.drafts}
