"""What a result tells of the machine that it was computed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.run.where import gpus, where


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    """Of two GPUs, as NVIDIA's driver tells of them."""
    for place, model in (("0000:01:00.0", "NVIDIA H200"), ("0000:02:00.0", "NVIDIA GeForce RTX 4090")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "information").write_text(f"Model: \t\t {model}\nIRQ:   \t\t 42\n")
    return tmp_path


def test_gpus_are_told_by_their_models(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpus(driver) == ["NVIDIA H200", "NVIDIA GeForce RTX 4090"]


@pytest.mark.parametrize("shown", ["", "-1"])
def test_those_that_are_hidden_are_not(driver: Path, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    assert gpus(driver) == []


def test_a_machine_without_one_tells_of_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gpus(tmp_path / "absent") == []
    monkeypatch.setattr("benchmark.run.where.gpus", list)
    assert set(where(None)) == {"processor", "cores", "niceness"}


def test_through_an_engine_the_node_is_told_too() -> None:
    assert {"engine", "node"} <= set(where("ray"))
