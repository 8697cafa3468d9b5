"""Loading: the class of a baseline, from the file that it stands in or was sent in."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import pickle
import sys
from pathlib import Path
from types import ModuleType

from benchmark import PROJECT
from benchmark.baseline import Baseline
from benchmark.errors import BaselineError
from benchmark.estimator import is_estimator, wrapped

SENT = ".pkl"
"""How the file ends in which a baseline goes to its worker by value: see `benchmark.finding.sent`."""


def load_class(path: Path) -> type[Baseline]:
    """The one public `Baseline` subclass of a file, or of the one scikit-learn estimator in it.

    A file without a class holds an estimator as a variable of the module, and may hold `inputs` and `around`
    beside it: the settings of `benchmark.estimator.Estimator`.

    Raises:
        BaselineError: there is none, or more than one.
        Exception: whatever the import raises.
    """
    if path.suffix == SENT:
        # Only a worker gets here, with a file that its parent has just written.
        sent: type[Baseline] = pickle.loads(path.read_bytes())  # noqa: S301
        return sent
    module = _module(path)
    classes = [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Baseline)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]
    if not classes and (model := _estimators(module)):
        return _wrapped(path, module, model)
    if len(classes) != 1:
        names = ", ".join(cls.__name__ for cls in classes) or "none"
        raise BaselineError(f"{path}: a file holds one public subclass of Baseline; found: {names}")
    return classes[0]


def _module(path: Path) -> ModuleType:
    """The module of a file; a user's own is loaded anew when it has changed, as in a long session it may."""
    name, source = _module_name(path), path.read_bytes()
    loaded = sys.modules.get(name)
    if loaded is not None and Path(inspect.getfile(loaded)) == path:
        as_it_was = path.is_relative_to(PROJECT) or vars(loaded).get(_SOURCE) == source
        if as_it_was:
            return loaded
    if not path.is_relative_to(PROJECT) and str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # modules beside a user's own file; last, to shadow nothing
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module)[_SOURCE] = source
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


_SOURCE, _WRAPPED = "__smpbench_source__", "__smpbench_wrapped__"
"""What a module is marked with."""


def _estimators(module: ModuleType) -> dict[str, object]:
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and is_estimator(value)
    }


def _wrapped(path: Path, module: ModuleType, models: dict[str, object]) -> type[Baseline]:
    """The class that an estimator's file stands for: the same one whenever the file is asked."""
    if len(models) > 1:
        raise BaselineError(
            f"{path}: a file without a Baseline holds one scikit-learn estimator; found: {', '.join(models)}."
            " Begin the names of the others with an underscore"
        )
    if _WRAPPED not in vars(module):
        name = "".join(part.capitalize() for part in path.stem.split("_"))
        (model,) = models.values()
        inputs, around = vars(module).get("inputs"), vars(module).get("around")
        vars(module)[_WRAPPED] = wrapped(model, name, inputs=inputs, around=around)
    cls: type[Baseline] = vars(module)[_WRAPPED]
    return cls


def _module_name(path: Path) -> str:
    if path.is_relative_to(PROJECT):
        return ".".join(path.relative_to(PROJECT).with_suffix("").parts)
    return f"users_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
