"""The command line, `smpbench`: a command a function.

Imports stay light here, so that `--help` and `list` answer at once; the work is imported where it starts.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmark import PROJECT
from benchmark.choices import PROTOCOLS, chosen_baselines, chosen_cards, known_names, raw_roots
from benchmark.errors import BaselineError, SmpbenchError

app = typer.Typer(
    help="How well can the popularity of a post be predicted before it is published?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # laying the help out richly takes longer than everything else
    pretty_exceptions_enable=False,
)
new = typer.Typer(help="Write a file to start from.", no_args_is_help=True)
app.add_typer(new, name="new")

Home = Annotated[
    Path,
    typer.Option(
        "--home", envvar="SMPBENCH_HOME", help="Prepared data, caches and results.", show_default="data/"
    ),
]
Raw = Annotated[
    Path | None,
    typer.Option("--raw", envvar="SMPBENCH_RAW", help="Folder with the raw data sets, a folder each."),
]
DataSets = Annotated[
    list[str] | None,
    typer.Option("--dataset", "-d", help="A data set, or the path of a card.toml. Repeatable; default: all."),
]
OneDataSet = Annotated[str, typer.Option("--dataset", "-d", help="A data set, or the path of a card.toml.")]
OneProtocol = Annotated[str, typer.Option("--protocol", "-p", help="frozen, rolling or official.")]
OneTask = Annotated[
    str | None, typer.Option("--task", "-t", help="A task; needed where the data set has several.")
]
DEFAULT_HOME = PROJECT / "data"


@app.command("list")
def list_() -> None:
    """Show the data sets, baselines and variants there are."""
    from benchmark.card import find_cards, load_card
    from benchmark.discovery import discover

    print("Data sets")
    for name, path in find_cards(PROJECT / "datasets").items():
        card = load_card(path)
        tasks = ", ".join(f"{task.name} ({', '.join(task.protocols)})" for task in card.tasks)
        print(f"  {name:16} {card.title}\n  {'':16} tasks: {tasks}")
    print("\nBaselines")
    for name, found in discover().items():
        if found.cls is None:
            print(f"  {name:16} unavailable: {found.unavailable}")
            continue
        variants = [variant for variant in found.cls.variants if variant != "default"]
        print(f"  {name:16} {found.summary}")
        if variants:
            print(f"  {'':16} variants: {', '.join(variants)}")


@app.command()
def data(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Download what may be downloaded; say how to get the rest."""
    from benchmark.download import download

    for card in chosen_cards(datasets):
        if card.generator:
            print(f"{card.name}: made by `smpbench prepare`, nothing to download")
        elif card.downloads:
            print(f"{card.name}: {download(card, home)}")
        else:
            print(f"{card.name}: {card.obtain}")


@app.command()
def prepare(
    datasets: DataSets = None,
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    force: Annotated[bool, typer.Option(help="Prepare anew even if nothing has changed.")] = False,
) -> None:
    """Read raw files into posts.parquet and targets.parquet, and report what was in them."""
    from benchmark.errors import DataUnavailable
    from benchmark.prepare import prepare as prepare_one
    from benchmark.prepare import report_lines

    failed = False
    for card in chosen_cards(datasets):
        try:
            print("\n".join(report_lines(prepare_one(card, home, raw_roots(raw), force=force))))
        except DataUnavailable as error:
            print(f"{card.name}: not at hand. {error}")
            failed |= datasets is not None
        except SmpbenchError as error:
            print(f"{card.name}: {error}", file=sys.stderr)
            failed = True
    raise typer.Exit(int(failed))


