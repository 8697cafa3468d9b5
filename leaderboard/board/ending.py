"""Ending: what a run ends in: a short table of each task, and what it says in one sentence."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.declared.naming import EXTERNAL, printable
from benchmark.run.store import read_result
from benchmark.scores.measures import measure
from leaderboard.board.merged import Merged
from leaderboard.tables.plain import aligned
from leaderboard.tables.rows import NAME, Identity, Row, by_table
from leaderboard.tables.scores import leaderboard
from leaderboard.tables.skill import arrow, title
from leaderboard.tables.table import Derived, Table
from leaderboard.tables.verdict import verdict

MOST_ROWS, FEW_ROWS = 12, 5
"""That are shown of a task: of a few tasks, and of many."""
MANY_TASKS = 4

Place = tuple[str, str, str]
"""Data set, task, protocol."""


@dataclass(frozen=True)
class Line:
    """A row by the measure that ranks; NaN where something is undefined."""

    row: str
    """As the command line takes it."""
    crawl: bool
    ran: bool
    """Whether the run that ends here has it."""
    reference: bool
    status: str
    rank: float
    rank_low: float
    rank_high: float
    score: float
    low: float
    high: float
    skill: float
    """Against the task's reference, on the same posts."""


@dataclass(frozen=True)
class Ending:
    """One task, by its first target."""

    dataset: str
    task: str
    protocol: str
    target: str
    measure: str
    n_test: int | None
    synthetic: bool
    verdict: str
    lines: tuple[Line, ...]
    """The best first; rows that see crawl-time columns after the others, those without a score at last."""

    def told(self) -> dict[str, Any]:
        """For JSON: null for what is undefined."""
        return asdict(self) | {"lines": [_finite(asdict(line)) for line in self.lines]}


def endings(found: Merged, places: Collection[Place], ran: Collection[Identity]) -> list[Ending]:
    """The tables of a board that are named, in their order."""
    return [_ending(table, found.board, ran) for table in found.tables if table.rows[0].about.table in places]


def endings_of(folders: Sequence[Path]) -> list[Ending]:
    """Those of single results, each by its folder, held against each other alone."""
    grouped: dict[Identity, list[Any]] = {}
    for stored in map(read_result, folders):
        grouped.setdefault(Row((stored,)).name, []).append(stored)
    rows = [Row(tuple(sorted(seeds, key=lambda one: one.run.seed))) for seeds in grouped.values()]
    ran = {row.name for row in rows}
    tables = [Derived(sorted(of, key=lambda row: row.name)) for of in by_table(rows).values()]
    return [_ending(table, leaderboard([table]), ran) for table in tables]


def shown(found: Sequence[Ending]) -> Iterator[str]:
    """Lines for a terminal."""
    scored = [one for one in found if any(not math.isnan(line.score) for line in one.lines)]
    most = MOST_ROWS if len(scored) < MANY_TASKS else FEW_ROWS
    for one in scored:
        yield from (_heading(one), *(f"  {line}" for line in _table(one, most)), one.verdict, "")
    for one in found:
        if one not in scored:
            count = "1 row" if len(one.lines) == 1 else f"{len(one.lines)} rows"
            why = "predictions are kept for a submission" if one.protocol == "official" else "no scores"
            yield printable(f"{one.dataset} / {one.task}, {one.protocol}: {count}, {why}")


def _ending(table: Table, board: pd.DataFrame, ran: Collection[Identity]) -> Ending:
    of = table.rows[0].about
    here = board[(board["dataset"] == of.dataset) & (board["task"] == of.task)]
    here = here[(here["protocol"] == of.protocol) & (here["target"] == of.targets[0])]
    here = here[~here["study"].astype(bool)]
    ranked = here[here["measure"] == of.primary]
    rest = here[here["measure"].isna()]
    known = table.reference.name if table.reference else None
    lines = [_line(line, ran, known) for line in [*ranked.to_dict("records"), *rest.to_dict("records")]]
    tested = here["n_test"].dropna()
    return Ending(
        dataset=of.dataset,
        task=of.task,
        protocol=of.protocol,
        target=of.targets[0],
        measure=of.primary,
        n_test=int(tested.iloc[0]) if len(tested) else None,
        synthetic=of.synthetic,
        verdict=verdict(table),
        lines=tuple(sorted(lines, key=_standing)),
    )


