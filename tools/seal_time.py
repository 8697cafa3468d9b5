"""What the seal costs: cells of a few seconds, with it and without, in turns, as a ratio.

`python -m tools.seal_time` fits the same baseline again and again on a demo set that it prepares in a folder
of its own. The two ways take turns, so that a machine that gets busy slows both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from benchmark import PROJECT
from benchmark.data.cards import find_cards, load_card
from benchmark.finding.discovery import load
from benchmark.processes.talk import Budget
from benchmark.run.options import Options
from benchmark.run.plan import choose
from benchmark.run.progress import Progress
from benchmark.run.runner import run
from benchmark.sealing.seal import SWITCH

WAYS = {"sealed": "on", "not": "off"}


def main() -> None:
    """Medians of seconds a cell, and of how much longer it takes with the seal on."""
    options = argparse.ArgumentParser(prog="python -m tools.seal_time", description=main.__doc__)
    options.add_argument("--baseline", default="lightgbm:+history")
    options.add_argument("--dataset", default="demo_tweets")
    options.add_argument("--times", type=int, default=10)
    given = options.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _cell(home, given.dataset, "global_median", 0)  # prepares, and starts the server
        _cell(home, given.dataset, given.baseline, 0)  # encodes, and loads what is loaded lazily
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for seed in range(1, given.times + 1):
            for way, switch in WAYS.items() if seed % 2 else [*WAYS.items()][::-1]:
                os.environ[SWITCH] = switch
                seconds[way].append(_cell(home / way, given.dataset, given.baseline, seed, home))
    ratios = [a / b for a, b in zip(seconds["sealed"], seconds["not"], strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(
        f"{given.baseline} on {given.dataset}: {statistics.median(seconds['sealed']):.2f} s a cell sealed, "
        f"{statistics.median(seconds['not']):.2f} s not; "
        f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f})"
    )


def _cell(home: Path, dataset: str, spec: str, seed: int, like: Path | None = None) -> float:
    """Seconds of one run of one cell; `like`: a home whose data and vectors are taken over."""
    if like is not None and not home.exists():
        home.mkdir()
        for name in ("prepared", "features", "raw"):
            (home / name).symlink_to(like / name)
    name, _, setting = spec.partition(":")
    chosen = choose(setting, load(PROJECT / "baselines" / f"{name}.py"))
    card = load_card(find_cards(PROJECT / "datasets")[dataset])
    options = Options(home, (), Budget(3600, 16_000), ("frozen",), first_seed=seed, plots=False)
    began = time.perf_counter()
    summary = run([card], [chosen], options, Progress(open(os.devnull, "w")))  # noqa: PTH123, SIM115
    if summary.problems:
        raise SystemExit("\n".join(summary.problems))
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
