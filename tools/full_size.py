"""`make scale FULL=1`: every baseline at the size of SMPD, and how each part grows with the number of posts.

    python -m tools.full_size [--posts N ...] [--pictures SHARE] [--baseline NAME ...] [--jobs N] [--home DIR]

Made-up posts in the layout of the image track, by default 50,000 and 486,194 of them, with pictures of every
fiftieth post. Each size is generated, prepared and encoded; what a model asks of its past is read, every
baseline runs under both protocols, and the largest row is scored and laid on a board: seconds and peak memory
of each, and the exponent with which the seconds grow from the smallest size to the largest (1: in proportion
to the posts). What is finished is kept: the same command goes on after Ctrl-C. `--table` only prints.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.files import write_atomically
from tools import command
from tools.scale import FULL_SIZE, command_cost, made_up_card

SMALLER = 50_000
PICTURES = 0.02
"""Of the posts have one."""
TASK = "popularity"
GROWTH = 1.1
"""No exponent should be above."""
BOARD_MINUTES = 60
"""That all baselines together should take at full size, content encoded, on two cores."""
GIGABYTE = 1e9 if sys.platform == "darwin" else 1e6
"""In the unit in which the system tells a peak of memory."""


class Cost(NamedTuple):
    seconds: float
    gigabytes: float
    """Peak of the largest process."""


Step = Callable[[Path], None]
"""Takes the home of one size."""


def generate(home: Path) -> None:
    from benchmark.data.synthetic import ensure_generated

    ensure_generated(load_card(home / "card.toml"), home, (), allowed=True)


def encode(home: Path) -> None:
    """What of the data set's content the bundled encoders read, into the cache that a run looks in."""
    from benchmark.data.prepared import load_prepared
    from benchmark.encoders import encoder
    from benchmark.encoders.cache import FeatureCache
    from benchmark.run.content import content

    card = load_card(home / "card.toml")
    prepared = load_prepared(card, home)
    posts = prepared.posts()
    for encoding in ("text", "image"):
        with_it = encoder("bundled", encoding, card.languages)
        items = content(prepared, posts, with_it.modality)
        ids = posts["post_id"].to_pylist()
        FeatureCache(home).ensure(with_it, card.name, prepared.content, ids, items, progress=_said)


def history(home: Path) -> None:
    """What a model asks of the past of every labelled post: the newest 20 labels and what they come to."""
    import numpy as np

    from benchmark.data.prepared import load_prepared
    from benchmark.handover import Reveal, revealed
    from benchmark.run.tasks import TaskPosts
    from benchmark.timeline import Schema, Timeline

    card = load_card(home / "card.toml")
    task = next(one for one in card.tasks if one.name == TASK)
    posts = TaskPosts.of(load_prepared(card, home), task)
    rows = np.flatnonzero(~np.isnan(posts.labels).any(axis=1))
    schema = Schema(card.visible(), task.targets, {}, None, card.scales(task.name))
    known = Reveal(
        posts.visible(card.visible()).take(rows),
        posts.rows[rows],
        posts.rows[rows],
        posts.labels[rows].astype(np.float32),
    )
    revealed(Timeline(schema, posts.windows("frozen").clock), known).history(20)


def score(home: Path) -> None:
    """One row: its measures, their intervals and its slices, as after a cell."""
    from benchmark.run.store import Store
    from benchmark.run.truth import read_truth, truth_folder_of
    from benchmark.scores.scoring import scored

    stored = next(one for one in Store(home / "runs").results() if one.run.predicted)
    scored(read_truth(truth_folder_of(stored)), stored.predictions(), stored.about)


STEPS: dict[str, Step] = {"generate": generate, "encode": encode, "history": history, "score": score}
"""Those that no command does alone."""
ORDER = ("generate", "prepare", "encode", "history", "run", "score", "board")
INTERRUPTED = "interrupted: the same command goes on from there"
ONCE_MORE = frozenset({"run"})
"""Is asked for whenever this is: it goes on where it was interrupted."""


def main() -> None:
    """Do what is not yet done, size by size, and print what it took."""
    options = argparse.ArgumentParser(prog="python -m tools.full_size", description=main.__doc__)
    options.add_argument("--posts", type=int, nargs="+", default=[SMALLER, FULL_SIZE])
    options.add_argument("--pictures", type=float, default=PICTURES)
    options.add_argument("--baseline", "-b", action="append", default=[], help="repeatable; default: all")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--home", type=Path, default=PROJECT / "data" / "full_size")
    options.add_argument("--table", action="store_true", help="only print what has been measured")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    given = options.parse_args()
    home = given.home.resolve()
    if given.step:
        print(json.dumps(_timed(STEPS[given.step], home)))
        return
    sizes = sorted(set(given.posts))
    if not given.table:
        for posts in sizes:
            try:
                measure(home / str(posts), posts, round(given.pictures * posts), given.baseline, given.jobs)
            except KeyboardInterrupt:
                sys.exit(INTERRUPTED)
    print_table({posts: home / str(posts) for posts in sizes})


