"""Loading: the class of a baseline, from the file that it stands in."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from pathlib import Path

from benchmark import PROJECT
from benchmark.baseline import Baseline
from benchmark.errors import BaselineError


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


def _module_name(path: Path) -> str:
    if path.is_relative_to(PROJECT):
        return ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    return f"users_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
