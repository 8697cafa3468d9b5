"""`make study`: the networks' study, with every profile of encoders that is at hand, and what a random split
would have said.

    python -m tools.tables.study [-d DATA] [-b BASELINE] [--seeds N] [--jobs N] [--home DIR] [--raw DIR]

The study's rows go to the board, into tables of their own: losses by target scalings, with the account's
recent level and without, sentiment and topics among the inputs. They are scored and not ranked. Under a
random split the same networks are priced by `smpbench pitfalls`: those numbers are printed beside the honest
ones, and no board ever has them.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from baselines.networks.targets import CONTENT
from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.declared.card import Card
from benchmark.encoders import encoder, offers
from tools import command

NETWORKS = ("mlp", "lstm", "transformer")
PROFILES = ("bundled", "hub")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study; then say what a random split is worth to each network."""
    options = argparse.ArgumentParser(prog="python -m tools.tables.study", description=main.__doc__)
    options.add_argument("-d", "--dataset", action="append")
    options.add_argument("-b", "--baseline", action="append", help="default: mlp, lstm and transformer")
    options.add_argument("--seeds", default="1")
    options.add_argument("--jobs", default="1")
    options.add_argument("--home", type=Path, default=PROJECT / "data")
    options.add_argument("--raw", type=Path)
    given, more = options.parse_known_args(arguments)
    at = ["--home", str(given.home), *(["--raw", str(given.raw)] if given.raw else [])]
    networks = given.baseline or list(NETWORKS)
    failed = False
    for dataset in given.dataset or ["musk_tweets"]:
        card = load_card(PROJECT / "datasets" / dataset / "card.toml")
        for profile in PROFILES:
            if reason := unavailable(card, profile):
                print(f"{dataset}: without the encoders of profile '{profile}': {reason}", flush=True)
                continue
            rows = [word for name in networks for word in ("-b", name)]
            run = ["run", "--study", "-d", dataset, "--profile", profile, "--seeds", given.seeds]
            failed |= _failed(*run, "--jobs", given.jobs, *rows, *at, *more)
            for name in networks:
                spec = f"{name}:encodings={'+'.join(CONTENT)}"
                price = ["pitfalls", "-d", dataset, "-b", spec, "-m", "random_split", "--profile", profile]
                failed |= _failed(*price, *at)
    sys.exit(int(failed))


def unavailable(card: Card, profile: str) -> str | None:
    """Why the encoders of a profile cannot be used here, of those that the study asks for; None: they can."""
    for encoding in CONTENT:
        if not offers(profile, encoding, card.languages):
            continue
        chosen = encoder(profile, encoding, card.languages)
        if card.content(chosen.modality) and (reason := chosen.unavailable()):
            return f"{encoding} ({chosen.name}): {reason}"
    return None


def _failed(*arguments: str) -> bool:
    """Whether a command of `smpbench` fails; what it says is on the terminal."""
    print(f"$ smpbench {shlex.join(arguments)}", flush=True)
    return bool(subprocess.run([sys.executable, "-m", "smpbench", *arguments], check=False).returncode)


if __name__ == "__main__":
    command.run(main)
