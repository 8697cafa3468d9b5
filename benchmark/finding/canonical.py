"""Canonical: a class and all that it reaches, written so that equal code is written alike.

A pickle of a class holds the code of its methods, the values of the globals that they use, and so on for all
functions, classes and modules of the user's own. It also holds what decides no prediction and is another in
each session: paths and line numbers, the order of sets, marks of cloudpickle's own, which equal strings are
the same object. Without those it can stand for the class in the key of its results.
"""

from __future__ import annotations

import dis
import importlib.util
import io
import pickletools
import sys
import sysconfig
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import cloudpickle

from benchmark.finding.code import PACKAGES

_LIBRARIES = tuple(
    f"{Path(folder).resolve()}/"
    for key, folder in sysconfig.get_paths().items()
    if key in ("stdlib", "platstdlib", "purelib", "platlib")
)
_PLACES = {"__file__", "__cached__", "__spec__", "__loader__", "__builtins__"}
_PLACES |= {"__firstlineno__", "__static_attributes__", "_cloudpickle_submodules"}
"""What modules, classes and functions tell of where they are written, and of what else is loaded."""

_ATOMS = (str, bytes, int, float, complex, bool, type(None))
"""Types whose values are told by their text; of a class, that would not change with its body."""


def is_own(module: object) -> bool:
    """Whether a module is of the user's own, as a file beside a notebook: no library's, nor the project's."""
    if not isinstance(module, ModuleType):
        return False
    name, file = vars(module).get("__name__"), vars(module).get("__file__")
    if not isinstance(name, str) or not file or sys.modules.get(name) is not module:
        return False
    return name.split(".")[0] not in (*PACKAGES, "__main__") and not _of_library(Path(file))


class Canonical(cloudpickle.Pickler):
    """`dump` something, then ask for its `form`, and for the `files` whose code it stands on."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        super().__init__(self._buffer, protocol=5)
        self.files: set[Path] = set()
        """Modules of the project and of the user's own that are named, or imported when a method runs."""

    def form(self) -> str:
        """The pickle as its operations; a string or bytes that comes again is written again."""
        told: list[Any] = []
        memo: list[Any] = []
        for operation, value, _ in pickletools.genops(self._buffer.getvalue()):
            if operation.name in ("PROTO", "FRAME"):
                continue
            if operation.name == "MEMOIZE":
                memo.append(told[-1] if told and isinstance(told[-1], str | bytes) else ("again", len(memo)))
            elif operation.name in ("BINGET", "LONG_BINGET"):
                told.append(memo[int(value or 0)])
            elif "UNICODE" in operation.name or "BINBYTES" in operation.name:
                told.append(value)
            else:
                told.append((operation.name, value))
        # A number of the memo would count the strings before it.
        numbers = {one: place for place, one in enumerate(dict.fromkeys(x for x in memo if type(x) is tuple))}
        return repr(
            [(one[0], numbers[one]) if type(one) is tuple and one in numbers else one for one in told]
        )

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, CodeType):
            self.files.update(_imported(obj))
            return tuple, (_code(obj),)
        if isinstance(obj, ModuleType) and is_own(obj):
            self._note(obj.__name__)
            return dict, (_ordered(vars(obj)),)
        self._note(obj.__name__ if isinstance(obj, ModuleType) else getattr(obj, "__module__", None))
        reduced = super().reducer_override(obj)
        if reduced is NotImplemented or not isinstance(obj, type | FunctionType) or len(reduced) < 3:
            return reduced
        make, arguments, state, *rest = reduced
        if isinstance(obj, FunctionType):
            for module in state[1].get("_cloudpickle_submodules", ()):
                self._note(module.__name__)
        arguments = tuple("" if _is_mark(part) else part for part in arguments)
        return (make, _ordered(arguments), _ordered(state), *rest)

    def _note(self, module: object) -> None:
        found = sys.modules.get(module) if isinstance(module, str) else None
        if found is None or not (is_own(found) or str(module).partition(".")[0] in PACKAGES):
            return
        if file := vars(found).get("__file__"):
            self.files.add(Path(file).resolve())


def _code(code: CodeType) -> tuple[Any, ...]:
    """All of a code object that decides what it computes."""
    counts = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    # Lists, and not the tuples themselves: which of those are one object is chance.
    told = [list(map(str, some)) for some in names]
    return (counts, code.co_name, told, code.co_code, code.co_exceptiontable, _ordered(list(code.co_consts)))


def _imported(code: CodeType) -> Iterator[Path]:
    """Files of the project or of the user's own that a function imports when it runs."""
    module = ""
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME":
            module = str(step.argval)
            names = [module]
        elif step.opname == "IMPORT_FROM":
            names = [f"{module}.{step.argval}"]
        else:
            continue
        yield from (file for name in names if (file := _file_of(name)) is not None)


def _file_of(module: str) -> Path | None:
    package = module.partition(".")[0]
    try:
        # Finding a module imports its package: not that of a library.
        outer = importlib.util.find_spec(package)
        if outer is None or (package not in PACKAGES and all(map(_of_library, _places(outer)))):
            return None
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return None
    return Path(spec.origin).resolve() if spec is not None and spec.origin and spec.has_location else None


def _places(spec: ModuleSpec) -> list[Path]:
    """The file or the folders of a module; of one that is built in, none."""
    folders = spec.submodule_search_locations or ()
    return [Path(spec.origin)] if spec.origin and spec.has_location else [Path(folder) for folder in folders]


def _of_library(file: Path) -> bool:
    return str(file).startswith(_LIBRARIES) or not {"site-packages", "dist-packages"}.isdisjoint(file.parts)


def _is_mark(part: object) -> bool:
    """Whether this is what cloudpickle tells a class by; it is drawn at random in each session."""
    marks = getattr(cloudpickle.cloudpickle, "_DYNAMIC_CLASS_TRACKER_BY_CLASS", {})
    return isinstance(part, str) and part in set(marks.values())


def _ordered(value: Any, depth: int = 0) -> Any:
    """Plain containers without the places of `_PLACES`, and with sets in an order that is always the same."""
    if depth > 20:  # a container that holds itself
        return value
    if type(value) in (set, frozenset) and all(type(one) in _ATOMS for one in value):
        return type(value).__name__, sorted(map(repr, value))
    if type(value) in (tuple, list):
        return type(value)(_ordered(one, depth + 1) for one in value)
    if type(value) is dict:
        return {key: _ordered(one, depth + 1) for key, one in value.items() if key not in _PLACES}
    return value