@app.command()
def run(
    datasets: DataSets = None,
    baselines: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            "-b",
            help="`name`, `name:variant`, `name:setting=value,...` or a file. Repeatable; default: all.",
        ),
    ] = None,
    protocols: Annotated[
        list[str] | None, typer.Option("--protocol", "-p", help="frozen, rolling or official. Repeatable.")
    ] = None,
    study: Annotated[
        bool, typer.Option("--study", help="Run the settings that the baselines' studies compare instead.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each cell, with seeds 0, 1, ...")] = 1,
    encoders: Annotated[
        str, typer.Option(help="Profile of frozen encoders: bundled, hub or a .toml file of your own.")
    ] = "bundled",
    with_crawl: Annotated[
        bool,
        typer.Option("--with-crawl", help="Also with columns known only at crawl time; rows are marked."),
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Try failed cells again.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Cells at once; the cores are shared out.")] = 1,
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds that a cell may take.")] = 7200,
    memory_limit: Annotated[
        float | None,
        typer.Option(min=0.1, help="GB that a cell may use. Default: 80% of the machine, shared out."),
    ] = None,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Leave plots and weights out.")] = False,
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
) -> None:
    """Prepare data, fit and score every chosen cell that has no result yet, write the leaderboard."""
    import psutil

    from benchmark.encoders.profiles import chosen_profile
    from benchmark.plan import studied
    from benchmark.progress import Progress
    from benchmark.runner import Options, cores
    from benchmark.runner import run as run_all
    from benchmark.supervisor import Budget

    jobs = min(jobs, cores())
    memory_mb = memory_limit * 1000 if memory_limit else psutil.virtual_memory().total / 2**20 * 0.8 / jobs
    options = Options(
        home=home.resolve(),
        raw_roots=raw_roots(raw),
        protocols=tuple(known_names(protocols, PROTOCOLS, "protocol")),  # type: ignore[arg-type]
        seeds=seeds,
        profile=chosen_profile(encoders),
        crawl=with_crawl,
        retry_failed=retry_failed,
        jobs=jobs,
        budget=Budget(time_limit, memory_mb),
        plots=not no_plots,
        named=datasets is not None,
    )
    progress = Progress(jobs=jobs)
    chosen = chosen_baselines(baselines, progress)
    if study:
        chosen = [combinations for one in chosen if (combinations := studied(one))]
        if not chosen:
            raise BaselineError("none of these baselines declares a study: nothing to run")
    summary = run_all(chosen_cards(datasets), chosen, options, progress)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(summary.counts.items()))
    progress.say(f"cells: {counts or 'none'}")
    for problem in summary.problems:
        progress.say(f"problem: {problem}")
    _write_board(options.home)
    raise typer.Exit(int(bool(summary.problems)))


@app.command()
def board(home: Home = DEFAULT_HOME) -> None:
    """Write the leaderboard from the stored results."""
    _write_board(home.resolve())


@app.command()
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
    from leaderboard.compare import compare as compare_both
    from leaderboard.comparison_format import FORMATS, formatted

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


