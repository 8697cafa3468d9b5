"""`make scale`, the part of the network: what it costs from 10,000 to 1,000,000 edges, on made-up accounts.

    python -m tools.network_scale [--edges N ...]

Prints seconds and peak memory of every step, each size in a process of its own, and the exponent with which
the seconds grow: 1 is in proportion to the edges.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmark import PROJECT

SIZES = (10_000, 100_000, 1_000_000)
EDGES_AN_ACCOUNT = 1_000_000 / 70_000
AIM_SECONDS, AIM_GB = 60.0, 2.0
"""Of all steps at the largest size, on two cores."""
YEAR_MS = 365 * 86_400_000
START = 1_672_531_200_000

Step = Callable[[dict[str, Any]], None]
"""Takes what the steps before it have made, and adds its own."""


def generate(made: dict[str, Any]) -> None:
    """Who names whom when, as in `datasets/demo_network`, in a file as strangers have it."""
    import pyarrow as pa
    import pyarrow.csv

    society = generator_module("society")
    rng, edges = np.random.default_rng(0), made["edges"]
    of = society.society(max(40, round(edges / EDGES_AN_ACCOUNT)), rng)
    who = society.authors(of, edges, rng)
    whom = society.named_by(of, who, rng)
    names = np.array([f"account_{place:06}" for place in range(len(of.fame))], object)
    moment = START + np.sort(rng.integers(0, YEAR_MS, edges))
    table = pa.table({"source": names[who], "target": names[whom], "time": moment})
    made["file"] = made["folder"] / "edges.csv"
    pyarrow.csv.write_csv(table, made["file"])


def build(made: dict[str, Any]) -> None:
    from network.build.alone import network_of
    from network.build.files import read_edges
    from network.build.rows import EdgeFile

    edges, notes = read_edges(made["file"], EdgeFile(kind_of_all="mention"))
    made["network"] = network_of("scale", [edges], notes)


def pagerank(made: dict[str, Any]) -> None:
    from network.influence.read import influence_of
    from network.influence.scores import SCORES

    wanted = [score for score in SCORES if score.name in ("in_degree", "pagerank")]
    made["influence"] = influence_of(made["network"], scores=wanted)


def communities(made: dict[str, Any]) -> None:
    from network.communities.find import communities as divided

    made["communities"] = divided(made["network"])


def page(made: dict[str, Any]) -> None:
    """Where everybody stands, and the file."""
    from network.page.page import write_page
    from network.reading import Reading

    reading = Reading(made["network"], made["influence"], (), made["communities"], ())
    write_page(reading, made["folder"] / "graph.html")


STEPS: dict[str, Step] = {
    "generate": generate,
    "build": build,
    "pagerank": pagerank,
    "communities": communities,
    "page": page,
}
"""In order. Another step is a function more: it finds what there is in `made`."""
NOT_COUNTED = frozenset({"generate"})


def main() -> None:
    """Each size in a process of its own, a line a step; then how the seconds grow."""
    options = argparse.ArgumentParser(prog="python -m tools.network_scale", description=main.__doc__)
    options.add_argument("--edges", type=int, nargs="+", default=list(SIZES))
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(measured(given.one)))
        return
    if min(given.edges) < 1000:
        options.error(f"--edges {min(given.edges)}: give numbers from 1,000")
    print(f"network: aim at the largest: under {AIM_SECONDS:g} s and {AIM_GB:g} GB together", flush=True)
    seconds: dict[str, list[float]] = {name: [] for name in STEPS}
    for edges in sorted(given.edges):
        command = [sys.executable, "-m", "tools.network_scale", "--one", str(edges)]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        print(f"{told['edges']:,} edges of {told['accounts']:,} accounts", flush=True)
        for name, (took, peak) in told["steps"].items():
            seconds[name].append(took)
            print(f"  {name:12} {took:8.2f} s {peak:6.2f} GB", flush=True)
        whole = sum(took for name, (took, _) in told["steps"].items() if name not in NOT_COUNTED)
        print(f"  {'together':12} {whole:8.2f} s {told['peak']:6.2f} GB", flush=True)
    if len(given.edges) > 1:
        for name, took in seconds.items():
            print(f"  {name:12} grows with exponent {exponent(sorted(given.edges), took):.2f}", flush=True)


def measured(edges: int) -> dict[str, Any]:
    """Seconds of each step, and the peak memory of the process after it in GB."""
    with tempfile.TemporaryDirectory() as folder:
        # The first call of anything imports and compiles, which has nothing to do with the size.
        first: dict[str, Any] = {"edges": 1_000, "folder": Path(folder)}
        for step in STEPS.values():
            step(first)
        made: dict[str, Any] = {"edges": edges, "folder": Path(folder)}
        steps = {}
        for name, step in STEPS.items():
            began = time.perf_counter()
            step(made)
            steps[name] = (time.perf_counter() - began, _peak())
        graph = made["network"].graph
        return {"edges": len(graph), "accounts": graph.n, "steps": steps, "peak": _peak()}


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Of seconds = c * size ** exponent, by least squares of logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-6)), 1)[0])


def generator_module(name: str) -> ModuleType:
    """A file of the demo network's generator: data sets are no package, and are not imported."""
    path = PROJECT / "datasets" / "demo_network" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"demo_network_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


def _peak() -> float:
    divisor = 1e9 if sys.platform == "darwin" else 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / divisor


if __name__ == "__main__":
    main()
