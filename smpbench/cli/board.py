"""Commands of the leaderboard: write it, publish it, hold it against results or another one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smpbench.cli import completion
from smpbench.cli.choices import (
    AsJson,
    DataSets,
    Format,
    Home,
    OneDataSet,
    OneTask,
    Profile,
    Quiet,
    Raw,
    Tasks,
)
from smpbench.door.names import DEFAULT_HOME, chosen_card, chosen_cards, known_names

if TYPE_CHECKING:
    from benchmark.run.progress import Progress

Measures = Annotated[
    list[str] | None,
    typer.Option("--measure", "-m", help="Repeatable. Default: each task's primary measure."),
]


def written_board(home: Path) -> None:
    """Write the board of a home, and say which files were written. No file that git tracks changes."""
    from leaderboard.board.places import board_folder, published_folder
    from leaderboard.board.write import write_board

    results = published_folder() / "results"
    for path in write_board(home / "runs", board_folder(home), results):
        print(f"wrote {os.path.relpath(path)}")


def board(home: Home = DEFAULT_HOME, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Write the leaderboard from the results stored here and those that are published; say where it is and
    what each task says."""
    from leaderboard.board.ending import endings
    from leaderboard.board.places import Places, board_folder
    from leaderboard.board.write import write_merged

    home = home.resolve()
    found = Places.of(home).merged()
    written = write_merged(found, board_folder(home))
    if as_json:
        tables = endings(found, {row.about.table for row in found.rows}, ())
        files = {path.name: str(path) for path in written}
        print_json({"tables": [one.told() for one in tables], "files": files, "left_out": found.left_out})
    elif not quiet:
        for path in written:
            print(f"wrote {os.path.relpath(path)}")


