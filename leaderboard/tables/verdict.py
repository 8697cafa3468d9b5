"""Verdict: what a table says, in one sentence: the same on the page, on the board and in the terminal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmark.declared.naming import EXTERNAL, printable
from benchmark.scores.kinds import kind
from benchmark.scores.measures import measure
from leaderboard.tables.finding import Finding, finding
from leaderboard.tables.marked import code, marked
from leaderboard.tables.rows import Row
from leaderboard.tables.table import Table

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Name = Callable[[str], str]
"""How the name of a row is written."""


def verdict(table: Table, target: str | None = None, *, crawl: bool = False, markdown: bool = False) -> str:
    """What a table says, in one sentence with its subject in front.

        SMPD video track (TikTok), 891 posts of 2023: ensemble is best, not separable from 4 of 20 others; 9%
        better than the account's recent median; a typical miss is a factor of 3.9.

    Args:
        target: the first one by default.
        crawl: of the rows that read columns known only when the data were collected.
        markdown: with names as code, and everything else so that Markdown shows it as it is.
    """
    told = finding(table, target, crawl=crawl)
    text = marked if markdown else printable
    if told is None:
        return f"{text(table.rows[0].about.title)}: no row has a score yet."
    return f"{text(subject(told))}: {said(told, code if markdown else printable)}"


def subject(told: Finding) -> str:
    """What was predicted: `Tweets of Elon Musk, likes, 771 posts of Oct 2021 to Sep 2022`."""
    of = told.about
    parts = [of.title]
    if len(of.targets) > 1 or of.kind != "regression":
        parts.append(told.target)
    posts = f"{told.n:,} {'post' if told.n == 1 else 'posts'}"
    dates = span(told)
    parts.append(f"{posts} of {dates}" if dates else posts)
    return ", ".join(parts)


def said(told: Finding, name: Name = str) -> str:
    """The rest of the sentence: `ensemble is best, ...`"""
    parts = [_standing(told, name), _against_reference(told, name)]
    if told.miss is not None:
        parts.append(f"a typical miss is a factor of {factor(told.miss)}")
    crawl = " (with columns known only at collection)" if told.about.crawl else ""
    return "; ".join(part for part in parts if part) + f"{crawl}."


def span(told: Finding) -> str:
    """The months of the test posts: `Jul to Aug 2023`; empty where they are not known."""
    if told.months is None:
        return ""
    (year, month), (last_year, last_month) = (one.split("-") for one in told.months)
    first, last = (MONTHS[int(one) - 1] for one in (month, last_month))
    if told.months[0] == told.months[1]:
        return f"{first} {year}"
    return f"{first} to {last} {year}" if year == last_year else f"{first} {year} to {last} {last_year}"


def called(row: Row) -> str:
    """The name of a row, as the command line takes it: `lightgbm:+history`."""
    variant = "" if row.about.variant in ("default", EXTERNAL) else f":{row.about.variant}"
    return row.about.baseline + variant


def reference_in_words(row: Row, name: Name = str) -> str:
    of = kind(row.about.kind)
    return of.reference_in_words if row.about.baseline == of.reference else name(called(row))


def factor(value: float) -> str:
    """`3.9`, `14`, `1,200`"""
    return f"{value:.1f}" if value < 9.95 else f"{float(f'{value:.2g}'):,.0f}"


def _standing(told: Finding, name: Name) -> str:
    best, others = name(called(told.best)), told.rows - 1
    if not others:
        return f"{best} is the only row"
    ties = len(told.set) - 1
    if not ties:
        few = {1: "the other one", 2: "both others"}
        return f"{best} is best, and apart from {few.get(others, f'all {others} others')}"
    if ties == others:
        return f"{best} is ahead, but no row can be told from any other"
    return f"{best} is best, not separable from {ties} of {others} others"


def _against_reference(told: Finding, name: Name) -> str:
    if told.reference is None or np.isnan(told.reference_score):
        return ""
    words = reference_in_words(told.reference, name)
    if told.reference is told.best:
        return f"nothing beats {words}" if told.rows > 1 else ""
    how = _gain(told, words)
    return f"{how}, which may be chance" if told.among_best else how


def _gain(told: Finding, words: str) -> str:
    of = measure(told.about.primary)
    if of.better == "lower" and of.perfect == 0 and np.isfinite(told.skill):
        share = 100 * told.skill
        return f"{'less than 1' if share < 1 else f'{share:.0f}'}% better than {words}"
    return f"{of.title} {told.score:.3f}, where {words} has {told.reference_score:.3f}"
