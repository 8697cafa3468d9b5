"""Board: leaderboard.csv, slices.csv, LEADERBOARD.md and index.html, written from results or held to them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from benchmark import PROJECT
from benchmark.errors import StoreError
from benchmark.files import write_atomically
from leaderboard.board.markdown import markdown, synthetic_sets
from leaderboard.board.merged import CSV, RESULTS, Merged, csv, joined, merged
from leaderboard.board.overview import into_readme, overview
from leaderboard.page.page import contradictions, page
from leaderboard.publishing.results import publish, read_published
from leaderboard.tables.rows import identity, read_rows
from leaderboard.together.aggregate import AggregateError, aggregate


def board_folder(home: Path) -> Path:
    """Where the board of a home lies: in the checkout for the checkout's own, else in the home itself."""
    return PROJECT / "leaderboard" if home == (PROJECT / "data").resolve() else home / "leaderboard"


def write_board(runs: Path, folder: Path) -> list[Path]:
    """Write the board anew, each file in one step; the checkout's own also renews the README's table."""
    found = merged(runs, folder)
    index = folder / "index.html"
    before = index.read_text(encoding="utf-8", errors="replace") if index.is_file() else ""
    texts = _texts(found, folder) | {index: _page(found, before)}
    for path, text in texts.items():
        write_atomically(path, text)
    return list(texts)


def differences(runs: Path, folder: Path) -> list[str]:
    """Where the files of a board are not what the stored results give: one phrase a file that differs."""
    found, given = [], merged(runs, folder)
    if (index := folder / "index.html").is_file():
        wrong = contradictions(index.read_text(encoding="utf-8"), given.board, given.rows)
        found += [f"{index}: {phrase}" for phrase in wrong]
    else:
        found.append(f"{index}: is missing")
    for path, text in _texts(given, folder).items():
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


def publish_board(runs: Path, folder: Path, datasets: Collection[str]) -> list[Path]:
    """Write the rows of these data sets that were run here into the published results beside a board.

    Of a table that was run here in part, the rows that others have published stay.

    Returns:
        The folders of the rows.

    Raises:
        StoreError: of these data sets nothing was run here.
    """
    here = [row for row in read_rows(runs) if row.first["dataset"] in datasets]
    if not here:
        raise StoreError(
            f"{runs}: holds no result of {', '.join(sorted(datasets))}: there is nothing to publish"
        )
    tables = {row.table for row in here}
    kept = [row for row in joined(here, read_published(folder / RESULTS, [runs])) if row.table in tables]
    return publish(sorted([*here, *kept], key=identity), folder / RESULTS)


def _page(found: Merged, before: str) -> str:
    try:
        together = aggregate(found.board, synthetic=synthetic_sets(found.rows))
    except AggregateError:  # LEADERBOARD.md says why there is none
        together = None
    return page(found.board, found.slices, found.rows, together, before)


def _texts(found: Merged, folder: Path) -> dict[Path, str]:
    """What the results give for each file of a board; of the README, its table alone."""
    texts = {
        folder / CSV: csv(found.board),
        folder / "slices.csv": csv(found.slices),
        folder / "LEADERBOARD.md": markdown(found.board, found.rows),
    }
    readme = PROJECT / "README.md"
    if folder == PROJECT / "leaderboard":
        table = overview(found.board, synthetic_sets(found.rows))
        texts[readme] = into_readme(readme.read_text(encoding="utf-8"), table)
    return texts
