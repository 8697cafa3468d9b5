"""What a run is told of engines, and the command that does a job of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.errors import SmpbenchError, UnknownName

if TYPE_CHECKING:
    from benchmark.run.options import Options

ENGINES = ("local", "ray", "slurm")
EngineName = Annotated[str, typer.Option("--engine", help="Where cells are computed: local, ray or slurm.")]
Address = Annotated[str, typer.Option("--address", help="Of the Ray cluster: `auto` or HOST:PORT.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="Of one cell. Default: the cores of this machine over --jobs."),
]
Slurm = Annotated[
    list[str] | None,
    typer.Option(
        "--slurm",
        help="Told to Slurm: partition=cpu, account=mine, ... `cluster=local` tries it on this machine. "
        "Repeatable.",
    ),
]


@contextmanager
def through(
    options: Options, engine: str, address: str, slurm: Sequence[str], told_jobs: int
) -> Iterator[Options]:
    """The options of a run whose cells go through an engine, while it is connected.

    Args:
        told_jobs: `--jobs`: of Slurm, how many jobs wait or run at once.
    """
    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    if engine == "local":
        yield options
        return
    if engine == "ray":
        from engines.on_ray import OnRay

        connected: OnRay | OnSlurm = OnRay(address, options.threads, options.budget.memory_mb)
    else:
        from engines.on_slurm import OnSlurm

        told = dict(_told(slurm))
        cluster = told.pop("cluster", None)
        connected = OnSlurm(
            options.home / "slurm",
            told_jobs,
            threads=options.threads,
            memory_mb=options.budget.memory_mb,
            seconds=options.budget.seconds,
            told=told,
            cluster=cluster,
        )
    try:
        yield replace(options, engine=connected)
    finally:
        connected.close()


def _told(slurm: Sequence[str]) -> Iterator[tuple[str, str]]:
    for one in slurm:
        name, equals, value = one.partition("=")
        if not equals or not name.isidentifier():
            raise SmpbenchError(f"--slurm {one}: write NAME=VALUE, such as partition=cpu")
        yield name, value


def job(
    file: Annotated[Path | None, typer.Argument(help="Of a job.")] = None,
    parent: Annotated[int | None, typer.Option(help="End with the process of this number.")] = None,
    look: Annotated[
        bool, typer.Option("--look", help="Say what of this node must be as it is elsewhere.")
    ] = False,
) -> None:
    """Do a job that an engine has brought here. Nobody has to call it."""
    if look:
        import json

        from benchmark.jobs.sameness import here

        print(json.dumps(here()))
        return
    if file is None:
        raise SmpbenchError("name the file of a job")
    from engines.doing import do, end_with

    end_with(parent)
    raise typer.Exit(do(file))
