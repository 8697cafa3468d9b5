"""Objects: what `evaluate` is handed when it is neither a name nor a file."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmark.baseline import Baseline
from benchmark.encoders.profiles import PROFILES
from benchmark.errors import BaselineError, UnknownName
from benchmark.estimator import AROUND, OF_POSTS, is_estimator, wrapped
from benchmark.finding.discovery import Found, baseline_files, load
from benchmark.finding.sent import Sent
from benchmark.loading import SENT
from benchmark.outside.external import check_name
from benchmark.run.plan import Chosen

if TYPE_CHECKING:
    from smpbench.door.task import Task


def chosen_object(
    what: Any, task: Task, *, inputs: Sequence[str] | None, around: str | None, name: str | None
) -> Chosen:
    """A `Baseline`, class or instance, or a scikit-learn estimator, as one variant of a baseline.

    Raises:
        BaselineError: it is none of these, cannot be sent to a process, or its name is another row's.
        UnknownName: no such input.
        SmpbenchError: the name is none, or the project's.
    """
    if is_estimator(what) and not isinstance(what, Baseline):
        cls: type[Baseline] = wrapped(what, type(what).__name__)
        settings = _told(inputs, around)
        return Chosen(
            _sent(cls, name or f"sklearn_{_snake(cls.__name__)}", task), {_variant(settings): settings}
        )
    if inputs is not None or around is not None:
        raise BaselineError(
            "`inputs` and `around` are told of a scikit-learn estimator; a Baseline has settings"
        )
    if isinstance(what, Baseline):
        cls, settings = type(what), _settings(what)
    elif isinstance(what, type) and issubclass(what, Baseline) and what is not Baseline:
        cls, settings = what, {}
    else:
        raise BaselineError(
            f"{what!r} is no model: give a baseline's name, the path of its file, a Baseline, or a "
            "scikit-learn regressor or pipeline"
        )
    found = _of_project(cls) if name is None else None
    found = found or _sent(cls, name or _snake(cls.__name__), task)
    return Chosen(found, _one(cls, settings))


def _told(inputs: Sequence[str] | None, around: str | None) -> dict[str, Any]:
    """Settings of `benchmark.estimator.Estimator`."""
    if isinstance(inputs, str):
        inputs = [inputs]
    known = sorted({*OF_POSTS, *(encoding for encodings in PROFILES.values() for encoding in encodings)})
    for encoding in inputs or ():
        if encoding not in known:
            raise UnknownName("input", encoding, known)
    if inputs is not None and not inputs:
        raise BaselineError(f"inputs=[]: an estimator is fitted on something: {', '.join(known)}")
    if around is not None and around not in AROUND:
        raise UnknownName("value of around", around, ["level"])
    told = {} if inputs is None else {"inputs": tuple(inputs)}
    return told | ({"around": around} if around else {})


def _settings(baseline: Baseline) -> dict[str, Any]:
    """Of an instance, the settings that are not the default's."""
    fields = {field.name: field for field in dataclasses.fields(baseline)}  # type: ignore[arg-type]
    cls = type(baseline).__name__
    if added := sorted(vars(baseline).keys() - fields):
        raise BaselineError(
            f"this {cls} holds {', '.join(added)} beside its settings, which would be lost: it is fitted "
            "anew in a process of its own. Give one as its constructor makes it"
        )
    settings = {name: getattr(baseline, name) for name in fields}
    settings = {name: value for name, value in settings.items() if not _is(value, fields[name])}
    for name, value in settings.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            raise BaselineError(
                f"{cls}.{name} = {value!r}: a setting is a number, a text, a truth value or a tuple of them, "
                "which a row can be named after"
            ) from None
    return settings


def _is(value: Any, field: dataclasses.Field[Any]) -> bool:
    default = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return type(value) is type(default) and bool(value == default)


def _one(cls: type[Baseline], settings: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The settings as a variant: one that the class declares, or one called after them."""
    for variant, declared in cls.variants.items():
        if dict(declared) == dict(settings):
            return {variant: declared}
    if settings:
        return {_variant(settings): settings}
    if len(cls.variants) == 1 or "default" in cls.variants:
        variant = "default" if "default" in cls.variants else next(iter(cls.variants))
        return {variant: cls.variants[variant]}
    raise BaselineError(
        f"{cls.__name__} has several variants, each a row of its own: {', '.join(cls.variants)}. Give an "
        f"instance with the settings of one"
    )


def _variant(settings: Mapping[str, Any]) -> str:
    """As it would stand behind the name on the command line: `inputs=tabular+text,alpha=1.0`."""
    return ",".join(f"{name}={_written(value)}" for name, value in settings.items()) or "default"


def _written(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _of_project(cls: type[Baseline]) -> Found | None:
    """The project's own baseline of which this is the class, if it is one."""
    file = baseline_files().get(cls.__module__.rpartition(".")[2])
    if file is None or cls.__module__ != f"{file.parent.name}.{file.stem}":
        return None
    found = load(file)
    return found if found.described and found.described.name == cls.__name__ else None


def _sent(cls: type[Baseline], name: str, task: Task) -> Sent:
    check_name(name)
    sent = Sent.of(name, cls)
    _check_taken(sent, task)
    return sent


def _check_taken(sent: Sent, task: Task) -> None:
    """A name stays with a class, whose code may change, as a file's may.

    Raises:
        BaselineError: results of another class, of a file or from outside have the name.
    """
    rows = task.home / "runs" / task.dataset / task.name / task.protocol / sent.name
    for result in rows.glob("*/seed-*/*/result.json"):
        theirs = [path.name for path in result.parent.glob(f"*{SENT}")]
        if theirs != [sent.path.name]:
            whose = theirs[0].removesuffix(SENT) if theirs else "a file or a model outside"
            raise BaselineError(
                f"the name '{sent.name}' is that of another row of {task.title}, made by {whose}. Give this "
                "one another: name=..."
            )


def _snake(name: str) -> str:
    """`HistGradientBoostingRegressor` -> `hist_gradient_boosting_regressor`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"_+", "_", parts).strip("_").lower()
