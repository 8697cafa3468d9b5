"""LEADERBOARD.md: the tables as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from benchmark.scores.measures import MEASURES, measure
from benchmark.scores.narrow import sentences
from leaderboard.board.mistakes import mistakes
from leaderboard.board.overview import overview, synthetic_sets
from leaderboard.board.study import studies
from leaderboard.board.summary import summary
from leaderboard.tables.confidence_set import LEVEL
from leaderboard.tables.marked import code, marked
from leaderboard.tables.rows import Row, drawn_of_rows
from leaderboard.tables.scores import EXTERNAL
from leaderboard.tables.sealed import sealed_in_words
from leaderboard.tables.skill import arrow, title
from leaderboard.tables.table import Table
from leaderboard.together.aggregate import Aggregate, AggregateError
from leaderboard.together.format import aggregate_markdown

Lines = Mapping[str | None, Mapping[str, Any]]
"""The lines of one row by their measure."""

INTRODUCTION = """\
How well the popularity of a post is predicted before it is published. Every score comes from predictions
made under the rules of docs/protocol.md, and `smpbench verify` re-derives it.

- In brackets: 95% interval from a bootstrap over whole users (over stretches of time for a single account),
  and over seeds where a row has several. Of a row of one seed, no chance of training is in it.
- Rows are ranked by their task's primary measure, the one whose Δ is shown.
- Skill: 1 − error / error of the task's naive reference, by the primary measure. 0 is no better than it.
- **Bold**: the 95% confidence set of the best rows by the primary measure (Hansen, Lunde and Nason 2011): the
  best one is among them, and they cannot be told from it. Behind a rank: its 95% interval.
- Δ: paired difference to the row that scored best, a statement about this pair alone.
- Reads, where it is told: what the predictions of a row were made of, as it has asked for it. Metadata are
  the other columns and the calendar, history the account's past labels.
- A constant prediction puts nothing in order: its rank correlation counts as 0.
- *external*: only the predictions are known; how they came about cannot be checked.
- Ceiling (synthetic data only): the planted score without its noise. Under `frozen` it knows an account's
  momentum during the test period, which no baseline can.
"""


def markdown(
    board: pd.DataFrame,
    tables: Sequence[Table],
    together: Aggregate | AggregateError,
    left_out: Sequence[str] = (),
    prices: pd.DataFrame | None = None,
) -> str:
    """The whole page. Real data sets come first; synthetic ones stand apart and are called so.

    Args:
        tables: those that the board is of.
        together: the aggregate of the real data sets, or why there is none.
        left_out: results that are no part of the board, and why.
        prices: of mistakes, as `leaderboard.board.prices` reads them.
    """
    rows = [row for one in tables for row in one.rows]
    titles = {row.about.dataset: row.about.title for row in rows}
    synthetic = synthetic_sets(rows)
    board = board[~board["study"].astype(bool)]
    scored = board[board["protocol"] != "official"]
    parts = ["# Leaderboard\n", summary(tables), INTRODUCTION, f"{marked(sealed_in_words(rows))}\n"]
    for heading, chosen in (
        ("Real data", [name for name in titles if name not in synthetic]),
        ("Synthetic data", [name for name in titles if name in synthetic]),
    ):
        if chosen:
            parts.append(f"## {heading}\n")
        if chosen and heading == "Real data":
            parts += [
                overview(board, synthetic),
                "### All real data sets together\n",
                _together(together),
            ]
        for dataset in chosen:
            parts.append(f"### {marked(titles[dataset])} ({code(dataset)})\n")
            parts += [f"Selection: {marked(line)}\n" for line in _selections(rows, dataset)]
            parts += [f"May leak: {marked(line)}.\n" for line in _may_leak(rows, dataset)]
            of_dataset = scored[scored["dataset"] == dataset]
            for (task, target, protocol), lines in of_dataset.groupby(
                ["task", "target", "protocol"], sort=False
            ):
                parts.append(_caption(task, target, protocol, lines))
                parts += _base_rates(rows, (dataset, task, protocol), target)
                parts += _too_narrow(rows, (dataset, task, protocol), lines)
                parts.append(table(lines))
    if studied := studies(rows):
        parts.append(studied)
    official = board[(board["protocol"] == "official") & (board["status"] == "ok")]
    if len(official):
        kept = official.groupby("dataset", sort=False)["n_test"].first()
        counts = ", ".join(f"{code(name)} ({n:,.0f} posts)" for name, n in kept.items())
        parts.append(
            "## Official test sets\n\nTheir labels are withheld by the organisers. Predictions are kept for "
            f"a submission: {counts}.\n"
        )
    if prices is not None and (priced := mistakes(prices)):
        parts.append(priced)
    if left_out:
        told = "\n".join(f"- {marked(reason)}" for reason in left_out)
        parts.append(f"## Left out\n\nResults that are damaged, or contradict the rest.\n\n{told}\n")
    return "\n".join(parts)


def _base_rates(rows: Sequence[Row], of_table: tuple[str, str, str], target: str) -> list[str]:
    """Of an event: how many of the posts are some. It is what average precision is by chance."""
    here = [row for row in rows if row.about.table == of_table and row.base_rate(target) is not None]
    return [f"Base rate: {here[0].base_rate(target):.1%} of the test posts are events.\n"] if here else []


def _too_narrow(rows: Sequence[Row], of_table: tuple[str, str, str], lines: pd.DataFrame) -> list[str]:
    """What intervals fall short of, and by how much: of scores and differences by the primary measure."""
    here = [row for row in rows if row.about.table == of_table]
    drifts = lines.loc[lines["measure"] == lines["primary"], "drift"].dropna()
    told = sentences(drawn_of_rows(here), drifts.max() if len(drifts) else math.nan)
    return [f"{one}.\n" for one in told]


def _selections(rows: Sequence[Row], dataset: str) -> list[str]:
    """How the posts of a data set were chosen, where that bears on every score."""
    told = {row.about.selection for row in rows if row.about.dataset == dataset}
    return sorted(told - {""})


def _may_leak(rows: Sequence[Row], dataset: str) -> list[str]:
    """What the screen of a data set's columns has warned of, when its rows were computed."""
    return sorted({line for row in rows if row.about.dataset == dataset for line in row.run.may_leak})


