"""Jobs: a run whose cells and encoders are other processes, as an engine has them, comes to the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from worlds import BASELINES, MadeUpEncoder, World, write_baseline

from benchmark import PROJECT
from benchmark.encoders.cache import FeatureCache
from benchmark.errors import SmpbenchError, StoreError
from benchmark.jobs.engine import Ended, Lost
from benchmark.jobs.job import ShardsJob, read_job, write_job
from benchmark.jobs.sameness import check_same, here
from engines.process import run_job

IDS = [str(number) for number in range(10)]
TEXTS = [f"text {number}" for number in range(10)]


@dataclass
class Here:
    """An engine of this machine; `losing` jobs are lost before it does what it is asked for."""

    losing: int = 0
    name: str = "here"
    slots: int = 2
    jobs: list[str] = field(default_factory=list)

    def do(self, job: Path, stop: threading.Event) -> Ended:
        self.jobs.append(job.name)
        if len(self.jobs) <= self.losing:
            raise Lost("its node was lost")
        told = run_job(str(job))
        return Ended(told["code"], told["told"], told["node"])


def shards_job(folder: Path, **changed: object) -> ShardsJob:
    job = ShardsJob(
        card=folder / "card.toml",
        home=folder,
        raw_roots=(),
        same=here(),
        profile="bundled",
        encoding="text",
        content="0" * 64,
        shards=(0, 3),
        threads=1,
    )
    return job.model_copy(update=changed)


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    job = shards_job(tmp_path)
    write_job(job, tmp_path / "jobs" / "1.json")
    assert read_job(tmp_path / "jobs" / "1.json") == job


def test_a_job_out_of_sight_says_that_the_home_must_be_shared(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Every node must see the home of the run under the same path"):
        read_job(tmp_path / "1.json")


def test_half_a_job_is_refused_with_its_file(tmp_path: Path) -> None:
    write_job(shards_job(tmp_path), tmp_path / "1.json")
    (tmp_path / "1.json").write_text((tmp_path / "1.json").read_text()[:100])
    with pytest.raises(StoreError, match=r"1\.json: is no job"):
        read_job(tmp_path / "1.json")


def test_a_node_with_another_library_is_refused_with_both_versions() -> None:
    with pytest.raises(SmpbenchError, match=r"node far is not as .*: numpy 1\.0, not "):
        check_same(here(), "far", here() | {"numpy": "1.0"})
    check_same(here(), "near")


class Cached:
    """Texts that are encoded in shards of 4."""

    def __init__(self, home: Path) -> None:
        self.cache, self.encoder = FeatureCache(home, shard_rows=4), MadeUpEncoder("text")
        self.encoded: list[int] = []
        honest = self.encoder.encode

        def counting(items: list[str]):  # type: ignore[no-untyped-def]
            self.encoded.append(len(items))
            return honest(items)

        self.encoder.encode = counting  # type: ignore[method-assign, assignment]

    @property
    def folder(self) -> Path:
        return self.cache.folder(self.encoder, "set", "c" * 64)

    def write(self, numbers: list[int]) -> None:
        self.cache.write_shards(self.encoder, "set", "c" * 64, TEXTS, numbers)

    def ensure(self, elsewhere=None) -> np.ndarray:  # type: ignore[no-untyped-def]
        found = self.cache.ensure(self.encoder, "set", "c" * 64, IDS, TEXTS, elsewhere=elsewhere)
        return found.rows(np.arange(len(IDS)))


def test_shards_that_another_process_has_written_are_taken_over(tmp_path: Path) -> None:
    alone, shared = Cached(tmp_path / "alone"), Cached(tmp_path / "shared")
    wanted = alone.ensure()
    asked: list[int] = []

    def elsewhere(numbers: list[int]) -> None:
        asked.extend(numbers)
        shared.write(numbers)
        shared.encoded.clear()

    assert shared.ensure(elsewhere).tobytes() == wanted.tobytes()
    assert asked == [0, 1, 2]
    assert shared.encoded == []
    assert not list(shared.folder.glob("shard-*.json")), "their pages go into the manifest"


def test_a_shard_that_does_not_come_is_encoded_here(tmp_path: Path) -> None:
    alone, shared = Cached(tmp_path / "alone"), Cached(tmp_path / "shared")

    def elsewhere(numbers: list[int]) -> None:
        shared.write(numbers[:2])
        shared.encoded.clear()

    assert shared.ensure(elsewhere).tobytes() == alone.ensure().tobytes()
    assert shared.encoded == [2]


@pytest.mark.slow
@pytest.mark.parametrize("poison", ["half", "empty", "flipped", "numbers", "page", "other"])
def test_a_shard_that_is_not_what_its_page_says_is_encoded_anew(tmp_path: Path, poison: str) -> None:
    alone, shared = Cached(tmp_path / "alone"), Cached(tmp_path / "shared")

    def elsewhere(numbers: list[int]) -> None:
        shared.write(numbers)
        shared.encoded.clear()
        shard, page = shared.folder / "shard-00001.npy", shared.folder / "shard-00001.json"
        data = shard.read_bytes()
        if poison == "half":
            shard.write_bytes(data[: len(data) // 2])
        elif poison == "empty":
            shard.write_bytes(b"")
        elif poison == "flipped":
            shard.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        elif poison == "numbers":  # with a page that tells of it: NaN is no vector
            from benchmark.files import sha256_of

            np.save(shard, np.full((4, shared.encoder.dim + 1), np.nan, np.float16))
            page.write_text(json.dumps(json.loads(page.read_text()) | {"sha256": sha256_of(shard)}))
        elif poison == "page":
            page.write_text("{")
        else:
            told = json.loads(page.read_text())
            page.write_text(json.dumps(told | {"inputs": "0" * 64}))

    assert shared.ensure(elsewhere).tobytes() == alone.ensure().tobytes()
    assert shared.encoded == [4]


@pytest.mark.slow
def test_a_process_ends_with_the_one_that_has_started_it() -> None:
    code = "import os; from engines.doing import end_with; end_with(os.getppid() + 1); print('goes on')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT)
    assert ended.returncode == 1
    assert "goes on" not in ended.stdout


@pytest.fixture
def nodes_find_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(PROJECT), *filter(None, [os.getenv("PYTHONPATH")])])
    )


@pytest.mark.slow
@pytest.mark.usefixtures("nodes_find_the_project")
def test_predictions_through_an_engine_are_byte_for_byte_those_of_a_run_without(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world").with_only("one", "frozen")
    other = world.copied_to(tmp_path / "other")
    naive, ridge = BASELINES / "recent_median.py", BASELINES / "ridge.py"
    assert world.run(naive, ridge, told_threads=1).counts == {"ok": 2}
    engine = Here(losing=1)
    summary = other.run(naive, ridge, engine=engine, told_threads=1)
    assert summary.counts == {"ok": 2}
    assert summary.problems == []
    assert len(engine.jobs) == 5, "two encoders and two cells, and one job was given away again"
    assert {name: t.to_pydict() for name, t in other.predictions().items()} == {
        name: t.to_pydict() for name, t in world.predictions().items()
    }
    told = {one.run.environment["engine"] for one in other.results().values()}
    assert told == {"here"}
    assert not (other.home / "jobs").exists()
    assert other.run(naive, ridge, engine=Here()).counts == {"reused": 2}


@pytest.mark.slow
@pytest.mark.usefixtures("nodes_find_the_project")
def test_a_cell_whose_node_is_always_lost_is_a_problem_and_no_row(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world").with_only("one", "frozen")
    summary = world.run(BASELINES / "recent_median.py", engine=Here(losing=99))
    assert summary.counts == {"lost": 1}
    assert "its node was lost" in summary.problems[0]
    assert world.results() == {}
    assert world.run(BASELINES / "recent_median.py", engine=Here()).counts == {"ok": 1}


@pytest.mark.slow
@pytest.mark.usefixtures("nodes_find_the_project")
def test_a_baseline_that_fails_is_a_row_that_says_so_and_not_given_away_again(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world").with_only("one", "frozen")
    broken = write_baseline(tmp_path, "broken", "def predict(self, posts):\n    raise ValueError('no idea')")
    engine = Here()
    summary = world.run(broken, engine=engine)
    assert summary.counts == {"failed": 1}
    assert "no idea" in summary.problems[0]
    assert len(engine.jobs) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("nodes_find_the_project")
def test_a_node_with_other_code_does_nothing(tmp_path: Path) -> None:
    world = World.make(tmp_path / "world").with_only("one", "frozen")
    world.run(BASELINES / "recent_median.py", engine=Here(losing=99))
    (job,) = (world.home / "jobs").rglob("*.json")
    write_job(replace_same(job), job)
    told = run_job(str(job))
    assert told["code"] == os.EX_TEMPFAIL
    assert "numpy" in told["told"]
    assert world.results() == {}


def replace_same(path: Path):  # type: ignore[no-untyped-def]
    job = read_job(path)
    return job.model_copy(update={"same": job.same | {"numpy": "0.1"}})
