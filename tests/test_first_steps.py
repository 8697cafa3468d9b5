"""The notebook docs/first_steps.ipynb runs in a kernel, from top to bottom, in a home of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from raw_layouts import ROOT

import smpbench as smp

PATH = ROOT / "docs" / "first_steps.ipynb"


@pytest.fixture
def notebook() -> Any:
    import nbformat

    return nbformat.read(PATH, as_version=4)


@pytest.mark.slow
def test_it_is_stored_without_outputs(notebook: Any) -> None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert 8 <= len(code) <= 10
    assert not any(cell.outputs or cell.execution_count for cell in code)


@pytest.mark.slow
def test_it_runs_and_leads_to_rows(notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.kernelspec import KernelSpecManager
    from nbclient import NotebookClient

    monkeypatch.setenv("SMPBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    # The kernel of this environment, whatever others are installed.
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    assert "python3" in KernelSpecManager().find_kernel_specs()
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    assert "Task demo_tweets/engagement rolling" in shown[1]
    assert "length_and_level" in shown[4]
    assert any(verdict in shown[5] for verdict in ("better", "worse", "cannot tell"))
    assert "[1/2]" in shown[2], "progress goes to the notebook"
    table = smp.leaderboard(smp.task("demo_tweets", protocol="rolling"))
    rows = {"length_and_level", "lightgbm:metadata", "median_of_twenty:external", "recent_median", "ceiling"}
    assert rows < set(table["row"])
