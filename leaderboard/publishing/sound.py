"""Sound: the published rows that may stand on a board, and why others may not. A bad row is its own trouble.

Anyone may have written them. What takes predictions to find out is found by `leaderboard.publishing.check`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.declared.naming import printable
from benchmark.errors import StoreError
from benchmark.files import sha256_of
from leaderboard.publishing.agreement import disagreements
from leaderboard.publishing.results import Published, Truths, row_files, told_table
from leaderboard.publishing.row import ROW
from leaderboard.publishing.told import Told, spoken_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SoundTable:
    rows: list[Published]
    told: Told
    """The same rows, with the intervals that were published of them."""


@dataclass(frozen=True)
class Sound:
    tables: list[SoundTable]
    """In the order of their names."""
    left_out: dict[Path, str]
    """Folder of a row, or of a table -> why it is no part of these."""

    @property
    def rows(self) -> list[Published]:
        return [one for table in self.tables for one in table.rows]


def sound_results(folder: Path, runs: Sequence[Path] = ()) -> Sound:
    """Read published results, and leave out what is damaged or contradicts the rest.

    Args:
        runs: run stores that may hold the labels. Where one does, a row has replicates.
    """
    left_out: dict[Path, str] = {}
    read = []
    truths: Truths = {}
    for path in row_files(folder):
        try:
            read.append(placed(path, folder, runs, truths))
        except StoreError as error:
            left_out[path.parent] = printable(str(error))
    for place, problems in disagreements(read).items():
        left_out[place] = f"{place}: {problems[0]}"
    by_table: dict[Path, list[Published]] = {}
    for one in read:
        by_table.setdefault(one.folder.parent, []).append(one)
    tables = [_sound_table(rows, left_out) for _, rows in sorted(by_table.items())]
    for reason in left_out.values():
        log.warning("%s; it is left out of the board", reason)
    return Sound([table for table in tables if table], left_out)


def placed(path: Path, folder: Path, runs: Sequence[Path], truths: Truths) -> Published:
    """A row by its row.json, which lies where its name says, and behind no link.

    Raises:
        StoreError: it does not, or is damaged.
    """
    parts = path.relative_to(folder).parts
    if link := next(
        (one for one in (folder.joinpath(*parts[:i]) for i in (1, 2, 3, 4)) if one.is_symlink()), None
    ):
        raise StoreError(f"{link}: is a link, and may lead anywhere")
    one = Published.read(path.parent, runs, truths)
    if parts[:-1] != (*one.told.about.table, one.told.name):
        told = "/".join((*one.told.about.table, one.told.name))
        raise StoreError(f"{path}: says that it is {told}")
    return one


def _sound_table(rows: Sequence[Published], left_out: dict[Path, str]) -> SoundTable | None:
    """Of the rows of a table those that its table.json speaks of as they are; None where none is left."""
    folder = rows[0].folder.parent
    scored = [one for one in rows if one.row.scored]
    try:
        spoken = spoken_of(folder) if scored else {}
        for one in scored:
            if one.folder not in left_out and spoken.get(one.folder.name) != sha256_of(one.folder / ROW):
                left_out[one.folder] = f"{one.folder}: table.json does not speak of it, or not as it is"
        kept = [one for one in rows if one.folder not in left_out and _predicts_the_labelled(one, left_out)]
        here = {one.folder.name for one in kept}
        for name in sorted(spoken.keys() - here):
            left_out.setdefault(
                folder / name, f"{folder / printable(name)}: is missing, and table.json speaks of it"
            )
        return SoundTable(kept, told_table(kept, spoken.keys() - here)) if kept else None
    except StoreError as error:
        left_out |= {one.folder: printable(str(error)) for one in rows if one.folder not in left_out}
        return None


def _predicts_the_labelled(one: Published, left_out: dict[Path, str]) -> bool:
    """Whether replicates can be derived where the labels are: of each target, for the posts that have one."""
    if not one.row.scored or not one.row.labelled:
        return True
    try:
        columns = one.predicted.table.column_names
        of = one.told.about
        wanted = [f"{target}/seed-{run.seed}" for target in of.targets for run in one.told.runs]
        if missing := [name for name in wanted if name not in columns]:
            raise StoreError(f"{one.folder}: {missing[0]} is missing from its predictions")
        if not one.predicted.table["post_id"].equals(one.truth.table["post_id"]):
            raise StoreError(
                f"{one.folder}: predictions are not of the test posts, each once and in their order"
            )
        if odd := [name for name in wanted if str(one.predicted.table[name].type) != "float"]:
            raise StoreError(f"{one.folder}: column {odd[0]!r} of its predictions is not float32")
    except StoreError as error:
        left_out[one.folder] = printable(str(error))
        return False
    return True
