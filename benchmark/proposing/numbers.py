"""Numbers: in which format a column of them is written, and which of its values stand for none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from benchmark.declared.layout import NumberFormat
from benchmark.proposing.table import Seen
from benchmark.readers.columns import is_missing
from benchmark.readers.identifiers import NOBODY
from benchmark.readers.written import number

FORMATS: tuple[NumberFormat | None, ...] = (None, "people", "people_comma", "clock", "iso_duration")
_CODE = re.compile(r"[^\w]{1,4}|[A-Za-z#/<>\[\]. _-]{1,16}")
"""Looks like `-`, `?`, `NA`, `unknown`, `#N/A`, `[deleted]`."""
_WORDS = "- -- ? . unknown missing not_available #n/a #value! hidden \\n"
_MISSING = NOBODY | set(_WORDS.split())
_NEGATIVE_CODES = {-1.0, -9.0, -99.0, -999.0, -9999.0, -99999.0}
_THOUSANDS_BY_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+")
_MOST_CODES = 5


@dataclass(frozen=True)
class Numbers:
    """How the numbers of one column are written."""

    format: NumberFormat | None
    missing: tuple[str | int, ...]
    """What stands for a missing value, as written."""
    values: np.ndarray
    """float64 [n], NaN where there is none."""

    @property
    def known(self) -> np.ndarray:
        return self.values[np.isfinite(self.values)]

    @property
    def whole(self) -> bool:
        return bool(len(self.known)) and bool((self.known == np.round(self.known)).all())


def as_numbers(column: Seen, *, counts: bool = False) -> Numbers | None:
    """The numbers that a column holds, in the first format in which (nearly) all of it is one.

    Args:
        counts: whether nothing below zero is meant.

    Returns:
        None if it holds none, or too much else.
    """
    if column.is_list or not column.given:
        return None
    best: tuple[int, NumberFormat | None, dict[str, float]] | None = None
    for format in _tried(column):
        read = {text: _number(text, format) for text in column.counts}
        wrong = {text for text, value in read.items() if not np.isfinite(value)}
        if len(wrong) == len(read) or not _are_codes(wrong, column.counts):
            continue
        if best is None or len(wrong) < best[0]:
            best = (len(wrong), format, read)
        if not wrong:
            break
    if best is None:
        return None
    _, format, read = best
    codes: list[str | int] = sorted(text for text, value in read.items() if not np.isfinite(value))
    codes += (negative := _negative_codes(read, counts=counts))
    for code in negative:
        read = {text: np.nan if value == code else value for text, value in read.items()}
    values = [np.nan if is_missing(one) else read.get(_text(one), np.nan) for one in column.cells]
    return Numbers(format, tuple(codes), np.array(values, dtype=np.float64))


def _tried(column: Seen) -> tuple[NumberFormat | None, ...]:
    """`1.234` and `12.345` are whole numbers where every point stands before three digits."""
    pointed = [text for text in column.counts if "." in text]
    if pointed and len(pointed) > 2 and all(_THOUSANDS_BY_POINT.fullmatch(text) for text in pointed):
        several = any(text.count(".") > 1 for text in pointed)
        plain = [text for text in column.counts if re.fullmatch(r"\d+", text)]
        if several or (plain and max(map(len, plain)) <= 3 and len(plain) > 2):
            return ("people_comma",)
    return FORMATS


def _number(text: str, format: NumberFormat | None) -> float:
    read = number(text, format) if format else text
    try:
        value = float(read)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) and not (isinstance(read, str) and "_" in read) else float("nan")


def _are_codes(wrong: set[str], counts: Counter[str]) -> bool:
    """Whether what is no number stands for a missing value."""
    known = {text for text in wrong if text.lower() in _MISSING}
    other = wrong - known
    if len(other) > _MOST_CODES or not all(_CODE.fullmatch(text) for text in other):
        return False
    return sum(counts[text] for text in other) <= 0.3 * counts.total()


def _negative_codes(read: dict[str, float], *, counts: bool) -> list[int]:
    """-99 where it is the one number below zero."""
    below = {value for value in read.values() if value < 0}
    if len(below) != 1 or not below <= _NEGATIVE_CODES:
        return []
    code = below.pop()
    others = [value for value in read.values() if np.isfinite(value) and value != code]
    if code > -9 and not counts:  # -1 may be an answer
        return []
    return [int(code)] if others else []


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
