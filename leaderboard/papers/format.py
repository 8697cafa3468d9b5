"""Format: a paper's table as LaTeX, Markdown, HTML or CSV."""

from __future__ import annotations

import html
import math
from collections.abc import Callable

import pandas as pd

from benchmark.naming import printable
from benchmark.outside.spreadsheet import guarded_table
from benchmark.scores.measures import measure
from leaderboard.papers.paper import Cell, Line, Paper
from leaderboard.tables.marked import code, marked
from leaderboard.tables.skill import SKILL
from leaderboard.tables.tex import tex


def _latex(of: Paper) -> str:
    """With booktabs, and nothing else."""
    heads = " & ".join(["", *map(tex, of.heads)])
    rows = [
        " & ".join([_tex_name(line), *(_tex_cell(cell, name) for cell, name in _cells(of, line))]) + r" \\"
        for line in of.lines
    ]
    text = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{tex(of.caption)}}}",
        rf"\label{{tab:{of.label.replace('_', '-')}}}",
        rf"\begin{{tabular}}{{l{'r' * len(of.measures)}}}",
        r"\toprule",
        rf"{heads} \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(text) + "\n"


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


def _csv(of: Paper) -> str:
    """A line a row and measure, at full precision."""
    lines = [
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
    return guarded_table(pd.DataFrame(lines).astype(object)).to_csv(index=False, lineterminator="\n")


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
    "latex": _latex,
    "md": _markdown,
    "html": _html,
    "csv": _csv,
}
