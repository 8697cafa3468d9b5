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
from benchmark.errors import SmpbenchError, UnknownName
from leaderboard.compare.sides import Side, read_board, side_of_rows, with_rows
from leaderboard.publishing.seed import labelled

if TYPE_CHECKING:
    from leaderboard.tables.rows import Row

BOARD, RESULTS = "leaderboard/leaderboard.csv", "leaderboard/results"
"""Of which git has revisions."""


def sides(
    a: str, b: str, *, home: Path, metrics: Sequence[str], encoders: str | None = None
) -> tuple[Side, Side]:
    """The two sides of a comparison, as they are named on the command line.

    Args:
        home: its run store has the labels of published results, and the rows of baselines; where it has
            none of a baseline, the published results beside its board are taken.
        metrics: of which rows are asked; a file keeps all that it has.
        encoders: of two baselines, the profile, where there are rows of several.

    Raises:
        UnknownName: a side is none of what it may be.
        SmpbenchError: a file or a folder is not what it should be.
    """
    if not Path(a).exists() and not Path(b).exists():
        rows = _rows_of_baselines(a, b, home)
        if rows:
            # Under one name, so that the rows of the two are held against each other.
            called = {"baseline": f"{a} -> {b}", "variant": "default", "encoders": "none", "code_hash": ""}
            chosen = [_rows_of(spec, rows, encoders) for spec in (a, b)]
            first, second = (
                side_of_rows(spec, of_spec, metrics, beside=rows, called=called)
                for spec, of_spec in zip((a, b), chosen, strict=True)
            )
            return first, second
    if encoders is not None:
        raise SmpbenchError("--encoders chooses among the rows of two baselines, and these are none")
    stores = [home / "runs", *(store for one in (a, b) if (store := _run_store(Path(one))))]
    baselines = {path.name for path in stores[0].glob("*/*/*/*") if not path.name.startswith("truth-")}
    # What is known to be a baseline comes last: the other is the name that is wrong.
    order = sorted((a, b), key=lambda name: name.partition(":")[0] in baselines)
    found = {name: _side(name, stores, metrics, baselines) for name in order}
    return found[a], found[b]


def _side(name: str, stores: Sequence[Path], metrics: Sequence[str], baselines: set[str]) -> Side:
    path = Path(name)
    if path.is_dir():
        return side_of_rows(name, _rows_of_folder(path, stores), metrics)
    if path.is_file():
        board = read_board(path.read_text(encoding="utf-8", errors="replace"), name)
        return with_rows(board, _rows_beside(path, stores))
    commit = _commit(name, baselines)
    if not (text := _git("show", f"{commit}:{BOARD}")):
        raise SmpbenchError(f"git revision {name} has no {BOARD}")
    board = read_board(text.decode("utf-8", errors="replace"), f"{name}:{BOARD}")
    return with_rows(board, _rows_at(commit, stores))


def _rows_beside(board: Path, stores: Sequence[Path]) -> list[Row]:
    """The results that a board was made of: those of the home whose board it is, and the published ones."""
    folder = board.resolve().parent
    if folder.name != "leaderboard" and not (folder / "results").is_dir():
        return []  # a file alone: what reads results is slow to import

    from leaderboard.board.merged import joined
    from leaderboard.board.write import board_folder
    from leaderboard.publishing.results import read_published
    from leaderboard.tables.rows import read_rows

    here = read_rows(stores[0]) if folder == board_folder(stores[0].parent) else []
    return [*here, *joined(here, read_published(folder / "results", stores))]


def _rows_at(commit: str, stores: Sequence[Path]) -> list[Row]:
    """The published results of a revision of which a run store has the labels."""
    from leaderboard.publishing.results import read_published

    if not any(any(store.glob("*/*/*/truth-*")) for store in stores):
        return []
    # Results came after boards: an older revision has none.
    if not (archive := _git("archive", "--format=tar", commit, RESULTS)):
        return []
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        published = read_published(Path(folder) / RESULTS, stores)
        rows = [row for row in published if row.scored and labelled(row)]
        for row in rows:
            row.seeds[0].predictions()  # read and kept, with those of the other seeds: the folder goes
    return rows


def _run_store(path: Path) -> Path | None:
    """The run store that a folder is, or has."""
    if not path.is_dir():
        return None
    inside = path / "runs" if (path / "runs").is_dir() else path
    return inside if any(inside.glob("*/*/*/*/*/seed-*/*/result.json")) else None


def _rows_of_folder(path: Path, stores: Sequence[Path]) -> list[Row]:
    from leaderboard.publishing.results import read_published
    from leaderboard.tables.rows import read_rows

    rows = read_rows(store) if (store := _run_store(path)) else read_published(path, stores)
    if not rows:
        raise SmpbenchError(
            f"{path}: holds no results. Name a run store (data/runs), published results "
            "(leaderboard/results) or a leaderboard.csv"
        )
    return rows


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
    """What git prints; nothing where it fails, or is not installed."""
    try:
        done = subprocess.run(["git", "-C", str(PROJECT), *arguments], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


def _rows_of_baselines(a: str, b: str, home: Path) -> list[Row]:
    """All rows of the place that has rows of both baselines; none if no place has."""
    from leaderboard.board.merged import RESULTS
    from leaderboard.board.write import board_folder
    from leaderboard.publishing.results import read_published
    from leaderboard.tables.rows import read_rows

    wanted = {spec.partition(":")[0] for spec in (a, b)}
    runs = home / "runs"
    if wanted <= {path.name for path in runs.glob("*/*/*/*")}:
        return read_rows(runs)
    rows = read_published(board_folder(home) / RESULTS, [runs])
    return rows if wanted <= {row.first["baseline"] for row in rows} else []


def _rows_of(spec: str, rows: Iterable[Row], encoders: str | None) -> list[Row]:
    """The rows of a baseline, one in each table and of each standing (publish-time or crawl-time)."""
    baseline, _, variant = spec.partition(":")
    mine = [row for row in rows if row.first["baseline"] == baseline]
    variants = list(dict.fromkeys(row.first["variant"] for row in mine))
    if not variant:
        variant = variants[0] if len(variants) == 1 else "default"
    if variant not in variants:
        raise UnknownName(
            f"variant of {baseline} with results", variant, variants, f"Write {baseline}:VARIANT"
        )
    places: dict[tuple[object, ...], list[Row]] = {}
    for row in mine:
        if row.first["variant"] == variant:
            places.setdefault((*row.table, row.first["crawl"]), []).append(row)
    chosen = []
    for found in places.values():
        asked = [row for row in found if row.first["encoders"] == encoders] if encoders else []
        asked = asked or [row for row in found if not encoders or row.first["encoders"] == "none"]
        if len(asked) > 1:
            profiles = sorted(row.first["encoders"] for row in asked)
            raise SmpbenchError(
                f"{spec} has rows of several profiles: say --encoders {' or '.join(profiles)}"
            )
        chosen += asked
    if not chosen:
        raise SmpbenchError(f"{spec} has no rows of the profile '{encoders}'")
    return chosen
