"""Described: what a baseline says of itself, without the baseline. It is all that a run knows of one.

The class is loaded where its code may do no harm, a sealed process, and what comes out of there is plain
values.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from benchmark.baseline import Baseline, defaults, with_settings
from benchmark.errors import BaselineError
from benchmark.sealing.seal import Seal


def _plain(value: Any) -> Any:
    """Lists as the tuples that they were."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else value


Setting = Annotated[Any, BeforeValidator(_plain)]
"""A number, a text, a truth value, None, or a tuple of them."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Needs(_Said):
    """Encoded content, and roles of columns, that settings need, and use where they are to be had."""

    required: tuple[str, ...]
    wanted: tuple[str, ...]


class Described(_Said):
    """See `benchmark.baseline.Baseline`, whose attributes these are."""

    name: str
    """Of the class."""
    summary: str
    family: str
    needs: tuple[str, ...]
    wants: tuple[str, ...]
    without: dict[str, str]
    defaults: dict[str, Setting]
    variants: dict[str, dict[str, Setting]]
    variants_need: dict[str, Needs]
    study: dict[str, tuple[Setting, ...]]
    reads_columns: bool
    answers: tuple[str, ...]
    preload: tuple[str, ...]
    files: tuple[str, ...]
    opens_images: bool
    keeps: bool


@dataclass(frozen=True)
class Question:
    """What a process is asked that is to describe a baseline."""

    baseline: Path
    settings: Sequence[Mapping[str, Any]]
    """Of which it shall say the needs; empty: to describe the class."""
    workspace: Path
    seal: Seal | None


def described(cls: type[Baseline]) -> Described:
    """What a class says.

    Raises:
        BaselineError: an attribute is not what it should be; names it.
    """
    told = {
        "name": cls.__name__,
        "summary": (inspect.getdoc(cls) or "").partition("\n")[0],
        "family": cls.family,
        "needs": sorted(cls.needs),
        "wants": sorted(cls.wants),
        "without": dict(cls.without),
        "defaults": {name: _sayable(value) for name, value in defaults(cls).items()},
        "variants": {name: dict(settings) for name, settings in cls.variants.items()},
        "variants_need": {
            name: needs(cls, settings).model_dump(mode="json") for name, settings in cls.variants.items()
        },
        "study": {name: list(values) for name, values in cls.study.items()},
        "reads_columns": cls.reads_columns,
        "answers": sorted(cls.answers),
        "preload": list(cls.preload),
        "files": list(cls.files),
        "opens_images": cls.opens_images,
        "keeps": cls.keeps,
    }
    for name, value in told.items():
        try:
            json.dumps(value)
        except (TypeError, ValueError):
            raise BaselineError(
                f"{cls.__name__}.{name} holds {value!r:.200}: it has numbers, texts, truth values and tuples "
                "of them, which a row can be named after"
            ) from None
    return read_described(told)


def read_described(told: object) -> Described:
    """What a process has said of a class.

    Raises:
        BaselineError: it is none; names the attribute.
    """
    try:
        return Described.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        raise BaselineError(f"`{'.'.join(map(str, first['loc']))}`: {first['msg']}") from None


def needs(cls: type[Baseline], settings: Mapping[str, Any]) -> Needs:
    """What a baseline with these settings needs. Raises whatever its constructor and methods do."""
    baseline = with_settings(cls, settings)
    return Needs(required=tuple(sorted(baseline.required())), wanted=tuple(sorted(baseline.wanted())))


def _sayable(value: object) -> object:
    """A default that no command line could set is told as it is written."""
    if value is dataclasses.MISSING:
        return None
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return repr(value)
    return value
