"""Study: the combinations of settings that a baseline compares, as a table of one setting by the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from leaderboard.board.overview import pair
from leaderboard.tables.marked import code, marked
from leaderboard.tables.rows import Row
from leaderboard.tables.skill import sign

LEGEND = (
    "Combinations of settings that `smpbench run --study` has run, by the task's primary measure and a\n"
    "second one. **Bold**: the best of its table. These are scores on the test posts, to be read and not to\n"
    "choose by: settings are to be chosen on a chronological holdout of the training posts.\n"
)


def studies(rows: Sequence[Row]) -> str:
    """A table a (data set, task, protocol, target, baseline); empty when no study was run."""
    ran = [row for row in rows if row.about.study and row.scored]
    if not ran:
        return ""
    parts = ["## Studies\n", LEGEND]
    for group in dict.fromkeys(_group(row) for row in ran):
        together = [row for row in ran if _group(row) == group]
        dataset, task, protocol, baseline, profile, crawl, _ = group
        for target in together[0].about.targets:
            what = f"{dataset} {task}" + (f", {target}" if target != task else "") + f", {protocol}"
            told = f"encoders: {profile}" + (", with crawl-time columns" if crawl else "")
            told += "".join(f"; {name}: {value}" for name, value in _common(together).items())
            parts += [f"**{code(baseline)} on {marked(what)}** ({marked(told)})\n", _table(together, target)]
    return "\n".join(parts)


def _group(row: Row) -> tuple[Any, ...]:
    return *row.about.table, row.about.baseline, row.about.profile, row.about.crawl, row.about.study


def _table(rows: Sequence[Row], target: str) -> str:
    common = _common(rows)
    first, *others = [name for name in rows[0].about.study if name not in common]
    down = list(dict.fromkeys(_told(row, first) for row in rows))
    across = list(dict.fromkeys(_across(row, others) for row in rows))
    found = {(_told(row, first), _across(row, others)): row for row in rows}
    of = pair(rows[0].about.kind, rows[0].about.primary)
    best = max(rows, key=lambda row: sign(of[0]) * row.values(target, of[0]).mean())
    lines = [[marked(first), *across], [":--", *(":-:" for _ in across)]]
    for value in down:
        cells = [_cell(found.get((value, column)), target, of, best) for column in across]
        lines.append([value, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _common(rows: Sequence[Row]) -> dict[str, str]:
    """Settings that are the same in all rows of a table; the first is none of them."""
    _, *others = rows[0].about.study
    found = {name: {_said(row, name) for row in rows} for name in others}
    return {name: values.pop() for name, values in found.items() if len(values) == 1}


def _across(row: Row, names: Sequence[str]) -> str:
    return ", ".join(f"{marked(name)}: {_told(row, name)}" for name in names) or "score"


def _told(row: Row, name: str) -> str:
    return marked(_said(row, name))


def _said(row: Row, name: str) -> str:
    """A setting of a row; it may be a list."""
    value = row.about.settings[name]
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _cell(row: Row | None, target: str, of: tuple[str, str | None], best: Row) -> str:
    if row is None:
        return ""
    scores = [row.values(target, name) for name in of if name in row.measures(target)]
    text = " / ".join(f"{np.mean(values):.3f}" for values in scores)
    return f"**{text}**" if row is best else text
