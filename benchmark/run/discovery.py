"""Finding baselines: one file each, loaded by path, unavailable with a reason when their import fails."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path

from benchmark import PROJECT
from benchmark.baseline import Baseline
from benchmark.errors import BaselineError, UnknownName
from benchmark.loading import load_class
from benchmark.run.code import code_hash


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
    def code(self) -> str:
        """sha256 over the code that a cell of it runs."""
        return code_hash(self.path)

    def placed(self, folder: Path) -> Path:
        """The file that a worker loads it from; one that has none yet is written into the cell's `folder`."""
        return self.path

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
