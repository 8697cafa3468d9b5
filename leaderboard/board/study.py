"""Study: the combinations of settings that a baseline compares, as a table of one setting by the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderboard.tables.rows import Row

LEGEND = (
    "Combinations of settings that `smpbench run --study` has run: MAE / Spearman, **bold**: the smallest\n"
    "MAE of its table. These are scores on the test posts, to be read and not to choose by: settings\n"
    "are to be chosen on a chronological holdout of the training posts.\n"
)


def studies(rows: Sequence[Row]) -> str:
    """A table a (data set, task, protocol, target, baseline); empty when no study was run."""
    ran = [row for row in rows if row.study and row.scored]
    if not ran:
        return ""
    parts = ["## Studies\n", LEGEND]
    for group in dict.fromkeys(_group(row) for row in ran):
        together = [row for row in ran if _group(row) == group]
        dataset, task, protocol, baseline, encoders, crawl = group
        for target in together[0].first["targets"]:
            what = f"{dataset} {task}" + (f", {target}" if target != task else "")
            told = f"encoders: {encoders}" + (", with crawl-time columns" if crawl else "")
            parts += [f"**`{baseline}` on {what}, {protocol}** ({told})\n", _table(together, target)]
    return "\n".join(parts)


def _group(row: Row) -> tuple[object, ...]:
    return *row.table, row.first["baseline"], row.first["encoders"], row.first["crawl"]


def _table(rows: Sequence[Row], target: str) -> str:
    first, *others = rows[0].study
    down = list(dict.fromkeys(row.first["settings"][first] for row in rows))
    across = list(dict.fromkeys(_across(row, others) for row in rows))
    found = {(row.first["settings"][first], _across(row, others)): row for row in rows}
    best = min(rows, key=lambda row: row.values(target, "mae").mean())
    lines = [[first, *across], [":--", *(":-:" for _ in across)]]
    for value in down:
        cells = [_cell(found.get((value, column)), target, best) for column in across]
        lines.append([str(value), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _across(row: Row, names: Sequence[str]) -> str:
    return ", ".join(f"{name}: {row.first['settings'][name]}" for name in names) or "MAE / Spearman"


def _cell(row: Row | None, target: str, best: Row) -> str:
    if row is None:
        return ""
    scores = [row.values(target, metric) for metric in ("mae", "spearman") if metric in row.metrics(target)]
    text = " / ".join(f"{np.mean(values):.3f}" for values in scores)
    return f"**{text}**" if row is best else text