def measure(home: Path, posts: int, pictures: int, baselines: Sequence[str], jobs: int) -> None:
    """Take the steps of one size that were not taken yet, and keep what they cost."""
    card = home / "card.toml"
    if not card.is_file():
        made_up_card(home, posts, pictures)
    at = ["-d", str(card), "--home", str(home)]
    commands = {
        "prepare": ["prepare", *at],
        "run": [
            *("run", *at, "-t", TASK, "-p", "frozen", "-p", "rolling", "--jobs", str(jobs)),
            *(f"--baseline={name}" for name in baselines),
        ],
        "board": ["board", "--home", str(home)],
    }
    for name in ORDER:
        costs = costs_of(home)
        if name in costs and name not in ONCE_MORE:
            continue
        print(f"{posts:,} posts: {name}", flush=True)
        if name in ONCE_MORE:
            _run(commands[name])
        else:
            cost = command_cost(*commands[name]) if name in commands else _step(name, home)
            write_atomically(home / "costs.json", json.dumps({**costs, name: cost}))


def print_table(homes: Mapping[int, Path]) -> None:
    """Parts, then rows: seconds and peak memory at each size, and how the seconds grow.

    Raises:
        StoreError: nothing was measured yet.
    """
    sizes = list(homes)
    parts = {posts: costs_of(home) for posts, home in homes.items()}
    rows = {posts: rows_of(home) for posts, home in homes.items()}
    command.some(
        {name for costs in (*parts.values(), *rows.values()) for name in costs}, homes[sizes[0]].parent
    )
    heads = "".join(f" {posts:,} posts | GB |" for posts in sizes)
    rule = "--:|--:|" * len(sizes)
    print(f"\n| part |{heads} exponent |\n|---|{rule}--:|")
    for name in ORDER:
        if any(name in costs for costs in parts.values()):
            print(_line(name, [parts[posts].get(name) for posts in sizes], sizes))
    print(f"\n| row |{heads} exponent |\n|---|{rule}--:|")
    for name in dict.fromkeys(name for costs in rows.values() for name in costs):
        print(_line(name, [rows[posts].get(name) for posts in sizes], sizes))
    for posts in sizes:
        cells = rows[posts].values()
        minutes = sum(one.seconds for one in cells) / 60
        print(
            f"\n{posts:,} posts: {len(cells)} cells, {minutes:.0f} min of cells one after the other", end=""
        )
    print(f" (aim at full size: {BOARD_MINUTES} min of a run on two cores; exponents at most {GROWTH})")


def rows_of(home: Path) -> dict[str, Cost]:
    """What each cell of a home took, with its process: by protocol and name, in the order of both."""
    from benchmark.run.store import Store

    found = {}
    for one in Store(home / "runs").results():
        if one.run.wall_seconds is not None and one.run.status not in ("ceiling", "skipped"):
            variant = "" if one.about.variant == "default" else f":{one.about.variant}"
            name = f"{one.about.protocol} {one.about.baseline}{variant}"
            failed = "" if one.run.status == "ok" else f" ({one.run.status})"
            found[name + failed] = Cost(one.run.wall_seconds, (one.run.peak_mb or 0) / 1000)
    return dict(sorted(found.items()))


def costs_of(home: Path) -> dict[str, Cost]:
    """Of each step that was taken, what it took."""
    path = home / "costs.json"
    told = json.loads(path.read_text()) if path.is_file() else {}
    return {name: Cost(*cost) for name, cost in told.items()}


def _line(name: str, costs: Sequence[Cost | None], sizes: Sequence[int]) -> str:
    from tools.network_scale import exponent

    told = "".join(f" {one.seconds:,.1f} s | {one.gigabytes:.1f} |" if one else " | |" for one in costs)
    known = [(posts, one.seconds) for posts, one in zip(sizes, costs, strict=True) if one]
    grows = f"{exponent([posts for posts, _ in known], [s for _, s in known]):.2f}" if len(known) > 1 else ""
    return f"| {name} |{told} {grows} |"


def _run(arguments: Sequence[str]) -> None:
    """A cell that fails is a line of the table, and the others stand.

    Raises:
        SystemExit: it was interrupted.
    """
    done = subprocess.run([sys.executable, "-m", "smpbench", *arguments], check=False)
    if done.returncode in (-2, 130):
        sys.exit(INTERRUPTED)


def _step(name: str, home: Path) -> Cost:
    """In a process of its own: a peak of memory is a process's."""
    command = [sys.executable, "-m", "tools.full_size", "--step", name, "--home", str(home)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Cost(*json.loads(told.splitlines()[-1]))


def _timed(step: Step, home: Path) -> Cost:
    began = time.perf_counter()
    step(home)
    seconds = time.perf_counter() - began
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Cost(seconds, peak / GIGABYTE)


def _said(done: int, total: int) -> None:
    end = "\n" if done == total else "\r"
    print(f"  encoded {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    command.run(main)
