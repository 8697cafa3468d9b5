"""Remembered: what was derived of a table once is not derived anew while its rows and the code are the same.

    <home>/derived/<data set>/<task>/<protocol>.parquet    a line an answer: what was asked, and its numbers

A board asks of a table for thousands of intervals, a second for every few hundred; and each run writes the
board of all that a home has labels of, of which it has changed one table. What is remembered is told by the
checksum of all that it was derived from, so it is never that of other rows. `smpbench verify` and `publish`
derive anew, whatever is remembered.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from benchmark import PROJECT
from benchmark.errors import StoreError
from benchmark.files import is_plain, sha256_of, write_atomically
from benchmark.finding.code import closure_hash
from leaderboard.tables.confidence_set import Standing
from leaderboard.tables.rows import Identity, Row
from leaderboard.tables.table import Derived, Difference

log = logging.getLogger(__name__)

Question = tuple[str, Identity, Identity | None, str, str]
"""Of what kind, of which row, against which, of which target, by which measure."""
Answer = tuple[float, ...]
NUMBERS = 3
"""The most that an answer has."""
KEY = b"key"
DERIVING = ("leaderboard/tables/table.py", "leaderboard/publishing/seed.py", "benchmark/run/store.py")
"""What derives, with all that it imports."""


class Remembered(Derived):
    """A table whose answers outlast the process."""

    def __init__(self, rows: Sequence[Row], folder: Path) -> None:
        """
        Args:
            folder: `<home>/derived`.
        """
        super().__init__(rows)
        dataset, task, protocol = rows[0].about.table
        self.path = folder / dataset / task / f"{protocol}.parquet"
        self._new = False

    def interval(self, row: Row, target: str, name: str) -> tuple[float, float]:
        low, high = self._once(
            ("interval", row.name, None, target, name), lambda: Derived.interval(self, row, target, name)
        )
        return low, high

    def difference(self, row: Row, other: Row, target: str, name: str) -> Difference:
        def derived() -> Answer:
            found = Derived.difference(self, row, other, target, name)
            return found.low, found.high, float(found.same)

        low, high, same = self._once(("difference", row.name, other.name, target, name), derived)
        return Difference(low, high, bool(same))

    def drift(self, row: Row, target: str, name: str) -> float:
        question = "drift", row.name, None, target, name
        return self._once(question, lambda: (Derived.drift(self, row, target, name),))[0]

    def standing(self, row: Row, target: str, name: str) -> Standing:
        def derived() -> Answer:
            found = Derived.standing(self, row, target, name)
            return found.p, found.rank_low, found.rank_high

        return Standing(*self._once(("standing", row.name, None, target, name), derived))

    def remember(self) -> None:
        """Write what was asked, if anything is new. Where that fails a board stands all the same."""
        if not self._new:
            return
        try:
            write_atomically(self.path, self._written())
        except (OSError, StoreError) as error:
            log.warning("%s: %s; the next board derives this table anew", self.path, error)
        self._new = False

    @cached_property
    def key(self) -> str:
        """Of all that the answers depend on: the results and the code."""
        told = [
            (row.name, [sha256_of(page) for seed in row.seeds for page in seed.pages]) for row in self.rows
        ]
        return hashlib.sha256(json.dumps([_deriving(), told]).encode()).hexdigest()

    def _once(self, question: Question, derived: Callable[[], Answer]) -> Answer:
        if question not in self._answers:
            self._answers[question] = derived()
            self._new = True
        return self._answers[question]

    @cached_property
    def _answers(self) -> dict[Question, Answer]:
        """Those that are remembered; none if they are of other rows or code, or cannot be read."""
        import pyarrow.parquet as pq

        if not is_plain(self.path):
            return {}
        try:
            if (pq.read_metadata(self.path).metadata or {}).get(KEY) != self.key.encode():
                return {}
            found = pq.read_table(self.path, partitioning=None, page_checksum_verification=True)
            return dict(self._read(found.to_pylist()))
        except (OSError, ValueError, LookupError) as error:  # what pyarrow raises is among them
            log.warning("%s: cannot be read: %s; it is derived anew", self.path, error)
            return {}

    def _read(self, lines: Sequence[dict[str, Any]]) -> Iterator[tuple[Question, Answer]]:
        names = [row.name for row in self.rows]
        for line in lines:
            other = None if line["other"] is None else names[line["other"]]
            question = line["kind"], names[line["row"]], other, line["target"], line["measure"]
            numbers = (line[f"number_{i}"] for i in range(NUMBERS))
            yield question, tuple(one for one in numbers if one is not None)

    def _written(self) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        at = {row.name: i for i, row in enumerate(self.rows)}
        kinds, rows, others, targets, measures = zip(*self._answers, strict=True)
        columns = {
            "kind": pa.array(kinds),
            "row": pa.array([at[row] for row in rows], pa.int32()),
            "other": pa.array([None if other is None else at[other] for other in others], pa.int32()),
            "target": pa.array(targets),
            "measure": pa.array(measures),
        }
        for i in range(NUMBERS):
            told = [answer[i] if i < len(answer) else None for answer in self._answers.values()]
            columns[f"number_{i}"] = pa.array(told, pa.float64())
        table = pa.table(columns).replace_schema_metadata({KEY: self.key.encode()})
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd", write_page_checksum=True)
        return buffer.getvalue()


@cache
def _deriving() -> str:
    """Of the code that derives, and of the libraries that it counts with."""
    import numpy as np
    import scipy

    return "/".join((closure_hash(PROJECT / one for one in DERIVING), np.__version__, scipy.__version__))
