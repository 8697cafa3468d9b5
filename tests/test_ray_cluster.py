"""A Ray cluster of two nodes on the loopback address: nodes and drivers are killed, and results come to the
same as without one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from waiting import PATIENCE, wait_until
from worlds import BASELINES, World, write_baseline

from benchmark import PROJECT

pytestmark = pytest.mark.slow
NAIVE, OTHER, RIDGE = (BASELINES / f"{name}.py" for name in ("recent_median", "user_median", "ridge"))
SLOW = "def fit(self, train, y):\n    time.sleep(8)\n    self.middle = np.median(y, axis=0)"
ENVIRONMENT = {"PYTHONPATH": str(PROJECT), "PYTHONSAFEPATH": "1", "RAY_USAGE_STATS_ENABLED": "0"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that does no job; tests add the nodes that they want."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    started = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": 80_000_000},
    )
    yield started
    started.shutdown()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture
def nodes(cluster: Any) -> Iterator[list[Any]]:
    """Two nodes of one core each; what is left of them goes with the test."""
    added = [add(cluster), add(cluster)]
    yield added
    for node in list(cluster.worker_nodes):
        cluster.remove_node(node, allow_graceful=False)


def add(cluster: Any, **environment: str) -> Any:
    return cluster.add_node(
        num_cpus=1, memory=4 * 2**30, object_store_memory=80_000_000, env_vars=ENVIRONMENT | environment
    )


def call(cluster: Any, world: World, *baselines: Path) -> list[str]:
    told = [word for path in baselines for word in ("-b", str(path))]
    return [
        *(sys.executable, "-m", "smpbench", "run", "-d", str(world.card.folder / "card.toml"), *told),
        *("-t", "one", "-p", "frozen", "--engine", "ray", "--address", cluster.address),
        *("--threads", "1", "--memory-limit", "2", "--no-plots", "--home", str(world.home)),
    ]


def start(cluster: Any, world: World, *baselines: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        call(cluster, world, *baselines), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def finished(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    return said


def jobs_of(world: World) -> list[psutil.Process]:
    """The processes that do jobs of this home."""
    found = []
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if "job" in line and any(word.startswith(str(world.home)) for word in line):
            found.append(process)
    return found


def same(one: World, other: World) -> bool:
    mine, theirs = one.predictions(), other.predictions()
    return mine.keys() == theirs.keys() and all(mine[name].equals(theirs[name]) for name in mine)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path / "world")


@pytest.fixture
def alone(world: World, tmp_path: Path) -> World:
    """The same data set, whose cells no engine has computed."""
    other = world.copied_to(tmp_path / "alone")
    other.with_only("one", "frozen").run(NAIVE, OTHER, told_threads=1)
    return other


def test_two_nodes_come_byte_for_byte_to_what_one_machine_comes_to(
    cluster: Any, nodes: list[Any], world: World, alone: World
) -> None:
    alone.with_only("one", "frozen").run(RIDGE, told_threads=1)
    finished(start(cluster, world, NAIVE, OTHER, RIDGE))
    assert same(world, alone)
    assert {one.run.environment["engine"] for one in world.results().values()} == {"ray"}


def test_the_cell_of_a_node_that_is_killed_is_computed_by_the_other(
    cluster: Any, nodes: list[Any], world: World, tmp_path: Path
) -> None:
    slow = [write_baseline(tmp_path, name, SLOW) for name in ("slow_one", "slow_two")]
    run = start(cluster, world, *slow)
    wait_until(lambda: len(jobs_of(world)) == 2, "two cells run", run)
    cluster.remove_node(nodes[0], allow_graceful=False)
    assert "it is given away again" in finished(run)
    assert {one.run.status for one in world.results().values()} == {"ok"}
    assert len(world.results()) == 2


def test_a_killed_driver_leaves_no_process_behind_and_its_run_goes_on(
    cluster: Any, nodes: list[Any], world: World, tmp_path: Path
) -> None:
    slow = write_baseline(tmp_path, "slow_one", SLOW)
    run = start(cluster, world, NAIVE, slow)
    wait_until(lambda: len(world.results()) == 1 and bool(jobs_of(world)), "a cell is done, one runs", run)
    os.kill(run.pid, signal.SIGKILL)
    wait_until(lambda: not jobs_of(world), "the node's process has ended")
    run.communicate()
    assert "1 ok, 1 reused" in finished(start(cluster, world, NAIVE, slow))


def test_two_drivers_at_once_compute_each_cell_once(
    cluster: Any, nodes: list[Any], world: World, alone: World
) -> None:
    both = [start(cluster, world, NAIVE, OTHER) for _ in range(2)]
    for one in both:
        finished(one)
    assert same(world, alone)


def test_a_node_with_other_code_is_refused_before_anything_runs(
    cluster: Any, world: World, tmp_path: Path
) -> None:
    other = tmp_path / "checkout"
    for room in ("benchmark", "baselines", "datasets", "engines", "leaderboard", "smpbench"):
        shutil.copytree(PROJECT / room, other / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "benchmark" / "split.py").open("a", encoding="utf-8") as file:
        file.write("\nDAY_MS = 1\n")
    node = add(cluster, PYTHONPATH=str(other))
    run = start(cluster, world, NAIVE)
    said, _ = run.communicate(timeout=PATIENCE)
    cluster.remove_node(node, allow_graceful=False)
    assert run.returncode == 1
    assert "is not as the one that the run was planned on: smpbench" in said
    assert world.results() == {}


def test_a_node_whose_disk_takes_nothing_is_asked_no_more(
    cluster: Any, world: World, alone: World, tmp_path: Path
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "sitecustomize.py").write_text(
        "import resource, sys\n"
        "if 'job' in sys.orig_argv:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
    )
    bad = add(cluster, PYTHONPATH=f"{full}{os.pathsep}{PROJECT}")
    good = add(cluster)
    said = finished(start(cluster, world, NAIVE, OTHER))
    for node in (bad, good):
        cluster.remove_node(node, allow_graceful=False)
    assert "cannot do it, and is asked no more" in said
    assert same(world, alone)


def test_a_job_that_no_node_has_room_for_is_refused_at_once(
    cluster: Any, nodes: list[Any], world: World
) -> None:
    large = call(cluster, world, NAIVE)
    large[large.index("--memory-limit") + 1] = "5000"
    ended = subprocess.run(large, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 1
    assert "no node has room for a job of 1 threads and 5000.0 GB" in ended.stderr


def test_without_a_cluster_it_says_how_to_start_one(world: World) -> None:
    nowhere = call(type("Nowhere", (), {"address": "127.0.0.1:1"}), world, NAIVE)
    ended = subprocess.run(nowhere, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 1
    assert "no Ray cluster at '127.0.0.1:1'" in ended.stderr
    assert "ray start --head" in ended.stderr
