"""Process: a job as a process of a node, from its start to its end. What an engine runs there is this alone.

It is sent to nodes by value, and so imports nothing of the project.
"""

from __future__ import annotations

from typing import Any


def run_job(job: str) -> dict[str, Any]:
    """Run `smpbench job FILE` with the node's own Python, and wait for its end.

    Returns:
        `code`, the exit status (`EX_TEMPFAIL` where this node cannot do what another might); `told`, the end
        of what it printed; `node`.
    """
    import os
    import platform
    import subprocess
    import sys
    from pathlib import Path

    log = Path(job).with_suffix(".log")
    # What a scheduler sets of threads is none of the cell's: it is told how many it has.
    environment = {k: v for k, v in os.environ.items() if k not in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    environment["PYTHONSAFEPATH"] = "1"
    node = platform.node()
    call = [sys.executable, "-m", "smpbench", "job", job, "--parent", str(os.getpid())]
    try:
        with log.open("wb") as printed:
            ended = subprocess.run(
                call, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed, env=environment, check=False
            )
        told = log.read_bytes()[-2000:].decode(errors="replace").strip().splitlines()
    except OSError as error:  # no home in sight, or a full disk
        return {"code": os.EX_TEMPFAIL, "told": f"{error}", "node": node}
    return {"code": ended.returncode, "told": told[-1] if told else "it printed nothing", "node": node}
