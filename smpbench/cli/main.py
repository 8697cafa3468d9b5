"""The command line, `smpbench`: a command a function; those of the board and of models elsewhere have files.

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
from benchmark.errors import BaselineError, SmpbenchError, shortened
from smpbench.cli import board as cli_leaderboard
from smpbench.cli import completion
from smpbench.cli import describe as cli_describe
from smpbench.cli import desk as cli_desk
from smpbench.cli import elsewhere as cli_elsewhere
from smpbench.cli import engines as cli_engines
from smpbench.cli import graph as cli_graph
from smpbench.cli import pitfalls as cli_pitfalls
from smpbench.cli import qualities as cli_qualities
from smpbench.cli.choices import AllowGenerator, AsJson, DataSets, Home, Quiet, Raw, Tasks
from smpbench.cli.commands import INTERRUPTED, Commands
from smpbench.cli.demo import demo
from smpbench.cli.listing import list_
from smpbench.cli.new_dataset import new_dataset
from smpbench.cli.prune import prune
from smpbench.door.names import (
    DEFAULT_HOME,
    PROTOCOLS,
    chosen_baselines,
    chosen_cards,
    known_names,
    raw_roots,
    require_checkout,
    run_options,
)


def print_version(wanted: bool) -> None:
    """Of the suite and of the protocol, by which rows can be compared."""
    if wanted:
        from benchmark.split import PROTOCOL_VERSION
        from smpbench.version import VERSION

        print(f"smpbench {VERSION}, protocol version {PROTOCOL_VERSION}, in {PROJECT}")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    help="How well can the popularity of a post be predicted before it is published?",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,  # laying the help out richly takes longer than everything else
    pretty_exceptions_enable=False,
)
new = typer.Typer(help="Write a file to start from.", no_args_is_help=True)
app.add_typer(new, name="new")


@app.callback()
def options_of_all(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Say which, and exit.")
    ] = False,
) -> None:
    """How well can the popularity of a post be predicted before it is published?"""


app.command("list")(list_)
app.command()(demo)


@app.command()
def data(datasets: DataSets = None, home: Home = DEFAULT_HOME) -> None:
    """Download what may be downloaded; say how to get the rest."""
    from benchmark.data.download import download

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
    allow_generator: AllowGenerator = False,
) -> None:
    """Read raw files into posts.parquet and targets.parquet, and report what was in them."""
    from benchmark.data.prepare import prepare as prepare_one
    from benchmark.data.report import report_lines
    from benchmark.errors import DataUnavailable

    failed = False
    for card in chosen_cards(datasets):
        try:
            prepared = prepare_one(card, home, raw_roots(raw), force=force, allow_generator=allow_generator)
            print("\n".join(report_lines(prepared)))
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
            autocompletion=completion.baselines,
        ),
    ] = None,
    tasks: Tasks = None,
    protocols: Annotated[
        list[str] | None,
        typer.Option(
            "--protocol",
            "-p",
            help="frozen, rolling or official. Repeatable.",
            autocompletion=completion.one_of(*PROTOCOLS),
        ),
    ] = None,
    study: Annotated[
        bool, typer.Option("--study", help="Run the settings that the baselines' studies compare instead.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each cell, a seed each.")] = 1,
    first_seed: Annotated[
        int, typer.Option(min=0, help="That they begin with. Further seeds of a published row join it.")
    ] = 0,
    profile: Annotated[
        str,
        typer.Option(
            help="Of frozen encoders: bundled, hub or a .toml file of your own.",
            autocompletion=completion.one_of(*completion.PROFILES),
        ),
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
    engine: cli_engines.EngineName = "local",
    threads: cli_engines.Threads = None,
    address: cli_engines.Address = "auto",
    slurm: cli_engines.Slurm = None,
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    allow_generator: AllowGenerator = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Prepare data, fit and score every chosen cell that has no result yet, write the leaderboard."""
    from benchmark.run.plan import studied
    from benchmark.run.progress import Progress
    from smpbench.cli.beginning import begun, say_what_is_at_hand
    from smpbench.cli.ending import run_to_its_end

    cards = chosen_cards(datasets)
    known_names(tasks, sorted({task.name for card in cards for task in card.tasks}), "task")
    options = run_options(
        home,
        raw,
        tasks=tuple(tasks) if tasks else None,
        protocols=known_names(protocols, PROTOCOLS, "protocol"),  # type: ignore[arg-type]
        seeds=seeds,
        first_seed=first_seed,
        profile=profile,
        crawl=with_crawl,
        retry_failed=retry_failed,
        jobs=jobs,
        seconds=time_limit,
        memory_gb=memory_limit,
        plots=not no_plots,
        named=datasets is not None,
        allow_generator=allow_generator,
        threads=threads,
    )
    progress = Progress(jobs=options.jobs, quiet=quiet)
    say_what_is_at_hand(cards, options, progress)
    chosen = chosen_baselines(baselines, progress)
    if study:
        chosen = [combinations for one in chosen if (combinations := studied(one))]
        if not chosen:
            raise BaselineError("none of these baselines declares a study: nothing to run")
    with cli_engines.through(options, engine, address, slurm or (), jobs) as connected:
        progress.jobs = connected.at_once
        connected = begun(cards, chosen, connected, progress)
        status = run_to_its_end(cards, chosen, connected, progress, as_json=as_json)
    raise typer.Exit(status)