def _together(found: Aggregate | AggregateError) -> str:
    if isinstance(found, AggregateError):
        return f"There is no aggregate: {marked(str(found))}.\n"
    return aggregate_markdown(found)


def table(lines: pd.DataFrame) -> str:
    """One table: rows of a (task, target, protocol), publish-time rows first, each part by its rank."""
    primary = str(lines["primary"].iloc[0])
    names = [name for name in MEASURES if name in set(lines["measure"].dropna())]
    heads = ["#", "baseline", *(f"{title(name)} {arrow(name)}".strip() for name in names)]
    reads = lines["reads"].any()  # results from before it was told say nothing
    heads += ["skill ↑", f"Δ {title(primary)}", *(["reads"] if reads else [])]
    text = [" | ".join(heads), " | ".join(["--:", ":--", *("--:" for _ in heads[2:])])]
    for row in _ordered(lines, primary):
        told = next(iter(row.values()))["reads"]
        cells = [marked(told)] if reads else []
        text.append(" | ".join([*_cells(row, names, primary), *cells]))
    return "\n".join(f"| {line} |" for line in text) + "\n"


def _ordered(lines: pd.DataFrame, primary: str) -> list[Lines]:
    """Publish-time rows before crawl-time ones, ceilings on top, then by rank."""
    found: dict[tuple[Any, ...], dict[str | None, dict[str, Any]]] = {}
    for line in lines.to_dict("records"):
        name = tuple(line[column] for column in ("crawl", "baseline", "variant", "profile"))
        found.setdefault(name, {})[line["measure"]] = line

    def standing(row: Lines) -> tuple[bool, int, float]:
        first = next(iter(row.values()))
        order = {"ceiling": 0, "ok": 1}.get(first["status"], 2)
        rank = row[primary]["rank"] if primary in row else 0
        return first["crawl"], order, math.inf if pd.isna(rank) else float(rank)

    return sorted(found.values(), key=standing)


def _cells(row: Lines, names: Sequence[str], primary: str) -> list[str]:
    first = next(iter(row.values()))
    variant = "*external*" if first["variant"] == EXTERNAL else marked(first["variant"])
    name = code(first["baseline"]) + (f" {variant}" if variant != "default" else "")
    name += " *with crawl-time columns*" if first["crawl"] else ""
    if first["status"] == "ceiling":
        name = "*ceiling: the noiseless score*"
    elif first["status"] != "ok":
        return ["", name, marked(first["status"]), *("" for _ in range(len(names) + 1))]
    cells = [_rank(row, primary), name]
    best = primary in row and row[primary]["set_p"] >= LEVEL
    cells += [f"**{_scored(row, one)}**" if best and one == primary else _scored(row, one) for one in names]
    cells.append("" if pd.isna(first["skill"]) else f"{first['skill']:+.3f}")
    cells.append(_difference(row, primary))
    return cells


def _rank(row: Lines, primary: str) -> str:
    """With its interval, where it might be another: `2 [1–7]`."""
    if primary not in row or pd.isna(row[primary]["rank"]):
        return ""
    rank, low, high = (row[primary][name] for name in ("rank", "rank_low", "rank_high"))
    return f"{rank:.0f}" if pd.isna(low) or low == high else f"{rank:.0f} [{low:.0f}–{high:.0f}]"


def _scored(row: Lines, name: str) -> str:
    if name not in row or pd.isna(row[name]["score"]):
        return ""
    score = row[name]
    if not measure(name).with_interval:
        return f"{score['score']:.3f}"
    return f"{score['score']:.3f}{_interval(score['score_low'], score['score_high'], '.3f')}"


def _difference(row: Lines, primary: str) -> str:
    if primary not in row:
        return ""
    score = row[primary]
    if pd.isna(score["delta_best"]):
        return "best" if score["rank"] == 1 else ""
    ends = score["delta_best_low"], score["delta_best_high"]
    return f"{score['delta_best']:+.3f}{_interval(*ends, '+.3f')}"


def _interval(low: float, high: float, digits: str) -> str:
    """Empty where it is undefined."""
    return "" if pd.isna(low) or pd.isna(high) else f" [{low:{digits}}, {high:{digits}}]"


def _caption(task: str, target: str, protocol: str, lines: pd.DataFrame) -> str:
    known = lines[lines["n_test"].notna()]
    counts = (
        f": fitted on {known['n_train'].iloc[0]:,.0f} posts, tested on {known['n_test'].iloc[0]:,.0f}"
        if len(known)
        else ""
    )
    what = marked(task if task == target else f"{task}, {target}")
    against = f"; skill against {code(lines['reference'].iloc[0])}"
    return f"**{what}, {marked(protocol)}**{counts}{against}\n"
