"""Spreadsheet: text in a CSV that a program which opens it shows, and does not run.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break is a formula to a spreadsheet, whoever wrote
it. An apostrophe in front makes it text; what reads such a file here takes it off again. Numbers stay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_RUN = re.compile(r"'*[=+\-@\t\r\n]")
"""What would be run, or would be taken for something that was guarded."""
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


def guarded(text: str) -> str:
    """A cell that a spreadsheet shows as this text."""
    return f"'{text}" if _RUN.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell


def guarded_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table with every text in it guarded, and the names of its columns; numbers are left alone."""
    found = table.rename(columns=lambda name: guarded(name) if isinstance(name, str) else name)
    for place, kind in enumerate(found.dtypes):
        if kind.kind not in "biufM":
            cells = [guarded(cell) if isinstance(cell, str) else cell for cell in found.iloc[:, place]]
            found.isetitem(place, cells)
    return found
