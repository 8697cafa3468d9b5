"""`make scale`: what harness, encoders and networks cost at the size of SMPD, and graphs of a million
edges, on made-up posts.

    python -m tools.scale [--posts N] [--home DIR]

Prints seconds, peak memory and ratios. The cell's own LightGBM calls are the bare calls that the harness is
held against: they are timed inside the baseline, on the very matrix that it fits.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmark import PROJECT
from benchmark.data.cards import load_card
from benchmark.data.synthetic import ensure_generated
from benchmark.run.result import Run
from benchmark.run.store import Store

FULL_SIZE = 486_194
CELL = "lightgbm:inputs=metadata+history"
NETWORKS = ("mlp", "lstm", "transformer", "temporal_fusion_transformer", "clip_adapter", "category_embedding")


def main() -> None:
    """Generate, prepare, run one cell, bootstrap, encode, train on each post once: a line each."""
    options = argparse.ArgumentParser(prog="python -m tools.scale", description=main.__doc__)
    options.add_argument("--posts", type=int, default=FULL_SIZE)
    options.add_argument("--home", type=Path, default=PROJECT / "data" / "scale")
    given = options.parse_args()
    home = given.home.resolve()
    shutil.rmtree(home, ignore_errors=True)  # its own folder: every step is measured from nothing
    card = made_up_card(home, given.posts)

    began = time.perf_counter()
    ensure_generated(load_card(card), home, (), allowed=True)
    seconds = time.perf_counter() - began
    _line("generate", seconds, "", f"{given.posts / seconds:,.0f} posts/s")

    seconds, peak = command_cost("prepare", "-d", str(card), "--home", str(home))
    _line("prepare", seconds, f"{peak:.1f} GB", "aim: under 180 s, 6 GB")

    seconds, peak = command_cost("run", "-d", str(card), "-b", CELL, "-p", "frozen", "--home", str(home))
    result, inside = _cell(home)
    _line("run, whole", seconds, f"{peak:.1f} GB", "the command, the cell and the board")
    wall, model = result.wall_seconds or 0.0, inside["lightgbm_seconds"]
    _line("  cell", wall, f"{(result.peak_mb or 0.0) / 1000:.1f} GB", "aim: under 300 s, 6 GB")
    share = (wall - model) / wall
    _line("  LightGBM", model, "", f"{inside['calls']} calls on {inside['rows']:,} x {inside['columns']}")
    _line("  harness", wall - model, "", f"{share:.0%} of the cell, aim: at most 25%")
    print(f"  ratio of the cell to its LightGBM calls: {wall / model:.2f}", flush=True)
    _module("tools.bootstrap_time")
    _module("tools.encoder_throughput")
    print("networks: each post once at full size (aim: under 180 s, 6 GB)", flush=True)
    for network in NETWORKS:
        _module("tools.network_throughput", network, "--home", str(home))
    _module("tools.tft_throughput")
    _module("tools.network_scale")


def _module(name: str, *arguments: str) -> None:
    """Run a module that measures, in a process of its own: a peak of memory is a process's."""
    subprocess.run([sys.executable, "-m", name, *arguments], check=True)


def made_up_card(home: Path, posts: int, pictures: int = 0) -> Path:
    """The demo photos' card, at another size and with pictures of so many posts."""
    origin = PROJECT / "datasets" / "demo_flickr"
    text = (origin / "card.toml").read_text(encoding="utf-8")
    text = re.sub(r"^name = .*$", 'name = "demo_scale"', text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^raw = .*$", 'raw = "demo_scale"', text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^posts = .*$", f"posts = {posts}", text, count=1, flags=re.MULTILINE)
    path = home / "card.toml"
    path.parent.mkdir(parents=True)
    # A generator reads nothing but the folder of its card.
    for script in [*origin.glob("*.py"), *(origin.parent / "generators").glob("*.py")]:
        shutil.copy2(script, home / ("demo.py" if script.name == "generate.py" else script.name))
    begin = (
        f"import runpy\nimport sys\nfrom pathlib import Path\n\nsys.argv += ['--pictures', '{pictures}']\n"
    )
    begin += 'runpy.run_path(str(Path(__file__).with_name("demo.py")), run_name="__main__")\n'
    (home / "generate.py").write_text(begin, encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return path


def command_cost(*arguments: str) -> tuple[float, float]:
    """Seconds and peak memory (GB, the largest process) of an `smpbench` command.

    Raises:
        SystemExit: the command failed; what it said is on the terminal.
    """
    began = time.perf_counter()
    command = subprocess.Popen([sys.executable, "-m", "smpbench", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(command.pid, 0)
    if status:
        sys.exit(f"smpbench {arguments[0]} ended with status {os.waitstatus_to_exitcode(status)}")
    divisor = 1e9 if sys.platform == "darwin" else 1e6
    return time.perf_counter() - began, usage.ru_maxrss / divisor


def _cell(home: Path) -> tuple[Run, dict[str, Any]]:
    """The cell's result, and what the baseline noted of its own calls."""
    stored = next(one for one in Store(home / "runs").results() if one.run.status == "ok")
    return stored.run, json.loads((stored.folder / "plots" / "costs.json").read_text())


def _line(what: str, seconds: float, memory: str, note: str) -> None:
    print(f"{what:12} {seconds:7.1f} s {memory:>8}  {note}", flush=True)


if __name__ == "__main__":
    main()
