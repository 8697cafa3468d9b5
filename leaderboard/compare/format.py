"""A comparison as text: for a terminal, Markdown, CSV, LaTeX, HTML or JSON.

What a person reads leaves out lines that are the same on both sides, and says how many; CSV and JSON have
every line. Names may come from anyone's file: every format escapes them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.declared.naming import printable
from benchmark.outside.spreadsheet import guarded_table
from leaderboard.compare.by_dataset import by_dataset, is_share, span
from leaderboard.compare.comparison import CHANGES, RESULT, VERDICTS, Comparison, row_called, table_called
from leaderboard.tables.marked import marked
from leaderboard.tables.plain import aligned
from leaderboard.tables.skill import arrow, title
from leaderboard.tables.tex import NEEDS, booktabs, tex

Row = Sequence[str]

MOST_TABLES = 3
"""So many tables are named where a change concerns several; of more, their number is told."""


@dataclass(frozen=True)
class Section:
    title: str
    head: Row
    rows: Sequence[Row]
    right: frozenset[int] = frozenset()
    """Columns of numbers."""


def formatted(comparison: Comparison, form: str) -> str:
    """The whole text, with a line break at its end. `form`: a key of `FORMATS`."""
    return FORMATS[form](comparison)


def sections(comparison: Comparison) -> Iterator[Section]:
    """One a (table, target, measure) in which something differs, then what else has changed.

    Of one row in many tables, as two baselines give it, one a measure, and what it comes to on each data set.
    """
    lines = comparison.lines[comparison.lines["verdict"] != "same"].to_dict("records")
    lone = len({(line["baseline"], line["variant"], line["profile"]) for line in lines}) == 1
    groups: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        of = row_called(line) if lone else _place(line)
        groups.setdefault(f"{of}: {_measure(line['measure'])}", []).append(line)
    for heading, group in groups.items():
        named = [(_place(line) if lone else row_called(line), *_cells(line)) for line in group]
        # Where nothing has changed, a column of nothing only makes lines long.
        width = len(HEAD) if any(row[-1] for row in named) else len(HEAD) - 1
        head = ("task" if lone else "baseline", *HEAD[1:width])
        yield Section(heading, head, [row[:width] for row in named], frozenset(range(1, 5)))
        if lone and len({line["dataset"] for line in group}) > 1:
            yield _summary(heading, comparison.lines, group[0])
    if len(comparison.changes):
        yield Section("Changes", ("what", "of", "where", "A", "B"), list(_grouped(comparison.changes)))


def _summary(heading: str, lines: pd.DataFrame, like: dict[str, Any]) -> Section:
    """Of the lines of a row by a measure, those that are the same on both sides among them."""
    share = is_share(like["measure"])
    row = ["baseline", "variant", "profile", "crawl", "measure"]
    group = lines[(lines[row] == [like[name] for name in row]).all(axis=1)].to_dict("records")
    rows = []
    for one in by_dataset(group):
        better, worse = ((f"{len(told)}", span(told, share)) for told in (one.better, one.worse))
        rows.append((one.dataset, f"{one.scores}", *better, *worse))
    by = "by, of A's error" if share else "by"
    head = ("data set", "scores", "better", by, "worse", by)
    return Section(f"{heading}, by data set", head, rows, frozenset({1, 2, 4}))


HEAD = ("", "A", "B", "B - A", "95% interval", "verdict on B", "changed")


def notes(comparison: Comparison) -> Iterator[str]:
    """What a reader must know, a sentence each."""
    lines = comparison.lines
    counts = lines["verdict"].value_counts()
    told = ", ".join(f"{counts[name]} {name}" for name in VERDICTS if name in counts)
    names = ", ".join(comparison.measures)
    yield f"{len(lines)} scores ({names}) are on both sides: {told or 'nothing to compare'}."
    compared = lines[~lines["verdict"].isin(["same", "not compared"])]
    if paired := int(compared["paired"].sum()):
        yield f"{paired} intervals are paired: both sides in the same resamples of the same posts."
    if unpaired := len(compared) - paired:
        yield (
            f"{unpaired} intervals are unpaired: made of the two published intervals by root-sum-of-squares, "
            "too wide on the same posts. Paired ones need results with predictions on both sides, and labels."
        )
    if len(compared):
        yield (
            "Told as better or worse: the 95% interval does not hold 0, and the difference is more than the "
            "margin; equivalent: the whole interval lies within it."
        )
        if comparison.holm:
            yield f"Corrected for {len(compared)} differences (Holm): a false finding in 1 of 20 such tables."
        else:
            yield (
                "Each line speaks of one pair alone: of 20 differences that are none, one is expected to lie "
                "outside of its interval. --holm corrects for their number."
            )
    if once := comparison.trained_once:
        yield (
            f"{once} {'line is' if once == 1 else 'lines are'} of rows that were trained once: the interval "
            "holds the choice of posts and accounts, and not the chance of training, which --seeds 3 adds."
        )
    yield from comparison.narrow
    if comparison.refused:
        yield "Not compared: " + "; ".join(_few(comparison.refused)) + ". --force compares all the same."
    if comparison.forced and (lines["changed"].str.contains("protocol|data|posts")).any():
        yield "Compared by force although protocol version, data or test posts differ: read with care."


def _cells(line: dict[str, Any]) -> Row:
    # n is of posts, and matters most where they were too few.
    told = line["verdict"] + (f" at n = {line['n']:.0f}" if line["verdict"] == "cannot tell" else "")
    unpaired = "" if line["paired"] or pd.isna(line["low"]) else " unpaired"
    span = "" if pd.isna(line["low"]) else f"[{line['low']:+.4f}, {line['high']:+.4f}]{unpaired}"
    difference = "" if pd.isna(line["difference"]) else f"{line['difference']:+.4f}"
    return f"{line['a']:.4f}", f"{line['b']:.4f}", difference, span, told, line["changed"]


def _place(line: dict[str, Any]) -> str:
    return table_called(line) + ("" if line["target"] == line["task"] else f", {line['target']}")


def _grouped(changes: pd.DataFrame) -> Iterator[Row]:
    """A line a change, with all the tables that it concerns."""
    told: dict[tuple[str, ...], list[str]] = {}
    for change in changes.to_dict("records"):
        row = row_called(change) if change["baseline"] else "all rows"
        shortened = (_hash(change[side]) for side in ("before", "after"))
        told.setdefault((change["what"], row, *shortened), []).append(table_called(change))
    for (what, row, before, after), tables in told.items():
        where = "; ".join(tables) if len(tables) <= MOST_TABLES else f"{len(tables)} tables"
        yield what, row, where, before, after


def _few(phrases: Sequence[str]) -> Sequence[str]:
    rest = len(phrases) - MOST_TABLES
    return phrases if rest <= 0 else [*phrases[:MOST_TABLES], f"and {rest} more"]


def _hash(text: str) -> str:
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{4,}\b", r"\1", text)


def _measure(name: str) -> str:
    return f"{title(name)} {arrow(name)}".strip()


def _title(comparison: Comparison) -> str:
    return f"A: {comparison.a}   B: {comparison.b}"


def _terminal(comparison: Comparison) -> str:
    text = [printable(_title(comparison))]
    for section in sections(comparison):
        text += ["", printable(section.title)]
        text += [f"  {line}" for line in aligned([section.head, *section.rows], section.right)]
    return "\n".join([*text, "", *map(printable, notes(comparison))]) + "\n"


def _markdown(comparison: Comparison) -> str:
    text = [f"# Comparison\n\n{marked(_title(comparison))}\n"]
    for section in sections(comparison):
        marks = ["--:" if i in section.right else ":--" for i in range(len(section.head))]
        rows = [[marked(cell) for cell in row] for row in section.rows]
        lines = "\n".join(f"| {' | '.join(row)} |" for row in (section.head, marks, *rows))
        text.append(f"## {marked(section.title)}\n\n{lines}\n")
    text.append("\n".join(f"- {marked(note)}" for note in notes(comparison)) + "\n")
    return "\n".join(text)


def _latex(comparison: Comparison) -> str:
    text = NEEDS
    for section in sections(comparison):
        columns = "".join("r" if i in section.right else "l" for i in range(len(section.head)))
        rows = [list(map(tex, row)) for row in section.rows]
        text += booktabs(columns, list(map(tex, section.head)), rows, tex(section.title))
    return text + "".join(f"\\par {tex(told)}\n" for told in (_title(comparison), *notes(comparison)))


def _html(comparison: Comparison) -> str:
    body = [f"<h1>Comparison</h1><p>{html.escape(_title(comparison))}</p>"]
    for section in sections(comparison):
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in section.head)
        rows = "\n".join(f"<tr>{_html_cells(section, row)}</tr>" for row in section.rows)
        caption = f"<caption>{html.escape(section.title)}</caption>"
        body.append(f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>")
    body += [f"<p>{html.escape(note)}</p>" for note in notes(comparison)]
    return PAGE.replace("BODY", "\n".join(body))


def _html_cells(section: Section, row: Row) -> str:
    marks = (' class="number"' if i in section.right else "" for i in range(len(row)))
    return "".join(f"<td{mark}>{html.escape(cell)}</td>" for cell, mark in zip(row, marks, strict=True))


PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Comparison</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
table { border-collapse: collapse; margin: 1.5em 0; display: block; overflow-x: auto; }
caption { font-weight: bold; text-align: left; padding: .4em .6em; }
th, td { padding: .2em .6em; text-align: left; border-bottom: 1px solid #8884; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
</style></head><body>
BODY
</body></html>
"""


