"""Told: a reading as plain values, for `--json` and for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.declared.naming import printable
from benchmark.files import write_atomically
from network.page import words
from network.page.plain import numbers, of_posts, ranks
from network.page.pseudonyms import Names, names_of
from network.reading import Community, Influence, Reading

VERSION = 1
"""Of the shape; a change that breaks who reads it raises it."""
MOST = 100
"""Accounts of a ranking, and members of a community, unless more are asked for."""


def write_json(reading: Reading, path: Path, names: Names | None = None, most: int | None = MOST) -> None:
    """Raises:
    StoreError, OSError: it cannot be written there.
    """
    told = json.dumps(as_json(reading, names, most), indent=2, allow_nan=False)
    write_atomically(path, told + "\n")


def as_json(reading: Reading, names: Names | None = None, most: int | None = MOST) -> dict[str, Any]:
    """A reading in dicts, lists, strings, numbers and None alone; None is what is not known.

    Args:
        names: what accounts are called; by default as `names_of` keeps names back.
        most: accounts of each ranking and members of each community; None for all.

    Returns:
        `version`, `dataset`, `title`, `synthetic`, `measure`, `counts`, `names` (`rule`, `renamed`),
        `headline`, `influence` (each with `beside`, what must stand beside it, and `ranking`), `held` (each
        with `verdict` and `says`), `communities` (`rule`, `seeds`, `resamples`, `found`, `windows`),
        `crossings` (with `description`), `notes`. Moments are ms since 1970, durations hours or ms as named.
    """
    names = names or names_of(reading)
    network = reading.network
    return {
        "version": VERSION,
        "dataset": network.card.name,
        "title": printable(network.card.title),
        "synthetic": bool(network.card.synthetic),
        "measure": network.published.measure,
        "counts": {
            "accounts": network.graph.n,
            "edges": len(network.graph),
            "posts": len(network.published),
            "kinds": {
                kind: int((network.graph.kind == place).sum())
                for place, kind in enumerate(network.graph.kinds)
            },
        },
        "names": {"rule": names.rule, "renamed": int(names.renamed.sum())},
        "headline": words.headline(reading),
        "influence": [_influence(one, reading, names, most) for one in reading.influence],
        "held": [
            {name: _plain(value) for name, value in vars(one).items()}
            | {"verdict": words.verdict(one), "says": words.sentence(one)}
            for one in reading.held
        ],
        "communities": _communities(reading, names, most),
        "crossings": {
            "description": words.DESCRIPTION,
            "found": [
                {
                    "what": names.text(one.what),
                    "first_seen": int(one.first_seen),
                    "first_in": int(one.first_in),
                    "accounts": int(one.users),
                    "order": [{"community": int(code), "after_ms": int(after)} for code, after in one.order],
                    "hours_to_third": _plain(one.hours_to_third),
                }
                for one in reading.crossings
            ],
        },
        "notes": [names.text(note) for note in (*network.notes, *reading.notes)],
    }


def _influence(score: Influence, reading: Reading, names: Names, most: int | None) -> dict[str, Any]:
    known = np.flatnonzero(np.isfinite(score.values))
    order = known[np.lexsort((names.number[known], -score.values[known]))][:most]
    rank = ranks(score.values)
    past = next((one.values for one in reading.influence if one.name == words.OWN_PAST), None)
    lists = {
        "value": numbers(score.values[order], 7),
        "low": numbers(score.low[order], 7),
        "high": numbers(score.high[order], 7),
        "own_past": [None] * len(order) if past is None else numbers(past[order], 7),
    }
    return {
        "name": score.name,
        "words": printable(score.words),
        "accounts": len(known),
        "beside": [" ".join(filter(None, told)) for told in words.beside(reading, score)],
        "ranking": [
            {
                "account": str(names.of[code]),
                "rank": int(rank[code]),
                "could_be": int(score.tied[code]) or None if score.tied is not None else None,
                **{name: values[place] for name, values in lists.items()},
            }
            for place, code in enumerate(order.tolist())
        ],
    }


def _communities(reading: Reading, names: Names, most: int | None) -> dict[str, Any]:
    told = reading.communities
    return {
        "rule": told.rule,
        "resolution": _plain(told.resolution),
        "seeds": _plain(told.seeds),
        "resamples": _plain(told.resamples),
        "in_none": int((told.of < 0).sum()),
        "found": [_community(one, reading, names, most) for one in told.found],
        "windows": [
            {"since": int(since), "until": int(until), "accounts": int((codes >= 0).sum())}
            for since, until, codes in told.windows
        ],
    }


def _community(one: Community, reading: Reading, names: Names, most: int | None) -> dict[str, Any]:
    posts, _ = of_posts(reading.network)
    return {
        "code": int(one.code),
        "name": names.text(one.name),
        "size": len(one.members),
        "stable": _plain(one.stable),
        "posts": int(posts[one.members].sum()),
        "members": names.of[one.members[:most]].tolist(),
    }


def _plain(value: object) -> str | int | float | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    assert isinstance(value, (float, np.floating))
    return numbers(np.asarray([value], np.float64), 7)[0]
