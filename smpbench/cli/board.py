"""Commands of the leaderboard: write it, publish it, hold it against results or another one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from smpbench.cli.choices import DataSets, Home
from smpbench.door.names import DEFAULT_HOME, chosen_cards, known_names


def written_board(home: Path) -> None:
    """Write the board of a home, and say which files were written."""
    from leaderboard.board.write import board_folder, write_board

    for path in write_board(home / "runs", board_folder(home)):
        print(f"wrote {os.path.relpath(path)}")


def board(home: Home = DEFAULT_HOME) -> None:
    """Write the leaderboard from the stored results, and a picture of its page where there is a browser."""
    from leaderboard.board.write import board_folder
    from leaderboard.page.picture import draw

    written_board(home.resolve())
    folder = board_folder(home.resolve())
    if hindrance := draw(folder / "index.html", folder / "index.png"):
        print(f"left the picture of the page as it is: {hindrance}")
    else:
        print(f"wrote {os.path.relpath(folder / 'index.png')}")


def publish(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Put rows and their predictions, without any label, beside the board: results to be committed."""
    from leaderboard.board.merged import RESULTS
    from leaderboard.board.write import board_folder, publish_board

    # Whoever wants the rows of made-up data can make them; they are published only by name.
    chosen = {card.name for card in chosen_cards(datasets) if datasets or not card.generator}
    folder = board_folder(home.resolve())
    written = publish_board(home.resolve() / "runs", folder, chosen)
    size = sum(file.stat().st_size for path in written for file in path.iterdir()) / 1e6
    print(f"wrote {len(written)} rows, {size:.1f} MB: {os.path.relpath(folder / RESULTS)}")


def compare(
    a: Annotated[
        str,
        typer.Argument(
            help="A leaderboard.csv, a folder of results, a git revision, or a baseline (`name:variant`)."
        ),
    ],
    b: Annotated[str, typer.Argument(help="Held against the first. A baseline against a baseline.")],
    metrics: Annotated[
        list[str] | None, typer.Option("--metric", "-m", help="Repeatable. Default: mae.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, md, csv, latex, html or json.")] = "table",
    fail_on_regression: Annotated[
        bool,
        typer.Option(
            "--fail-on-regression", help="Exit 1 if a row is significantly worse, or has lost its scores."
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Compare even across protocol versions, data and test posts.")
    ] = False,
    encoders: Annotated[
        str | None, typer.Option(help="Profile of two baselines, where there are rows of several.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Say what is better, worse or cannot be told; exit 1 if tables cannot be compared."""
    from leaderboard.compare.comparison import compare as compare_both
    from leaderboard.compare.format import FORMATS, formatted

    known_names([form], tuple(FORMATS), "format")
    found = compare_both(
        a, b, home=home.resolve(), metrics=metrics or ["mae"], encoders=encoders, force=force
    )
    print(formatted(found, form), end="")
    for phrase in (regressions := found.regressions if fail_on_regression else []):
        print(f"smpbench: regression: {phrase}", file=sys.stderr)
    for phrase in (refused := found.refused):
        print(f"smpbench: not compared: {phrase}; --force compares all the same", file=sys.stderr)
    raise typer.Exit(int(bool(regressions or refused)))


def aggregate(
    datasets: DataSets = None,
    metric: Annotated[str, typer.Option("--metric", "-m", help="What ranks the rows.")] = "mae",
    missing: Annotated[
        str, typer.Option(help="What becomes of a row without a score on some task: impute, drop or error.")
    ] = "impute",
    form: Annotated[str, typer.Option("--format", help="md, csv or json.")] = "md",
    home: Home = DEFAULT_HOME,
) -> None:
    """Say how rows stand over many tasks; of the real data sets, unless some are named."""
    from leaderboard.board.markdown import synthetic_sets
    from leaderboard.board.merged import merged
    from leaderboard.board.write import board_folder
    from leaderboard.together.aggregate import POLICIES
    from leaderboard.together.aggregate import aggregate as over_tasks
    from leaderboard.together.format import FORMATS

    known_names([form], tuple(FORMATS), "format")
    known_names([missing], POLICIES, "policy")
    found = merged(home.resolve() / "runs", board_folder(home.resolve()))
    wanted = {card.name for card in chosen_cards(datasets)} if datasets else set(found.board["dataset"])
    aside = set(found.board["dataset"]) - wanted | (set() if datasets else synthetic_sets(found.rows))
    one = over_tasks(found.board, policy=missing, metric=metric, synthetic=aside)  # type: ignore[arg-type]
    print(FORMATS[form](one), end="")


def verify(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Re-derive every stored and published score and the leaderboard; exit 1 on any difference."""
    from benchmark.run.verify import verify_store
    from leaderboard.board.merged import RESULTS
    from leaderboard.board.write import board_folder, differences
    from leaderboard.publishing.results import check_published

    home = home.resolve()
    cards = [*chosen_cards(None), *chosen_cards(datasets)]
    found = verify_store(home, {card.name: card for card in cards})
    folder = board_folder(home)
    if (folder / RESULTS).is_dir():
        found.problems.extend(check_published(folder / RESULTS, [home / "runs"]))
    found.problems.extend(differences(home / "runs", folder))
    for line in [*sorted(found.notes), *found.problems]:
        print(line)
    print(f"{found.checked} results re-derived, {len(found.problems)} differences")
    raise typer.Exit(int(bool(found.problems)))


def results_are_sound(folder: Path, runs: Path) -> bool:
    """Say what is wrong with a folder of published results; whether nothing is."""
    from leaderboard.publishing.results import check_published, read_published

    problems = check_published(folder, [runs])
    rows = [] if problems else read_published(folder, [runs])
    if not problems and not rows:
        problems = ["holds no row: name the folder of <dataset>/<task>/<protocol>/<row>/row.json"]
    print(f"{folder}")
    for phrase in problems:
        print(f"  broken: {phrase}")
    if not problems:
        tables = {row.table: (runs / "/".join(row.table)).is_dir() for row in rows}
        unseen = [f"{'/'.join(table)}" for table, known in tables.items() if not known]
        print(f"  ok: {len(rows)} rows in {len(tables)} tables")
        for table in unseen:
            print(f"  not derived anew: {table}: its labels are not here; prepare the data, run a baseline")
    return not problems