def _csv(comparison: Comparison) -> str:
    """One table: the scores, then a line a change with what it is in `verdict` and A and B in `a` and `b`."""
    lines = guarded_table(comparison.lines.astype(object))
    for name in ("n", "a", "b", "difference", "low", "high", "p", "margin"):
        lines[name] = ["" if pd.isna(value) else f"{value:.9g}" for value in lines[name]]
    changes = comparison.changes.rename(columns={"what": "verdict", "before": "a", "after": "b"})
    whole = pd.concat([lines, guarded_table(changes.astype(object)).reindex(columns=RESULT)])
    return whole.to_csv(index=False, lineterminator="\n")


def _json(comparison: Comparison) -> str:
    whole = {
        "a": comparison.a,
        "b": comparison.b,
        "measures": list(comparison.measures),
        "forced": comparison.forced,
        "lines": _records(comparison.lines, RESULT),
        "changes": _records(comparison.changes, CHANGES),
        "refused": comparison.refused,
        "regressions": comparison.regressions,
        "notes": list(notes(comparison)),
    }
    return json.dumps(whole, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _records(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Undefined numbers are null."""
    whole = frame[list(columns)].astype(object)
    return whole.where(whole.notna(), None).to_dict("records")


FORMATS: dict[str, Callable[[Comparison], str]] = {
    "table": _terminal,
    "md": _markdown,
    "csv": _csv,
    "latex": _latex,
    "html": _html,
    "json": _json,
}
