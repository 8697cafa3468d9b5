"""Paper: the rows of one task, under one protocol and of one target, as a table that can be cited."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark import PROJECT
from benchmark.data.cards import find_cards
from benchmark.errors import SmpbenchError, UnknownName, listed
from benchmark.scores.measures import measure
from leaderboard.board.merged import Merged
from leaderboard.tables.confidence_set import LEVEL
from leaderboard.tables.rows import Row
from leaderboard.tables.scores import EXTERNAL
from leaderboard.tables.skill import SKILL, arrow, title


@dataclass(frozen=True)
class Cell:
    """A score with its 95% interval; NaN where it is undefined."""

    score: float
    low: float
    high: float
    best: bool
    """Whether it is in the 95% confidence set of the best rows by this measure."""


@dataclass(frozen=True)
class Line:
    name: str
    variant: str
    """Empty of the only one."""
    crawl: bool
    """Whether it reads columns known only at crawl time. Such rows are ranked among themselves."""
    seeds: int
    cells: tuple[Cell | None, ...]
    """A measure each; None where the row has none."""


@dataclass(frozen=True)
class Paper:
    dataset: str
    title: str
    task: str
    target: str
    protocol: str
    protocol_version: str
    fingerprint: str
    """Of the data."""
    n_train: int
    n_test: int
    clusters: int | None
    """Resampled for the intervals: users, or stretches of time."""
    measures: tuple[str, ...]
    lines: tuple[Line, ...]
    """By the first measure, the best first; those that read crawl-time columns at last."""
    synthetic: bool
    selection: str

    @property
    def heads(self) -> list[str]:
        return [f"{title(name)} {arrow(name)}".strip() for name in self.measures]

    @property
    def label(self) -> str:
        return f"{self.dataset}-{self.task}-{self.target}-{self.protocol}"

    @property
    def caption(self) -> str:
        """What a reader must know to compare a number of it with one of elsewhere."""
        what = self.task if self.task == self.target else f"{self.task}, {self.target}"
        said = [
            f"{self.title}{' (synthetic data)' if self.synthetic else ''}: {what}. Fitted on "
            f"{self.n_train:,} posts, tested on {self.n_test:,} later ones under the protocol "
            f"'{self.protocol}', version {self.protocol_version}."
        ]
        resampled = "" if self.clusters is None else f" {self.clusters:,}"
        said.append(
            f"In brackets: 95% intervals of a bootstrap over{resampled} users or stretches of time"
            + (", and over seeds." if any(line.seeds > 1 for line in self.lines) else ".")
        )
        if any(cell and cell.best for line in self.lines for cell in line.cells):
            said.append("Bold: the 95% confidence set of the best rows of the column.")
        if any(line.crawl for line in self.lines):
            said.append("Rows marked * read columns known only when the data were collected.")
        if self.selection:
            said.append(f"Selection: {self.selection.rstrip('.')}.")
        said.append(f"Data {self.fingerprint[:16]}; cite smpbench (CITATION.cff) and the data set.")
        return " ".join(said)


def paper(
    found: Merged,
    dataset: str,
    *,
    task: str | None = None,
    protocol: str | None = None,
    target: str | None = None,
    measures: Sequence[str] = (),
    crawl: bool = False,
) -> Paper:
    """One table of a board.

    Args:
        task, protocol, target: the first that has scores, unless named.
        measures: by default what the kind of task is looked at by.
        crawl: with the rows that read crawl-time columns.

    Raises:
        UnknownName: there is no such data set, task, protocol, target or measure on the board.
        SmpbenchError: no row of it has scores.
    """
    board = found.board
    scored = board[(board["status"] == "ok") & board["measure"].notna() & ~board["study"].astype(bool)]
    asked = {"dataset": dataset, "task": task, "protocol": protocol, "target": target}
    for column, wanted in asked.items():
        known = scored[column].drop_duplicates().tolist()
        if not known:
            raise SmpbenchError("the board has no scores yet. Run `smpbench run`, or `smpbench board`")
        name = known[0] if wanted is None else wanted
        if name not in known:
            raise _without_scores(found, column, name, known, dataset)
        scored = scored[scored[column] == name]
    scored = scored if crawl else scored[~scored["crawl"].astype(bool)]
    first = scored.iloc[0]
    chosen = _measures(scored, measures)
    rows = [row for row in found.rows if row.about.table == (first.dataset, first.task, first.protocol)]
    about, run = rows[0].about, next(row.run for row in rows if row.scored)
    return Paper(
        dataset=first.dataset,
        title=about.title,
        task=first.task,
        target=first.target,
        protocol=first.protocol,
        protocol_version=about.protocol_version,
        fingerprint=about.data_fingerprint,
        n_train=int(scored["n_train"].max()),
        n_test=int(scored["n_test"].max()),
        clusters=run.clusters,
        measures=chosen,
        lines=_lines(scored, chosen),
        synthetic=about.synthetic,
        selection=_one(rows),
    )


def _without_scores(
    found: Merged, column: str, name: str, known: Sequence[str], dataset: str
) -> SmpbenchError:
    """What there is of the name: rows without a score, or nothing, and then what is near."""
    board = found.board
    here = board if column == "dataset" else board[board["dataset"] == dataset]
    if name in set(here[column]):
        return SmpbenchError(
            f"{name}: no row of it has a score. Under `official` labels are withheld; else `smpbench run`"
        )
    if column == "dataset" and name in find_cards(PROJECT / "datasets"):
        return SmpbenchError(f"{name} has no scores on the board yet: `smpbench run -d {name}` makes some")
    what = "data set" if column == "dataset" else f"{column} of {dataset}"
    return UnknownName(f"{what} with scores on the board", name, known)


def _measures(scored: pd.DataFrame, asked: Sequence[str]) -> tuple[str, ...]:
    known = scored["measure"].drop_duplicates().tolist()
    for name in asked:
        if name not in known:
            raise UnknownName("measure of this table", name, known)
    primary = str(scored["primary"].iloc[0])
    rest = [name for name in known if name != primary]
    return tuple(asked) or (primary, *rest)


def _lines(scored: pd.DataFrame, measures: Sequence[str]) -> tuple[Line, ...]:
    found: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for line in scored.to_dict("records"):
        name = tuple(line[column] for column in ("crawl", "baseline", "variant", "profile", "seeds"))
        found.setdefault(name, {})[line["measure"]] = line
    lines = [_line(name, [_cell(of, one) for one in measures]) for name, of in found.items()]
    primary = measures[0]
    better = 1 if primary == SKILL or measure(primary).better == "higher" else -1

    def standing(line: Line) -> tuple[bool, float, str, str]:
        cell = line.cells[0]
        score = math.nan if cell is None else cell.score
        return line.crawl, math.inf if math.isnan(score) else -better * score, line.name, line.variant

    return tuple(sorted(lines, key=standing))


def _line(name: tuple[Any, ...], cells: Sequence[Cell | None]) -> Line:
    crawl, baseline, variant, _, seeds = name
    shown = {"default": "", EXTERNAL: "external"}.get(variant, variant)
    return Line(baseline, shown, bool(crawl), int(seeds), tuple(cells))


def _cell(of: dict[str, dict[str, Any]], name: str) -> Cell | None:
    line = of.get(name)
    if line is None:
        return None
    return Cell(line["score"], line["score_low"], line["score_high"], bool(line["set_p"] >= LEVEL))


def _one(rows: Sequence[Row]) -> str:
    return listed(sorted({row.about.selection for row in rows} - {""}))
