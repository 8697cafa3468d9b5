"""Finding baselines: one class a file, broken ones listed with the reason, results tied to the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import write_baseline

from benchmark.errors import BaselineError, UnknownName
from benchmark.finding.discovery import baseline_files, discover, find


def test_every_baseline_of_the_project_is_available_and_says_what_it_does() -> None:
    for name, found in discover().items():
        assert found.unavailable is None, name
        assert found.summary.endswith((".", ":")), name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("def fit(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("x = 1", "a file holds one public subclass of Baseline; found: none"),
        (
            "from benchmark import Baseline\nclass A(Baseline): ...\nclass B(Baseline): ...",
            "a file holds one public subclass of Baseline; found: A, B",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_listed_with_the_reason_and_the_rest_works(
    tmp_path: Path, source: str, reason: str
) -> None:
    (tmp_path / "broken.py").write_text(source)
    write_baseline(tmp_path, "sound", "")
    found = discover(tmp_path)
    assert found["broken"].described is None
    assert reason in str(found["broken"].unavailable)
    assert found["sound"].described is not None
    assert found["sound"].summary == "Written by a test."


def test_a_file_with_a_leading_underscore_and_a_private_class_are_no_baselines(tmp_path: Path) -> None:
    path = write_baseline(tmp_path, "sound", "")
    path.write_text(path.read_text() + "\nclass _Inner(Baseline): ...\n")
    (tmp_path / "_shared.py").write_text("1 / 0")
    assert list(discover(tmp_path)) == ["sound"]
    assert discover(tmp_path)["sound"].described is not None


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'recent_median'"):
        find("recnt_median", baseline_files())


def test_a_path_to_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="no baseline file at"):
        find(str(tmp_path / "nothing.py"), {})
