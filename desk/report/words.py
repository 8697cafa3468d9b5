"""Words and numbers of a ranking, the same in every form that it is shown in."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from benchmark.declared.naming import printable
from desk.ranking import Basis, Expected, Hour, Judged, Mark, Ranking, Reason

PROMISE = "Reasons are associations that the model has learnt, not promises."
SAID = {"block": "Blocked", "warn": "Warning"}
"""Action of a mark -> what is said of it."""
_KEPT = "\n\u200c\u200d"
"""Line breaks, and what joins and parts letters and emoji."""
_BASIS: Mapping[Basis, str] = {
    "account": "by the past errors on this account",
    "category": "by the past errors in its category, since its account has too few posts",
    "all": "by the past errors on all accounts, since its own has too few posts",
}


def counted(value: float) -> str:
    """A count as people say it: `1,230`, of which three digits count."""
    digits = 0 if abs(value) < 1000 else 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits) or 0:,.0f}"  # and no minus before a nought


def expected(one: Expected) -> str:
    """`1,200 likes (90%: 300 to 4,800)`"""
    return f"{counted(one.middle)} {printable(one.target)} ({interval(one)})"


def interval(one: Expected) -> str:
    """`90%: 300 to 4,800`"""
    return f"{share(one.level)}: {span(one)}"


def span(one: Expected) -> str:
    """`300 to 4,800`"""
    return f"{counted(one.low)} to {counted(one.high)}"


def basis(one: Expected) -> str:
    return f"Interval {_BASIS[one.basis]}"


def share(value: float) -> str:
    """A probability: `38%`, `2.3%`, `under 0.1%`."""
    if 0 < value < 0.001:
        return "under 0.1%"
    if 0.999 < value < 1:
        return "over 99.9%"
    text = f"{value:.1%}" if value < 0.1 or value > 0.99 else f"{value:.0%}"
    return text.replace(".0%", "%")


def effect(value: float) -> str:
    """`+8%`, `−20%`, `±0%`"""
    text = f"{abs(value):,.0%}" if abs(value) >= 0.01 or value == 0 else f"{abs(value):.1%}"
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{text}"


def reason(one: Reason) -> str:
    """`+8% asks a question (text)`"""
    return f"{effect(one.effect)} {printable(one.text)} ({one.modality})"


def mark(one: Mark) -> str:
    """`Blocked, no gambling: We do not speak of it.`"""
    return f"{SAID[one.action]}, {printable(one.rule)}: {printable(one.sentence)}"


def blocks_first(judged: Judged) -> list[Mark]:
    return sorted(judged.marks, key=lambda one: one.action != "block")


def moment(at: dt.datetime) -> str:
    """`Tue 14 May 2030, 18:00 UTC`"""
    return f"{_utc(at):%a} {_utc(at).day} {_utc(at):%b %Y, %H:%M} UTC"


def hour(one: Hour) -> str:
    """`Tue 14 May, 18:00 to 19:00 UTC`"""
    start = _utc(one.start)
    return f"{start:%a} {start.day} {start:%b, %H:%M} to {start + dt.timedelta(hours=1):%H:%M} UTC"


def hour_effect(one: Hour) -> str:
    """`+12% (95%: +3% to +22%; 140 posts)`"""
    return f"{effect(one.effect)} (95%: {effect(one.low)} to {effect(one.high)}; {posts(one.posts)})"


def posts(count: int) -> str:
    return f"{count:,} post{'s' * (count != 1)}"


def drafts(count: int) -> str:
    return f"{count:,} draft{'s' * (count != 1)}"


def names_of(ranking: Ranking) -> dict[int, str]:
    """Number of a draft -> what it is called, on one line."""
    return {one.draft.number: printable(one.draft.name) for one in ranking.drafts}


def close_to(judged: Judged, names: Mapping[int, str]) -> list[str]:
    """What the drafts are called from which this one cannot be told."""
    return [names.get(number, f"draft {number}") for number in judged.close_to]


def lead(ranking: Ranking) -> str:
    """In a sentence what to do."""
    if not ranking.drafts:
        return "Nothing could be judged."
    first = next((one for one in ranking.drafts if not one.blocked), None)
    if first is None:
        return "Nothing here may be published: every draft is blocked."
    above = sum(one.blocked for one in ranking.drafts if one.place < first.place)
    before = f" ({drafts(above)} above it may not be published)" if above else ""
    told = f"Publish “{printable(first.draft.name)}” first{before}"
    if first.expected:
        told += f": {expected(first.expected[0])}"
    if close := close_to(first, names_of(ranking)):
        more = f" and {len(close) - 3:,} more" if len(close) > 3 else ""
        quoted = ", ".join(f"“{name}”" for name in close[:3])
        return f"{told}. It is too close to call with {quoted}{more}."
    return f"{told}."


def shown_text(text: str) -> str:
    """Any text of others: no sign in it that turns or hides what stands around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines.isprintable():
        return lines
    return "".join(letter if letter in _KEPT or letter.isprintable() else " " for letter in lines)


def excerpt(text: str, letters: int, lines: int) -> tuple[str, str]:
    """The beginning of a text, and what is said of the rest; empty if it is whole."""
    whole = shown_text(text).strip()
    shown = "\n".join(whole.split("\n")[:lines])[:letters]
    left = len(whole) - len(shown)
    return shown, f"{left:,} more characters" if left > 0 else ""


def _utc(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
