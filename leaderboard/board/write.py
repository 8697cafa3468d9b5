"""The files of a board: leaderboard.csv, slices.csv, LEADERBOARD.md and index.html, from results alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from benchmark import PROJECT
from benchmark.errors import StoreError
from benchmark.files import write_atomically
from leaderboard.board.markdown import markdown
from leaderboard.board.merged import CSV, RESULTS, SLICES, Merged, csv, joined, merged, published_board
from leaderboard.board.overview import synthetic_sets
from leaderboard.board.quoted import quoted_by, renewed
from leaderboard.page.page import contradictions, page
from leaderboard.publishing.agreement import in_card
from leaderboard.publishing.pictures import pictures_of
from leaderboard.publishing.results import publish
from leaderboard.publishing.seed import PublishedSeed
from leaderboard.publishing.sound import Sound, sound_results
from leaderboard.tables.remembered import Remembered
from leaderboard.tables.rows import by_table, read_store
from leaderboard.tables.table import Derived
from leaderboard.together.aggregate import Aggregate, AggregateError, aggregate

INDEX = "index.html"


def write_board(runs: Path, folder: Path, results: Path) -> list[Path]:
    """Write the board of a run store and of published results anew, each file in one step."""
    return write_merged(merged(runs, results), folder)


def write_merged(found: Merged, folder: Path) -> list[Path]:
    """As `write_board`, of a board that has been put together already; what was derived for it is remembered
    where it is asked to be."""
    written = _write(found, folder)
    for table in found.tables:
        if isinstance(table, Remembered):
            table.remember()
    return written


def publish_rows(
    runs: Path, published: Path, datasets: Collection[str], tasks: Collection[str] | None = None
) -> list[Path]:
    """Put the rows of these data sets that were run here among the published results; those of tasks that
    their card has by now.

    Of a table that was run here in part, the rows that others have published stay; of a row of the same code
    and encoders the seeds that were not run here.

    Args:
        tasks: of those alone; None: of all.

    Returns:
        The folders of the rows.

    Raises:
        StoreError: of these data sets and tasks nothing was run here; or, of a table that is to be written,
            rows that others have published are damaged, and would be lost.
    """
    stored = read_store(runs)
    rows = [row for row in stored.rows if row.about.dataset in datasets and in_card(row.about)]
    here = [row for row in rows if tasks is None or row.about.task in tasks]
    if not here:
        asked = f"{', '.join(sorted(tasks))} of " if tasks else ""
        raise StoreError(
            f"{runs}: holds no result of {asked}{', '.join(sorted(datasets))}: there is nothing to publish"
        )
    results = published / RESULTS
    sound = sound_results(results, [runs])
    _refuse_unsound(results, sound, by_table(here))
    others = joined(here, sound.rows)
    known = {one.row.name: one for one in sound.rows}
    here = [row.with_seeds_of(known[row.name].row) if row.name in known else row for row in here]
    # Pictures are of a row's first seed: there they lie where that was not run here.
    folders = {
        row.name: known[row.name].folder
        for row in (*here, *(one.row for one in others))
        if isinstance(row.seeds[0], PublishedSeed)
    }
    written = []
    for table, rows in by_table(here).items():
        beside = [one.row for one in others if one.told.about.table == table]
        whole = Derived(sorted([*rows, *beside], key=lambda row: row.name))
        pictures = [pictures_of(row, folders.get(row.name)) for row in whole.rows]
        for row, of in zip(whole.rows, pictures, strict=True):
            if row.name in folders and of.left_out:
                raise StoreError(f"{next(iter(of.left_out.values()))}. Nothing of this table was published")
        written += publish(whole, pictures, results)
    return written


def _refuse_unsound(results: Path, sound: Sound, tables: Collection[tuple[str, str, str]]) -> None:
    """A row whose folder is gone was withdrawn: it is said that it is left out, and git shows it."""
    for place, reason in sound.left_out.items():
        if place.relative_to(results).parts[:3] in tables and place.exists():
            raise StoreError(
                f"{reason}. Publishing this table would drop that row: mend it, or remove its folder and "
                "publish again, to withdraw it"
            )


def write_published(published: Path) -> list[Path]:
    """Write the published board from the published results; of the checkout's own the pages that quote it."""
    found = published_board(published / RESULTS)
    return _write(found, published, quoted_by(published, PROJECT))


def differences(folder: Path, given: Merged, pages: Sequence[Path] = ()) -> list[str]:
    """Where the files of a board are not what the results give: one phrase a file that differs."""
    found = []
    if (index := folder / INDEX).is_file():
        wrong = contradictions(index.read_text(encoding="utf-8"), given.board, given.tables)
        found += [f"{index}: {phrase}" for phrase in wrong]
    else:
        found.append(f"{index}: is missing")
    for path, text in _texts(given, folder, pages, _together(given)).items():
        if not path.is_file():
            found.append(f"{path}: is missing")
            continue
        ours, theirs = text.splitlines(), path.read_text(encoding="utf-8").splitlines()
        if len(ours) != len(theirs):
            found.append(f"{path}: has {len(theirs)} lines; the results give {len(ours)}")
        for number, (mine, written) in enumerate(zip(ours, theirs, strict=False), start=1):
            if mine != written:
                found.append(f"{path}, row {number}: reads\n  {written}\nand the results give\n  {mine}")
                break
    return found


def published_differences(published: Path) -> list[str]:
    """Where the files of a published board are not what its results give."""
    return differences(published, published_board(published / RESULTS), quoted_by(published, PROJECT))


def _write(found: Merged, folder: Path, pages: Sequence[Path] = ()) -> list[Path]:
    together = _together(found)
    texts = _texts(found, folder, pages, together) | {folder / INDEX: _page(found, together, folder)}
    for path, text in texts.items():
        write_atomically(path, text)
    return list(texts)


def _together(found: Merged) -> Aggregate | AggregateError:
    """Of the real data sets; or why there is none. It takes a while, and serves every file."""
    try:
        return aggregate(found.board, synthetic=synthetic_sets(found.rows))
    except AggregateError as error:
        return error


def _page(found: Merged, together: Aggregate | AggregateError, folder: Path) -> str:
    told = None if isinstance(together, AggregateError) else together  # LEADERBOARD.md says why there is none
    return page(
        found.board,
        found.slices,
        found.tables,
        found.folders,
        told,
        found.prices,
        _root(folder),
        (folder / RESULTS).is_dir(),
    )


def _root(folder: Path) -> str:
    """The way from a board of the checkout to its root; of a board elsewhere there is none."""
    inside = folder.resolve().is_relative_to(PROJECT)
    return "/".join([".."] * len(folder.resolve().relative_to(PROJECT).parts)) if inside else ""


def _texts(
    found: Merged, folder: Path, pages: Sequence[Path], together: Aggregate | AggregateError
) -> dict[Path, str]:
    """What the results give for each file of a board; of the pages that quote it, their tables alone."""
    texts = {
        folder / CSV: csv(found.board),
        folder / SLICES: csv(found.slices),
        folder / "LEADERBOARD.md": markdown(
            found.board, found.tables, together, found.left_out, found.prices
        ),
    }
    synthetic = synthetic_sets(found.rows)
    return texts | {path: renewed(path, found.board, found.prices, synthetic) for path in pages}
