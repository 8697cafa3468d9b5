"""`make smpd`: from the unpacked files of the SMPD image track to its table, and the files to submit.

    python -m tools.tables.smpd [--raw DIR] [--home DIR] [--out DIR] [--seeds N] [--jobs N]

Four models with LightGBM and the references, on the chronological holdout; the same models fitted on all
labelled posts, for the official test set. Every step is a command of `smpbench`, and is shown.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmark import PROJECT
from benchmark.files import write_atomically
from tools import command

DATA, TASK, HOLDOUT, OFFICIAL = "smpd_image", "popularity", "frozen", "official"
REFERENCES = ("global_median", "category_median", "user_median", "recent_median")
MODELS = (
    "clip_adapter:adapter",
    "temporal_fusion_transformer",
    "category_embedding:hierarchy",
    "lstm",
    "lightgbm:+history",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare, run, tabulate, submit."""
    options = argparse.ArgumentParser(prog="python -m tools.tables.smpd", description=main.__doc__)
    options.add_argument("--raw", type=Path, help="the folder above smpd_image; else SMPBENCH_RAW")
    options.add_argument("--home", type=Path, default=PROJECT / "data")
    options.add_argument("--out", type=Path, default=PROJECT / "data" / DATA)
    options.add_argument("-b", "--baseline", action="append", help="a model; default: the four, and LightGBM")
    options.add_argument("--seeds", default="1")
    options.add_argument("--jobs", default="1")
    options.add_argument("--profile", default="bundled", help="of encoders; hub needs its models at hand")
    given = options.parse_args(arguments)
    models = given.baseline or MODELS
    home = ["--home", str(given.home)]
    raw = ["--raw", str(given.raw)] if given.raw else []
    given.out.mkdir(parents=True, exist_ok=True)

    _said("prepare", "-d", DATA, *raw, *home)
    asked = ["run", "-d", DATA, "-t", TASK, "--profile", given.profile, "--jobs", given.jobs, *raw, *home]
    rows = [word for name in (*REFERENCES, *models) for word in ("-b", name)]
    _said(*asked, "-p", HOLDOUT, *rows, "--seeds", given.seeds)
    _said(*asked, "-p", OFFICIAL, *(word for name in models for word in ("-b", name)))
    for form in ("md", "latex", "csv"):
        table = _said("table", "-d", DATA, "-t", TASK, "-p", HOLDOUT, "--format", form, *home, kept=True)
        write_atomically(given.out / f"table.{'tex' if form == 'latex' else form}", table)
        if form == "md":
            print(table)
    for name in models:
        path = given.out / f"submission_{name.partition(':')[0]}.json"
        _said("submit", "-d", DATA, "-b", name, "-o", str(path), *home)
    print(f"the table and the files to submit: {given.out}")


def _said(*arguments: str, kept: bool = False) -> str:
    """What a command of `smpbench` prints, if it is kept.

    Raises:
        SystemExit: the command failed; what it said is on the terminal.
    """
    print(f"$ smpbench {shlex.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "smpbench", *arguments]
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE if kept else None, text=True)
    if ended.returncode:
        sys.exit(f"smpbench {arguments[0]} ended with status {ended.returncode}")
    return ended.stdout or ""


if __name__ == "__main__":
    command.run(main)
