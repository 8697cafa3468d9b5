"""A ranking in the terminal: a table of all drafts, then what is said of the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from benchmark.declared.naming import printable
from desk.ranking import Judged, Ranking
from desk.report import words

MOST_AT_LENGTH = 20
"""Drafts of which more is said than a line of the table."""
_LONGEST_NAME = 40


def as_table(ranking: Ranking) -> Group:
    """What `rich` prints: a sentence, notes, the table, what is said of the first drafts, what was refused.

    Texts of others are shown as they are: nothing in them is taken for markup or obeyed by a terminal.
    """
    names = words.names_of(ranking)
    parts: list[RenderableType] = [Text(printable(words.lead(ranking)), style="bold")]
    parts += [Text(f"! {printable(note)}") for note in ranking.notes]
    if ranking.drafts:
        parts.append(_table(ranking, names))
    for one in ranking.drafts[:MOST_AT_LENGTH]:
        if said := list(_said(one, names)):
            parts.append(Text(f"{one.place}  {names[one.draft.number]}", style="bold"))
            parts += [Padding(line, (0, 0, 0, 3)) for line in said]
    if (more := len(ranking.drafts) - MOST_AT_LENGTH) > 0:
        parts.append(Text(f"of {words.drafts(more)} further down no more is said here", style="dim"))
    for refused in ranking.refused:
        told = f"not judged: {printable(refused.name)}: {printable(refused.reason)}"
        parts.append(Text(told, style="red"))
    if ranking.model.viral and any(one.viral is not None for one in ranking.drafts):
        parts.append(Text(f"viral: {printable(ranking.model.viral)}", style="dim"))
    if any(one.reasons for one in ranking.drafts):
        parts.append(Text(words.PROMISE, style="dim"))
    return Group(*parts)


def _table(ranking: Ranking, names: Mapping[int, str]) -> Table:
    viral = any(one.viral is not None for one in ranking.drafts)
    first = next((one.expected[0] for one in ranking.drafts if one.expected), None)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("draft", overflow="fold", max_width=_LONGEST_NAME)
    table.add_column(Text(printable(first.target) if first else "expected"), justify="right")
    table.add_column(words.share(first.level) if first else "", justify="right")
    if viral:
        table.add_column("viral", justify="right")
    table.add_column("best", justify="right")
    table.add_column("")
    for one in ranking.drafts:
        cells = [Text(str(one.place)), Text(names[one.draft.number])]
        if one.expected:
            cells += [Text(words.counted(one.expected[0].middle)), Text(words.span(one.expected[0]))]
        else:
            cells += [Text("?"), Text("")]
        if viral:
            cells.append(Text("?" if one.viral is None else words.share(one.viral)))
        cells += [Text(words.share(one.best)), _brief(one)]
        table.add_row(*cells, style="dim" if one.blocked else "")
    return table


def _brief(judged: Judged) -> Text:
    """What is to be seen at a glance: may it be published, and is its place a guess?"""
    if judged.blocked:
        return Text("blocked", style="bold red")
    told = Text("warning", style="yellow") if judged.marks else Text("")
    return told.append(" ≈" if judged.close_to and judged.marks else "≈" if judged.close_to else "", "green")


def _said(judged: Judged, names: Mapping[int, str]) -> Iterator[Text]:
    for mark in words.blocks_first(judged):
        yield Text(words.mark(mark), style="bold red" if mark.action == "block" else "yellow")
    if close := words.close_to(judged, names):
        yield Text(f"≈ too close to call with {', '.join(close)}", style="green")
    if len(judged.expected) > 1:
        yield Text("also " + ", ".join(map(words.expected, judged.expected[1:])))
    for reason in judged.reasons:
        yield Text(words.reason(reason))
    if judged.hours:
        best = judged.hours[0]
        yield Text(f"best at {words.hour(best)}: {words.hour_effect(best)}")
    for note in judged.notes:
        yield Text(printable(note), style="italic")
