"""Brief: the published board in two lines a data set, as the README shows it.

Of each real data set its question of how popular a post becomes (a task of regression where there is one), by
its first target: how many posts were predicted, which row did best, by how much it beats the naive reference,
and how many rows cannot be told from it. All the rest is in LEADERBOARD.md.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from leaderboard.tables.confidence_set import LEVEL
from leaderboard.tables.marked import code, marked
from leaderboard.tables.skill import SKILL

_HEADS = ("data set, task", "protocol", "posts", "best row", "its skill", "not told from it")
_ALIGNED = (":--", ":--", "--:", ":--", ":--", ":--")


def brief(board: pd.DataFrame, synthetic: set[str]) -> str:
    """The table; empty when no real data set has scores.

    Args:
        board: the lines of `leaderboard.csv`.
        synthetic: names of the data sets that are made up: they say nothing of a platform.
    """
    scored = board[(board["status"] == "ok") & board["measure"].notna()]
    scored = scored[~scored["crawl"].astype(bool) & ~scored["study"].astype(bool)]
    scored = scored[~scored["dataset"].isin(synthetic) & (scored["protocol"] != "official")]
    if scored.empty:
        return ""
    lines = [_HEADS, _ALIGNED]
    for dataset, of_dataset in scored.groupby("dataset"):
        task = _asked_first(of_dataset)
        of_task = of_dataset[of_dataset["task"] == task]
        of_task = of_task[of_task["target"] == of_task["target"].iloc[0]]
        name = f"{code(str(dataset))} {marked(task)}"
        for protocol, of_table in of_task.groupby("protocol"):
            lines.append((name, marked(str(protocol)), *_told(of_table)))
            name = ""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _asked_first(of_dataset: pd.DataFrame) -> str:
    numbers = of_dataset[of_dataset["kind"] == "regression"]
    return str((of_dataset if numbers.empty else numbers)["task"].min())


def _told(of_table: pd.DataFrame) -> tuple[str, str, str, str]:
    """Posts, best row, its skill with the interval, and the rows among which the best one is."""
    primary = of_table["primary"].iloc[0]
    ranked = of_table[(of_table["measure"] == primary) & of_table["rank"].notna()]
    posts = f"{of_table['n_test'].iloc[0]:,.0f}"
    if ranked.empty:
        return posts, "–", "–", "–"
    best = ranked.sort_values("rank", kind="stable").iloc[0]
    among = ranked[ranked["set_p"] >= LEVEL]
    reference = ", reference too" if (among["baseline"] == best["reference"]).any() else ""
    return posts, _named(best), _skill(of_table, best), f"{len(among)} of {len(ranked)}{reference}"


def _named(row: pd.Series[Any]) -> str:
    return code(row["baseline"]) + ("" if row["variant"] == "default" else f" {marked(row['variant'])}")


def _skill(of_table: pd.DataFrame, best: pd.Series[Any]) -> str:
    """Of one row: `+0.13 [+0.04, +0.21]`; a dash where there is none."""
    same = (of_table[name] == best[name] for name in ("baseline", "variant", "profile"))
    of_row = of_table[of_table["measure"] == SKILL]
    for one in same:
        of_row = of_row[one.reindex(of_row.index)]
    if of_row.empty or math.isnan(score := float(of_row["score"].iloc[0])):
        return "–"
    low, high = (float(of_row[end].iloc[0]) for end in ("score_low", "score_high"))
    return f"{score:+.2f}" + ("" if math.isnan(low) or math.isnan(high) else f" [{low:+.2f}, {high:+.2f}]")
