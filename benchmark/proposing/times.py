"""Times: in which format a column of moments is written, and which id tells its own."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from benchmark.declared.layout import IDS_WITH_A_TIME
from benchmark.proposing.table import Seen
from benchmark.readers.moments import read_times

PATTERNS = (
    *("iso", "epoch_seconds", "epoch_milliseconds", "%a %b %d %H:%M:%S %z %Y"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y%m%d", "%Y%m%d%H%M%S", "%Y-%m-%d %H:%M:%S %Z"),
    *("%Y-%m-%d_%H-%M-%S_UTC", "%Y-%m-%d_%H-%M-%S", "%Y-%m-%d %H.%M.%S"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d/%m/%y %H:%M", "%d/%m/%y"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y %H:%M", "%m/%d/%y"),
    *("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M"),
    *(
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%d %b %Y",
        "%d %B %Y",
        "%b %d, %Y",
        "%B %d, %Y",
        "%b %d, %Y %H:%M",
        "%d-%b-%Y",
    ),
    *("%d %b %Y %H:%M", "%a, %d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %Y", "%I:%M %p - %d %b %Y"),
)
"""Formats of a card, tried in this order."""
_SAMPLE = 400
_MOST_CODES = 6


@dataclass(frozen=True)
class Moments:
    """How the moments of one column are written."""

    format: tuple[str, ...]
    at: pd.Series
    """datetime64[ms] [n], NaT where there is none."""
    missing: tuple[str, ...]
    """What stands for an unknown one, as written."""
    doubt: str = ""

    @property
    def known(self) -> pd.Series:
        return self.at.dropna()

    @property
    def days_alone(self) -> bool:
        """Whether no moment says an hour."""
        return bool((self.known == self.known.dt.normalize()).all())


def as_moments(column: Seen) -> Moments | None:
    """The moments that a column holds, in the one format (or two) in which nearly all of it is one."""
    if column.is_list or not column.given:
        return None
    distinct = list(column.counts)
    sample = distinct[:: max(1, len(distinct) // _SAMPLE)][:_SAMPLE]
    found = {form: share for form in PATTERNS if (share := _read(sample, form).notna().mean()) > 0.05}
    if not found or max(found.values()) < 0.3:
        return None
    chosen, doubt = _chosen(column, found)
    read = _read(distinct, chosen)
    forms = [chosen]
    if read.isna().any():
        rest = [text for text, one in zip(distinct, read, strict=True) if pd.isna(one)]
        others = {
            form: float(_read(rest[:_SAMPLE], form).notna().mean()) for form in PATTERNS if form != chosen
        }
        if max(others.values()) > 0.5:
            forms.append(max(others, key=lambda form: others[form]))
            again = _read(rest, forms[1])
            read = read.copy()
            read[read.isna()] = again.to_numpy()
    wrong = [text for text, one in zip(distinct, read, strict=True) if pd.isna(one)]
    rows = sum(column.counts[text] for text in wrong)
    if len(wrong) > _MOST_CODES or rows > 0.3 * column.counts.total():
        return None
    by_text = dict(zip(distinct, read, strict=True))
    values = pd.Series([by_text.get(_text(one), pd.NaT) for one in column.cells], dtype="datetime64[ms]")
    return Moments(tuple(forms), values, tuple(sorted(wrong)), doubt)


def told_by_id(column: Seen) -> Moments | None:
    """The moments that ids tell, if every one of them does."""
    if column.is_list or not column.given or not all(text.isdecimal() for text in column.counts):
        return None
    if not all(15 <= len(text) <= 20 for text in column.counts):
        return None
    for form in IDS_WITH_A_TIME[::-1]:
        read = _read([_text(one) for one in column.cells], form)
        known = read.dropna()
        soon = pd.Timestamp.now() + pd.Timedelta(days=2)
        first = pd.Timestamp("2010-11-04") if form == "snowflake" else pd.Timestamp("2014-09-01")
        if len(known) == len(column.given) and ((known >= first) & (known < soon)).all():
            return Moments((form,), read, ())
    return None


def without_future(one: Moments, column: Seen) -> Moments:
    """Moments to come are those of a clock that was never set: taken for unknown, where they are few."""
    later = (one.at > pd.Timestamp.now() + pd.Timedelta(days=2)).to_numpy()
    texts = sorted({_text(value) for value, late in zip(column.cells, later, strict=True) if late})
    if not texts or len(texts) > _MOST_CODES or later.mean() > 0.05:
        return one
    return Moments(one.format, one.at.mask(later), (*one.missing, *texts), one.doubt)


def _chosen(column: Seen, found: dict[str, float]) -> tuple[str, str]:
    """The format that reads most; of several, the one in which the rows are most in order."""
    most = max(found.values())
    tied = [form for form, share in found.items() if share > most - 0.001]
    if len(tied) == 1 or not any(form.startswith(("%d", "%m")) for form in tied):
        return tied[0], ""
    texts = [_text(one) for one in column.given[:5000]]
    steps = {form: _read(texts, form).diff().abs().median() for form in tied}
    best = min(tied, key=lambda form: steps[form])
    other = next(form for form in tied if form != best)
    return best, f"{other} would read all of it as well"


def _read(values: list[str], form: str) -> pd.Series:
    """datetime64[ms] [n], NaT where a value is no moment of this format."""
    return read_times(pd.Series(values, dtype=object), form)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
