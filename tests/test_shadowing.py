"""`datasets/` holds declarations: it must never be imported in place of the library of that name."""

from __future__ import annotations

import os
import subprocess
import sys

from raw_layouts import ROOT

ASK = """
import importlib.util
spec = importlib.util.find_spec("datasets")
print(spec and (spec.origin or list(spec.submodule_search_locations)))
"""


def found(*options: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", ASK],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_from_the_checkout_the_name_datasets_means_the_library_or_nothing() -> None:
    """As the Makefile runs everything: Python adds no folder of its own to the search path."""
    where = found(PYTHONSAFEPATH="1")
    assert where == "None" or "site-packages" in where


def test_the_makefile_exports_the_safe_path() -> None:
    assert "export PYTHONSAFEPATH := 1" in (ROOT / "Makefile").read_text()


def test_the_folder_is_no_regular_package_which_would_win_over_an_installed_one() -> None:
    assert not (ROOT / "datasets" / "__init__.py").exists()
    assert not list((ROOT / "datasets").glob("*/__init__.py"))


def test_no_conftest_at_the_root_puts_the_checkout_on_the_search_path() -> None:
    assert not (ROOT / "conftest.py").exists()
