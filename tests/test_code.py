"""The code in a result's key: what runs counts, and nothing else does."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path

import pytest
from worlds import BASELINES, write_baseline

from benchmark.finding import code
from benchmark.finding.code import code_hash, form
from benchmark.finding.discovery import load

pytestmark = pytest.mark.slow


def test_modules_beside_a_users_own_file_can_be_imported_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))  # restores the search path afterwards
    path = write_baseline(tmp_path, "mine", "")
    path.write_text("import my_constants\n" + path.read_text())
    (tmp_path / "my_constants.py").write_text("A = 1\n")
    assert load(path).unavailable is None
    before = code_hash.__wrapped__(path)
    (tmp_path / "my_constants.py").write_text("A = 2\n")
    assert code_hash.__wrapped__(path) != before


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's code, to be changed."""
    for package in ("benchmark", "baselines", "smpbench"):
        shutil.copytree(
            code.PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    monkeypatch.setattr(code, "PROJECT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("baselines/recent_median.py", True),
        ("baselines/parts/known.py", True),  # imported
        ("baselines/parts/categories.py", True),
        ("benchmark/history.py", True),  # imported, lazily, by what it imports
        ("benchmark/worker.py", True),
        ("baselines/ridge.py", False),
        ("smpbench/cli/main.py", False),
        ("benchmark/run/progress.py", False),
    ],
)
def test_the_code_hash_changes_with_whatever_the_baseline_runs_and_nothing_else(
    copy: Path, changed: str, counts: bool
) -> None:
    path = copy / "baselines" / "recent_median.py"
    before = code_hash.__wrapped__(path)
    assert code_hash.__wrapped__(path) == before
    with (copy / changed).open("a") as file:
        file.write("\nCHANGED = 1\n")
    assert (code_hash.__wrapped__(path) != before) is counts


def test_the_code_hash_is_the_same_wherever_the_checkout_lies(copy: Path) -> None:
    moved = code_hash.__wrapped__(copy / "baselines" / "recent_median.py")
    code.PROJECT = BASELINES.parent  # undone with the fixture
    assert code_hash.__wrapped__(BASELINES / "recent_median.py") == moved


FUNCTION = """
import math
from typing import TYPE_CHECKING

EDGE = 1

def root(x: float) -> float:
    if x < 0:
        raise ValueError(f"{x} has no root")
    assert x < 1e9, "too large"
    return math.sqrt(x) + EDGE
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("EDGE = 1\n", "EDGE = 1  # of the plane\n"),
        ("EDGE = 1\n", 'EDGE = 1\n"""Of the plane."""\n'),
        ("    if x < 0:", '    """The root of x."""\n    if x < 0:'),
        ("    if x < 0:", "    if (\n        x < 0\n    ):"),
        ("(x: float) -> float", "(x: int)"),
        ('f"{x} has no root"', '"a negative number has no root"'),
        ('"too large"', 'f"{x} is too large"'),
        ("EDGE = 1", "if TYPE_CHECKING:\n    from benchmark import Posts\n\nEDGE = 1"),
    ],
)
def test_what_changes_nothing_that_is_computed_changes_no_key(before: str, after: str) -> None:
    assert before in FUNCTION
    assert form(FUNCTION.encode()) == form(FUNCTION.replace(before, after).encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("EDGE = 1", "EDGE = 1.0"),
        ("EDGE = 1", "EDGE = True"),
        ("EDGE = 1", "EDGE = '1'"),
        ("EDGE = 1", "EDGE = None"),
        ("import math", "import cmath as math"),
        ("x < 0", "x <= 0"),
        ("ValueError", "TypeError"),
        ("x < 1e9", "x < 1e8"),
        ("(x: float)", "(x: float = 0)"),
        ("math.sqrt(x) + EDGE", "EDGE + math.sqrt(x)"),
        ("EDGE = 1\n", "EDGE = 1\nprint(EDGE)\n"),
    ],
)
def test_what_is_computed_changes_the_key(before: str, after: str) -> None:
    assert before in FUNCTION
    assert form(FUNCTION.encode()) != form(FUNCTION.replace(before, after).encode())


def test_an_annotation_that_makes_a_field_counts() -> None:
    setting = textwrap.dedent("""
        class Mine(Baseline):
            alpha: float = 1
    """)
    assert form(setting.encode()) != form(setting.replace("float", "ClassVar[float]").encode())
