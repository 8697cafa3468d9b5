"""Errors a person can act on: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LONGEST = 2000
"""Characters of a message, whatever it quotes: about a screen."""
LONGEST_QUOTED = 60
"""Characters of a name or a value in one."""
_ABSENT = object()


class SmpbenchError(Exception):
    """Any error that a user can mend. The command line prints its text and no traceback."""

    def __init__(self, text: str = "") -> None:
        super().__init__(shortened(str(text)))


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
        where += [f"column '{quoted(column)}'"] if column is not None else []
        where += [f"value {quoted(repr(value))}"] if value is not _ABSENT else []
        text = f"{', '.join(where)}: {problem}" if where else problem
        super().__init__(_mended(text, mend))


class DataUnavailable(SmpbenchError):
    """The raw files of a data set are not on this machine; the text says how to obtain them."""


class BaselineError(SmpbenchError):
    """A baseline broke its contract; the text names the cell and, where there is one, the post."""


class ModelError(SmpbenchError):
    """A file of a kept model is missing, damaged or of something else; names it, and says what to do."""


class StoreError(SmpbenchError):
    """A stored file does not hold what was written to it."""


class UnknownName(SmpbenchError):
    """A name that nothing answers to. The text offers the nearest known names."""

    def __init__(self, kind: str, name: str, known: Iterable[str], mend: str | None = None) -> None:
        text = f"unknown {kind} '{quoted(name)}'{did_you_mean(name, known)}"
        super().__init__(_mended(text, mend))


def _mended(text: str, mend: str | None) -> str:
    """A text, and behind it what to do, as two sentences."""
    stop = "" if text.endswith("?") else "."
    return f"{text}{stop} {mend}" if mend else text


def did_you_mean(name: str, known: Iterable[str], *, others: bool = True) -> str:
    """`; did you mean 'x'?` or, when nothing is near, `; known: a, b`. Empty when nothing is known.

    Args:
        others: whether to list what is known, when nothing is near.
    """
    import difflib

    names = sorted(known)
    if near := difflib.get_close_matches(name, names, n=3, cutoff=0.6):
        return "; did you mean " + " or ".join(f"'{quoted(one)}'" for one in near) + "?"
    return f"; known: {listed(names)}" if names and others else ""


def listed(names: Iterable[str], most: int = 30) -> str:
    """`a, b, c`; of more than `most`, the first, and how many others there are. Long ones are shortened."""
    names = list(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(quoted, names[:most])) + more


def quoted(text: str) -> str:
    """A name or a value inside of a message."""
    return shortened(text, LONGEST_QUOTED)


def shortened(text: str, length: int = LONGEST) -> str:
    """The text, or its beginning and its end with how much is left out between them; half a character, which
    no file and no terminal takes, is written as its number."""
    if len(text) > length:
        told = f" ... {len(text) - length:,} characters left out ... " if length >= 200 else " ... "
        end = (length - len(told)) // 3
        text = text[: length - len(told) - end] + told + text[len(text) - end :]
    return text.encode(errors="backslashreplace").decode()
