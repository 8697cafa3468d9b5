"""Licences: what is required or brought along is under one that is allowed, and a copyleft one is found."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.licenses import InvalidLicenseExpression

from tools import licences
from tools.licences import ALLOWED, Reviewed, allowed, brought_along, licence_of, required

HASH = f"    --hash=sha256:{'0' * 64}"


def package(site: Path, name: str, *lines: str) -> Distribution:
    """A package that is installed, as far as its metadata go."""
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True)
    told = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines])
    (folder / "METADATA").write_text(f"{told}\n")
    (found,) = (one for one in distributions(path=[str(site)]) if one.metadata["Name"] == name)
    return found


@pytest.mark.slow
def test_everything_that_is_required_here_or_brought_along_is_allowed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert licences.main(["--brief"]) == 0
    assert "0 not allowed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("mit", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("LGPL-2.1-or-later", False),
        ("CC-BY-NC-4.0", False),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-2.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND (GPL-3.0-only OR Apache-2.0)", True),
        ("MIT OR GPL-3.0-only AND BSD-3-Clause", True),
        ("(MIT OR ISC) AND GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
    ],
)
def test_an_expression_is_allowed_as_far_as_its_parts_are(expression: str, fine: bool) -> None:
    assert allowed(expression) is fine


def test_what_is_no_expression_is_not_guessed_at() -> None:
    with pytest.raises(InvalidLicenseExpression):
        allowed("some licence")


@given(st.lists(st.sampled_from(sorted(ALLOWED)), min_size=1), st.data())
def test_one_licence_that_is_not_allowed_spoils_whatever_it_is_joined_to(
    names: list[str], data: st.DataObject
) -> None:
    assert allowed(" AND ".join(names)) and allowed(" OR ".join(names))
    spoilt = data.draw(st.permutations([*names, "GPL-3.0-or-later"]))
    assert not allowed(" AND ".join(spoilt))
    assert allowed(" OR ".join(spoilt))


@pytest.mark.parametrize(
    "lines",
    [
        ["License-Expression: GPL-3.0-or-later"],
        ["Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)"],
        ["License: GPLv3"],
        ["License: MIT", "Classifier: License :: OSI Approved :: GNU Affero General Public License v3"],
        ["License: GPL-3.0-only", "Classifier: License :: OSI Approved :: MIT License"],
        ["License: free for non-commercial use"],
        ["Classifier: License :: Other/Proprietary License"],
    ],
)
def test_a_package_under_another_licence_is_named_however_it_says_so(
    tmp_path: Path, lines: list[str]
) -> None:
    problem = licence_of(package(tmp_path, "copyleft", *lines)).problem
    assert problem is not None and problem.startswith("copyleft 1.0: ")


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT OR Apache-2.0"], "MIT OR Apache-2.0"),
        (["License-Expression: MIT", "License: UNKNOWN"], "MIT"),
        (
            ["Classifier: License :: OSI Approved :: BSD License", "License: Copyright (c) X\n        All"],
            "BSD-3-Clause",
        ),
        (["Classifier: License :: OSI Approved", "License: Apache 2.0"], "Apache-2.0"),
        (["License: MIT", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
    ],
)
def test_metadata_of_all_ages_are_understood(tmp_path: Path, lines: list[str], licence: str) -> None:
    found = licence_of(package(tmp_path, "fine", *lines))
    assert (found.licence, found.problem) == (licence, None)


def test_a_package_that_tells_nothing_takes_a_review_with_its_reason(tmp_path: Path) -> None:
    silent = package(tmp_path, "Silent.One", "License: UNKNOWN")
    assert licence_of(silent).problem == (
        "Silent.One 1.0: its metadata tell no licence. Read its licence, and add 'silent-one' with the "
        "reason to REVIEWED in tools/licences.py"
    )
    seen = licence_of(silent, {"silent-one": Reviewed("MIT", "its LICENSE file")})
    assert (seen.problem, seen.source) == (None, "reviewed: its LICENSE file")
    assert licence_of(silent, {"silent-one": Reviewed("GPL-2.0-only", "its LICENSE file")}).problem


def test_only_what_the_lock_has_is_judged(tmp_path: Path) -> None:
    package(tmp_path, "wanted", "License-Expression: GPL-3.0-only")
    package(tmp_path, "unwanted", "License-Expression: GPL-3.0-only")
    lock = f"elsewhere==1.0 \\\n{HASH}\nwanted==1.0 \\\n{HASH}\n"
    found, elsewhere = required(lock, [str(tmp_path)])
    assert [one.what for one in found] == ["wanted 1.0"] and elsewhere == ["elsewhere"]


def test_every_review_is_of_a_package_that_is_required() -> None:
    assert set(licences.REVIEWED) <= {one.name for one in licences.pins(licences.LOCK.read_text())}


@pytest.mark.parametrize(
    "name", ["page/vendor/chart.min.js", "page/vendor/deep/style.css", "page/Sans.WOFF2"]
)
def test_a_file_of_others_needs_a_known_licence_beside_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    beside = file.with_name(f"{file.name.split('.')[0]}.LICENSE")
    (found,) = brought_along(tmp_path)
    assert found.problem == f"{name}: its licence is to lie beside it, as {beside.name}"
    beside.write_text("GNU GENERAL PUBLIC LICENSE\nVersion 3")
    (found,) = brought_along(tmp_path)
    assert found.problem == f"{name}: {beside.name} is not one of the licences that are known by their text"
    beside.write_text(
        "Copyright X\n\nPermission is hereby granted, free of charge,\nto any person obtaining a copy of it"
    )
    (found,) = brought_along(tmp_path)
    assert (found.licence, found.problem) == ("MIT", None)
