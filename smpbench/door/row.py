"""Row: what came out of an evaluation: scores with intervals, slices, predictions, costs, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from benchmark.errors import SmpbenchError, UnknownName
from benchmark.scores.scoring import brief
from leaderboard.compare.comparison import compare_sides
from leaderboard.compare.sides import side_of_rows
from leaderboard.tables.rows import NAME
from leaderboard.tables.rows import Row as BoardRow
from leaderboard.tables.scores import COSTS, slice_table
from leaderboard.tables.scores import leaderboard as board_of
from leaderboard.tables.skill import SKILL
from leaderboard.tables.table import Derived
from smpbench.door.table import called, name_of, rows_of

if TYPE_CHECKING:
    from benchmark.run.store import StoredResult
    from smpbench.door.about import About

SCORES = {"score_low": "low", "score_high": "high", "n_test": "n"}
COMPARED = ["target", "measure", "n", "score", "other", "difference", "low", "high", "paired", "verdict"]


class Row:
    """One row of the leaderboard: a model under one or more seeds on one task.

    Made by `smp.evaluate`, `smp.score` and `Blocks.row`. All tables are pandas DataFrames.
    """

    def __init__(self, task: About, stored: Mapping[int, StoredResult]) -> None:
        """stored: the results of the row by seed."""
        self.task = task
        self.seeds = tuple(sorted(stored))
        self._stored = stored
        self._row = BoardRow(tuple(stored[seed] for seed in self.seeds))

    @property
    def name(self) -> str:
        """As `compare` and the command line take it: `ridge`, `lightgbm:+history`."""
        return called(name_of(self._row))

    @property
    def status(self) -> str:
        """`ok`; of a row that `evaluate` returns, nothing else."""
        return self._row.status

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A line a target and measure: `target`, `measure`, `score` (the mean over seeds) with the ends `low`
        and `high` of its 95% interval, `skill` (1 - error / error of the task's reference, by its primary
        measure), `n` (test posts).

        Empty under `official`, where the labels are withheld.
        """
        found = self._board.loc[self._board["measure"].notna()].rename(columns=SCORES)
        return found[["target", "measure", "score", "low", "high", "skill", "n"]].reset_index(drop=True)

    @cached_property
    def slices(self) -> pd.DataFrame:
        """Scores of parts of the test posts (unseen users, months, categories), means over seeds: `target`,
        `slice`, `n`, `measure`, `score` with the ends `low` and `high` of its 95% interval."""
        found = slice_table([self._row]).rename(columns=SCORES)
        return found[["target", "slice", "n", "measure", "score", "low", "high"]]

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """What was predicted, and no label: `post_id` and a float32 column a target (and `target@level` a
        quantile), in the order of prediction. Its index is the seed: `predictions.loc[0]`."""
        frames = {seed: stored.predictions().to_pandas() for seed, stored in self._stored.items()}
        whole = pd.concat([frames[seed] for seed in self.seeds], keys=self.seeds, names=["seed"])
        return whole.droplevel(1)

    @cached_property
    def costs(self) -> pd.Series:
        """`fit_seconds` and `predict_ms_per_post` (means over seeds), `peak_mb` (the largest of the seeds);
        NaN for an external row."""
        return self._board.iloc[0][COSTS].astype("float64").rename(self.name)

    def compare(self, other: str | Row, measures: Sequence[str] | None = None) -> pd.DataFrame:
        """This row held against another one on the same posts.

        Args:
            other: a row run here or published, by `name` or `name:variant`; or a row that you hold.
            measures: default: those of the task.

        Returns:
            A line a target and measure: `score` of this row and of the `other`, their `difference` (this less
            other) with the ends `low` and `high` of its 95% interval, whether that is `paired`, and the
            `verdict` on this row: `better`, `worse`, `cannot tell`, `same`, or `different` where neither end
            of the measure is better.

        Raises:
            UnknownName: no such row, or no such measure.
            SmpbenchError: the other is a row of another task, or of other data.
        """
        beside = rows_of(self.task)
        rival = self._rival(other, beside)
        known = [*dict.fromkeys([*self._row.measures(self.task.targets[0]), SKILL])]
        for measure in measures or ():
            if measure not in known:
                raise UnknownName("measure", measure, known)
        wanted = list(measures or self.task.measures)
        # Under one name, so that the two are held against each other.
        one_name = {"baseline": "row", "variant": "default", "profile": "none", "crawl": False}
        theirs, ours = (
            side_of_rows(name, [row], [_table(row, beside)], wanted, called=one_name | {"code_hash": name})
            for name, row in (("other", rival), ("row", self._row))
        )
        lines = compare_sides(theirs, ours, wanted).lines
        return lines.rename(columns={"b": "score", "a": "other"})[COMPARED].reset_index(drop=True)

    def __repr__(self) -> str:
        return f"Row {self.name} on {self.task.title}: {'; '.join(self._phrases())}"

    def _repr_html_(self) -> str:
        from html import escape

        shown = self.scores.round(4).to_html(index=False, border=0)
        return f"<p><b>{escape(self.name)}</b> on {escape(self.task.title)}</p>{shown}"

    def _phrases(self) -> list[str]:
        """A phrase a target: its first scores."""
        if self.scores.empty:
            return [f"{self.task.n_test:,} posts predicted, labels withheld"]
        phrases = []
        for target, lines in self.scores.groupby("target", sort=False):
            told = [
                f"{line['measure']} {line['score']:.3f} [{line['low']:.3f}, {line['high']:.3f}]"
                for line in lines.to_dict("records")
                if line["measure"] in (*brief(self._row.about), SKILL)
            ]
            phrases.append(f"{target} {', '.join(told)}")
        return phrases

    @cached_property
    def _board(self) -> pd.DataFrame:
        """This row's lines of the board."""
        # The row itself comes from its own results: what the board shows may be a later one of its name.
        board = board_of([_table(self._row, rows_of(self.task))])
        names = board[NAME].itertuples(index=False, name=None)
        return board[[name == self._row.name for name in names]]

    def _rival(self, other: str | Row, beside: Sequence[BoardRow]) -> BoardRow:
        if isinstance(other, Row):
            if other._row.about.truth_key != self._row.about.truth_key:
                raise SmpbenchError(
                    f"{other.name} on {other.task.title} predicts other posts than {self.name} on "
                    f"{self.task.title}: rows are compared on the same posts"
                )
            return other._row
        return named(other, beside, like=self._row, where=self.task.title)


def _table(row: BoardRow, beside: Sequence[BoardRow]) -> Derived:
    """A row with the reference of its task."""
    reference = [one for one in beside if one.about.baseline == row.about.reference]
    return Derived([row, *(one for one in reference if one.name != row.name)])


def named(spec: str, rows: Sequence[BoardRow], *, like: BoardRow, where: str) -> BoardRow:
    """The scored row of this name; of several (with or without crawl-time columns, by another profile) the
    one that is most like another row.

    Raises:
        UnknownName: there is none; the nearest are named.
    """
    told = [(name_of(row), row) for row in rows if row.scored]
    baseline, _, variant = spec.partition(":")
    found = [(name, row) for name, row in told if name["baseline"] == baseline]
    variants = {str(name["variant"]) for name, _ in found}
    if not variant:
        variant = "default" if "default" in variants or len(variants) != 1 else variants.pop()
    found = [(name, row) for name, row in found if name["variant"] == variant]
    if not found:
        known = [called(name) for name, _ in told]
        raise UnknownName(f"row of {where}", spec, known, "Evaluate it first: smp.evaluate(name, task)")
    mine = name_of(like)
    return max(found, key=lambda one: [one[0][column] == mine[column] for column in ("crawl", "profile")])[1]
