"""Labels: which columns count what became of a post, and on which scale each is scored."""

from __future__ import annotations

import numpy as np

from benchmark.declared.layout import NumberFormat
from benchmark.proposing.draft import Entry
from benchmark.proposing.numbers import Numbers, as_numbers
from benchmark.proposing.table import Table
from benchmark.proposing.words import KINDS, canonical, kind_of_count

_FEWEST = 0.02
"""Share of the rows that must have one."""


def labels(table: Table, keys: set[str]) -> list[Entry]:
    """Columns that may be the label, the likeliest first: by kind, then as the files have them."""
    found: list[tuple[str, str, Numbers]] = []
    seen: list[list[object]] = []
    for column in table:
        kind = None if column.source in keys else kind_of_count(column.source)
        if kind is None or column.cells in seen:
            continue
        numbers = as_numbers(column, counts=True)
        if numbers is None or len(numbers.known) < max(1, _FEWEST * table.rows):
            continue
        if kind == "score" and not numbers.whole and len(np.unique(numbers.known)) < 3:
            continue
        seen.append(column.cells)
        found.append((kind, column.source, numbers))
    entries = []
    taken: set[str] = set()
    for kind, source, numbers in found:
        alone = sum(one == kind for one, _, _ in found) == 1
        name = kind if alone and kind not in taken else canonical(source, taken)
        taken.add(name)
        entries.append(_entry(name, kind, source, numbers))
    return sorted(entries, key=lambda one: KINDS.index(one.kind))


def _entry(name: str, kind: str, source: str, numbers: Numbers) -> Entry:
    scale, why = _scale(kind, numbers)
    words: dict[str, object] = {"source": source} if source != name else {}
    if scale != "identity":
        words = {"scale": scale} | words
    if numbers.format:
        words["format"] = numbers.format
    if numbers.missing:
        words["missing"] = list(numbers.missing)
    unit = {"log1p": f"log({name} + 1)", "signed-log": f"sign({name}) * log(|{name}| + 1)"}
    if scale in unit:
        words["unit"] = unit[scale]
    unlabelled = len(numbers.values) - len(numbers.known)
    reason = f"{why}, median {np.median(numbers.known):,.0f}" if len(numbers.known) else why
    reason += f", {unlabelled:,} rows without" if unlabelled else ""
    if numbers.format:
        reason += f", written as {_example(numbers.format)}"
    return Entry(name, dict(words), reason, kind=kind)


def _scale(kind: str, numbers: Numbers) -> tuple[str, str]:
    known = numbers.known
    if (known < 0).any():
        return (
            ("signed-log", "negatives are real") if numbers.whole else ("identity", "numbers of both signs")
        )
    if not numbers.whole and known.max() < 30:
        return "identity", "no counts, small: a scale of its own"
    if kind == "score" and known.max() <= 10:
        return "identity", "a short scale"
    return "log1p", "counts"


def _example(format: NumberFormat) -> str:
    return {"people": "541.2K", "people_comma": "541,2K", "clock": "00:31", "iso_duration": "PT8M"}[format]
