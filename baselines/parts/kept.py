"""Kept: what a baseline has learnt, in a folder of plain files.

`learnt.json` has plain values and the sha256 of each file, its own content's among them; `learnt.safetensors`
has the arrays; what a library writes of its own has a file of its own. Nothing there is code, and nothing is
run. The checksums find what was damaged, not who has changed it on purpose.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmark.baseline import Baseline
from benchmark.errors import BaselineError, ModelError
from benchmark.files import is_plain, opened, write_atomically

VALUES, ARRAYS = "learnt.json", "learnt.safetensors"
FORMAT = 1
MEND = "Fit the model anew"

Plain = TypeVar("Plain")
KINDS = {"f": "floating-point numbers", "i": "whole numbers", "b": "truth values"}
"""Of arrays: those of numpy's `dtype.kind`."""


@dataclass
class Learnt:
    """What is to be written: arrays, plain values and files by name; a part's begin with its own name."""

    prefix: str = ""
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def part(self, name: str) -> Learnt:
        return Learnt(f"{self.prefix}{name}/", self.arrays, self.values, self.files)

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Raises BaselineError: its numbers are of a type that is not kept."""
        if array.dtype.kind not in KINDS:
            raise BaselineError(f"'{self.prefix}{name}' cannot be kept: it is an array of {array.dtype}")
        # The order in memory decides in which order a library adds up, and so the last digit.
        by_columns = array.flags.f_contiguous and not array.flags.c_contiguous
        self.arrays[f"{self.prefix}{name}{'.T' if by_columns else ''}"] = np.asarray(
            array.T if by_columns else array, order="C"
        )

    def tell(self, name: str, value: Any) -> None:
        """Raises BaselineError: it does not come back from JSON as it was."""
        try:
            same = orjson.loads(orjson.dumps(value)) == value
        except TypeError:
            same = False
        if not same:
            raise BaselineError(f"'{self.prefix}{name}' cannot be kept: JSON has no {value!r:.100}")
        self.values[f"{self.prefix}{name}"] = value

    def attach(self, name: str, content: bytes) -> None:
        self.files[name] = content

    def write(self, folder: Path, of: Baseline) -> None:
        from safetensors.numpy import save

        contents = {ARRAYS: save(self.arrays), **self.files}
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        told = {"format": FORMAT, **_about(of), "values": self.values, "files": sums}
        for name, content in contents.items():
            write_atomically(folder / name, content)
        # Last: a folder that has it has the rest.
        write_atomically(folder / VALUES, orjson.dumps({"learnt": told, "sha256": _sum(told)}))


@dataclass(frozen=True)
class Kept:
    """The same, read. Whatever is asked for and is not there as it should be is a ModelError."""

    folder: Path
    prefix: str
    arrays: dict[str, NDArray[Any]]
    values: dict[str, Any]
    files: dict[str, str]
    """Name -> sha256."""

    @classmethod
    def read(cls, folder: Path, of: Baseline) -> Self:
        """Raises ModelError: a file is missing, damaged, or of another baseline or other settings."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        told = _values(folder / VALUES, of)
        found = cls(folder, "", {}, told["values"], told["files"])
        try:
            arrays = load(found.attached(ARRAYS))
        except (SafetensorError, KeyError, ValueError) as error:
            raise ModelError(f"{folder / ARRAYS}: {error}. {MEND}") from None
        found.arrays.update(arrays)
        return found

    def part(self, name: str) -> Kept:
        return dataclasses.replace(self, prefix=f"{self.prefix}{name}/")

    def array(self, name: str, kind: str, *shape: int | None) -> NDArray[Any]:
        """kind: one of KINDS. shape: None where any size will do."""
        by_columns = f"{self.prefix}{name}.T" in self.arrays
        found = self.arrays.get(f"{self.prefix}{name}{'.T' if by_columns else ''}")
        if found is None:
            raise self.wrong(ARRAYS, f"it has no '{self.prefix}{name}'")
        found = found.T if by_columns else found
        sizes = zip(found.shape, shape, strict=False)
        if found.ndim != len(shape) or any(wanted not in (None, size) for size, wanted in sizes):
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise self.wrong(ARRAYS, f"'{self.prefix}{name}' has shape {found.shape}; wanted is ({wanted})")
        if found.dtype.kind != kind:
            raise self.wrong(ARRAYS, f"'{self.prefix}{name}' is of {found.dtype}; wanted are {KINDS[kind]}")
        return found

    def names(self) -> set[str]:
        """Of the arrays of this part."""
        every = (name.removesuffix(".T") for name in self.arrays)
        return {name.removeprefix(self.prefix) for name in every if name.startswith(self.prefix)}

    def has(self, name: str) -> bool:
        """Whether a value of this name was told."""
        return f"{self.prefix}{name}" in self.values

    def told(self, name: str, of: type[Plain]) -> Plain:
        value = self.values.get(f"{self.prefix}{name}")
        if not isinstance(value, of) or (isinstance(value, bool) and of is not bool):
            raise self.wrong(VALUES, f"'{self.prefix}{name}' is no {of.__name__}")
        return value

    def all_told(self, name: str, of: type[Plain]) -> list[Plain]:
        """A list of such values."""
        values = self.told(name, list)
        if not all(isinstance(value, of) for value in values):
            raise self.wrong(VALUES, f"'{self.prefix}{name}' has what is no {of.__name__}")
        return values

    def attached(self, name: str) -> bytes:
        """The content of a file, as it was written."""
        content = _content(self.folder / name)
        if hashlib.sha256(content).hexdigest() != self.files.get(name):
            raise self.wrong(name, "it is not as it was written")
        return content

    def wrong(self, file: str, problem: str) -> ModelError:
        return ModelError(f"{self.folder / file}: {problem}. {MEND}")


def _values(path: Path, of: Baseline) -> dict[str, Any]:
    def wrong(problem: str) -> ModelError:
        return ModelError(f"{path}: {problem}. {MEND}")

    try:
        read = orjson.loads(_content(path))
        told, written = read["learnt"], read["sha256"]
        same = _sum(told) == written
        format_, values, files = told["format"], told["values"], told["files"]
    except (ValueError, KeyError, TypeError) as error:
        raise wrong(f"it is not what `save` writes ({type(error).__name__}: {error})") from None
    if not same or not isinstance(values, dict) or not isinstance(files, dict):
        raise wrong("it is not as it was written")
    if format_ != FORMAT:
        raise wrong(f"it is of format {format_!r:.20}; this version reads {FORMAT}")
    for what, wanted in _about(of).items():
        if told.get(what) != wanted:
            raise wrong(f"its {what} is {told.get(what)!r:.300}; wanted is {wanted!r:.300}")
    return dict(told)


def _content(path: Path) -> bytes:
    if not is_plain(path):
        raise ModelError(f"{path}: there is no such file. {MEND}")
    try:
        with opened(path) as file:
            return file.read()
    except OSError as error:
        raise ModelError(f"{path}: it cannot be read ({error.strerror})") from None


def _about(of: Baseline) -> dict[str, Any]:
    """Whose it is, as JSON has it."""
    settings = {one.name: getattr(of, one.name) for one in dataclasses.fields(of)}  # type: ignore[arg-type]
    return {"baseline": type(of).__name__, "settings": orjson.loads(orjson.dumps(settings))}


def _sum(told: object) -> str:
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
