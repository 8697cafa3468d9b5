"""LEADERBOARD.md: the tables as a person reads them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchmark.scores.metrics import METRICS
from leaderboard.board.overview import overview
from leaderboard.board.study import studies
from leaderboard.tables.rows import REFERENCE, Row
from leaderboard.tables.scores import EXTERNAL
from leaderboard.together.aggregate import AggregateError, aggregate
from leaderboard.together.format import aggregate_markdown

PRIMARY = "mae"
"""Tables are sorted by it; the difference to the best row is shown in it."""

INTRODUCTION = f"""\
# Leaderboard

How well the popularity of a post is predicted before it is published. Every score comes from predictions
made under the rules of [docs/protocol.md](../docs/protocol.md), and `smpbench verify` re-derives it.

- In brackets: 95% interval from a bootstrap over whole users (over stretches of time for a single account),
  and over seeds where a row has several.
- Skill: 1 − MAE / MAE of `{REFERENCE}`, the naive reference. 0 is no better than the account's recent level.
- Δ MAE: paired difference to the best row; **a row whose interval holds 0 cannot be told from the best.**
- Spearman of a constant prediction counts as 0.
- *external*: only the predictions are known; how they came about cannot be checked.
- Ceiling (synthetic data only): the planted score without its noise. Under `frozen` it knows an account's
  momentum during the test period, which no baseline can.
"""


def markdown(board: pd.DataFrame, rows: Sequence[Row]) -> str:
    """The whole page. Real data sets come first; synthetic ones stand apart and are called so."""
    titles = {row.first["dataset"]: row.first["title"] for row in rows}
    synthetic = synthetic_sets(rows)
    board = board[~board["study"].astype(bool)]
    scored = board[board["protocol"] != "official"]
    parts = [INTRODUCTION]
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
                _together(board, synthetic),
            ]
        for dataset in chosen:
            parts.append(f"### {titles[dataset]} (`{dataset}`)\n")
            of_dataset = scored[scored["dataset"] == dataset]
            for (task, target, protocol), lines in of_dataset.groupby(
                ["task", "target", "protocol"], sort=False
            ):
                parts += [_caption(task, target, protocol, lines), table(lines)]
    if studied := studies(rows):
        parts.append(studied)
    official = board[(board["protocol"] == "official") & (board["status"] == "ok")]
    if len(official):
        kept = official.groupby("dataset", sort=False)["n_test"].first()
        counts = ", ".join(f"`{name}` ({n:,.0f} posts)" for name, n in kept.items())
        parts.append(
            "## Official test sets\n\nTheir labels are withheld by the organisers. Predictions are kept for "
            f"a submission: {counts}.\n"
        )
    return "\n".join(parts)


def _together(board: pd.DataFrame, synthetic: set[str]) -> str:
    try:
        return aggregate_markdown(aggregate(board, synthetic=synthetic))
    except AggregateError as error:
        return f"There is no aggregate: {error}.\n"


def synthetic_sets(rows: Sequence[Row]) -> set[str]:
    """Names of the data sets that are made up."""
    return {row.first["dataset"] for row in rows if row.first["synthetic"]}


def table(lines: pd.DataFrame) -> str:
    """One table: rows of a (task, target, protocol), publish-time rows first, each part by its rank."""
    metrics = [name for name in METRICS if name in set(lines["metric"].dropna())]
    heads = ["#", "baseline", *(f"{METRICS[name].title} {METRICS[name].arrow}".strip() for name in metrics)]
    heads += ["skill ↑", "Δ MAE"]
    text = [" | ".join(heads), " | ".join(["--:", ":--", *("--:" for _ in heads[2:])])]
    for _, row in _ordered(lines):
        text.append(" | ".join(_cells(row, metrics)))
    return "\n".join(f"| {line} |" for line in text) + "\n"


def _ordered(lines: pd.DataFrame) -> list[tuple[object, pd.DataFrame]]:
    """A frame a row: publish-time rows before crawl-time ones, ceilings on top, then by rank."""
    grouped = lines.groupby(["crawl", "baseline", "variant", "encoders"], sort=False)

    def standing(item: tuple[object, pd.DataFrame]) -> tuple[object, ...]:
        row = item[1]
        rank = row.loc[row["metric"] == PRIMARY, "rank"]
        status = row["status"].iloc[0]
        order = {"ceiling": 0, "ok": 1}.get(status, 2)
        return row["crawl"].iloc[0], order, float(rank.iloc[0]) if len(rank) else 0.0

    return sorted(grouped, key=standing)


def _cells(row: pd.DataFrame, metrics: Sequence[str]) -> list[str]:
    first, by_metric = row.iloc[0], row.set_index("metric")
    variant = "*external*" if first["variant"] == EXTERNAL else first["variant"]
    name = f"`{first['baseline']}`" + (f" {variant}" if variant != "default" else "")
    name += " *with crawl-time columns*" if first["crawl"] else ""
    if first["status"] == "ceiling":
        name = "*ceiling: the noiseless score*"
    elif first["status"] != "ok":
        return ["", name, _one_line(first["status"]), *("" for _ in range(len(metrics) + 1))]
    rank = by_metric["rank"].get(PRIMARY)
    cells = ["" if pd.isna(rank) else f"{rank:.0f}", name]
    cells += [_scored(by_metric, metric) for metric in metrics]
    cells.append("" if pd.isna(first["skill"]) else f"{first['skill']:+.3f}")
    cells.append(_difference(by_metric))
    return cells


def _one_line(status: str) -> str:
    """A reason may hold whatever an exception says: bars and line breaks would tear the table."""
    return " ".join(status.split()).replace("|", r"\|")


def _scored(by_metric: pd.DataFrame, metric: str) -> str:
    if metric not in by_metric.index or pd.isna(by_metric.loc[metric, "score"]):
        return ""
    score = by_metric.loc[metric]
    if metric not in ("spearman", "mae", "mape"):
        return f"{score['score']:.3f}"
    return f"{score['score']:.3f} [{score['score_low']:.3f}, {score['score_high']:.3f}]"


def _difference(by_metric: pd.DataFrame) -> str:
    if PRIMARY not in by_metric.index:
        return ""
    score = by_metric.loc[PRIMARY]
    if pd.isna(score["delta_best"]):
        return "best" if score["rank"] == 1 else ""
    return f"{score['delta_best']:+.3f} [{score['delta_best_low']:+.3f}, {score['delta_best_high']:+.3f}]"


def _caption(task: str, target: str, protocol: str, lines: pd.DataFrame) -> str:
    known = lines[lines["n_test"].notna()]
    counts = (
        f": fitted on {known['n_train'].iloc[0]:,.0f} posts, tested on {known['n_test'].iloc[0]:,.0f}"
        if len(known)
        else ""
    )
    what = task if task == target else f"{task}, {target}"
    return f"**{what}, {protocol}**{counts}\n"
