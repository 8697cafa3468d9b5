"""What viral means where a card does not say it: the account's top tenth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.data.cards import load_card
from benchmark.data.prepare import prepare
from benchmark.encoded import Features
from desk.model.fitting import Fitted, fit
from smpbench.door.names import chosen_baseline

CARD = """
name = "shop"
title = "A shop"
reader = "table"
raw = "./posts.csv"
licence = "ours"

[columns]
post_id = { role = "id", source = "id" }
user_id = { role = "user", source = "account" }
time = { role = "time" }

[targets]
likes = { scale = "log1p" }
rating = {}

[[tasks]]
name = "engagement"
targets = ["likes"]
protocols = { frozen = { test_fraction = 0.2 } }

[[tasks]]
name = "stars"
targets = ["rating"]
protocols = { frozen = { test_fraction = 0.2 } }
"""


def fitted(folder: Path, days: float, accounts: int = 1, task: str = "engagement") -> Fitted:
    """A model of 120 posts, of each account one every so many days."""
    rows = np.arange(120)
    posts = {
        "id": rows,
        "account": rows % accounts,
        "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(rows // accounts * days, "D"),
        "likes": 10 + rows * 37 % 50,
        "rating": rows % 5 / 2,
    }
    pd.DataFrame(posts).to_csv(folder / "posts.csv", index=False)
    (folder / "card.toml").write_text(CARD)
    prepared = prepare(load_card(folder / "card.toml"), folder / "home", ())
    return fit(prepared, chosen_baseline("recent_median"), _nothing, profile="bundled", task=task)


def _nothing(encoding: str) -> Features:
    raise AssertionError(f"{encoding} is asked for")


@pytest.mark.parametrize(("every", "window"), [(1.0, 30.0), (3.5, 90.0), (10.0, 365.0)])
def test_the_days_are_those_in_which_the_accounts_have_posts_enough(
    tmp_path: Path, every: float, window: float
) -> None:
    (viral,) = fitted(tmp_path, every).card.derived("goes_viral")
    assert viral.window_days == window
    assert viral.words == f"among the top 10% of likes of the account's last {window:g} days"


def test_where_no_account_has_posts_enough_it_says_so(tmp_path: Path) -> None:
    model = fitted(tmp_path, days=5, accounts=12)
    assert "goes_viral" not in {task.name for task in model.card.tasks}


def test_what_is_not_a_count_does_not_go_viral(tmp_path: Path) -> None:
    assert "goes_viral" not in {task.name for task in fitted(tmp_path, days=1, task="stars").card.tasks}
