"""A class that no file holds goes to its worker by value, and all that it uses is in the key of its row."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doors import asked, made_up
from raw_layouts import ROOT
from worlds import write_baseline

import smpbench as smp
from benchmark.errors import BaselineError, SmpbenchError
from benchmark.finding.sent import Sent

pytestmark = pytest.mark.slow

SHIFT = 0.5


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory, preloaded: None) -> smp.Task:
    folder = tmp_path_factory.mktemp("objects")
    made_up(folder)
    return asked(folder)


class Shifted(smp.Baseline):
    """The median, shifted."""

    wants = {"tags", "place", "category"}
    by: float = 1.0

    def fit(self, train: smp.Posts, y: np.ndarray) -> None:
        self.middle = np.median(y, axis=0) + self.by * SHIFT

    def predict(self, posts: smp.Posts) -> np.ndarray:
        return np.tile(self.middle, (len(posts), 1))


def test_a_class_or_an_instance_becomes_a_row(task: smp.Task) -> None:
    row = smp.evaluate(Shifted, task, quiet=True)
    assert row.name == "shifted"
    other = smp.evaluate(Shifted(by=3.0), task, quiet=True)
    assert other.name == "shifted:by=3.0"
    gap = other.predictions["likes"] - row.predictions["likes"]
    assert np.allclose(gap, 2 * SHIFT)
    assert {"shifted", "shifted:by=3.0"} <= set(smp.leaderboard(task)["row"])


def test_the_name_can_be_chosen(task: smp.Task) -> None:
    assert smp.evaluate(Shifted(), task, name="my_median", quiet=True).name == "my_median"


def test_what_is_the_same_is_found_finished(task: smp.Task, capsys: pytest.CaptureFixture[str]) -> None:
    smp.evaluate(Shifted(), task, quiet=True)
    smp.evaluate(Shifted(), task)
    assert "shifted on trial/one frozen: found finished" in capsys.readouterr().err


def test_a_global_that_changes_is_another_row(task: smp.Task, monkeypatch: pytest.MonkeyPatch) -> None:
    before = smp.evaluate(Shifted(), task, name="global", quiet=True)
    monkeypatch.setattr(sys.modules[__name__], "SHIFT", 1.5)
    after = smp.evaluate(Shifted(), task, name="global", quiet=True)
    assert np.allclose(after.predictions["likes"] - before.predictions["likes"], 1.0)


@pytest.mark.parametrize("name", ["ridge", "ceiling", "My-Model", ""])
def test_a_name_of_the_projects_own_or_none_is_refused(task: smp.Task, name: str) -> None:
    with pytest.raises(SmpbenchError, match=r"is no name for a row|the project has a row") as error:
        smp.evaluate(Shifted(), task, name=name or "-")
    assert "Choose another name" in str(error.value) or "is no name" in str(error.value)


def test_a_name_stays_with_its_class(task: smp.Task, tmp_path: Path) -> None:
    class Other(smp.Baseline):
        def fit(self, train: smp.Posts, y: np.ndarray) -> None: ...

    smp.evaluate(Shifted(), task, name="taken", quiet=True)
    with pytest.raises(
        BaselineError, match=r"the name 'taken' is that of another row .*, made by Shifted. Give"
    ):
        smp.evaluate(Other(), task, name="taken")
    smp.evaluate(write_baseline(tmp_path, "in_a_file", ""), task, quiet=True)
    with pytest.raises(BaselineError, match="made by a file or a model outside"):
        smp.evaluate(Other(), task, name="in_a_file")


def test_the_projects_own_class_is_the_row_of_the_project(task: smp.Task) -> None:
    found = importlib.import_module("baselines.global_median")
    assert smp.evaluate(found.GlobalMedian(), task, quiet=True).name == "global_median"


def test_an_instance_that_was_fitted_is_refused(task: smp.Task) -> None:
    fitted = Shifted()
    fitted.middle = np.zeros(1)
    with pytest.raises(BaselineError, match=r"this Shifted holds middle beside its settings"):
        smp.evaluate(fitted, task)


def test_a_setting_that_cannot_be_written_down_is_refused(task: smp.Task) -> None:
    with pytest.raises(BaselineError, match=r"Shifted.by = array\(.*a setting is a number"):
        smp.evaluate(Shifted(by=np.zeros(1)), task)  # type: ignore[arg-type]


def test_what_cannot_be_sent_is_refused_with_what_to_do(task: smp.Task) -> None:
    lock = threading.Lock()

    class Holding(smp.Baseline):
        def fit(self, train: smp.Posts, y: np.ndarray) -> None:
            lock.acquire()

    with pytest.raises(BaselineError, match=r"Holding cannot be sent to the process .*Put it in a file"):
        smp.evaluate(Holding(), task)


def test_a_failure_in_the_class_names_the_place(task: smp.Task) -> None:
    class Failing(smp.Baseline):
        def fit(self, train: smp.Posts, y: np.ndarray) -> None:
            raise RuntimeError("no idea")

    with pytest.raises(BaselineError, match=r"RuntimeError: no idea \(.*test_door_objects.py:\d+\)"):
        smp.evaluate(Failing(), task, quiet=True)


# What is in the key: a module is made anew of a text, as a cell of a notebook is.

CELL = '''
import math
from benchmark import Baseline
import helper_of_mine
from baselines.parts.level import RecentLevel

EDGE = 1.0
WORDS = {"sun", "sea", "city"}

def root(x):
    return math.sqrt(x) + EDGE

class Mine(Baseline):
    """A model."""
    wants = {"text", "image"}
    alpha: float = 1.0

    def fit(self, train, y):
        import lazily_of_mine
        self.m = root(self.alpha) + helper_of_mine.half(2) + lazily_of_mine.A if "sun" in WORDS else 0

    def predict(self, posts):
        return RecentLevel
'''


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with modules of the user's own, from which the cell imports."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "helper_of_mine.py").write_text("def half(x):\n    return x / 2\n")
    (tmp_path / "lazily_of_mine.py").write_text("A = 1\n")
    yield tmp_path
    for name in ("helper_of_mine", "lazily_of_mine", "__main__mine"):
        sys.modules.pop(name, None)


def code(cell: str, *, file: str = "/tmp/cell.py") -> str:
    """The code in the key of the cell's class, which is known by no module."""
    sys.modules.pop("helper_of_mine", None)
    importlib.invalidate_caches()
    known: dict[str, Any] = {"__name__": "__main__", "__file__": file}
    exec(compile(cell, file, "exec"), known)
    return Sent.of("mine", known["Mine"]).code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("EDGE = 1.0", "EDGE = 2.0"),
        ("EDGE = 1.0", "EDGE = True"),
        ("math.sqrt(x)", "math.cbrt(x)"),
        ("alpha: float = 1.0", "alpha: float = 2.0"),
        ('wants = {"text", "image"}', 'wants = {"text"}'),
        ('"city"}', '"town"}'),
        ("self.m = root", "self.n = root"),
        ("half(2)", "half(3)"),
        ("return RecentLevel", "return None"),
        ('"sun" in WORDS', '"sea" in WORDS'),
    ],
)
def test_what_is_computed_changes_the_key(beside: Path, before: str, after: str) -> None:
    assert before in CELL
    assert code(CELL) == code(CELL)
    assert code(CELL) != code(CELL.replace(before, after))


