"""`smpbench prune`: what of a home nothing reads any more, and dropping it."""

from __future__ import annotations

from typing import Annotated

import typer

from smpbench.cli.choices import Home
from smpbench.door.names import DEFAULT_HOME


def prune(
    home: Home = DEFAULT_HOME,
    delete: Annotated[bool, typer.Option("--delete", help="Drop it. Without, it is only told.")] = False,
) -> None:
    """Say what of a home nothing reads any more: results of older data, code or encoders, and what older
    encoders have made; with --delete, drop it."""
    from benchmark.run.progress import Progress
    from benchmark.run.unread import drop, unread
    from leaderboard.tables.rows import read_store

    home, progress = home.resolve(), Progress()
    with progress.waiting("reading the results"):
        stored = read_store(home / "runs")
    found = unread(home, stored.kept, stored.superseded)
    for one in found:
        print(f"{_folders(len(one.folders))}, {one.size / 1e6:,.0f} MB: {one.what}")
    if not found:
        print("nothing: all that lies there is read")
    elif not delete:
        print("`smpbench prune --delete` drops them. A checkout of an older state would compute them anew")
    else:
        with progress.work("dropping") as counter:
            stay = drop(home, found, counter)
        for folder in stay:
            print(f"{folder}: stays, since another process is at work there")
        print(f"{_folders(sum(len(one.folders) for one in found) - len(stay))} dropped")


def _folders(n: int) -> str:
    return f"{n:,} folder{'' if n == 1 else 's'}"
