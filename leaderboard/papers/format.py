"""Format: a paper's table as LaTeX, Markdown, HTML, CSV, JSON or plain text."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import pandas as pd

from benchmark.declared.naming import printable
from benchmark.outside.spreadsheet import guarded_table
from benchmark.scores.measures import measure
from leaderboard.papers.paper import Cell, Line, Paper
from leaderboard.tables.marked import code, marked
from leaderboard.tables.plain import aligned
from leaderboard.tables.skill import SKILL
from leaderboard.tables.tex import NEEDS, booktabs, tex


def _latex(of: Paper) -> str:
    """With booktabs, and nothing else."""
    rows = [
        [_tex_name(line), *(_tex_cell(cell, name) for cell, name in _cells(of, line))] for line in of.lines
    ]
    columns, heads = f"l{'r' * len(of.measures)}", ["", *map(tex, of.heads)]
    return NEEDS + booktabs(columns, heads, rows, tex(of.caption), of.label.replace("_", "-"))


def _tex_name(line: Line) -> str:
    return rf"\texttt{{{tex(line.name)}}}" + (f" {tex(_rest(line))}" if _rest(line) else "")


def _tex_cell(cell: Cell | None, name: str) -> str:
    score, span = _numbers(cell, name)
    shown = rf"\textbf{{{tex(score)}}}" if cell and cell.best and score else tex(score)
    return shown + (rf" {{\scriptsize {tex(span)}}}" if span else "")


def _markdown(of: Paper) -> str:
    rows = [["", *map(marked, of.heads)], [":--", *("--:" for _ in of.measures)]]
    for line in of.lines:
        name = code(line.name) + (f" {marked(_rest(line))}" if _rest(line) else "")
        rows.append([name, *(_marked_cell(cell, name) for cell, name in _cells(of, line))])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{table}\n\n{marked(of.caption)}\n"


def _marked_cell(cell: Cell | None, name: str) -> str:
    score, span = _numbers(cell, name)
    return " ".join(one for one in (f"**{score}**" if cell and cell.best and score else score, span) if one)


def _html(of: Paper) -> str:
    heads = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in ["", *of.heads])
    rows = []
    for line in of.lines:
        name = html.escape(" ".join(one for one in (line.name, _rest(line)) if one))
        cells = "".join(f"<td>{_html_cell(cell, one)}</td>" for cell, one in _cells(of, line))
        rows.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return (
        f"<table>\n<caption>{html.escape(of.caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody>\n</table>\n"
    )


def _html_cell(cell: Cell | None, name: str) -> str:
    score, span = (html.escape(one) for one in _numbers(cell, name))
    shown = f"<strong>{score}</strong>" if cell and cell.best and score else score
    return shown + (f" <small>{span}</small>" if span else "")


def _plain(of: Paper) -> str:
    """For a terminal; a mark behind a score says that it is in the confidence set of the best."""
    rows = [["", *of.heads]]
    for line in of.lines:
        rows.append(
            [
                " ".join(one for one in (line.name, _rest(line)) if one),
                *(_plain_cell(cell, name) for cell, name in _cells(of, line)),
            ]
        )
    caption = of.caption.replace("Bold:", "With +:")
    return "\n".join([*aligned(rows), "", printable(caption)]) + "\n"


def _plain_cell(cell: Cell | None, name: str) -> str:
    score, span = _numbers(cell, name)
    return f"{score}{'+' if cell and cell.best and score else ' '} {span}".rstrip()


def _json(of: Paper) -> str:
    """The table and what a reader must know of it; null for what is undefined."""
    of_table = {field.name: getattr(of, field.name) for field in fields(of) if field.name != "lines"}
    told = of_table | {"caption": of.caption, "rows": [_finite(line) for line in _lines(of)]}
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in line.items()
    }


def _csv(of: Paper) -> str:
    """A line a row and measure, at full precision."""
    return guarded_table(pd.DataFrame(_lines(of)).astype(object)).to_csv(index=False, lineterminator="\n")


def _lines(of: Paper) -> list[dict[str, Any]]:
    return [
        {
            **{
                one: getattr(of, one)
                for one in ("dataset", "task", "target", "protocol", "n_train", "n_test")
            },
            **{one: getattr(line, one) for one in ("name", "variant", "crawl", "seeds")},
            "measure": name,
            "score": cell.score,
            "low": cell.low,
            "high": cell.high,
            "best": cell.best,
            "protocol_version": of.protocol_version,
            "data_fingerprint": of.fingerprint,
        }
        for line in of.lines
        for cell, name in _cells(of, line)
        if cell
    ]


def _cells(of: Paper, line: Line) -> list[tuple[Cell | None, str]]:
    return list(zip(line.cells, of.measures, strict=True))


def _rest(line: Line) -> str:
    """Of a name, what stands behind it: the variant, and a star."""
    return printable(line.variant) + ("*" if line.crawl else "")


def _numbers(cell: Cell | None, name: str) -> tuple[str, str]:
    """The score and its interval; empty where there is none."""
    if cell is None or math.isnan(cell.score):
        return "", ""
    whole = name == SKILL or measure(name).with_interval
    told = whole and not (math.isnan(cell.low) or math.isnan(cell.high))
    return f"{cell.score:.3f}", f"[{cell.low:.3f}, {cell.high:.3f}]" if told else ""


FORMATS: dict[str, Callable[[Paper], str]] = {
    "table": _plain,
    "md": _markdown,
    "csv": _csv,
    "latex": _latex,
    "html": _html,
    "json": _json,
}
