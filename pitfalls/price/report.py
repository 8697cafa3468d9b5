"""Report: a study as a table for the terminal or in Markdown, and as tidy rows for CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmark.scores.measures import measure
from pitfalls.price.inflation import Inflation, measures_of
from pitfalls.price.study import Row, Study

MARK, UNPAIRED = "*", "†"
LEGEND = (
    "Inflation is how much better the score is than it should be (of an error: how much smaller), with its "
    f"95% interval. {MARK} the interval does not hold 0. {UNPAIRED} other test posts than the honest ones: "
    "not paired."
)


def title(of: Study) -> str:
    cell = f"{of.ground.posts.prepared.card.name}/{of.ground.posts.task.name} {of.ground.protocol}"
    return f"{cell}, {of.ground.found.name} [{of.variant}], seed {of.ground.seed}"


def lines(of: Study, target: str) -> Iterator[str]:
    """For a terminal."""
    yield f"{title(of)}: the price of each mistake, target {target}"
    windows = of.ground.windows
    yield f"  {len(windows.train):,} training posts, {len(windows.test):,} test posts"
    header, body = _cells(of, target)
    widths = [max(len(row[i]) for row in [header, *body]) for i in range(len(header))]
    for row in [header, *body]:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield f"  {LEGEND}"
    yield from (f"  {line}" for line in [*_notes(of), *_without_price(of)])
    yield f"  took {of.seconds:.0f} s"


def markdown(of: Study, target: str) -> Iterator[str]:
    header, body = _cells(of, target)
    yield f"**{title(of)}**, target `{target}`, {len(of.ground.windows.train):,} training and "
    yield f"{len(of.ground.windows.test):,} test posts."
    yield ""
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    yield from (f"| {' | '.join(row)} |" for row in body)
    yield ""
    yield LEGEND
    yield ""
    yield from (f"- {line}" for line in [*_notes(of), *_without_price(of)])


def tidy(of: Study) -> list[dict[str, Any]]:
    """A row a mistake, target and measure; one row of a mistake that has no price."""
    found = []
    for row in of.rows:
        about = {
            "dataset": of.ground.posts.prepared.card.name,
            "task": of.ground.posts.task.name,
            "protocol": of.ground.protocol,
            "baseline": of.ground.found.name,
            "variant": of.variant,
            "seed": of.ground.seed,
            "mistake": row.mistake.name,
            "title": row.mistake.title,
            "layer": row.mistake.layer,
            "status": status(row),
            "why": row.not_possible or row.failed,
        }
        if row.price is None or row.made is None:
            found.append(about)
            continue
        against = {"against": row.made.against or "the honest run", "note": row.made.note}
        price = row.price
        counts = {"paired": price.paired, "n_wrong": price.n_wrong, "n_honest": price.n_honest}
        for one in price.inflations:
            scores = {"target": one.target, "measure": one.measure, "wrong": one.wrong, "honest": one.honest}
            inflation = {"inflation": one.inflation, "low": one.low, "high": one.high, "told": one.told}
            found.append(about | against | counts | {"clusters": price.clusters} | scores | inflation)
    return found


def status(row: Row) -> str:
    return "failed" if row.failed else "not possible here" if row.price is None else "ok"


def shown(of: Study, target: str, name: str) -> list[tuple[Row, Inflation]]:
    """The mistakes that have a price, by one target and measure."""
    return [
        (row, one)
        for row in of.rows
        if row.price
        for one in row.price.inflations
        if (one.target, one.measure) == (target, name)
    ]


def _cells(of: Study, target: str) -> tuple[list[str], list[list[str]]]:
    """The header, and a row a mistake that has a price: honest, wrong and inflation by each measure."""
    names = [one.name for one in measures_of(of.ground.posts)]
    header = ["mistake"]
    for name in names:
        header += [f"{measure(name).title} {measure(name).arrow}", "inflation"]
    body = []
    for row in (row for row in of.rows if row.price):
        assert row.price is not None
        cells = [f"{row.mistake.title}{'' if row.price.paired else f' {UNPAIRED}'}"]
        by_measure = {one.measure: one for one in row.price.inflations if one.target == target}
        for name in names:
            cells += [_scores(by_measure[name]), _inflation(by_measure[name])]
        body.append(cells)
    return header, body


def _scores(one: Inflation) -> str:
    return f"{_number(one.honest)} → {_number(one.wrong)}"


def _inflation(one: Inflation) -> str:
    if one.inflation is None:
        return "undefined"
    interval = "no interval" if one.low is None or one.high is None else f"[{one.low:+.3f}, {one.high:+.3f}]"
    return f"{one.inflation:+.3f} {interval}{'' if one.told == 'cannot tell' else MARK}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _notes(of: Study) -> Sequence[str]:
    found = []
    for row in (row for row in of.rows if row.made):
        assert row.made is not None
        told = [f"held against {row.made.against}"] if row.made.against else []
        told += [row.made.note] if row.made.note else []
        if told:
            found.append(f"{row.mistake.title}: {'; '.join(told)}")
    return found


def _without_price(of: Study) -> Sequence[str]:
    return [
        f"{row.mistake.title}: {status(row)}: {' '.join((row.failed or row.not_possible).split())}"
        for row in of.rows
        if row.price is None
    ]
