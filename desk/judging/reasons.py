"""Reasons: what about a draft moves the prediction, in words. Associations that the model has learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from desk.judging.units import Units
from desk.ranking import Draft, Modality, Reason

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.declared.card import Card

MOST = 3
SMALLEST = 0.01
"""A share below it is no reason."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MARKS: Mapping[str, tuple[str, str]] = {
    "questions": ("asks a question", "asks no question"),
    "exclamations": ("exclaims", "does not exclaim"),
    "links": ("has a link", "has no link"),
    "mentions": ("names accounts", "names no account"),
    "hashtags": ("has hashtags", "has no hashtags"),
    "digits": ("has numbers", "has no numbers"),
    "capitals": ("how many capitals it has", "has no capitals"),
}
"""Count of the text -> in words, where there are some and where there are none."""


def reasons(
    shares: pd.DataFrame,
    tabular: pd.DataFrame,
    drafts: Sequence[Draft],
    card: Card,
    units: Units,
    whole: np.ndarray,
) -> list[tuple[Reason, ...]]:
    """[n] the strongest reasons of each draft, the strongest first.

    Args:
        shares: [n, features] what each feature adds to the prediction, on the scoring scale.
        tabular: [n, p] the features of the posts' own columns, by the same names.
        whole: [n] predictions.
    """
    columns: dict[tuple[Modality, str], list[int]] = {}
    for j, name in enumerate(shares):
        columns.setdefault(_group(name, card), []).append(j)
    groups, values = list(columns), shares.to_numpy(np.float64)
    sums = np.stack([values[:, of].sum(axis=1) for of in columns.values()], axis=1)
    strongest = np.argsort(-np.abs(sums), axis=1, kind="stable")[:, :MOST]
    told = tabular.to_dict("list")
    found = []
    for i, draft in enumerate(drafts):
        row = {name: of[i] for name, of in told.items()}
        some = [(*groups[j], units.share(float(sums[i, j]), float(whole[i]))) for j in strongest[i]]
        found.append(
            tuple(
                Reason(modality=modality, text=_words(key, draft, row), effect=effect)
                for modality, key, effect in some
                if abs(effect) >= SMALLEST
            )
        )
    return found


def by_leaving_out(
    whole: np.ndarray, without: Mapping[Modality, np.ndarray], units: Units
) -> list[tuple[Reason, ...]]:
    """[n] reasons for a model that does not say what each feature adds: what its prediction loses where a
    part of the draft is left out.

    Args:
        whole: [n] predictions. without: modality -> [n] predictions without it.
    """
    names: Mapping[Modality, str] = {"text": "what it says", "image": "what its image shows"}
    found = []
    for i in range(len(whole)):
        told = [
            Reason(
                modality=modality,
                text=names.get(modality, str(modality)),
                effect=units.share(float(whole[i] - other[i]), float(whole[i])),
            )
            for modality, other in without.items()
        ]
        told = [one for one in told if abs(one.effect) >= SMALLEST]
        found.append(tuple(sorted(told, key=lambda one: -abs(one.effect))[:MOST]))
    return found


def _group(feature: str, card: Card) -> tuple[Modality, str]:
    """Which features are one thing to a person."""
    for rule in _RULES:
        if group := rule(feature, card):
            return group
    return "other", feature


def _encoded(feature: str, card: Card) -> tuple[Modality, str] | None:
    for name, key in (("text", "wording"), ("image", "look")):
        rest = feature.removeprefix(f"{name}_")
        if rest != feature and (rest.isdigit() or rest.startswith("score_")):
            return name, key  # type: ignore[return-value]
    return None


def _of_time(feature: str, card: Card) -> tuple[Modality, str] | None:
    if feature in ("hour", "hour_sin", "hour_cos", "weekday"):
        return "time", "hour"
    return ("time", "season") if feature in ("day_of_year", "year_sin", "year_cos") else None


def _of_account(feature: str, card: Card) -> tuple[Modality, str] | None:
    past = feature.startswith(("history_", "engagement_", "threshold_", "from_last_"))
    return ("account", "past") if past or feature in ("user", "account") else None


def _of_column(feature: str, card: Card) -> tuple[Modality, str] | None:
    for name, column in card.columns.items():
        if column.role == "text" and (mark := feature.removeprefix(f"{name}_")) != feature:
            return "text", f"{'length' if mark in ('length', 'words') else mark}|{name}"
        if column.role == "tags" and feature == f"{name}_count":
            return "text", f"tags|{name}"
        if column.role == "image" and feature == f"{name}_given":
            return "image", "given"
        if feature == name:
            return ("category" if column.role == "category" else "other"), f"column|{name}"
    return None


_RULES: Sequence[Callable[[str, Card], tuple[Modality, str] | None]] = (
    _encoded, _of_time, _of_account, _of_column,
)  # fmt: skip


def _words(key: str, draft: Draft, values: Mapping[str, Any]) -> str:
    kind, _, column = key.partition("|")
    if kind == "hour":
        return f"goes out on a {DAYS[draft.at.weekday()]} at {draft.at:%H:%M} UTC"
    if kind in MARKS:
        some, none = MARKS[kind]
        return some if values.get(f"{column}_{kind}", 0) > 0 else none
    if kind == "length":
        count = round(values.get(f"{column}_words", 0))
        return f"has {count} word{'s' * (count != 1)}" if count else "has no text"
    if kind == "tags":
        count = values.get(f"{column}_count", 0)
        return f"has {count:.0f} {column}" if count else f"has no {column}"
    if kind == "given":
        return "has an image" if draft.image else "has no image"
    if kind == "column":
        value = values.get(column)
        missing = value is None or value != value
        return f"{column} is not told" if missing else f"{column} is {_shown(value)}"
    plain = {
        "wording": "what it says and how",
        "look": "what its image shows",
        "season": "the time of the year",
        "past": "how the account has done of late",
    }
    return plain.get(kind, kind)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)


def modalities(card: Card) -> Iterator[Modality]:
    """What can be left out of a draft."""
    if card.content("text"):
        yield "text"
    if card.content("image"):
        yield "image"