@app.command()
def check(
    what: Annotated[
        list[str],
        typer.Argument(
            help="Baselines by name, the paths of their files, or folders of published results.",
            autocompletion=completion.baselines,
        ),
    ],
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds that one fit may take.")] = 600,
    home: Home = DEFAULT_HOME,
    as_json: AsJson = False,
) -> None:
    """Hold baselines against the rules that every baseline keeps, or published results against theirs;
    exit 1 if one is broken."""
    from benchmark.finding.discovery import baseline_files, find
    from benchmark.run.progress import Progress

    known, progress = baseline_files(), Progress(quiet=as_json)
    folders = [Path(spec) for spec in what if Path(spec).is_dir()]
    baselines = [find(spec, known) for spec in what if not Path(spec).is_dir()]
    held: list[dict[str, object]] = []

    def say(name: str, kept: bool, lines: list[str]) -> None:
        held.append({"what": name, "ok": kept, "findings": lines})
        if not as_json:
            print("\n".join([name, *(f"  {line}" for line in lines)]))

    for folder in folders:
        say(str(folder), *cli_leaderboard.soundness(folder, home.resolve() / "runs", progress))
    for found in baselines:
        say(f"{found.name} ({found.path})", *_keeps_the_rules(found.path, time_limit))
    if as_json:
        cli_leaderboard.print_json(held)
    raise typer.Exit(int(not all(one["ok"] for one in held)))


@new.command("baseline")
def new_baseline(
    name: Annotated[str, typer.Argument(help="Name of the baseline, in snake_case.")],
    folder: Annotated[Path, typer.Option(help="Where to write the file.")] = PROJECT / "baselines",
) -> None:
    """Write a baseline that already runs."""
    from benchmark.contract.template import write_baseline

    path = write_baseline(name, folder)
    spec = name if path.parent == PROJECT / "baselines" else path
    print(f"wrote {path}\nrun it: smpbench run -b recent_median -b {spec} -d demo_flickr")


new.command("dataset")(new_dataset)
for command in (
    cli_describe.describe,
    cli_qualities.qualities,
    cli_graph.graph,
    cli_pitfalls.pitfalls,
    *(cli_desk.fit, cli_desk.rank, cli_desk.serve),
    *(
        cli_leaderboard.board,
        cli_leaderboard.publish,
        cli_leaderboard.compare,
        cli_leaderboard.aggregate,
        cli_leaderboard.table,
        cli_leaderboard.card,
    ),
    cli_leaderboard.verify,
    cli_leaderboard.rescore,
    prune,
    *(cli_elsewhere.posts, cli_elsewhere.score, cli_elsewhere.submit),
):
    app.command()(command)
app.command(hidden=True)(cli_engines.job)


def main() -> None:
    """Console script: errors that a user can mend are one line, Ctrl-C is 130."""
    # Threads that wait by spinning make a machine with anything else to do 10 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        if not {"--help", "--version"} & set(sys.argv):
            require_checkout()
        app()
    except SmpbenchError as error:
        print(f"smpbench: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:  # before a command has begun
        sys.exit(INTERRUPTED)
    except OSError as error:
        print(f"smpbench: {shortened(str(error))}; what is finished is kept", file=sys.stderr)
        sys.exit(1)


def _keeps_the_rules(path: Path, seconds: float) -> tuple[bool, list[str]]:
    from benchmark.contract.conformance import check as check_file

    findings = list(check_file(path, seconds=seconds))
    return all(one.ok for one in findings), [str(one) for one in findings]


if __name__ == "__main__":
    main()
