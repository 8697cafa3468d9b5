"""Plain: a table as a terminal shows it, columns under each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from benchmark.declared.naming import printable


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """A line a row, its cells under those of the others, and no control character of anybody's name.

    Args:
        rows: all of the same length. right: the columns that stand at the right of theirs: numbers.
    """
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  ".join(
            f"{cell:>{width}}" if i in right else f"{cell:<{width}}"
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in shown
    ]