def publish(
    datasets: DataSets = None,
    tasks: Tasks = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Put the rows that were run here among the published ones: results, tables and page, to be committed."""
    from leaderboard.board.places import published_folder
    from leaderboard.board.write import INDEX, publish_rows, write_published
    from leaderboard.page.picture import draw

    # Whoever wants the rows of made-up data can make them; they are published only by name.
    cards = [card for card in chosen_cards(datasets) if datasets or not card.generator]
    known_names(tasks, sorted({task.name for card in cards for task in card.tasks}), "task")
    chosen = {card.name for card in cards}
    folder = published_folder()
    written = publish_rows(home.resolve() / "runs", folder, chosen, tasks)
    size = sum(file.stat().st_size for path in written for file in path.rglob("*") if file.is_file()) / 1e6
    print(f"wrote {len(written)} rows, {size:.1f} MB: {os.path.relpath(folder / 'results')}")
    for path in write_published(folder):
        print(f"wrote {os.path.relpath(path)}")
    picture = folder / "index.png"
    if hindrance := draw(folder / INDEX, picture):
        print(f"left the picture of the page as it is: {hindrance}")
    else:
        print(f"wrote {os.path.relpath(picture)}")


def compare(
    a: Annotated[
        str,
        typer.Argument(
            help="A leaderboard.csv, a folder of results, a git revision, or a baseline (`name:variant`, "
            "a file)."
        ),
    ],
    b: Annotated[
        str,
        typer.Argument(help="Held against the first. A baseline without results is run where that has some."),
    ],
    measures: Measures = None,
    form: Format = "table",
    as_json: AsJson = False,
    fail_on_regression: Annotated[
        bool,
        typer.Option(
            "--fail-on-regression",
            help="Exit 1 if a row is worse by more than the margin, or has lost its scores.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Compare even across protocol versions, data and test posts.")
    ] = False,
    margin: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=0.999,
            help="Share of the reference's error below which a difference does not matter. Default: what the "
            "card says, else 0.005.",
        ),
    ] = None,
    holm: Annotated[
        bool, typer.Option("--holm", help="Correct for the number of comparisons (Holm 1979).")
    ] = False,
    datasets: DataSets = None,
    seeds: Annotated[int, typer.Option(min=1, help="Of a baseline that has to be run.")] = 1,
    profile: Profile = None,
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
) -> None:
    """Say what is better, worse, equivalent or cannot be told; exit 1 if tables cannot be compared."""
    from leaderboard.compare.comparison import compare as compare_both
    from leaderboard.compare.format import FORMATS, formatted
    from smpbench.cli.missing import with_results

    form = "json" if as_json else form
    known_names([form], tuple(FORMATS), "format")
    home = home.resolve()
    a, b = with_results(a, b, home, raw, datasets=datasets, seeds=seeds, profile=profile)
    named = None if datasets is None else [_data_set(spec) for spec in datasets]
    asked: dict[str, Any] = {"measures": measures, "profile": profile, "datasets": named}
    found = compare_both(a, b, home=home, force=force, margin=margin, holm=holm, **asked)
    print(formatted(found, form), end="")
    for phrase in (regressions := found.regressions if fail_on_regression else []):
        print(f"smpbench: regression: {phrase}", file=sys.stderr)
    for phrase in (refused := found.refused):
        print(f"smpbench: not compared: {phrase}; --force compares all the same", file=sys.stderr)
    raise typer.Exit(int(bool(regressions or refused)))


def _data_set(spec: str) -> str:
    """The name of a data set: of a card that is given, or of one that results may know and no card here."""
    return chosen_card(spec).name if spec.endswith(".toml") else spec


def aggregate(
    datasets: DataSets = None,
    measure: Annotated[
        str | None,
        typer.Option("--measure", "-m", help="What ranks the rows. Default: each task's primary measure."),
    ] = None,
    missing: Annotated[
        str, typer.Option(help="What becomes of a row without a score on some task: impute, drop or error.")
    ] = "impute",
    form: Format = "md",
    as_json: AsJson = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Say how rows stand over many tasks; of the real data sets, unless some are named."""
    from leaderboard.board.overview import synthetic_sets
    from leaderboard.board.places import Places
    from leaderboard.together.aggregate import POLICIES
    from leaderboard.together.aggregate import aggregate as over_tasks
    from leaderboard.together.format import FORMATS

    form = "json" if as_json else form
    known_names([form], tuple(FORMATS), "format")
    known_names([missing], POLICIES, "policy")
    found = Places.of(home.resolve()).merged()
    wanted = {card.name for card in chosen_cards(datasets)} if datasets else set(found.board["dataset"])
    aside = set(found.board["dataset"]) - wanted | (set() if datasets else synthetic_sets(found.rows))
    one = over_tasks(found.board, policy=missing, measure=measure, synthetic=aside)  # type: ignore[arg-type]
    print(FORMATS[form](one), end="")


def table(
    dataset: OneDataSet,
    task: OneTask = None,
    target: Annotated[str | None, typer.Option("--target", help="Default: the task's first.")] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", "-p", help="Default: the first that has scores.")
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option("--measure", "-m", help="Repeatable, the first ranks. Default: all of the task."),
    ] = None,
    with_crawl: Annotated[
        bool, typer.Option("--with-crawl", help="Also rows that read columns known only at crawl time.")
    ] = False,
    form: Format = "latex",
    as_json: AsJson = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Print one task of the board as a paper has it: intervals, which rows are best, a caption."""
    from leaderboard.board.places import Places
    from leaderboard.papers.format import FORMATS
    from leaderboard.papers.paper import paper

    form = "json" if as_json else form
    known_names([form], tuple(FORMATS), "format")
    found = Places.of(home.resolve()).merged()
    asked = {"task": task, "protocol": protocol, "target": target, "crawl": with_crawl}
    dataset = chosen_card(dataset).name if Path(dataset).exists() else dataset
    print(FORMATS[form](paper(found, dataset, measures=measures or (), **asked)), end="")  # type: ignore[arg-type]


def card(
    model: Annotated[
        str,
        typer.Argument(
            help="A row of the board, `name` or `name:variant`.", autocompletion=completion.baselines
        ),
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file. Default: print it.")] = None,
    datasets: DataSets = None,
    profile: Profile = None,
    with_crawl: Annotated[
        bool, typer.Option("--with-crawl", help="The row that reads columns known only at crawl time.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write a model card of a row: what it is, what it read, its scores with intervals, where it fails."""
    from benchmark.files import write_atomically
    from leaderboard.board.places import Places
    from leaderboard.papers.model_card import model_card
    from leaderboard.papers.model_card_text import model_card_text

    found = Places.of(home.resolve()).merged()
    names = {one.name for one in chosen_cards(datasets)} if datasets else set()
    text = model_card_text(model_card(found, model, datasets=names, profile=profile, crawl=with_crawl))
    if output is None:
        print(text, end="")
    else:
        write_atomically(output, text)
        print(f"wrote {output}", file=sys.stderr)


def rescore(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Derive scores anew from stored predictions, as cards and measures are now; no fit is repeated."""
    from benchmark.run.progress import Progress
    from benchmark.run.rescoring import rescore as rescore_all

    home = home.resolve()
    cards = [*chosen_cards(None), *chosen_cards(datasets)] if datasets else chosen_cards(None)
    chosen = {card.name: card for card in cards if not datasets or card in chosen_cards(datasets)}
    with Progress().work("stored results") as counter:
        found = rescore_all(home / "runs", chosen, counter)
    for problem in found.problems:
        print(problem)
    print(f"{len(found.rescored)} results scored anew, {found.unchanged} as they were")
    written_board(home)
    raise typer.Exit(int(bool(found.problems)))


def verify(datasets: DataSets = None, home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Re-derive every stored and published score and the leaderboards; exit 1 on any difference. Name
    published rows that this checkout would compute otherwise."""
    from benchmark.errors import StoreError
    from benchmark.finding.code import code_hash
    from benchmark.finding.discovery import baseline_files
    from benchmark.run.options import cores
    from benchmark.run.progress import Progress
    from benchmark.run.verify import verify_store
    from leaderboard.board.merged import merged
    from leaderboard.board.places import board_folder, published_folder
    from leaderboard.board.write import differences, published_differences
    from leaderboard.publishing.outdated import outdated

    home = home.resolve()
    cards = [*chosen_cards(None), *(chosen_cards(datasets) if datasets else [])]
    known = {card.name: card for card in cards}
    progress = Progress(quiet=as_json)
    with progress.work("stored results") as counter:
        found = verify_store(home, known, counter, at_once=cores())
    if not as_json:
        for line in [*sorted(found.notes), *found.problems]:
            print(line)
    told = len(found.problems)  # and seen already, should a board raise
    results = published_folder() / "results"
    codes = {name: code_hash(path) for name, path in baseline_files().items()}
    try:
        if results.is_dir():
            notes = outdated(results, known, codes)
            found.notes.update(notes)
            for line in [] if as_json else notes:
                print(line)
            found.problems.extend(_published_problems(results, home / "runs", progress))
            with progress.waiting("deriving the published board anew"):
                found.problems.extend(published_differences(published_folder()))
        if found.checked or (board_folder(home) / "leaderboard.csv").is_file():
            with progress.waiting("deriving the board of this home anew"):
                found.problems.extend(differences(board_folder(home), merged(home / "runs", results)))
    except StoreError as error:  # of damaged results no board can be made, to hold one against
        found.problems += [str(error)] if str(error) not in found.problems else []
    if as_json:
        print_json({"checked": found.checked, "differences": found.problems, "notes": sorted(found.notes)})
    else:
        for line in found.problems[told:]:
            print(line)
        print(f"{found.checked} results re-derived, {len(found.problems)} differences")
    raise typer.Exit(int(bool(found.problems)))


def print_json(told: object) -> None:
    """For other programs: nothing else is on standard output then."""
    print(json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False))


def soundness(folder: Path, runs: Path, progress: Progress) -> tuple[bool, list[str]]:
    """Whether nothing is wrong with a folder of published results; and what is, or is not known, a line
    each."""
    from leaderboard.publishing.results import read_published

    problems = _published_problems(folder, runs, progress)
    published = [] if problems else read_published(folder, [runs])
    if not problems and not published:
        problems = ["holds no row: name the folder of <data set>/<task>/<protocol>/<row>/row.json"]
    if problems:
        return False, [f"broken: {phrase}" for phrase in problems]
    tables = {one.told.about.table: one.row.labelled for one in published}
    lines = [f"ok: {len(published)} rows in {len(tables)} tables"]
    for table in (table for table, labelled in tables.items() if not labelled):
        name = "/".join(table)
        lines.append(f"not derived anew: {name}: its labels are not here; prepare the data, run a baseline")
    return True, lines


def _published_problems(results: Path, runs: Path, progress: Progress) -> list[str]:
    """Where labels are at hand all is derived anew, which takes minutes."""
    from benchmark.run.options import cores
    from leaderboard.publishing.check import check_published

    with (
        progress.work("published rows") as rows,
        progress.work("intervals and differences of published rows") as tables,
    ):
        return check_published(results, [runs], rows, tables, at_once=cores())
