"""`smpbench demo`: a run small enough to be watched: made-up posts, three baselines, one table."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from smpbench.cli.choices import AsJson, Quiet
from smpbench.door.names import chosen_baseline, chosen_card, home_folder, run_options

DATASET, POSTS = "demo_network", 500
BASELINES = ("recent_median", "ridge", "lightgbm:metadata")
TASK = "engagement"


def demo(
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Where it all lies.", show_default="a folder `demo` in data/"),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run three baselines on 500 made-up posts, and show what a run ends in."""
    from benchmark.run.progress import Progress
    from smpbench.cli.ending import run_to_its_end

    progress = Progress(jobs=1, quiet=quiet)
    whole = chosen_card(DATASET)
    assert whole.generator is not None
    card = whole.model_copy(update={"generator": whole.generator.model_copy(update={"posts": POSTS})})
    progress.say(
        f"{', '.join(BASELINES)} learn from the earlier of {POSTS} made-up posts how the later ones will do: "
        "about half a minute"
    )
    options = run_options(
        home or home_folder(None) / "demo",
        None,
        tasks=(TASK,),
        protocols=("frozen",),
        plots=False,
        named=True,
    )
    chosen = [chosen_baseline(spec) for spec in BASELINES]
    status = run_to_its_end([card], chosen, options, progress, as_json=as_json, alone=True)
    if not status and not quiet:
        for line in _next_steps():
            typer.echo(line, err=True)
    raise typer.Exit(status)


def _next_steps() -> list[str]:
    commands = {
        "what else there is": ["smpbench", "list"],
        "a model of your own": ["smpbench", "new", "baseline", "my_model"],
        "data of your own": ["smpbench", "new", "dataset", "posts.csv"],
        "everything at hand": ["make", "bench"],
    }
    return ["next:", *(f"  {shlex.join(words):34} {what}" for what, words in commands.items())]
