"""Aggregate format: an aggregate as Markdown, to be put under a heading, for a paper, a page or a program."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from benchmark.outside.spreadsheet import guarded_table
from leaderboard.tables.html_table import html_table
from leaderboard.tables.marked import code, marked
from leaderboard.tables.plain import aligned
from leaderboard.tables.skill import title
from leaderboard.tables.tex import NEEDS, booktabs, tex
from leaderboard.together.aggregate import Aggregate

HEADS = (
    *("#", "row", "tasks", "imputed", "skill ↑", "mean rank ↓", "win rate ↑", "improvability ↓"),
    "Elo ↑ [95%]",
)


RIGHT = frozenset({0, *range(2, len(HEADS))})
"""Columns of numbers."""


def aggregate_markdown(one: Aggregate) -> str:
    """What is aggregated, the table, and the notes; without a heading."""
    lines = [HEADS, ("--:", ":--", *("--:" for _ in HEADS[2:]))]
    lines += [(place, code(row), *rest) for place, row, *rest in _rows(one)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "\n".join(f"- {marked(note)}" for note in one.notes)
    return f"{_introduction(one)}\n\n{table}\n\n{notes}\n"


def aggregate_plain(one: Aggregate) -> str:
    """For a terminal."""
    return "\n".join([*aligned([HEADS, *_rows(one)], RIGHT), "", *_notes(one)]) + "\n"


def aggregate_latex(one: Aggregate) -> str:
    """With booktabs, and nothing else."""
    rows = [[place, rf"\texttt{{{tex(row)}}}", *map(tex, rest)] for place, row, *rest in _rows(one)]
    caption = " ".join(map(tex, _notes(one)))
    columns = "".join("r" if i in RIGHT else "l" for i in range(len(HEADS)))
    return NEEDS + booktabs(columns, list(map(tex, HEADS)), rows, caption, "aggregate")


def aggregate_html(one: Aggregate) -> str:
    """A table, to be put into a page."""
    return html_table(HEADS, _rows(one), " ".join(_notes(one)), RIGHT)


def aggregate_csv(one: Aggregate) -> str:
    """The table, with six digits."""
    return guarded_table(one.table).to_csv(index=False, float_format="%.6g", lineterminator="\n")


def aggregate_json(one: Aggregate) -> str:
    """Everything but the picture; null for what is undefined."""
    told = {
        "policy": one.policy,
        "measures": one.measures,
        "reference": one.reference,
        "tasks": one.tasks,
        "rows": json.loads(one.table.to_json(orient="records")),
        "win_rates": json.loads(one.win_rates.to_json(orient="index")),
        "critical_difference": one.critical.difference,
        "notes": one.notes,
    }
    return json.dumps(told, indent=1) + "\n"


FORMATS: dict[str, Callable[[Aggregate], str]] = {
    "table": aggregate_plain,
    "md": aggregate_markdown,
    "csv": aggregate_csv,
    "latex": aggregate_latex,
    "html": aggregate_html,
    "json": aggregate_json,
}


def _rows(one: Aggregate) -> list[tuple[str, ...]]:
    """The cells of `HEADS`, as any text."""
    return [_cells(place, row) for place, row in enumerate(one.table.to_dict("records"), start=1)]


def _notes(one: Aggregate) -> list[str]:
    """What a reader must know, a sentence each, as any text."""
    titles = ", ".join(map(title, one.measures))
    return [
        f"Publish-time rows over {_counted(one)} by {titles}; a data set weighs one, whatever is asked of "
        "it.",
        f"Missing scores: policy {one.policy}. Best first, by mean rank. Skill is 1 − the geometric mean of "
        f"error / error of {one.reference}, win rate the mean over all other rows, improvability the share "
        f"of the error that the best row of a task is free of; Elo of {one.reference} is 1000.",
        *one.notes,
    ]


def _counted(one: Aggregate) -> str:
    return "1 task" if len(one.tasks) == 1 else f"{len(one.tasks)} tasks"


def _introduction(one: Aggregate) -> str:
    titles = ", ".join(map(title, one.measures))
    counted = _counted(one)
    return (
        f"Publish-time rows over {counted} by {titles}; a data set weighs one, "
        f"whatever is asked of it.\nMissing scores: policy `{one.policy}`. Best first, by mean rank. "
        f"Skill is 1 − the geometric "
        f"mean of error / error of\n{code(one.reference)}, win rate the mean over all other rows, "
        f"improvability the share of the error that the best row\nof a task is free of; "
        f"Elo of {code(one.reference)} is 1000.\n\n"
        f"Tasks: {marked(', '.join(one.tasks))}."
    )


def _cells(place: int, row: dict[str, object]) -> tuple[str, ...]:
    number = {name: float(str(value)) for name, value in row.items() if name != "row"}
    skill = number["skill"]
    return (
        str(place),
        str(row["row"]),
        f"{number['tasks']:.0f}",
        f"{number['imputed']:.0f}" if number["imputed"] else "",
        "" if math.isnan(skill) else f"{skill:+.3f}",
        f"{number['mean_rank']:.2f}",
        f"{number['win_rate']:.0%}",
        f"{number['improvability']:.1%}",
        _elo(number),
    )


def _elo(number: dict[str, float]) -> str:
    """Empty where there is none."""
    if math.isnan(number["elo"]):
        return ""
    return f"{number['elo']:.0f} [{number['elo_low']:.0f}, {number['elo_high']:.0f}]"
