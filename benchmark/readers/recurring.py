"""Recurring: the values of a column as they are read, in which equal texts are one string.

Most columns of a table say the same in many rows. A string takes 50 bytes and more; to point at one takes 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_FEW = 50_000
"""Texts that are remembered, even if none of them recurs."""


class Recurring:
    """What is `kept` grows by `extend`; texts are no longer compared when hardly any recurs."""

    def __init__(self, values: Sequence[Any] = ()) -> None:
        self.kept = list(values)
        self._known: dict[str, str] | None = {}

    def extend(self, values: Sequence[Any]) -> None:
        known = self._known
        if known is not None:
            values = [known.setdefault(one, one) if type(one) is str else one for one in values]
        self.kept += values
        if known is not None and len(known) > max(_FEW, len(self.kept) // 2):
            self._known = None


def by_column(rows: Sequence[Sequence[str]], columns: Sequence[Recurring]) -> None:
    """Add to each column its values in these rows, all as long as there are columns."""
    if rows:
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
