"""On Ray: the nodes of a Ray cluster do the jobs. Ray schedules; nothing but a job's path goes through it.

    ray start --head            on one node, and `ray start --address HEAD:6379` on the others
    smpbench run --engine ray

Every node sees the home of the run under the same path, and has the same checkout installed.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from typing import Any

from benchmark.errors import SmpbenchError
from benchmark.jobs.engine import Ended, Engine, Lost
from benchmark.jobs.sameness import check_same, here
from benchmark.processes.talk import Stopped
from engines.process import run_job

log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds."""
PATIENCE = 300.0
"""Seconds in which a node says what it has, libraries among them."""
ANSWERS = 10.0
"""Seconds in which a cluster's port answers."""


class OnRay(Engine):
    """A connection to a Ray cluster, until it is closed."""

    name = "ray"

    def __init__(self, address: str, threads: int, memory_mb: float) -> None:
        """Connect, and look at every node.

        Args:
            address: of the cluster: `auto`, `HOST:PORT`. threads, memory_mb: of one job, asked for of Ray.

        Raises:
            SmpbenchError: there is no Ray or no cluster, a node differs from this one, or none is large
                enough for a job.
        """
        try:
            import ray
        except ImportError:
            raise SmpbenchError("--engine ray needs the extra `ray`: make install EXTRAS='dev ray'") from None
        self.ray = ray
        _check_answers(address)
        try:
            ray.init(
                address=address, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False
            )
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            raise _no_cluster(address, (str(error).splitlines() or ["no answer"])[0]) from None
        try:
            self.slots = self._checked(threads, memory_mb)
        except BaseException:
            ray.shutdown()
            raise
        memory = round(memory_mb * 2**20)
        self._task = _by_value(ray, run_here)
        self._asks = {"num_cpus": threads, "memory": memory, "max_retries": 0}
        self._useless: set[str] = set()

    def do(self, job: Path, stop: threading.Event) -> Ended:
        ray = self.ray
        reference = self._where_it_works().remote(str(job))
        while True:
            ready, _ = ray.wait([reference], timeout=POLL)
            if stop.is_set():
                ray.cancel(reference, force=True)
                raise Stopped
            if ready:
                break
        try:
            told = ray.get(reference)
        except ray.exceptions.RayError as error:
            raise Lost(f"its node was lost ({type(error).__name__})") from None
        if told["code"] == os.EX_TEMPFAIL:
            self._useless.add(told["id"])
            raise Lost(f"node {told['node']} cannot do it, and is asked no more: {told['told']}")
        return Ended(told["code"], told["told"], told["node"])

    def _where_it_works(self) -> Any:
        """The task, for any node but those that have failed at one: they would take every job, being free."""
        from ray.util.scheduling_strategies import NodeLabelSchedulingStrategy, NotIn

        useless = sorted(self._useless)
        if not useless:
            return self._task.options(**self._asks)
        alive = {node["NodeID"] for node in self.ray.nodes() if node["Alive"]}
        if alive <= self._useless:
            raise SmpbenchError("no node of the cluster can do a job any more")
        where = NodeLabelSchedulingStrategy(hard={"ray.io/node-id": NotIn(*useless)})
        return self._task.options(**self._asks, scheduling_strategy=where)

    def close(self) -> None:
        self.ray.shutdown()

    def _checked(self, threads: int, memory_mb: float) -> int:
        """How many jobs the nodes have room for at once."""
        nodes = [node for node in self.ray.nodes() if node["Alive"]]
        rooms = {}
        for node in nodes:
            has = node["Resources"]
            by_memory = has.get("memory", 0) / 2**20 / memory_mb
            rooms[node["NodeID"]] = int(min(has.get("CPU", 0) / threads, by_memory))
        if not sum(rooms.values()):
            shown = "; ".join(
                f"{node['NodeManagerHostname']}: {node['Resources'].get('CPU', 0):g} cores, "
                f"{node['Resources'].get('memory', 0) / 1e9:.1f} GB"
                for node in nodes
            )
            raise SmpbenchError(
                f"no node has room for a job of {threads} threads and {memory_mb / 1000:.1f} GB ({shown}). "
                "Set --threads and --memory-limit"
            )
        answering = self._answering([node for node in nodes if rooms[node["NodeID"]]])
        return sum(rooms[node] for node in answering)

    def _answering(self, nodes: list[dict[str, Any]]) -> list[str]:
        """Those that answer: Ray may not know yet that a node is gone.

        Raises:
            SmpbenchError: a node's code or libraries are not those of this one, or none answers.
        """
        ray = self.ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        look = _by_value(ray, look_at)
        asked = {
            node["NodeID"]: look.options(
                num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote()
            for node in nodes
        }
        names = {node["NodeID"]: node["NodeManagerHostname"] for node in nodes}
        answering = []
        for node, reference in asked.items():
            try:
                found = ray.get(reference, timeout=PATIENCE)
            except ray.exceptions.RayError as error:
                log.warning("node %s does not answer (%s): left out", names[node], type(error).__name__)
                continue
            if isinstance(found, str):
                raise SmpbenchError(f"node {names[node]}: {found}")
            check_same(here(), names[node], found)
            answering.append(node)
        if not answering:
            raise SmpbenchError("no node of the cluster answers")
        return answering


def _check_answers(address: str) -> None:
    """Raises SmpbenchError where nobody listens at HOST:PORT, which Ray would try for minutes."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=ANSWERS).close()
    except OSError as error:
        raise _no_cluster(address, str(error)) from None


def _no_cluster(address: str, why: str) -> SmpbenchError:
    return SmpbenchError(
        f"no Ray cluster at '{address}': {why}. Start one with `ray start --head`, or name its address with "
        "--address"
    )


def run_here(job: str) -> dict[str, Any]:
    """`run_job`, and Ray's `id` of the node."""
    import ray

    return run_job(job) | {"id": ray.get_runtime_context().get_node_id()}


def look_at() -> dict[str, str] | str:
    """What of a node must be as it is elsewhere; or why nothing can be said."""
    import json
    import os
    import subprocess
    import sys

    call = [sys.executable, "-m", "smpbench", "job", "--look"]
    try:
        said = subprocess.run(
            call, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONSAFEPATH": "1"}
        )
        found: dict[str, str] = json.loads(said.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        return f"smpbench does not run there with {sys.executable}: {error}"
    return found


def _by_value(ray: Any, function: Any) -> Any:
    """A function as a Ray task that a node needs no module of ours for."""
    import cloudpickle

    import engines.on_ray
    import engines.process

    for module in (engines.on_ray, engines.process):
        cloudpickle.register_pickle_by_value(module)
    return ray.remote(function)
