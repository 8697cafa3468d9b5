"""Told: what was published of a table that takes its labels to derive: intervals of scores and of pairs.

    <data set>/<task>/<protocol>/
        table.json      the rows that it speaks of, by the checksums of their row.json
        pairs.parquet   the pairs (0, 1), (0, 2), ..., (k - 2, k - 1) of these rows:
                        `<target>/<measure>/low`, `/high`: ends of the 95% interval of one's score less the
                        other's; `/same`: equal in every resample
        standings.parquet   of each of these rows among its rivals: `<target>/<measure>/p` of the confidence
                        set, `/rank_low`, `/rank_high`; NaN where it has none; where clusters are weeks,
                        `/drift` of the differences to the best of them

So a board is the same on a machine that holds the labels and on one that does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field, ValidationError

from benchmark.errors import StoreError
from benchmark.files import is_plain, sha256_of
from benchmark.run.checksums import checksummed_text, read_checksummed_page
from benchmark.run.result import first_problem
from benchmark.scores.score import Interval, Stored
from leaderboard.publishing.row import MEND, ROW, row_name
from leaderboard.tables.confidence_set import UNKNOWN as UNKNOWN_STANDING
from leaderboard.tables.confidence_set import Standing
from leaderboard.tables.rows import Identity, Row
from leaderboard.tables.skill import sign
from leaderboard.tables.table import Derived, Difference, Table

if TYPE_CHECKING:
    import pyarrow as pa

TABLE, PAIRS, STANDINGS = "table.json", "pairs.parquet", "standings.parquet"
PARTS = ("p", "rank_low", "rank_high")
"""Of a standing."""
DRIFT = "drift"
UNKNOWN = Difference(np.nan, np.nan, False)


class Told(Table):
    """A table whose labels are not at hand."""

    def __init__(
        self,
        rows: Sequence[Row],
        intervals: Mapping[Identity, Sequence[Interval]],
        order: Sequence[Identity | None] = (),
        pairs: pa.Table | None = None,
        standings: pa.Table | None = None,
    ) -> None:
        """
        Args:
            intervals: what was published of each row.
            order: the rows of the pairs, and of the standings; None in place of one that is left out. Those
                that are left stand as they were published, among it.
            standings: None where a table was published before there were any: then none is known.
        """
        super().__init__(rows)
        self._intervals = {
            (row, one.target, one.measure): one for row, found in intervals.items() for one in found
        }
        columns = {} if pairs is None else {name: pairs[name].to_pylist() for name in pairs.column_names}
        self._pairs: dict[str, list[float]] = columns
        self._at = {pair: i for i, pair in enumerate(combinations(order, 2))}
        self._standings = (
            {} if standings is None else {n: standings[n].to_pylist() for n in standings.column_names}
        )
        self._places = {row: i for i, row in enumerate(order)}

    @property
    def without_standings(self) -> bool:
        """Whether it was published before there were any."""
        return not self._standings

    def interval(self, row: Row, target: str, name: str) -> tuple[float, float]:
        found = self._intervals.get((row.name, target, name))
        return (np.nan, np.nan) if found is None else (_number(found.low), _number(found.high))

    def difference(self, row: Row, other: Row, target: str, name: str) -> Difference:
        ends = [self._pairs.get(f"{target}/{name}/{part}") for part in ("low", "high", "same")]
        if not all(ends):
            return UNKNOWN
        at = self._at.get((row.name, other.name))
        turned = self._at.get((other.name, row.name))
        if at is None and turned is None:
            return UNKNOWN
        low, high, same = (of[turned if at is None else at] for of in ends if of)  # type: ignore[index]
        # Not -high: of equal rows both ends are 0, and stay 0.
        return Difference(0 - high, 0 - low, bool(same)) if at is None else Difference(low, high, bool(same))

    def drift(self, row: Row, target: str, name: str) -> float:
        at, told = self._places.get(row.name), self._standings.get(f"{target}/{name}/{DRIFT}")
        return np.nan if at is None or told is None else told[at]

    def standing(self, row: Row, target: str, name: str) -> Standing:
        at = self._places.get(row.name)
        told = [self._standings.get(f"{target}/{name}/{part}") for part in PARTS]
        return UNKNOWN_STANDING if at is None or not all(told) else Standing(*(of[at] for of in told if of))


class PublishedTable(Stored):
    """The content of a table.json."""

    version: Literal[2] = 2
    rows: Annotated[tuple[tuple[str, str], ...], Field(max_length=10_000)]
    """The name of each scored row's folder and the sha256 of its row.json, in the order of the pairs."""
    files: dict[str, str]


def intervals_of(table: Table, row: Row) -> list[Interval]:
    """The intervals of a row, to be published."""
    found = []
    for target in row.about.targets if row.scored else ():
        for name in table.measures(row, target):
            low, high = (
                float(end) if np.isfinite(end) else None for end in table.interval(row, target, name)
            )
            found.append(Interval(target=target, measure=name, low=low, high=high))
    return found


def write_told(table: Derived, folder: Path) -> None:
    """Write table.json and what it tells of into the folder of a table, whose rows are written already."""
    import pyarrow.parquet as pq

    rows = sorted((row for row in table.rows if row.scored), key=lambda row: row_name(row.about))
    parts = {PAIRS: pairs_of(table, rows)} if len(rows) > 1 else {}
    parts |= {STANDINGS: standings_of(table, rows)} if rows else {}
    files = {}
    for name, part in parts.items():
        pq.write_table(part, folder / name, compression="zstd", compression_level=12)
        files[name] = sha256_of(folder / name)
    sums = tuple((name, sha256_of(folder / name / ROW)) for name in (row_name(row.about) for row in rows))
    told = PublishedTable(rows=sums, files=files)
    (folder / TABLE).write_text(checksummed_text(told.model_dump(mode="json")), encoding="utf-8")


