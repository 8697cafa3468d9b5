"""What the options of commands are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smpbench.cli import completion
from smpbench.door.names import PROTOCOLS

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
    typer.Option(
        "--dataset",
        "-d",
        help="A data set, or the path of a card.toml. Repeatable; default: all.",
        autocompletion=completion.datasets,
    ),
]
OneDataSet = Annotated[
    str,
    typer.Option(
        "--dataset",
        "-d",
        help="A data set, or the path of a card.toml.",
        autocompletion=completion.datasets,
    ),
]
OneProtocol = Annotated[
    str,
    typer.Option(
        "--protocol",
        "-p",
        help="frozen, rolling or official.",
        autocompletion=completion.one_of(*PROTOCOLS),
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help="Of encoders, where there are rows of several: bundled, hub, your own.",
        autocompletion=completion.one_of(*completion.PROFILES),
    ),
]
Tasks = Annotated[
    list[str] | None,
    typer.Option(
        "--task",
        "-t",
        help="Of the data sets those tasks. Repeatable; default: all.",
        autocompletion=completion.tasks,
    ),
]
OneTask = Annotated[
    str | None,
    typer.Option(
        "--task",
        "-t",
        help="A task; needed where several ask for a count.",
        autocompletion=completion.tasks,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing on the way: the end and what is wrong alone.")
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON on standard output, for other programs.")]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        help="table, md, csv, latex, html or json.",
        autocompletion=completion.one_of("table", "md", "csv", "latex", "html", "json"),
    ),
]
AllowGenerator = Annotated[
    bool,
    typer.Option(
        "--allow-generator",
        help="Run the script by which a card from elsewhere makes its data. Read it first.",
    ),
]
