"""Commands for models that run elsewhere: posts go out, predictions come in, challenge files go out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.errors import SmpbenchError
from smpbench.cli import completion
from smpbench.cli.board import written_board
from smpbench.cli.choices import Home, OneDataSet, OneProtocol, OneTask, Profile
from smpbench.door.names import DEFAULT_HOME, PROTOCOLS, chosen_cards, known_names


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
    from benchmark.outside.handout import Question, write_handout

    known_names([protocol], PROTOCOLS, "protocol")
    known_names([form], ("parquet", "csv"), "format")
    question = Question.of(chosen_cards([dataset])[0], home.resolve(), task, protocol)
    folder = output or Path(f"{question.card.name}_{question.task.name}_{protocol}")
    write_handout(question, folder, form=form, crawl=with_crawl)  # type: ignore[arg-type]
    print((folder / "README.txt").read_text(encoding="utf-8"), end="")
    print(f"wrote {folder}")


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
    from benchmark.outside.external import score_external
    from benchmark.outside.handout import Question
    from benchmark.run.results import in_words
    from benchmark.run.store import Store

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
        if result.run.external and (ignored := result.run.external.left_aside):
            print(f"  left aside: {', '.join(ignored)}")
    written_board(home)


def submit(
    dataset: OneDataSet,
    baseline: Annotated[
        str,
        typer.Option(
            "--baseline", "-b", help="`name` or `name:variant`.", autocompletion=completion.baselines
        ),
    ],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: called after the row.")
    ] = None,
    external_data: Annotated[
        str | None,
        typer.Option(help="What was used beside the challenge's data; `none`. Default: by the encoders."),
    ] = None,
    profile: Profile = None,
    with_crawl: Annotated[
        bool, typer.Option("--with-crawl", help="The row that has seen columns known only at crawl time.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write a challenge's file from the stored predictions of its official test posts."""
    from benchmark.files import write_atomically
    from benchmark.outside.submission import Named, default_name, submission

    card = chosen_cards([dataset])[0]
    chosen = Named.of(baseline, seed=seed, crawl=with_crawl, profile=profile)
    found = submission(card, home.resolve(), chosen, external_data=external_data)
    path = output or Path(default_name(card, chosen))
    write_atomically(path, found.text)
    made = f"{found.stored.run.created[:16]}, code {found.stored.about.code_hash[:8]}"
    print(f"wrote {path}: {found.posts:,} posts, predicted by {chosen}, seed {seed} ({made})")
