"""A ranking as files: CSV for spreadsheets, JSON for programs. Each appears whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmark.files import write_atomically
from benchmark.outside.spreadsheet import guarded
from desk.ranking import Judged, Ranking
from desk.report import words

MOST_REASONS = 3
Cell = str | int | float | None


def write_csv(ranking: Ranking, path: Path) -> None:
    """A row a draft, in the order of the ranking, then those that were refused; UTF-8 with a byte order mark,
    by which spreadsheets know it.

    Raises:
        StoreError, OSError: it cannot be written there.
    """
    rows = list(_rows(ranking))
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_cell, names))
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    write_atomically(path, text.getvalue().encode("utf-8-sig"))


def write_json(ranking: Ranking, path: Path) -> None:
    """All of it; `Ranking.model_validate_json` reads it back.

    Raises:
        StoreError, OSError: it cannot be written there.
    """
    write_atomically(path, ranking.model_dump_json(indent=2) + "\n")


def _rows(ranking: Ranking) -> Iterator[dict[str, Cell]]:
    names = words.names_of(ranking)
    targets = dict.fromkeys(one.target for judged in ranking.drafts for one in judged.expected)
    empty: dict[str, Cell] = dict.fromkeys(
        [
            "place",
            "number",
            "name",
            "status",
            "account",
            "at",
            *_of_targets(targets),
            "viral",
            "best",
            "close_to",
        ]
    )
    for judged in ranking.drafts:
        yield empty | _row(judged, names)
    for refused in ranking.refused:
        told: dict[str, Cell] = {"number": refused.number, "name": refused.name, "status": "refused"}
        yield empty | told | {"notes": refused.reason}


def _row(judged: Judged, names: Mapping[int, str]) -> dict[str, Cell]:
    draft = judged.draft
    row: dict[str, Cell] = {
        "place": judged.place,
        "number": draft.number,
        "name": draft.name,
        "status": "blocked" if judged.blocked else "warned" if judged.marks else "ok",
        "account": draft.account,
        "at": draft.at.isoformat(),
        "viral": judged.viral,
        "best": judged.best,
        "close_to": "; ".join(words.close_to(judged, names)),
        "marks": "; ".join(map(words.mark, words.blocks_first(judged))),
    }
    for one in judged.expected:
        row |= zip(_of_targets([one.target]), (one.middle, one.low, one.high, one.level), strict=True)
    for place in range(MOST_REASONS):
        told = judged.reasons[place : place + 1]
        row[f"reason_{place + 1}"] = told[0].text if told else None
        row[f"reason_{place + 1}_effect"] = told[0].effect if told else None
    row["best_hours"] = "; ".join(f"{words.hour(one)} {words.hour_effect(one)}" for one in judged.hours)
    row["notes"] = "; ".join(judged.notes)
    row["image"] = draft.image
    row["text"] = draft.text
    return row


def _of_targets(targets: Mapping[str, None] | list[str]) -> list[str]:
    return [f"{target}{end}" for target in targets for end in ("", "_low", "_high", "_level")]


def _cell(value: Cell) -> Cell:
    return guarded(value) if isinstance(value, str) else value
