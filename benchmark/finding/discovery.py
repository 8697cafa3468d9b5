"""Finding baselines: one file each, described without being run here, unavailable with a reason when it
cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark import PROJECT
from benchmark.baseline import Baseline
from benchmark.declared.naming import check_baseline_name, check_variant_name
from benchmark.described import Described, Needs
from benchmark.errors import BaselineError, SmpbenchError, UnknownName
from benchmark.finding.code import code_hash, own_files
from benchmark.finding.describing import described_files, needs_of

FOLDER = PROJECT / "baselines"


@dataclass(frozen=True)
class Found:
    """A baseline's file, and either what it says of itself or the reason why it cannot be used."""

    name: str
    path: Path
    described: Described | None
    unavailable: str | None = None
    _needs: dict[str, Needs] = field(default_factory=dict, compare=False, repr=False)

    @property
    def told(self) -> Described:
        """What it says of itself.

        Raises:
            BaselineError: it cannot be used.
        """
        if self.described is None:
            raise BaselineError(f"baseline '{self.name}' is unavailable: {self.unavailable}")
        return self.described

    @property
    def summary(self) -> str:
        return self.described.summary if self.described else ""

    @property
    def family(self) -> str:
        return self.described.family if self.described else Baseline.family

    @property
    def code(self) -> str:
        """sha256 over the code that a cell of it runs, and over the files that it reads."""
        code = code_hash(self.path)
        if not (files := self.beside()):
            return code
        digest = hashlib.sha256(code.encode())
        for path in files:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if file.is_file():
                    digest.update(f"{file.relative_to(self.path.parent)}\0".encode())
                    digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def reads(self) -> tuple[list[Path], list[Path]]:
        """Files and folders that a cell of it reads beside what it is handed and libraries, and folders that
        it looks for modules in.

        Raises:
            BaselineError: one that it names is not there, or not beside its own file.
        """
        own = own_files(self.path)
        return [*own, *self.beside()], sorted({file.parent for file in own})

    def beside(self) -> list[Path]:
        """The files and folders that the baseline names in `files`. Raises as `reads`."""
        folder = self.path.parent
        found = []
        for name in self.told.files:
            path = (folder / name).resolve()
            if not path.is_relative_to(folder) or path == folder or not path.exists():
                raise BaselineError(f"{self.path}: `files` names '{name}', which is not in {folder}")
            found.append(path)
        return found

    def placed(self, folder: Path) -> Path:
        """The file that a worker loads it from; one that has none yet is written into the cell's `folder`."""
        return self.path

    def needs(self, settings: Mapping[str, Any]) -> Needs:
        """What it needs with these settings. Raises BaselineError: it cannot say."""
        self.ask([settings])
        return self._needs[repr(settings)]

    def ask(self, every: Sequence[Mapping[str, Any]]) -> None:
        """Learn at once what it needs with each of these settings."""
        told = self.told
        self._needs.update({repr(of): told.variants_need[name] for name, of in told.variants.items()})
        unknown = [settings for settings in every if repr(settings) not in self._needs]
        for settings, needs in zip(unknown, self._asked(unknown) if unknown else [], strict=True):
            self._needs[repr(settings)] = needs

    def _asked(self, every: Sequence[Mapping[str, Any]]) -> list[Needs]:
        return needs_of(self.path, every)


def baseline_files(folder: Path = FOLDER) -> dict[str, Path]:
    """The file of every baseline in a folder, by name; one that starts with an underscore is shared code."""
    return {path.stem: path.resolve() for path in sorted(folder.glob("[!_]*.py"))}


def discover(folder: Path = FOLDER) -> dict[str, Found]:
    """Every baseline in a folder, by name."""
    return {found.name: found for found in load_all(baseline_files(folder).values())}


def find(spec: str, files: Mapping[str, Path]) -> Found:
    """A baseline by name, of these files, or by the path of its own.

    Raises:
        UnknownName: with the nearest known names.
        BaselineError: there is no such file.
    """
    if spec in files:
        return load(files[spec])
    path = Path(spec)
    if spec.endswith(".py"):
        if not path.is_file():
            raise BaselineError(f"no baseline file at {spec} (looked for {path.absolute()})")
        return load(path)
    if path.exists() and (path.is_file() or len(path.parts) > 1):
        raise BaselineError(f"{spec} is no baseline: that is a file that ends in .py, or a name")
    if len(path.parts) > 1:
        raise BaselineError(f"nothing is at {path.absolute()}")
    raise UnknownName("baseline", spec, files)


def load(path: Path) -> Found:
    """A baseline's file. Whatever its import raises becomes the reason why it is unavailable."""
    return load_all([path])[0]


def load_all(paths: Iterable[Path]) -> list[Found]:
    """As `load`, of several files at once."""
    paths = [path.resolve() for path in paths]
    found = []
    for path, said in described_files(paths).items():
        if isinstance(said, Described) and not (problem := _problem(path, said)):
            found.append(Found(path.stem, path, said))
        else:
            found.append(Found(path.stem, path, None, problem if isinstance(said, Described) else str(said)))
    return found


def _problem(path: Path, said: Described) -> str:
    """Why no rows can be called after a baseline and its variants; empty if they can."""
    try:
        check_baseline_name(path.stem, path)
        for variant in said.variants:
            check_variant_name(variant, path)
    except SmpbenchError as error:
        return str(error)
    return ""
