"""Joined: files that lie beside the posts and say more of each, by a key or row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from benchmark.declared.layout import Join, TableLayout, Value
from benchmark.declared.naming import shown
from benchmark.errors import DataError
from benchmark.readers.identifiers import as_ids, is_nobody
from benchmark.readers.paths import raw_files
from benchmark.readers.raw import ReadReport
from benchmark.readers.rows import Rows, read_rows


class Joined:
    """The files of all joins of a card, read once."""

    def __init__(self, layout: TableLayout, raw: Path, report: ReadReport) -> None:
        """
        Raises:
            DataError: a file is missing or cannot be read, or its key stands in two rows that differ.
        """
        self._report = report
        self._joins = {name: _Side(name, join, raw, report) for name, join in layout.joined.items()}

    def widen(self, rows: Rows) -> None:
        """Add the columns of every join, as `NAME.column`.

        Raises:
            DataError: the posts lack the column that is compared, or the rows of an aligned file have come to
                an end.
        """
        for side in self._joins.values():
            side.add_to(rows)

    def finish(self) -> None:
        """Report what found no match.

        Raises:
            DataError: an aligned file has more rows than the posts, or no post found a match.
        """
        for side in self._joins.values():
            side.finish(self._report)


class _Side:
    """One join."""

    def __init__(self, name: str, join: Join, raw: Path, report: ReadReport) -> None:
        self.name, self.join = name, join
        files = raw_files(raw, join.files)
        read = [read_rows(file, report, join) for file in files]
        self.file = files[0].path
        self.table = pd.concat([one.table for one in read], ignore_index=True)
        self.place: dict[str, int] = {}
        self.begin = self.unmatched = self.asked = 0
        self.example = ""
        if join.on:
            self._index(read)

    def _index(self, read: list[Rows]) -> None:
        at = 0
        key = self.join.key or self.join.on
        for rows in read:
            found, values = rows.values(Value(), key)
            for i, (value, told) in enumerate(zip(values, as_ids(values), strict=True)):
                if not told or is_nobody(told):
                    continue
                first = self.place.setdefault(told, at + i)
                if first != at + i and not self.table.loc[first].equals(self.table.loc[at + i]):
                    raise rows.origin.error(
                        i,
                        f"two rows of what is joined as '{self.name}' have this key and differ",
                        column=found,
                        value=value,
                        mend="Keep one of them",
                    )
            at += len(rows)

    def add_to(self, rows: Rows) -> None:
        if self.join.aligned:
            places = np.arange(self.begin, self.begin + len(rows))
            self.begin += len(rows)
            if self.begin > len(self.table):
                raise self._misaligned(f"at least {self.begin:,}")
        else:
            _, keys = rows.values(Value(), self.join.on)
            told = as_ids(keys)
            places = np.array([self.place.get(key, -1) for key in told], dtype=np.int64)
            self.example = self.example or next(filter(None, told), "")
            self.unmatched += int((places < 0).sum())
            self.asked += len(places)
        for column in self.table:
            values = self.table[column].to_numpy(dtype=object)[places]
            values[places < 0] = None
            rows.table[f"{self.name}.{column}"] = values
            rows.used.add(f"{self.name}.{column}")  # what a join offers and nobody asks for is no news

    def finish(self, report: ReadReport) -> None:
        if self.join.aligned and self.begin != len(self.table):
            raise self._misaligned(f"{self.begin:,}")
        if self.asked and self.unmatched == self.asked:
            ours, theirs = shown(self.example), shown(next(iter(self.place), ""))
            raise DataError(
                f"none of {self.asked:,} posts has a match: '{self.join.on}' of the posts is such as {ours}, "
                f"'{self.join.key or self.join.on}' here such as {theirs}",
                file=self.file,
                mend="Correct `on` and `key` in the card",
            )
        if self.unmatched:
            report.note(f"{self.name}: {self.unmatched:,} of {self.asked:,} posts have no match there")

    def _misaligned(self, posts: str) -> DataError:
        problem = f"{len(self.table):,} rows, and the posts are {posts}: they cannot stand in the same order"
        mend = "Fetch both files of one version, or join by a key (`on`)"
        return DataError(problem, file=self.file, mend=mend)
