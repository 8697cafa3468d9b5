"""The lock: every file that is installed has a hash there, and what is asked for has a line."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
from raw_layouts import ROOT

from tools.locked import LockError, asked, normalised, part, pins

PYPROJECT = (ROOT / "pyproject.toml").read_text()
LOCK = (ROOT / "requirements.lock").read_text()
A, B = "a" * 64, "b" * 64
SMALL = f"""\
# This file was written by a program
bread==1.2 \\
    --hash=sha256:{A} \\
    --hash=sha256:{B}
    # via
    #   bakery (pyproject.toml)
    #   toast
flour==3.0 ; python_full_version < '3.12' \\
    --hash=sha256:{A}
    # via bread
flour==3.1 ; python_full_version >= '3.12' \\
    --hash=sha256:{B}
    # via bread
jam==0.1 \\
    --hash=sha256:{A}
    # via bakery (pyproject.toml)
"""


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return tomllib.loads(PYPROJECT)


def test_every_pin_has_a_hash_and_every_line_is_part_of_a_pin() -> None:
    found = pins(LOCK)
    assert len(found) > 150
    assert all(pin.hashes for pin in found)
    assert sum(len(pin.hashes) for pin in found) == LOCK.count("--hash=sha256:")


def test_a_pin_tells_version_marker_hashes_and_who_asks_for_it() -> None:
    bread, old, new, _ = pins(SMALL)
    assert (bread.name, bread.version, bread.marker) == ("bread", "1.2", None)
    assert bread.hashes == (f"sha256:{A}", f"sha256:{B}")
    assert bread.wanted_by == ("bakery", "toast")
    assert (old.marker, new.marker) == ("python_full_version < '3.12'", "python_full_version >= '3.12'")


def test_a_part_holds_what_is_asked_for_and_what_that_asks_for() -> None:
    assert [(pin.name, pin.version) for pin in part(pins(SMALL), {"bread"})] == [
        ("bread", "1.2"),
        ("flour", "3.0"),
        ("flour", "3.1"),
    ]
    assert [pin.name for pin in part(pins(SMALL), {"jam"})] == ["jam"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("jam==0.1\n    # via toast\n", r"jam==0\.1 has no hash\. Run `make lock`"),
        ("jam>=0.1\n", r"line 1: 'jam>=0\.1' is no part of a pin"),
        (f"jam==0.1 \\\n    --hash=md5:{A}\n", "line 2: .* is no part of a pin"),
    ],
)
def test_a_line_that_pins_nothing_is_refused(written: str, told: str) -> None:
    with pytest.raises(LockError, match=told):
        pins(written)


def test_a_package_without_a_line_and_an_unknown_extra_are_named() -> None:
    with pytest.raises(LockError, match=r"'butter' has no line in requirements\.lock\. Run `make lock`"):
        part(pins(SMALL), {"butter"})
    with pytest.raises(LockError, match=r"the project has no extra 'rays'; known: .*dev.*ray"):
        asked(PYPROJECT, ["rays"])


def test_what_the_project_and_each_extra_ask_for_is_in_the_lock(declared: dict[str, Any]) -> None:
    extras = list(declared["project"]["optional-dependencies"])
    whole = {pin.name for pin in part(pins(LOCK), asked(PYPROJECT, extras))}
    assert whole == {pin.name for pin in pins(LOCK)}
    for extra in extras:
        wanted = {normalised(line) for line in declared["project"]["optional-dependencies"][extra]}
        assert wanted <= {pin.name for pin in part(pins(LOCK), asked(PYPROJECT, [extra]))}


def test_what_builds_the_project_and_what_installs_it_are_in_the_lock() -> None:
    """The project is built with the setuptools installed before, and uv itself comes by its own line."""
    assert {"setuptools", "uv"} <= {pin.name for pin in part(pins(LOCK), asked(PYPROJECT, ["dev"]))}


def test_a_package_that_only_an_extra_asks_for_is_left_out_without_it() -> None:
    def names(*extras: str) -> set[str]:
        return {pin.name for pin in part(pins(LOCK), asked(PYPROJECT, extras))}

    assert names() < names("dev") and "pytest" in names("dev") - names()
    assert "ray" in names("ray") - names("catboost")


def test_it_is_printed_by_a_bare_python_as_the_installer_reads_it() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "tools" / "locked.py"), "--only", "uv"],
        capture_output=True,
        text=True,
        check=True,
    )
    (uv,) = pins(done.stdout)
    assert uv.name == "uv" and f"{uv.text}\n" in LOCK


def test_make_install_requires_the_hashes_and_builds_nothing_but_the_project() -> None:
    makefile = (ROOT / "Makefile").read_text()
    installs = re.findall(r"^\t.*(?:pip install|\$\(UV_INSTALL\)) .*$", makefile, flags=re.MULTILINE)
    assert len(installs) == 3
    *hashed, project = sorted(installs, key=lambda line: "--editable" in line)
    assert all("--require-hashes" in line and "tools/locked.py" in line for line in hashed)
    assert "--no-deps --no-build-isolation --editable ." in project
    assert "--generate-hashes" in makefile


def test_no_address_of_a_registry_stands_in_the_lock() -> None:
    assert "://" not in LOCK and "index-url" not in LOCK
