"""Mistakes: what each of them was measured to be worth, as a section of LEADERBOARD.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from benchmark.scores.measures import measure
from leaderboard.board.prices import MEASURED, RUN
from leaderboard.tables.marked import code, marked

LEGEND = (
    "By how much a score is better under a mistake of the literature than without it, with its 95% interval\n"
    "(`smpbench pitfalls`; docs/pitfalls.md). \\* The interval does not hold 0. † Other test posts than the\n"
    "honest ones: not paired. No line is a row of this board.\n"
)


def mistakes(prices: pd.DataFrame) -> str:
    """A table a study, of the first target; empty where nothing was measured."""
    measured = prices[prices["status"] == MEASURED]
    if measured.empty:
        return ""
    parts = ["## What mistakes are worth\n", LEGEND]
    for (dataset, task, protocol, baseline, variant, seed), lines in measured.groupby(RUN, sort=False):
        target = lines["target"].iloc[0]
        name = named(baseline, variant)
        what = f"{dataset} {task}" + ("" if target == task else f", {target}") + f", {protocol}"
        parts += [f"**{marked(what)}**: {name}, seed {seed:.0f}\n", _table(lines[lines["target"] == target])]
    return "\n".join(parts)


def named(baseline: object, variant: object) -> str:
    return code(str(baseline)) + ("" if variant == "default" else f" {marked(str(variant))}")


def apart(line: Mapping[str, Any]) -> str:
    """The mark of an interval that does not hold 0, or nothing."""
    return "\\*" if line["low"] > 0 or line["high"] < 0 else ""


def _table(lines: pd.DataFrame) -> str:
    names = list(dict.fromkeys(lines["measure"]))
    heads = ["mistake"]
    for name in names:
        heads += [f"{measure(name).title} {measure(name).arrow}", "inflation"]
    by_mistake: dict[str, dict[str, Mapping[str, Any]]] = {}
    for line in lines.to_dict("records"):
        by_mistake.setdefault(str(line["title"]), {})[str(line["measure"])] = line
    ordered = sorted(by_mistake.items(), key=lambda one: -_inflation(one[1].get(names[0])))
    text = [heads, [":--", *("--:" for _ in heads[1:])]]
    for title, found in ordered:
        mark = "" if all(line["paired"] for line in found.values()) else " †"
        cells = [cell for name in names for cell in _cells(found.get(name))]
        text.append([marked(title) + mark, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in text) + "\n"


def _inflation(line: Mapping[str, Any] | None) -> float:
    return 0.0 if line is None or pd.isna(line["inflation"]) else float(line["inflation"])


def _cells(line: Mapping[str, Any] | None) -> list[str]:
    if line is None or pd.isna(line["inflation"]):
        return ["", ""]
    told = f"{line['inflation']:+.3f}"
    if not pd.isna(line["low"]):
        told += f" [{line['low']:+.3f}, {line['high']:+.3f}]{apart(line)}"
    return [f"{line['honest']:.3f} → {line['wrong']:.3f}", told]
