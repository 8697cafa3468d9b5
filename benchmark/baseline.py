"""Baseline: what a model must offer to get a row on the board."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from benchmark.errors import BaselineError, UnknownName
from benchmark.posts import Array, Posts

if TYPE_CHECKING:
    import pandas as pd


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
    """What this baseline cannot work without: encoded content (`text`, `image`, ...) or `category`.
    On a data set that lacks one, the row reads `skipped: needs image`."""
    wants: ClassVar[Set[str]] = frozenset()
    """Encoded content it uses where the data have it: ask `posts.has("text")`."""
    without: ClassVar[Mapping[str, str]] = {}
    """What it wants -> what it is where there is none, as its rows say: `{"image": "a text adapter"}`."""
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}}
    """Named settings, each a row of its own on the board."""
    study: ClassVar[Mapping[str, Sequence[Any]]] = {}
    """Setting -> values to compare. `--study` runs every combination: rows of a table of their own."""
    reads_columns: ClassVar[bool] = True
    """False for a baseline that reads no column which could be one known only at crawl time: admitting those
    would change nothing, so it gets no second row for them."""
    answers: ClassVar[Set[str]] = frozenset({"regression"})
    """Kinds of task that it predicts for (see `benchmark.scores.kinds`): of an `event`, the probability."""
    quantiles: ClassVar[tuple[float, ...]] = ()
    """Levels that `predict` returns, ascending and with 0.5 among them, as a third axis; the median is scored
    as the prediction, all of them by pinball loss and coverage."""
    preload: ClassVar[tuple[str, ...]] = ()
    """Modules of well-known libraries that are slow to import, loaded once for all cells."""
    files: ClassVar[tuple[str, ...]] = ()
    """Files and folders beside its own file that it reads (weights, lists of words), relative to it. Its
    process can read no others; what is in them is part of the key of its results."""
    opens_images: ClassVar[bool] = False
    """Whether it opens the files that `posts.image_paths()` names by itself; its process can read them
    then."""
    keeps: ClassVar[bool] = False
    """Whether what it has learnt can be kept: it has `save` and `load`."""

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

    def explain(self, posts: Posts) -> pd.DataFrame | None:
        """What each input adds to each prediction of the first target, [n, inputs], on the scoring scale, the
        log-odds of an event; None where it cannot be told apart."""
        return None

    def save(self, folder: Path) -> None:
        """Called after `fit` and any `reveal`: write what was learnt into an empty folder.

        Plain files only, no pickle of any kind: whoever loads them runs no code of theirs. The posts whose
        labels are known, with their labels, are kept by the caller.

        Raises:
            BaselineError: what was learnt cannot be kept; says why.
        """
        raise BaselineError(f"{type(self).__name__} cannot be kept: it does not say how (`keeps`)")

    def load(self, folder: Path, known: Posts, y: Array) -> None:
        """Called on a new instance with the same settings: afterwards it predicts what the saved one did.

        Args:
            folder: as `save` has left it.
            known: posts whose labels were known then, in the order in which they became known. They have
                keys, categorical and category columns, and a history; no texts, images, numbers or encoded
                content. Users may have other codes than they had.
            y: float32 [n, targets], their labels.

        Raises:
            ModelError: a file is missing or damaged, or of something else; names it.
        """
        raise BaselineError(f"{type(self).__name__} cannot be loaded: it does not say how (`keeps`)")

    def required(self) -> Set[str]:
        """Encoded content that these settings need: `needs`, unless settings switch some off."""
        return self.needs

    def wanted(self) -> Set[str]:
        """Encoded content that these settings use where there is any."""
        return self.wants


def with_settings(cls: type[Baseline], settings: Mapping[str, Any]) -> Baseline:
    """An instance with these settings.

    Raises:
        UnknownName: a setting that the baseline has not.
    """
    _known(cls.__name__, defaults(cls), settings)
    return cls(**settings)


def defaults(cls: type[Baseline]) -> dict[str, Any]:
    """Setting -> default, in the order of the class."""
    found = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        made = field.default_factory  # of a class that was sent here, MISSING is a copy: it equals nothing
        found[field.name] = made() if callable(made) else field.default
    return found


def read_settings(of: str, defaults: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    """Settings as the command line has them, each of its default's type, in the order of the class.

    Args:
        of: name of the class.

    Raises:
        UnknownName: a setting that the baseline has not.
        ValueError: a value that cannot be read as the setting's type.
    """
    _known(of, defaults, told)
    return {name: _typed(name, told[name], default) for name, default in defaults.items() if name in told}


def settings_name(settings: Mapping[str, Any]) -> str:
    """The one name of settings: `alpha=1,inputs=metadata+text`, however they were written."""
    return ",".join(f"{name}={_text(value)}" for name, value in settings.items())


def _known(of: str, defaults: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if name not in defaults:
            raise UnknownName(f"setting of {of}", name, defaults)


def _typed(name: str, text: str, default: object) -> object:
    try:
        if isinstance(default, bool):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if isinstance(default, int):
            return _whole(text)
        if isinstance(default, float):
            return _finite(text)
        if isinstance(default, tuple):
            return tuple(part for part in text.split("+") if part)
    except (ValueError, KeyError):
        raise ValueError(f"setting {name}={text}: cannot be read as {type(default).__name__}") from None
    return text


def _finite(text: str) -> float:
    """No `nan`, which is no setting and equals not even itself, and no `inf`."""
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _whole(text: str) -> int:
    """`5`, and `5.0` or `5e0` as well."""
    try:
        return int(text)
    except ValueError:
        number = _finite(text)
    if not number.is_integer():
        raise ValueError(text)
    return int(number)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "+".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
