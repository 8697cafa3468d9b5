"""A GPU: what a cell must be allowed so that CUDA begins, what is told of it, and networks trained on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import BASELINES, World, write_baseline

from benchmark.run.where import gpus, where
from benchmark.sealing import landlock

by_kernel = pytest.mark.skipif(not landlock.version(), reason="this system has no Landlock")
on_gpu = pytest.mark.skipif(not gpus(), reason="this machine has no GPU of NVIDIA's, or hides it")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path / "world", posts=120).with_only("one", "frozen")


BEGINS = """
def predict(self, posts):
    import ctypes, threading
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    wrong = ctypes.CDLL(None).pthread_setname_np(ctypes.c_ulong(other.ident), b"event handler")
    name = Path(f"/proc/self/task/{other.native_id}/comm").read_text().strip()
    over.set()
    print(f"naming: {wrong} {name}, {os.environ['CUBLAS_WORKSPACE_CONFIG']}")
    for path in (f"/proc/{os.getppid()}/comm", "/proc/self/oom_score_adj"):
        try:
            os.open(path, os.O_WRONLY)
            print(f"open for writing: {path}")
        except PermissionError:
            pass
    return np.tile(self.middle, (len(posts), 1))
"""


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@by_kernel
def test_a_cell_may_name_its_own_threads_as_the_driver_does_when_it_begins(
    world: World, tmp_path: Path
) -> None:
    assert world.run(write_baseline(tmp_path / "mine", "begins", BEGINS)).problems == []
    (stored,) = world.results().values()
    told = (stored.folder / "log.txt").read_text()
    assert "naming: 0 event handler, :4096:8\n" in told
    assert "open for writing" not in told


ON = """
def predict(self, posts):
    import torch
    print("torch is on", torch.zeros(1, device="cuda").device)
    return np.tile(self.middle, (len(posts), 1))
"""


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded")
@on_gpu
def test_cuda_begins_in_a_cell(world: World, tmp_path: Path) -> None:
    assert world.run(write_baseline(tmp_path / "mine", "on", ON)).problems == []
    (stored,) = world.results().values()
    assert "torch is on cuda:0" in (stored.folder / "log.txt").read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("preloaded", "made_up_encoders")
@pytest.mark.parametrize(
    "name",
    ["mlp", "lstm", "transformer", "temporal_fusion_transformer", "category_embedding", "clip_adapter"],
)
@on_gpu
def test_networks_are_trained_on_a_gpu_and_come_to_the_same_twice(
    name: str, world: World, tmp_path: Path
) -> None:
    again = world.copied_to(tmp_path / "again")
    for one in (world, again):
        assert one.run(BASELINES / f"{name}.py").problems == []
    assert world.predictions() == again.predictions() != {}
    assert all("gpu" in stored.run.environment for stored in world.results().values() if stored.run.sound)


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
