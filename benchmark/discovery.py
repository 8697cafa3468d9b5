"""Finding baselines: one file each, loaded by path, unavailable with a reason when their import fails."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmark import PROJECT
from benchmark.baseline import Baseline
from benchmark.errors import BaselineError, UnknownName

PACKAGES = ("benchmark", "baselines", "leaderboard")


@dataclass(frozen=True)
class Found:
    """A baseline's file, and either its class or the reason why it cannot be used."""

    name: str
    path: Path
    cls: type[Baseline] | None
    unavailable: str | None = None

    @property
    def summary(self) -> str:
        doc = inspect.getdoc(self.cls) if self.cls else None
        return (doc or "").partition("\n")[0]

    @property
    def family(self) -> str:
        return self.cls.family if self.cls else Baseline.family


def discover(folder: Path = PROJECT / "baselines") -> dict[str, Found]:
    """Every baseline in a folder, by name; files that start with an underscore are shared code."""
    return {path.stem: load(path) for path in sorted(folder.glob("[!_]*.py"))}


def find(spec: str, known: dict[str, Found]) -> Found:
    """A baseline by name, or by the path of its file.

    Raises:
        UnknownName: with the nearest known names.
    """
    if spec in known:
        return known[spec]
    if spec.endswith(".py"):
        path = Path(spec)
        if not path.is_file():
            raise BaselineError(f"no baseline file at {spec}")
        return load(path)
    raise UnknownName("baseline", spec, known)


def load(path: Path) -> Found:
    """Import a baseline's file. Whatever its import raises becomes the reason why it is unavailable."""
    path = path.resolve()
    try:
        cls = load_class(path)
    except (Exception, SystemExit) as error:
        return Found(path.stem, path, None, f"{type(error).__name__}: {error}")
    return Found(path.stem, path, cls)


def load_class(path: Path) -> type[Baseline]:
    """The one public `Baseline` subclass that a file defines.

    Raises:
        BaselineError: there is none, or more than one.
        Exception: whatever the import raises.
    """
    module_name = _module_name(path)
    if module_name in sys.modules and Path(inspect.getfile(sys.modules[module_name])) == path:
        module = sys.modules[module_name]
    else:
        if not path.is_relative_to(PROJECT) and str(path.parent) not in sys.path:
            sys.path.append(str(path.parent))  # modules beside a user's own file; last, to shadow nothing
        spec = importlib.util.spec_from_file_location(module_name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module  # dataclasses look their module up there
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[module_name]
            raise
    classes = [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Baseline)
        and value.__module__ == module_name
        and not name.startswith("_")
    ]
    if len(classes) != 1:
        names = ", ".join(cls.__name__ for cls in classes) or "none"
        raise BaselineError(f"{path}: a file holds one public subclass of Baseline; found: {names}")
    return classes[0]


@cache
def code_hash(path: Path) -> str:
    """sha256 over the baseline's source and every project module that it, or the worker, imports.

    Modules beside a user's own file count as the project's. Installed libraries do not; their versions are
    recorded with the result.
    """
    digest = hashlib.sha256()
    for file in sorted(_closure([path.resolve(), PROJECT / "benchmark" / "worker.py"])):
        label = file.relative_to(PROJECT) if file.is_relative_to(PROJECT) else Path(file.name)
        digest.update(f"{label}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _module_name(path: Path) -> str:
    if path.is_relative_to(PROJECT):
        return ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    return f"users_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def _closure(files: list[Path]) -> set[Path]:
    seen: set[Path] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += [module for module in _imports(file) if module not in seen]
    return seen


def _imports(file: Path) -> Iterator[Path]:
    """Project files that a file imports anywhere in it, lazily or not."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = file.parents[node.level - 1]
                names = [str(folder / base.replace(".", "/")), *(str(folder / a.name) for a in node.names)]
            else:
                names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _files_of(name, file.parent)


def _files_of(name: str, beside: Path) -> Iterator[Path]:
    """The files that make up a module of the project (with its packages' `__init__.py`), if it is one."""
    if name.startswith("/"):
        roots = [Path(name)]
    elif name.split(".")[0] in PACKAGES:
        parts = name.split(".")
        roots = [PROJECT.joinpath(*parts[: i + 1]) for i in range(len(parts))]
    else:
        roots = [] if beside.is_relative_to(PROJECT) else [beside.joinpath(*name.split("."))]
    for root in roots:
        for candidate in (root.with_suffix(".py"), root / "__init__.py"):
            if candidate.is_file():
                yield candidate.resolve()