def _line(line: dict[str, Any], ran: Collection[Identity], reference: Identity | None) -> Line:
    name = tuple(line[column] for column in NAME)
    shown = {"default": "", EXTERNAL: " (external)"}.get(line["variant"], f":{line['variant']}")
    profile = "" if line["profile"] in ("none", "bundled") else f" ({line['profile']})"
    numbers = ("rank", "rank_low", "rank_high", "score", "score_low", "score_high", "skill")
    rank, rank_low, rank_high, score, low, high, skill = (float(line[one]) for one in numbers)
    return Line(
        row=f"{line['baseline']}{shown}{profile}",
        crawl=bool(line["crawl"]),
        ran=name in ran,
        reference=name == reference,
        status=str(line["status"]),
        rank=rank,
        rank_low=rank_low,
        rank_high=rank_high,
        score=score,
        low=low,
        high=high,
        skill=skill,
    )


def _standing(line: Line) -> tuple[bool, bool, float, str]:
    ceiling = 0.0 if line.status == "ceiling" else math.inf
    rank = ceiling if math.isnan(line.rank) else line.rank
    return math.isnan(line.score), line.crawl, rank, line.row


def _heading(one: Ending) -> str:
    """`data set / task, frozen: target by measure, 771 test posts`"""
    made_up = " (synthetic)" if one.synthetic else ""
    what = "" if one.target == one.task else f"{one.target} "
    posts = "" if one.n_test is None else f", {one.n_test:,} test posts"
    measured = f"{title(one.measure)} {arrow(one.measure)}".strip()
    return printable(f"{one.dataset} / {one.task}, {one.protocol}{made_up}: {what}by {measured}{posts}")


def _table(one: Ending, most: int) -> Iterator[str]:
    scored = [line for line in one.lines if not math.isnan(line.score)]
    chosen = _chosen(scored, most)
    others = any(not line.ran and line.status != "ceiling" for line in chosen)
    rows = [["", "#", "row", f"{title(one.measure)} {arrow(one.measure)}".strip(), "95% interval", "skill ↑"]]
    rows += [_cells(line, one.measure, others) for line in chosen]
    yield from aligned(rows, right=(1, 3, 5))
    notes = ["> run now; the others were run before, or are published"] if others else []
    if any(line.crawl for line in chosen):
        notes.append("* reads columns known only when the data were collected")
    if more := len(scored) - len(chosen):
        notes.append(f"{more} more on the board")
    if bare := len(one.lines) - len(scored):
        notes.append(f"{bare} without a score")
    if notes:
        yield f"({'; '.join(notes)})"


def _chosen(scored: Sequence[Line], most: int) -> list[Line]:
    """The best, the reference, and what was run now, if that is not too much."""
    ran = [line for line in scored if line.ran]
    wanted = set(map(id, [*scored[:most], *(line for line in scored if line.reference)]))
    wanted |= set(map(id, ran)) if len(ran) <= most else set()
    return [line for line in scored if id(line) in wanted]


def _cells(line: Line, name: str, others: bool) -> list[str]:
    mark = ">" if others and line.ran else ""
    rank = "" if math.isnan(line.rank) else f"{line.rank:.0f}"
    if rank and not math.isnan(line.rank_low) and line.rank_low != line.rank_high:
        rank += f" [{line.rank_low:.0f}–{line.rank_high:.0f}]"
    known = measure(name).with_interval and not (math.isnan(line.low) or math.isnan(line.high))
    span = f"[{line.low:.3f}, {line.high:.3f}]" if known else ""
    skill = "" if math.isnan(line.skill) else f"{line.skill:+.3f}"
    row = (
        "ceiling: the noiseless score" if line.status == "ceiling" else line.row + ("*" if line.crawl else "")
    )
    return [mark, rank, row, f"{line.score:.3f}", span, skill]


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