@pytest.mark.parametrize("name", ["helper_of_mine.py", "lazily_of_mine.py"])
def test_a_module_beside_it_that_changes_changes_the_key(beside: Path, name: str) -> None:
    before = code(CELL)
    (beside / name).write_text((beside / name).read_text().replace("2", "3").replace("1", "4"))
    assert code(CELL) != before


def test_the_projects_code_that_it_uses_is_in_the_key(beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_level = code(CELL)
    files: list[set[str]] = []
    original = sys.modules["benchmark.finding.sent"].closure_hash  # type: ignore[attr-defined]

    def noted(paths: list[Path]) -> str:
        files.append({path.name for path in paths})
        return original(paths)  # type: ignore[no-any-return]

    monkeypatch.setattr("benchmark.finding.sent.closure_hash", noted)
    assert code(CELL) == with_level
    assert {"level.py", "baseline.py", "helper_of_mine.py", "lazily_of_mine.py"} <= files[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "changed",
    [
        CELL.replace("    def fit", "    # as ever\n\n    def fit"),
        "\n\n\n" + CELL,
        CELL.replace('{"text", "image"}', '{"image", "text"}'),
        CELL.replace("EDGE = 1.0", "UNUSED = 3\nEDGE = 1.0"),
    ],
)
def test_what_changes_nothing_that_is_computed_changes_no_key(beside: Path, changed: str) -> None:
    assert code(CELL) == code(changed)


def test_where_the_cell_is_written_changes_no_key(beside: Path) -> None:
    assert code(CELL) == code(CELL, file="/tmp/ipykernel_77/1234.py")


def test_a_class_in_a_set_counts_by_its_body(beside: Path) -> None:
    cell = CELL.replace('WORDS = {"sun"', 'class Word:\n    size = 1\n\nWORDS = {Word, "sun"')
    assert code(cell) != code(cell.replace("size = 1", "size = 2"))


@pytest.mark.slow
def test_the_key_is_the_same_in_another_session_with_another_order_of_sets(beside: Path) -> None:
    script = textwrap.dedent(f"""
        import sys
        sys.path[:0] = [{str(ROOT)!r}, {str(beside)!r}]
        known = {{"__name__": "__main__", "__file__": sys.argv[1]}}
        exec(compile({CELL!r}, sys.argv[1], "exec"), known)
        from benchmark.finding.sent import Sent
        print(Sent.of("mine", known["Mine"]).code)
        """)
    codes = set()
    for seed in ("1", "2", "3"):
        command = [sys.executable, "-c", script, f"/tmp/{seed}.py"]
        done = subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        codes.add(done.stdout)
    assert len(codes) == 1
