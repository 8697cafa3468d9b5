"""Page cards: of each data set what it is and what it says, and of each table of it the same, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.declared.naming import printable
from benchmark.scores.kinds import kind
from benchmark.scores.narrow import too_narrow
from leaderboard.tables.finding import Finding, base_of, card_of, finding
from leaderboard.tables.headline import headlines
from leaderboard.tables.table import Table
from leaderboard.tables.verdict import called, reference_in_words, said, span


def page_cards(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """One a data set, real ones first: where its headline is, what that says, and what else is asked."""
    asks: dict[str, dict[str, str]] = {}
    for table in tables:
        of = table.rows[0].about
        asks.setdefault(of.dataset, {}).setdefault(of.task, kind(of.kind).asks)
    found = []
    for table, told in headlines(tables):
        of = table.rows[0].about
        card = card_of(of)
        found.append(
            {
                "dataset": of.dataset,
                "title": printable(of.title),
                "about": printable(card.summary) if card else "",
                "languages": list(card.languages) if card else [],
                "synthetic": of.synthetic,
                "selection": printable(of.selection),
                "task": of.task,
                "protocol": of.protocol,
                "target": of.targets[0],
                "asks": [{"task": task, "ask": ask} for task, ask in asks[of.dataset].items()],
                **_said(told),
            }
        )
    return found


def page_tables(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """One a table, target, and kind of columns (publish-time, crawl-time) by which a row is ranked."""
    found = []
    for table in tables:
        of = table.rows[0].about
        declared = card_of(of)
        for target in of.targets:
            base = base_of(of, target)
            unit = declared.targets[target].unit if declared and target in declared.targets else ""
            for crawl in (False, True):
                told = finding(table, target, crawl=crawl)
                if told is None and crawl:
                    continue
                found.append(
                    {
                        "dataset": of.dataset,
                        "task": of.task,
                        "protocol": of.protocol,
                        "target": target,
                        "crawl": crawl,
                        "unit": printable(unit),
                        "base": base and float(f"{base:.6g}"),
                        "narrow": too_narrow(table.drawn),
                        **_said(told),
                    }
                )
    return found


def _said(told: Finding | None) -> dict[str, Any]:
    if told is None:
        return {"verdict": "No row has a score yet.", "best": "", "n": 0, "reference": ""}
    return {
        "verdict": said(told),
        "best": called(told.best),
        "n": told.n,
        "span": span(told),
        "accounts": told.accounts,
        "weeks": None if told.weeks is None else round(told.weeks),
        "reference": "" if told.reference is None else reference_in_words(told.reference),
    }
