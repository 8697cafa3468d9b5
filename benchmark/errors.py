"""Errors a person can act on: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_ABSENT = object()


class SmpbenchError(Exception):
    """Any error that a user can mend. The command line prints its text and no traceback."""


class CardError(SmpbenchError):
    """A data set's card.toml is wrong."""


class DataError(SmpbenchError):
    """Raw or prepared data are wrong.

    The text names the file, the row (as an editor counts it, from 1), the column and the value, as far
    as they are known, and ends with what to do.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = _ABSENT,
        mend: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.column, self.mend = problem, file, row, column, mend
        self.value = None if value is _ABSENT else value
        where = [str(file)] if file is not None else []
        where += [f"row {row}"] if row is not None else []
        where += [f"column '{column}'"] if column is not None else []
        where += [f"value {_shortened(value)}"] if value is not _ABSENT else []
        text = f"{', '.join(where)}: {problem}" if where else problem
        super().__init__(f"{text}. {mend}" if mend else text)


class DataUnavailable(SmpbenchError):
    """The raw files of a data set are not on this machine; the text says how to obtain them."""


class BaselineError(SmpbenchError):
    """A baseline broke its contract; the text names the cell and, where there is one, the post."""


class StoreError(SmpbenchError):
    """A stored file does not hold what was written to it."""


class UnknownName(SmpbenchError):
    """A name that nothing answers to. The text offers the nearest known names."""

    def __init__(self, kind: str, name: str, known: Iterable[str], mend: str | None = None) -> None:
        text = f"unknown {kind} '{name}'{did_you_mean(name, known)}"
        super().__init__(f"{text}. {mend}" if mend else text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` or, when nothing is near, `; known: a, b`. Empty when nothing is known."""
    import difflib

    names = sorted(known)
    if near := difflib.get_close_matches(name, names, n=3, cutoff=0.6):
        return "; did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
    return f"; known: {listed(names)}" if names else ""


def listed(names: Iterable[str], most: int = 30) -> str:
    """`a, b, c`; of more than `most`, the first, and how many others there are."""
    names = list(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _shortened(value: object, length: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= length else f"{text[: length - 3]}..."
