"""The arrows between files and rooms point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from rooms import KNOWN, PACKAGES, room

from benchmark import PROJECT

MAY_IMPORT = {
    "benchmark": {"benchmark"},
    "baselines": {"benchmark", "baselines"},
    "desk": {"benchmark", "desk"},
    "engines": {"benchmark", "engines"},
    "leaderboard": {"benchmark", "leaderboard"},
    "network": {"benchmark", "network"},
    "pitfalls": {"benchmark", "pitfalls"},
    "smpbench": {"benchmark", "desk", "engines", "leaderboard", "network", "pitfalls", "smpbench"},
    "tools": set(PACKAGES),
}


def imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Project modules that a file imports anywhere in it, for the type checker too."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            # `from package import module` is an arrow to the module.
            names = [one if one in known else str(node.module) for one in inside]
        else:
            continue
        yield from (one for one in names if one in known and one != name)


@pytest.fixture(scope="module")
def arrows() -> dict[str, set[str]]:
    """Name -> what it imports."""
    return {name: set(imported(name, path, KNOWN)) for name, path in KNOWN.items()}


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """Names that follow from each other, the first again at the end; empty if there are none."""
    done: set[str] = set()

    def walk(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(arrows.get(name, ())):
            if found := walk(other, [*way, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(arrows) if (found := walk(name, []))), [])


def test_no_files_import_each_other_in_a_circle(arrows: dict[str, set[str]]) -> None:
    assert circle(arrows) == []


def test_no_rooms_import_each_other_in_a_circle(arrows: dict[str, set[str]]) -> None:
    # A file that itself imports nothing (errors, files) is ground that every room stands on.
    between: dict[str, set[str]] = {}
    for name, others in arrows.items():
        between.setdefault(room(name), set()).update(room(one) for one in others if arrows[one])
    assert circle({one: others - {one} for one, others in between.items()}) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_know_only_what_lies_below_them(package: str, arrows: dict[str, set[str]]) -> None:
    for name, others in arrows.items():
        if name.split(".")[0] == package:
            assert {other.split(".")[0] for other in others} <= MAY_IMPORT[package], name


def test_no_file_of_code_lies_where_people_look() -> None:
    assert {path.name for path in (PROJECT / "leaderboard").glob("*.py")} == {"__init__.py"}
    assert not list((PROJECT / "datasets").glob("*.py"))


def test_no_room_holds_more_than_25_files() -> None:
    sizes: dict[str, int] = {}
    for path in KNOWN.values():
        sizes[str(path.parent)] = sizes.get(str(path.parent), 0) + 1
    assert {folder: n for folder, n in sizes.items() if n > 25} == {}


def test_the_check_for_circles_finds_one() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_no_test_imports_another() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_bytes())
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names]
        assert not [name for name in names if name.startswith("test_")], f"{path.name}: move what both need"
