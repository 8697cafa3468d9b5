"""Pictures: which files below the folder belong to which row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from benchmark.proposing.draft import Entry, entry
from benchmark.proposing.table import Seen, Table
from benchmark.proposing.words import IDS, IMAGES, says

_FEWEST = 0.05
"""Share of the rows, or of the pictures, that must belong together."""
_MOST_TRIED = 40


def picture_column(table: Table, images: Sequence[str]) -> Entry | None:
    """A column of paths, or a template of them from other columns, that leads to the most pictures.

    Args:
        images: paths below the raw folder.
    """
    if not images:
        return None
    names = sorted(table, key=lambda one: not says(one.source, IMAGES | IDS))[:_MOST_TRIED]
    known = set(images)
    by_stem: dict[str, str] = {}
    for path in images:
        for called in (PurePosixPath(path).name, PurePosixPath(path).stem):
            by_stem.setdefault(called, path)
    best: tuple[int, Entry] | None = None
    for column in names:
        if column.is_list or not column.given:
            continue
        whole = sum(_slashed(text) in known for text in _texts(column))
        if whole and (best is None or whole > best[0]):
            best = whole, entry("image", column.source, "image", f"paths of {whole:,} pictures here")
        template, count = _template(column, table, by_stem, known)
        if template and (best is None or count > best[0]):
            best = count, Entry("image", {"role": "image", "file": template}, f"{count:,} pictures")
    if best is None or best[0] < _FEWEST * min(table.rows, len(images)):
        return None
    return best[1]


def _template(column: Seen, table: Table, by_stem: dict[str, str], known: set[str]) -> tuple[str, int]:
    """`images/{account}/{shortcode}.jpg`, and how many rows it leads to a picture; empty if to none."""
    rows = [(i, _text(value)) for i, value in enumerate(column.cells)]
    found = [
        (i, text, by_stem[text.rsplit("/", 1)[-1]])
        for i, text in rows
        if text and text.rsplit("/", 1)[-1] in by_stem
    ]
    if not found:
        return "", 0
    some = found[:: max(1, len(found) // 200)]
    templates: dict[str, int] = {}
    for i, text, path in some:
        for one in _folders(path.replace(text, f"{{{column.source}}}", 1) if text in path else "", i, table):
            templates[one] = templates.get(one, 0) + 1
    likely = sorted(templates, key=lambda one: -templates[one])[:20]
    likely = [one for one in likely if "{" in one and not re.search(r"\{[^{}]*/[^{}]*\}", one)]
    reached = {one: sum(path in known for path in _filled(one, table)) for one in likely}
    best = max(reached, key=lambda one: reached[one], default="")
    return best, reached.get(best, 0)


def _folders(path: str, row: int, table: Table) -> Iterable[str]:
    """The path, and those in which a folder is the value of another column of the row."""
    if not path:
        return
    yield path
    *above, name = path.split("/")
    for place, part in enumerate(above):
        if "{" in part:
            continue
        for other in table:
            if not other.is_list and _text(other.cells[row]) == part:
                yield "/".join([*above[:place], f"{{{other.source}}}", *above[place + 1 :], name])


def _filled(template: str, table: Table) -> list[str]:
    names = re.findall(r"\{([^{}]*)\}", template)
    written = re.sub(r"\{[^{}]*\}", "{}", template)
    columns = [table.columns[name].cells for name in names]
    return [written.format(*map(_text, row)) for row in zip(*columns, strict=True)]


def _texts(column: Seen) -> list[str]:
    return [_text(value) for value in column.cells]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _slashed(text: str) -> str:
    return text.replace("\\", "/").removeprefix("./")
