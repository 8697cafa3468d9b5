"""On Slurm: each job is one of Slurm's, submitted by submitit; `local` runs them here, as a trial.

    smpbench run --engine slurm --slurm partition=cpu --slurm account=mine

A run that was interrupted leaves no job behind; one that was killed may: their results are found by the next.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.errors import SmpbenchError
from benchmark.jobs.engine import Ended, Engine, Lost
from benchmark.processes.talk import Stopped
from engines.process import run_job

POLL = 1.0
"""Seconds between two looks at a job; submitit asks Slurm for all at once, and less often."""
SPARE_MB = 500
"""That the process of a job itself may use, beside the cell whose budget it keeps."""


class OnSlurm(Engine):
    name = "slurm"

    def __init__(
        self,
        folder: Path,
        slots: int,
        *,
        threads: int,
        memory_mb: float,
        seconds: float,
        told: Mapping[str, str],
        cluster: str | None = None,
    ) -> None:
        """Jobs of one size.

        Args:
            folder: that every node sees, for what submitit writes. slots: jobs that wait or run at once.
            seconds: that a cell may take. told: to Slurm (`partition`, `account`, ...).
            cluster: `local` runs jobs as processes of this machine; None: as submitit finds.

        Raises:
            SmpbenchError: there is no submitit or no Slurm, or it knows no such parameter.
        """
        try:
            import submitit
        except ImportError:
            raise SmpbenchError(
                "--engine slurm needs the extra `slurm`: make install EXTRAS='dev slurm'"
            ) from None
        folder.mkdir(parents=True, exist_ok=True)
        self.slots = slots
        try:
            self._executor = submitit.AutoExecutor(folder, cluster=cluster or "slurm")
            self._executor.update_parameters(
                name="smpbench",
                timeout_min=round(seconds / 60) + 30,
                cpus_per_task=threads,
                mem_gb=(memory_mb + SPARE_MB) / 1000,
                **{f"slurm_{name}": value for name, value in told.items()},
            )
        except (RuntimeError, NameError, ValueError, TypeError) as error:
            raise SmpbenchError(f"Slurm cannot be used here: {str(error).splitlines()[0]}") from None
        self._submitting = threading.Lock()

    def do(self, job: Path, stop: threading.Event) -> Ended:
        import submitit

        with self._submitting:
            running: Any = self._executor.submit(run_job, str(job))
        while not running.done():
            if stop.wait(POLL):
                running.cancel(check=False)
                raise Stopped
        try:
            told = running.result()
        except submitit.core.utils.UncompletedJobError as error:
            first = (str(error).splitlines() or ["no result"])[0]
            raise Lost(f"Slurm's job {running.job_id} has ended without a result: {first}") from None
        if told["code"] == os.EX_TEMPFAIL:
            raise Lost(f"node {told['node']} cannot do it: {told['told']}")
        return Ended(told["code"], told["told"], told["node"])

    def close(self) -> None:
        """Nothing is held."""