def pairs_of(table: Table, rows: Sequence[Row]) -> pa.Table:
    """The paired intervals of k rows: [k (k - 1) / 2] lines, three columns a (target, measure)."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    for target in rows[0].about.targets:
        known = {row.name: table.measures(row, target) for row in rows}
        for name in dict.fromkeys(name for names in known.values() for name in names if sign(name)):
            found = [
                table.difference(one, two, target, name)
                if name in known[one.name] and name in known[two.name]
                else UNKNOWN
                for one, two in combinations(rows, 2)
            ]
            for part in ("low", "high", "same"):
                columns[f"{target}/{name}/{part}"] = pa.array([getattr(one, part) for one in found])
    return pa.table(columns)


def standings_of(table: Table, rows: Sequence[Row]) -> pa.Table:
    """The standings of k rows: [k] lines, three or four columns a (target, measure)."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    for target in rows[0].about.targets:
        known = {row.name: table.measures(row, target) for row in rows}
        for name in dict.fromkeys(name for names in known.values() for name in names if sign(name)):
            found = [
                table.standing(row, target, name)
                if row.ranked and name in known[row.name]
                else UNKNOWN_STANDING
                for row in rows
            ]
            for part in PARTS:
                columns[f"{target}/{name}/{part}"] = pa.array([float(getattr(one, part)) for one in found])
            if table.drawn.weeks is not None:
                drifts = [
                    table.drift(row, target, name) if row.ranked and name in known[row.name] else np.nan
                    for row in rows
                ]
                columns[f"{target}/{name}/{DRIFT}"] = pa.array(drifts, pa.float64())
    return pa.table(columns)


def read_told(
    folder: Path,
    rows: Sequence[Row],
    intervals: Sequence[Sequence[Interval]],
    without: Collection[str] = (),
) -> Told:
    """What was published of a table.

    Args:
        intervals: of each of its rows, as its row.json has them.
        without: names of the folders of rows that are left out, whatever they hold.

    Raises:
        StoreError: damaged, or speaking of other rows than lie beside it.
    """
    by_folder = {row_name(row.about): row for row in rows if row.scored}
    of_rows = {row.name: found for row, found in zip(rows, intervals, strict=True)}
    if not by_folder:
        return Told(rows, of_rows)
    page = _page(folder / TABLE)
    here = {name: sha256_of(folder / name / ROW) for name in by_folder}
    told = {name: checksum for name, checksum in page.rows if name not in without}
    if told != here:
        apart = sorted(name for name in told.keys() | here.keys() if told.get(name) != here.get(name))
        raise StoreError(
            f"{folder / TABLE}: does not speak of the rows that lie beside it ({', '.join(apart[:3])}). Take "
            "all from one revision of git, or publish the table anew where its labels are"
        )
    order = [by_folder[name].name if name in by_folder else None for name, _ in page.rows]
    return Told(rows, of_rows, order, _pairs(folder, page), _standings(folder, page))


def spoken_of(folder: Path) -> dict[str, str]:
    """The rows that a table.json speaks of: name of the folder -> sha256 of its row.json.

    Raises:
        StoreError: it is damaged, or is none.
    """
    return dict(_page(folder / TABLE).rows)


def _page(path: Path) -> PublishedTable:
    if not path.exists():
        raise StoreError(f"{path}: is missing. {MEND}")
    content = read_checksummed_page(path)
    try:
        return PublishedTable.model_validate(content)
    except ValidationError as error:
        raise StoreError(f"{path}: {first_problem(error)}. {MEND}") from None


def _pairs(folder: Path, page: PublishedTable) -> pa.Table | None:
    k = len(page.rows)
    if k < 2:
        return None
    return _numbers_of(folder / PAIRS, page, k * (k - 1) // 2, f"pairs; {k} rows make {k * (k - 1) // 2}")


def _standings(folder: Path, page: PublishedTable) -> pa.Table | None:
    """None of a table that was published before there were any."""
    if STANDINGS not in page.files and not (folder / STANDINGS).exists():
        return None
    k = len(page.rows)
    return _numbers_of(folder / STANDINGS, page, k, f"standings; there are {k} rows")


def _numbers_of(path: Path, page: PublishedTable, lines: int, expected: str) -> pa.Table:
    """A file beside table.json, of so many lines.

    Raises:
        StoreError: it is not what was written, or has other lines or columns.
    """
    import pyarrow.parquet as pq

    if not is_plain(path) or sha256_of(path) != page.files.get(path.name):
        raise StoreError(f"{path}: is missing, or its checksum does not hold. {MEND}")
    try:
        if (found := pq.ParquetFile(path).metadata.num_rows) != lines:
            raise StoreError(f"{path}: has {found} {expected}. {MEND}")
        table = pq.read_table(path, partitioning=None)
    except (OSError, ValueError, NotImplementedError) as error:
        raise StoreError(f"{path}: cannot be read: {error}. {MEND}") from None
    for name in table.column_names:
        wanted = "bool" if name.endswith("/same") else "double"
        column = table.column(table.column_names.index(name))
        if table.column_names.count(name) > 1 or str(column.type) != wanted or column.null_count:
            raise StoreError(f"{path}: column {name!r} is not one of {wanted} without gaps. {MEND}")
    return table


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
