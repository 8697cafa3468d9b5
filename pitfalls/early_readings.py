"""Do not do this: what the count was an hour after publication as a feature of a prediction that is said to
be made before it. An early reading of the label is most of the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark.declared.column import KNOWN_AT
from pitfalls.honest.columns import Floats, with_numbers
from pitfalls.honest.ground import Ground, Said
from pitfalls.honest.mistake import Made, Mistake, NotPossible, check_reads_columns

if TYPE_CHECKING:
    from benchmark.declared.card import Card

HOUR_MS = 3_600_000


class EarlyReadings(Mistake):
    name = "early_readings"
    title = "early readings of the label as a feature"
    layer = "data"

    def check(self, of: Ground) -> None:
        check_reads_columns(of)
        if not _readings(of.posts.prepared.card):
            raise NotPossible("no table has readings of a target over time")

    def made(self, of: Ground, honest: Said) -> Made:
        numbers: dict[str, Floats] = {}
        for table, post, column in _readings(of.posts.prepared.card):
            first, age = _first(of, table, post, column)
            numbers |= {f"{column}_early": np.log1p(np.maximum(first, 0)), f"{column}_age": age}
        hours = float(np.nanmedian(age[of.windows.test]))
        posts, schema = with_numbers(of.posts, of.schema(), numbers)
        note = f"read a median of {hours:.1f} hours after publication"
        return Made(of.walk(posts=posts, schema=schema), note=note)


def _readings(card: Card) -> list[tuple[str, str, str]]:
    """Fact table, its column of posts, and a column with the name of a target."""
    found = []
    for name, table in card.facts.items():
        posts = [one for one, column in table.columns.items() if column.role == "post"]
        targets = [
            one for one, column in table.columns.items() if column.role == "numeric" and one in card.targets
        ]
        found += [(name, posts[0], one) for one in targets if posts]
    return found


def _first(of: Ground, table: str, post: str, column: str) -> tuple[Floats, Floats]:
    """float64 [n], twice: the first reading after publication, and its age in hours; NaN without one."""
    facts = of.posts.facts[table]
    places = {one: i for i, one in enumerate(of.posts.table["post_id"].to_pylist())}
    value, age = np.full((2, len(of.posts.times)), np.nan)
    moments = facts[KNOWN_AT].cast("int64").to_numpy()
    for known_at, about, read in zip(
        moments, facts[post].to_pylist(), facts[column].to_pylist(), strict=True
    ):
        i = places.get(about, -1)
        if i >= 0 and read is not None and np.isnan(value[i]) and known_at > of.posts.times[i]:
            value[i], age[i] = read, (known_at - of.posts.times[i]) / HOUR_MS
    return value, age