@app.command()
def publish(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Put rows and their predictions, without any label, beside the board: results to be committed."""
    from leaderboard.board import board_folder, publish_board
    from leaderboard.merged import RESULTS

    # Whoever wants the rows of made-up data can make them; they are published only by name.
    chosen = {card.name for card in chosen_cards(datasets) if datasets or not card.generator}
    folder = board_folder(home.resolve())
    written = publish_board(home.resolve() / "runs", folder, chosen)
    size = sum(file.stat().st_size for path in written for file in path.iterdir()) / 1e6
    print(f"wrote {len(written)} rows, {size:.1f} MB: {os.path.relpath(folder / RESULTS)}")


@app.command()
def verify(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Re-derive every stored and published score and the leaderboard; exit 1 on any difference."""
    from benchmark.verify import verify_store
    from leaderboard.board import board_folder, differences
    from leaderboard.merged import RESULTS
    from leaderboard.published import check_published

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


@app.command()
def check(
    what: Annotated[
        list[str],
        typer.Argument(help="Baselines by name, the paths of their files, or folders of published results."),
    ],
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds that one fit may take.")] = 600,
    home: Home = DEFAULT_HOME,
) -> None:
    """Hold baselines against the rules that every baseline keeps, or published results against theirs;
    exit 1 if one is broken."""
    from benchmark.discovery import discover, find

    failed = False
    for folder in (folders := [spec for spec in what if Path(spec).is_dir()]):
        failed |= not _results_are_sound(Path(folder), home.resolve() / "runs")
    known = discover()
    for found in [find(spec, known) for spec in what if spec not in folders]:
        failed |= not _keeps_the_rules(found.name, found.path, time_limit)
    raise typer.Exit(int(failed))


@new.command("baseline")
def new_baseline(
    name: Annotated[str, typer.Argument(help="Name of the baseline, in snake_case.")],
    folder: Annotated[Path, typer.Option(help="Where to write the file.")] = PROJECT / "baselines",
) -> None:
    """Write a baseline that already runs."""
    from benchmark.template import write_baseline

    path = write_baseline(name, folder)
    spec = name if path.parent == PROJECT / "baselines" else path
    print(f"wrote {path}\nrun it: smpbench run -b recent_median -b {spec} -d demo_flickr")


@app.command()
def posts(
    dataset: OneDataSet,
    protocol: OneProtocol = "frozen",
    task: OneTask = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A new folder. Default: called after what is in it."),
    ] = None,
    form: Annotated[str, typer.Option("--format", help="parquet or csv.")] = "parquet",
    with_crawl: Annotated[
        bool, typer.Option("--with-crawl", help="Also the columns known only at crawl time.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write training posts with labels and test posts without, for a model that runs elsewhere."""
    from benchmark.handout import Question, write_handout

    known_names([protocol], PROTOCOLS, "protocol")
    known_names([form], ("parquet", "csv"), "format")
    question = Question.of(chosen_cards([dataset])[0], home.resolve(), task, protocol)
    folder = output or Path(f"{question.card.name}_{question.task.name}_{protocol}")
    write_handout(question, folder, form=form, crawl=with_crawl)  # type: ignore[arg-type]
    print((folder / "README.txt").read_text(encoding="utf-8"), end="")
    print(f"wrote {folder}")


@app.command()
def score(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV, Parquet or JSON lines: post_id and a column a target. A file a seed."),
    ],
    dataset: OneDataSet,
    name: Annotated[str, typer.Option("--name", help="Of the row, in snake_case.")],
    protocol: OneProtocol = "frozen",
    task: OneTask = None,
    scale: Annotated[
        str,
        typer.Option(help="Predictions are on the scoring scale (log), or are counts to be brought to it."),
    ] = "log",
    seeds: Annotated[
        list[int] | None,
        typer.Option("--seed", min=0, help="Of each file, in their order. Default: 0, 1, ..."),
    ] = None,
    with_crawl: Annotated[
        bool,
        typer.Option("--with-crawl", help="The model has seen columns known only at crawl time: mark it."),
    ] = False,
    summary: Annotated[str, typer.Option(help="One line: what the model is.")] = "",
    home: Home = DEFAULT_HOME,
) -> None:
    """Put a model that ran elsewhere on the board, by its predictions of the test posts."""
    from benchmark.external import score_external
    from benchmark.handout import Question
    from benchmark.results import in_words
    from benchmark.store import Store

    known_names([protocol], PROTOCOLS, "protocol")
    known_names([scale], ("log", "count"), "scale")
    numbers = seeds or list(range(len(files)))
    if len(numbers) != len(files) or len(set(numbers)) < len(numbers):
        raise SmpbenchError(f"{len(files)} files and the seeds {numbers}: every file has a seed of its own")
    home = home.resolve()
    question = Question.of(chosen_cards([dataset])[0], home, task, protocol)
    stored = score_external(
        dict(zip(numbers, files, strict=True)),
        question,
        Store(home / "runs"),
        name=name,
        scale=scale,  # type: ignore[arg-type]
        crawl=with_crawl,
        summary=summary,
    )
    for cell, result in stored:
        print(f"{cell}: {in_words(result)}")
        if ignored := result["external"]["left_aside"]:
            print(f"  left aside: {', '.join(ignored)}")
    _write_board(home)


@app.command()
def submit(
    dataset: OneDataSet,
    baseline: Annotated[str, typer.Option("--baseline", "-b", help="`name` or `name:variant`.")],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: called after the row.")
    ] = None,
    external_data: Annotated[
        str | None,
        typer.Option(help="What was used beside the challenge's data; `none`. Default: by the encoders."),
    ] = None,
    encoders: Annotated[
        str | None, typer.Option(help="Profile of the row, where there are rows of several.")
    ] = None,
    with_crawl: Annotated[
        bool, typer.Option("--with-crawl", help="The row that has seen columns known only at crawl time.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write a challenge's file from the stored predictions of its official test posts."""
    from benchmark.files import write_atomically
    from benchmark.submission import Chosen, default_name, submission

    card = chosen_cards([dataset])[0]
    chosen = Chosen.of(baseline, seed=seed, crawl=with_crawl, encoders=encoders)
    found = submission(card, home.resolve(), chosen, external_data=external_data)
    path = output or Path(default_name(card, chosen))
    write_atomically(path, found.text)
    made = f"{found.stored.result['created'][:16]}, code {found.stored.result['code_hash'][:8]}"
    print(f"wrote {path}: {found.posts:,} posts, predicted by {chosen}, seed {seed} ({made})")


def main() -> None:
    """Console script: errors that a user can mend are one line, Ctrl-C is 130."""
    # Threads that wait by spinning make a machine with anything else to do 10 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        app()
    except SmpbenchError as error:
        print(f"smpbench: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\ninterrupted; what is finished is kept: the same command goes on from here", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        print(f"smpbench: {error}; what is finished is kept", file=sys.stderr)
        sys.exit(1)


def _keeps_the_rules(name: str, path: Path, seconds: float) -> bool:
    from benchmark.conformance import check as check_file

    print(f"{name} ({path})")
    kept = True
    for finding in check_file(path, seconds=seconds):
        print(f"  {finding}")
        kept &= finding.ok
    return kept


def _results_are_sound(folder: Path, runs: Path) -> bool:
    from leaderboard.published import check_published, read_published

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


def _write_board(home: Path) -> None:
    from leaderboard.board import board_folder, write_board

    for path in write_board(home / "runs", board_folder(home)):
        print(f"wrote {os.path.relpath(path)}")


if __name__ == "__main__":
    main()
