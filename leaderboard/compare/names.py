"""What a side of a comparison may be called: a file, a folder, a git revision, or a baseline with results."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import PROJECT
from benchmark.errors import SmpbenchError, StoreError, UnknownName
from leaderboard.board.places import Places, board_folder
from leaderboard.compare.sides import Side, read_board, side_of_rows, with_rows

if TYPE_CHECKING:
    from leaderboard.tables.rows import Row
    from leaderboard.tables.table import Table

BOARDS = ("leaderboard/published", "leaderboard")
"""Where a revision of git has its board and its results; the second in older ones."""
PATIENCE = 600
"""Seconds for one answer of git: the results of a revision are hundreds of megabytes."""


def sides(
    a: str, b: str, *, home: Path, measures: Sequence[str] | None, profile: str | None = None
) -> tuple[Side, Side]:
    """The two sides of a comparison, as they are named on the command line.

    Args:
        home: its run store has the labels of published results, and rows of baselines; those that it has not
            are taken from the published results.
        measures: of which rows are asked, None for each task's primary one; a file keeps all that it has.
        profile: of two baselines, the profile of encoders, where there are rows of several.

    Raises:
        UnknownName: a side is none of what it may be.
        SmpbenchError: a file or a folder is not what it should be.
    """
    for spec in (a, b):
        if spec.endswith(".csv") and not Path(spec).exists():
            raise SmpbenchError(f"nothing is at {Path(spec).absolute()}: give the path of a leaderboard.csv")
    places = Places.of(home)
    if not Path(a).exists() and not Path(b).exists():
        found = places.merged()
        names = {row.about.baseline for row in found.rows}
        if {spec.partition(":")[0] for spec in (a, b)} <= names:
            # Under one name, so that the rows of the two are held against each other.
            called = {"baseline": f"{a} -> {b}", "variant": "default", "profile": "none", "code_hash": ""}
            chosen = [_rows_of(spec, found.rows, profile) for spec in (a, b)]
            first, second = (
                side_of_rows(spec, of_spec, found.tables, measures, called=called)
                for spec, of_spec in zip((a, b), chosen, strict=True)
            )
            return first, second
    if profile is not None:
        raise SmpbenchError("--profile chooses among the rows of two baselines, and these are none")
    stores = [places.runs, *(store for one in (a, b) if (store := _run_store(Path(one))))]
    baselines = known_baselines(places)
    # What is known to be a baseline comes last: the other is the name that is wrong.
    order = sorted((a, b), key=lambda name: name.partition(":")[0] in baselines)
    found_sides = {name: _side(name, stores, measures, baselines) for name in order}
    return found_sides[a], found_sides[b]


def known_baselines(places: Places) -> set[str]:
    """Names of baselines that have a result, here or published, by the folders alone."""
    here = {path.name for path in places.runs.glob("*/*/*/*") if not path.name.startswith("truth-")}
    there = {path.name.partition("__")[0] for path in places.results.glob("*/*/*/*") if path.is_dir()}
    return here | there


def _side(name: str, stores: Sequence[Path], measures: Sequence[str] | None, baselines: set[str]) -> Side:
    path = Path(name)
    if path.is_dir():
        tables = _tables_of_folder(path, stores)
        return side_of_rows(name, [row for table in tables for row in table.rows], tables, measures)
    if path.is_file():
        board = read_board(path.read_text(encoding="utf-8", errors="replace"), name)
        return with_rows(board, _tables_beside(path, stores))
    commit = _commit(name, baselines)
    for place in BOARDS:
        if text := _git("show", f"{commit}:{place}/leaderboard.csv"):
            board = read_board(text.decode("utf-8", errors="replace"), f"{name}:{place}/leaderboard.csv")
            return with_rows(board, _tables_at(commit, f"{place}/results", stores))
    raise SmpbenchError(f"git revision {name} has no {BOARDS[0]}/leaderboard.csv")


def _tables_beside(board: Path, stores: Sequence[Path]) -> Sequence[Table]:
    """The results that a board was made of: those of the home whose board it is, and the published ones."""
    folder = board.resolve().parent
    if (folder / "results").is_dir():
        return _published_tables(folder / "results", stores)
    home = stores[0].parent
    if folder != board_folder(home):
        return ()  # a file alone: what reads results is slow to import
    return Places.of(home).merged().tables


def _tables_at(commit: str, results: str, stores: Sequence[Path]) -> Sequence[Table]:
    """The published results of a revision; none where it has none that are read by now."""
    from leaderboard.publishing.pictures import DRAWN, PLOTS

    # More than half of the files, and none of what is compared.
    without = [f":(exclude,glob){results}/**/{name}" for name in (f"{PLOTS}/*", DRAWN)]
    if not (archive := _git("archive", "--format=tar", commit, results, *without)):
        return ()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        try:
            tables = _published_tables(Path(folder) / results, stores)
        except StoreError:  # of a form that is not read any more: the board itself is compared, unpaired
            return ()
        for row in (row for table in tables for row in table.rows if row.scored and row.labelled):
            row.seeds[0].predictions()  # read and kept, with those of the other seeds: the folder goes
    return tables


def _published_tables(results: Path, stores: Sequence[Path]) -> Sequence[Table]:
    from leaderboard.board.merged import tables_of

    return tables_of(results, stores)


def _run_store(path: Path) -> Path | None:
    """The run store that a folder is, or has."""
    if not path.is_dir():
        return None
    from benchmark.run.store import Store

    inside = path / "runs" if (path / "runs").is_dir() else path
    return inside if Store(inside).folders() else None


def _tables_of_folder(path: Path, stores: Sequence[Path]) -> Sequence[Table]:
    from leaderboard.tables.rows import by_table, read_rows
    from leaderboard.tables.table import Derived

    store = _run_store(path)
    ran = [Derived(rows) for rows in by_table(read_rows(store)).values()] if store else []
    tables: Sequence[Table] = ran or _published_tables(path, stores)
    if not tables:
        raise SmpbenchError(
            f"{path}: holds no results. Name a run store (data/runs), published results "
            "(leaderboard/published/results) or a leaderboard.csv"
        )
    return tables


def _commit(name: str, baselines: set[str]) -> str:
    """A git revision of the project, by its hash. `baselines`: what a wrong name may have meant."""
    # What follows --end-of-options is no option, whatever it begins with.
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    commit = found.decode("ascii").strip()
    if not commit and name.partition(":")[0] in baselines:
        raise SmpbenchError(f"{name} is a baseline, which is compared with a baseline that has results")
    if not commit:
        mend = (
            "A side is a leaderboard.csv, a folder of results, a git revision, or, if both are, a baseline "
            "that has results (`name` or `name:variant`)"
        )
        raise UnknownName("side of a comparison", name, baselines, mend)
    return commit


def _git(*arguments: str) -> bytes:
    """What git prints; nothing where it fails, or is not installed.

    Raises:
        SmpbenchError: it hangs.
    """
    try:
        done = subprocess.run(["git", "-C", str(PROJECT), *arguments], capture_output=True, timeout=PATIENCE)
    except OSError:
        return b""
    except subprocess.TimeoutExpired:
        raise SmpbenchError(
            f"git {arguments[0]} has not answered for {PATIENCE} s: is {PROJECT} in reach?"
        ) from None
    return done.stdout if done.returncode == 0 else b""


def _rows_of(spec: str, rows: Iterable[Row], profile: str | None) -> list[Row]:
    """The rows of a baseline, one in each table and of each standing (publish-time or crawl-time)."""
    baseline, _, variant = spec.partition(":")
    mine = [row for row in rows if row.about.baseline == baseline]
    variants = list(dict.fromkeys(row.about.variant for row in mine))
    if not variant:
        variant = variants[0] if len(variants) == 1 else "default"
    if variant not in variants:
        raise UnknownName(
            f"variant of {baseline} with results", variant, variants, f"Write {baseline}:VARIANT"
        )
    places: dict[tuple[object, ...], list[Row]] = {}
    for row in mine:
        if row.about.variant == variant:
            places.setdefault((*row.about.table, row.about.crawl), []).append(row)
    chosen = []
    for found in places.values():
        asked = [row for row in found if row.about.profile == profile] if profile else []
        asked = asked or [row for row in found if not profile or row.about.profile == "none"]
        if len(asked) > 1:
            profiles = sorted(row.about.profile for row in asked)
            raise SmpbenchError(f"{spec} has rows of several profiles: say --profile {' or '.join(profiles)}")
        chosen += asked
    if not chosen:
        raise SmpbenchError(f"{spec} has no rows of the profile '{profile}'")
    return chosen
