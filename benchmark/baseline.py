"""Baseline: what a model must offer to get a row on the board."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, ClassVar, dataclass_transform

from benchmark.errors import UnknownName
from benchmark.posts import Array, Posts


@dataclass_transform()
class Baseline:
    """Subclass it in a file of its own, fill in `fit` and `predict`, done.

    Annotated attributes are dataclass fields, and so hyper-parameters: `alpha: float = 10.0` is changed on
    the command line by `-b ridge:alpha=1`. The constructor stores them and does nothing else. The harness
    seeds `random`, numpy and torch before `fit`, and the conformance suite holds every baseline to this:
    deterministic under a seed, the same prediction for a post whatever the order or size of the batch it
    comes in, blind to labels, finite on users, categories and texts never seen.
    """

    family: ClassVar[str] = "other"
    """What kind of model it is, for whoever filters the board: naive, linear, trees, network, ensemble."""
    needs: ClassVar[Set[str]] = frozenset()
    """What this baseline cannot work without: kinds of encoded content (`text`, `image`, ...) or `category`.
    On a data set that lacks one, the row reads `skipped: needs image`."""
    wants: ClassVar[Set[str]] = frozenset()
    """Kinds it uses where the data have them: ask `posts.has(kind)`."""
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}}
    """Named settings, each a row of its own on the board."""
    study: ClassVar[Mapping[str, Sequence[Any]]] = {}
    """Setting -> values to compare. `--study` runs every combination: rows of a table of their own."""
    reads_columns: ClassVar[bool] = True
    """False for a baseline that reads no column which could be one known only at crawl time: admitting those
    would change nothing, so it gets no second row for them."""
    quantiles: ClassVar[tuple[float, ...]] = ()
    """Levels that `predict` returns, ascending and with 0.5 among them, as a third axis; the median is scored
    as the prediction, all of them by pinball loss and coverage."""
    preload: ClassVar[tuple[str, ...]] = ()
    """Modules that are slow to import, loaded once for all cells."""

    seed: ClassVar[int] = 0
    """Set by the harness on the instance, for libraries that want to be told."""
    threads: ClassVar[int] = 1
    """Set by the harness on the instance: how many threads this cell may use."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclasses.dataclass(cls)

    def fit(self, train: Posts, y: Array) -> None:
        """Learn from the training posts. y: float32 [n, targets], on the scoring scale."""
        raise NotImplementedError

    def predict(self, posts: Posts) -> Array:
        """Predict, without changing the state: float32 [n, targets], or [n, targets, quantiles]."""
        raise NotImplementedError

    def reveal(self, posts: Posts, y: Array) -> None:
        """Called before each later block with the labels that have become known; `posts.history()` knows
        them anyway. y: float32 [n, targets]."""

    def artefacts(self, folder: Path) -> None:
        """Called once, after the last prediction: write files a person can look at (plots, weights)."""

    def required(self) -> Set[str]:
        """Kinds of encoded content that these settings need: `needs`, unless settings switch some off."""
        return self.needs

    def wanted(self) -> Set[str]:
        """Kinds of encoded content that these settings use where there are any."""
        return self.wants


def with_settings(cls: type[Baseline], settings: Mapping[str, Any]) -> Baseline:
    """An instance with these settings; strings, as the command line has them, take the default's type.

    Raises:
        UnknownName: a setting that the baseline has not.
        ValueError: a value that cannot be read as the setting's type.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    values = {}
    for name, value in settings.items():
        if name not in fields:
            raise UnknownName(f"setting of {cls.__name__}", name, fields)
        values[name] = _typed(name, value, fields[name].default) if isinstance(value, str) else value
    return cls(**values)


def _typed(name: str, text: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if isinstance(default, int | float):
            return type(default)(text)
        if isinstance(default, tuple):
            return tuple(part for part in text.split("+") if part)
    except (ValueError, KeyError):
        raise ValueError(f"setting {name}={text}: cannot be read as {type(default).__name__}") from None
    return text
