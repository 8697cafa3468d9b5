"""Prices: what the mistakes of the literature were measured to be worth, a table beside the board.

`smpbench pitfalls --publish` writes it. No line of it is a row: it says by how much a score is wrong.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.declared.naming import printable
from benchmark.errors import StoreError
from benchmark.files import is_plain, write_atomically
from benchmark.outside.spreadsheet import guarded_table, unguarded
from benchmark.scores.measures import MEASURES

FILE = "pitfalls.csv"
RUN = ["dataset", "task", "protocol", "baseline", "variant", "seed"]
"""What names a study of all mistakes."""
WORDS = [
    "dataset",
    "task",
    "protocol",
    "baseline",
    "variant",
    "mistake",
    "title",
    "status",
    "target",
    "measure",
]
WORDS += ["against", "note"]
SCORES = ["honest", "wrong", "inflation", "low", "high"]
"""`inflation` is by how much the score is better than it should be: of an error, how much smaller."""
COUNTS = ["seed", "n_honest", "n_wrong"]
COLUMNS = [*RUN, "mistake", "title", "status", "target", "measure", *SCORES, "paired", "n_honest", "n_wrong"]
COLUMNS += ["against", "note"]
MEASURED, IMPOSSIBLE = "ok", "not possible here"
HONEST = "the honest run"
"""What most mistakes are held against; a few have another rival, and say which."""
LARGEST, LONGEST = 5_000_000, 2000
"""Bytes of the file, and signs of a cell."""
MEND = "Take it from git again, or write it anew: smpbench pitfalls --publish"


def no_prices() -> pd.DataFrame:
    return pd.DataFrame(columns=COLUMNS)


def read_prices(path: Path) -> pd.DataFrame:
    """The columns `COLUMNS`, a line a mistake, target and measure; no line where there is no file.

    Raises:
        StoreError: not as it should be; names the file, the line and the column.
    """
    if not path.exists() and not path.is_symlink():
        return no_prices()
    if not is_plain(path) or path.stat().st_size > LARGEST:
        raise StoreError(f"{path}: is no plain file of at most {LARGEST:,} bytes. {MEND}")
    try:
        found = pd.read_csv(io.StringIO(path.read_bytes().decode()), dtype=object, keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise StoreError(f"{path}: cannot be read as a table: {printable(str(error))}. {MEND}") from None
    if list(found.columns) != COLUMNS:
        named = printable(", ".join(map(str, found.columns)))
        raise StoreError(f"{path}: has the columns {named}; they are {', '.join(COLUMNS)}. {MEND}")
    lines = [
        {name: _read(path, row, name, cell) for name, cell in line.items()}
        for row, line in enumerate(found.to_dict("records"), start=2)
    ]
    for row, line in enumerate(lines, start=2):
        if problem := _problem(line):
            raise StoreError(f"{path}, row {row}: {problem}. {MEND}")
    return pd.DataFrame(lines, columns=COLUMNS).sort_values(
        [*RUN, "mistake"], kind="stable", ignore_index=True
    )


def publish_prices(path: Path, lines: Sequence[Mapping[str, Any]]) -> int:
    """Put the lines of a study into the file, in place of what it has of these mistakes in the same study.

    Args:
        lines: a dictionary a line, as `pitfalls.price.report.tidy` gives them. Failed ones are left out.

    Returns:
        How many were written.

    Raises:
        StoreError: what there is, is damaged, and would be lost.
    """
    names = [*RUN, "mistake"]
    new = pd.DataFrame([_line(line) for line in lines if line["status"] != "failed"], columns=COLUMNS)
    replaced = set(new[names].itertuples(index=False, name=None))
    old = read_prices(path)
    stays = [line not in replaced for line in old[names].itertuples(index=False, name=None)]
    parts = [part for part in (old[stays], new) if len(part)]
    whole = pd.concat(parts, ignore_index=True) if parts else no_prices()
    whole = whole.sort_values(names, kind="stable", ignore_index=True)
    counts = dict.fromkeys(COUNTS, "Int64")
    text = guarded_table(whole.astype(dict.fromkeys(COUNTS, "float64")).astype(counts))
    write_atomically(path, text.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    return len(new)


def _line(told: Mapping[str, Any]) -> dict[str, Any]:
    line = {name: told.get(name) for name in COLUMNS}
    if told["status"] != MEASURED:
        line["note"] = " ".join(str(told.get("why") or "").split())
    return line | {name: "" if line[name] is None else line[name] for name in WORDS}


def _read(path: Path, row: int, name: str, cell: str) -> Any:
    """A cell as it was before it was written: a word, a number, or None where it is empty."""
    if name in WORDS:
        text = unguarded(cell)
        if len(text) > LONGEST or printable(text) != text:
            raise StoreError(f"{path}, row {row}, {name}: is no line of at most {LONGEST} signs. {MEND}")
        return text
    if name == "paired":
        if cell not in ("True", "False", ""):
            raise StoreError(
                f"{path}, row {row}, {name}: {printable(cell)!r} is neither True nor False. {MEND}"
            )
        return None if cell == "" else cell == "True"
    try:
        number = None if cell == "" else float(cell)
    except ValueError:
        number = math.nan
    if number is not None and not math.isfinite(number):
        raise StoreError(f"{path}, row {row}, {name}: {printable(cell)!r} is no number. {MEND}")
    return number


def _problem(line: Mapping[str, Any]) -> str:
    """What a line says that its other cells contradict."""
    if line["status"] not in (MEASURED, IMPOSSIBLE):
        return f"status: {line['status']!r} is neither {MEASURED!r} nor {IMPOSSIBLE!r}"
    if not all(line[name] for name in ("dataset", "task", "protocol", "baseline", "mistake", "title")):
        return "lacks a name"
    if line["status"] == IMPOSSIBLE:
        return ""
    if line["measure"] not in MEASURES:
        return f"measure: {line['measure']!r} is not known here"
    low, high = line["low"], line["high"]
    if (low is None) != (high is None) or (low is not None and low > high):
        return f"low, high: {low} to {high} is no interval"
    return ""
