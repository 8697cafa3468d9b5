"""The command that says what each mistake of the literature is worth."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import UnknownName
from smpbench.cli import completion
from smpbench.cli.choices import AllowGenerator, Home, OneDataSet, OneProtocol, OneTask, Raw
from smpbench.door.names import DEFAULT_HOME, PROTOCOLS, chosen_baseline, chosen_card, known_names, raw_roots

if TYPE_CHECKING:
    from pitfalls.price.study import Study


def pitfalls(
    dataset: OneDataSet,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline",
            "-b",
            help="`name`, `name:variant`, `name:setting=value,...` or a file.",
            autocompletion=completion.baselines,
        ),
    ] = "lightgbm",
    task: OneTask = None,
    protocol: OneProtocol = "frozen",
    mistakes: Annotated[
        list[str] | None, typer.Option("--mistake", "-m", help="This one alone. Repeatable; default: all.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="That the table and the plot are of; default: the first.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the baseline and of what is drawn.")] = 0,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a table in Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, of all targets.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the table, of all targets, into this file.")
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw it into this PNG or SVG.")] = None,
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Put the prices beside the published board, to be committed."),
    ] = False,
    profile: Annotated[str, typer.Option(help="Of encoders.")] = "bundled",
    home: Home = DEFAULT_HOME,
    raw: Raw = None,
    allow_generator: AllowGenerator = False,
) -> None:
    """Run a baseline under the honest protocol and under each mistake of the literature; say what each one
    adds to its score. It runs in this process, unsealed; nothing of it is a result, or a row of a board."""
    from benchmark.encoders.profiles import chosen_profile
    from benchmark.run.progress import Progress
    from pitfalls.honest.begin import begin
    from pitfalls.price.kept import Kept
    from pitfalls.price.mistakes import MISTAKES
    from pitfalls.price.picture import check_ending, draw
    from pitfalls.price.report import lines, markdown, tidy
    from pitfalls.price.study import study

    known_names([protocol], PROTOCOLS, "protocol")
    asked = [MISTAKES[name] for name in known_names(mistakes, list(MISTAKES), "mistake")]
    if plot is not None:
        check_ending(plot)
    card, home, progress = chosen_card(dataset), home.resolve(), Progress()
    begun = begin(
        card,
        chosen_baseline(baseline),
        home,
        raw_roots(raw),
        task=task,
        protocol=protocol,
        profile=chosen_profile(profile),
        seed=seed,
        progress=progress,
        allow_generator=allow_generator,
    )
    targets = begun.ground.posts.task.targets
    if target is not None and target not in targets:
        raise UnknownName(f"target of {card.name}/{begun.ground.posts.task.name}", target, targets)
    about = target or targets[0]
    kept = Kept.of(home, begun.cell, begun.key)
    found = study(begun.ground, begun.cell.variant, asked, kept, progress)
    if as_json:
        print(json.dumps(tidy(found), indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(markdown(found, about) if as_markdown else lines(found, about)))
    if csv is not None:
        _write_csv(found, csv)
        print(f"wrote {csv}", file=sys.stderr)
    if plot is not None:
        draw(found, about, plot)
        print(f"wrote {plot}", file=sys.stderr)
    if publish:
        _publish(found)
    raise typer.Exit(int(any(row.failed for row in found.rows)))


def _write_csv(of: Study, path: Path) -> None:
    import pandas as pd

    from benchmark.files import write_atomically
    from benchmark.outside.spreadsheet import guarded_table
    from pitfalls.price.report import tidy

    write_atomically(path, guarded_table(pd.DataFrame(tidy(of))).to_csv(index=False))


def _publish(of: Study) -> None:
    from leaderboard.board.places import published_folder
    from leaderboard.board.prices import FILE, publish_prices
    from leaderboard.board.write import write_published
    from pitfalls.price.report import tidy

    folder = published_folder()
    lines = publish_prices(folder / FILE, tidy(of))
    print(f"wrote {lines} lines into {os.path.relpath(folder / FILE)}", file=sys.stderr)
    for path in write_published(folder):
        print(f"wrote {os.path.relpath(path)}", file=sys.stderr)
