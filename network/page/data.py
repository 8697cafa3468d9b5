"""Data: what the page knows, as plain values; every name in it is one that may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmark.declared.naming import printable
from network.page import words
from network.page.backbone import EDGES, FIRST, GUARD, chance, held_of, order_of
from network.page.layout import positions
from network.page.plain import numbers, of_posts, ranks
from network.page.pseudonyms import Names
from network.page.tags import tags_of
from network.page.windows import Window, place_in, whole, windows_of
from network.reading import Community, Crossing, Held, Influence, Reading

Ints = NDArray[np.int64]
PLACES = 10_000
"""Positions are whole numbers from minus to plus this, and a little more."""
MOST_CROSSINGS = 500


def page_data(reading: Reading, names: Names) -> dict[str, Any]:
    """All that the page shows: columns, a value an account or an edge, so that 20,000 accounts stay small.

    Accounts are in the order in which they come into sight. Missing numbers are null.
    """
    network = reading.network
    graph, card = network.graph, network.card
    weights = graph.matrix("log", symmetric=True)
    order = order_of(reading, weights, names.number)
    held = held_of(reading, order)
    windows = windows_of(reading)
    place = positions(weights[held][:, held], reading.communities.of[held])
    edges = _edges(reading, held, windows)
    return {
        "title": printable(card.title),
        "dataset": card.name,
        "synthetic": bool(card.synthetic),
        "measure": printable(network.published.measure),
        "rule": names.rule,
        "counts": {
            "accounts": graph.n,
            "edges": len(graph),
            "posts": len(network.published),
            "renamed": int(names.renamed.sum()),
            "first": len(held) if len(held) <= GUARD else FIRST,
            "guard": GUARD,
        },
        "kinds": [kind.replace("_", " ") for kind in graph.kinds],
        "windows": [[one.since, one.until, one.name] for one in windows],
        "span": whole(windows),
        "start": _start(reading),
        "accounts": _accounts(reading, names, held, place),
        "scores": [_score(reading, one, held) for one in reading.influence],
        "moves": [codes[held].tolist() for _, _, codes in reading.communities.windows],
        "edges": edges,
        "communities": [_community(one, reading, names, held) for one in reading.communities.found],
        "found": _found(reading),
        "held": [_held(one) for one in reading.held],
        "crossings": [_crossing(one, names) for one in reading.crossings[:MOST_CROSSINGS]],
        "left_out": max(len(reading.crossings) - MOST_CROSSINGS, 0),
        "tags": tags_of(network, names, held),
        "description": words.DESCRIPTION,
        "notes": [names.text(note) for note in (*network.notes, *reading.notes)],
    }


def _start(reading: Reading) -> str:
    """The score that is shown first: how many name an account, if that is known."""
    known = [one.name for one in reading.influence]
    others = [name for name in known if name != words.OWN_PAST]
    return "in_degree" if "in_degree" in known else next(iter([*others, *known]), "")


def _accounts(reading: Reading, names: Names, held: Ints, place: NDArray[np.float64]) -> dict[str, list[Any]]:
    posts, median = of_posts(reading.network)
    at = np.rint(place * PLACES).astype(np.int64)
    return {
        "name": names.of[held].tolist(),
        "renamed": names.renamed[held].astype(int).tolist(),
        "community": reading.communities.of[held].tolist(),
        "x": at[:, 0].tolist(),
        "y": at[:, 1].tolist(),
        "posts": posts[held].tolist(),
        "median": numbers(median[held]),
    }


def _score(reading: Reading, score: Influence, held: Ints) -> dict[str, Any]:
    """Ranks are among all accounts, also those that the page does not hold."""
    return {
        "name": score.name,
        "words": printable(score.words),
        "reference": score.name == words.OWN_PAST,
        "beside": words.beside(reading, score),
        "verdicts": [words.verdict(one) for one in reading.held if one.score == score.name],
        "value": numbers(score.values[held]),  # noqa: PD011
        "low": numbers(score.low[held]),
        "high": numbers(score.high[held]),
        "rank": ranks(score.values)[held].tolist(),
        "tied": [] if score.tied is None else score.tied[held].tolist(),
    }


def _edges(reading: Reading, held: Ints, windows: Sequence[Window]) -> dict[str, Any]:
    """Edges between accounts that are held, those of a pair, a kind and a window as one."""
    graph = reading.network.graph
    code = np.full(graph.n, -1, np.int64)
    code[held] = np.arange(len(held))
    source, target = code[graph.source], code[graph.target]
    some = (source >= 0) & (target >= 0) & (source != target)
    table = pd.DataFrame(
        {
            "source": source[some],
            "target": target[some],
            "kind": graph.kind[some],
            "window": place_in(list(windows), graph.known_at[some]),
            "weight": graph.weight[some].astype(np.float64),
        }
    )
    found = table.groupby(["source", "target", "kind", "window"], as_index=False)["weight"].sum()
    pairs = found.groupby(["source", "target"], as_index=False)["weight"].sum()
    pairs["chance"] = chance(
        pairs["source"].to_numpy(), pairs["target"].to_numpy(), pairs["weight"].to_numpy(), len(held)
    )
    pairs["all"] = pairs.pop("weight")
    pairs["holds"] = _holds(pairs)
    found = found.merge(pairs, on=["source", "target"], how="left", validate="many_to_one")
    by_weight = found.sort_values("weight", ascending=False, kind="stable")
    found["holds"] &= found.index.isin(by_weight.drop_duplicates(["source", "target"]).index)
    # The lightest pairs are left out first, and of those as light the ones that come into sight last; but no
    # account loses its heaviest.
    last = np.maximum(found["source"], found["target"]).to_numpy()
    kept = np.sort(np.lexsort((last, -found["all"].to_numpy(), ~found["holds"].to_numpy()))[:EDGES])
    rows = found.iloc[kept]
    return {
        "source": rows["source"].tolist(),
        "target": rows["target"].tolist(),
        "kind": rows["kind"].tolist(),
        "window": rows["window"].tolist(),
        "weight": numbers(rows["weight"].to_numpy()),
        "chance": numbers(rows["chance"].to_numpy(), 2),
        "left_out": len(found) - len(rows),
        "loops": int((graph.source == graph.target).sum()),
    }


def _holds(pairs: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a pair is the heaviest of one of its ends."""
    ends = np.stack([pairs["source"].to_numpy(), pairs["target"].to_numpy()], axis=1)
    heaviest = np.argsort(-pairs["all"].to_numpy(), kind="stable")
    _, first = np.unique(ends[heaviest].ravel(), return_index=True)
    found = np.zeros(len(pairs), bool)
    found[heaviest[first // 2]] = True
    return found


def _community(one: Community, reading: Reading, names: Names, held: Ints) -> dict[str, Any]:
    network = reading.network
    code = np.full(network.graph.n, -1, np.int64)
    code[held] = np.arange(len(held))
    member = np.zeros(network.graph.n, bool)
    member[one.members] = True
    published = network.published
    of_it = member[published.author]
    engagement = published.engagement[of_it & published.judged & np.isfinite(published.engagement)]
    shown = code[one.members]
    return {
        "code": int(one.code),
        "name": names.text(one.name) or f"community {one.code}",
        "size": len(one.members),
        "stable": _plain(one.stable),
        "members": shown[shown >= 0][:200].tolist(),
        "posts": int(of_it.sum()),
        "publishing": len(np.unique(published.author[of_it])),
        "median": _plain(float(np.median(engagement)) if len(engagement) else np.nan),
    }


def _found(reading: Reading) -> dict[str, Any]:
    told = reading.communities
    return {
        "rule": printable(told.rule),
        "resolution": _plain(told.resolution),
        "seeds": _plain(told.seeds),
        "resamples": _plain(told.resamples),
        "none": int((told.of < 0).sum()),
    }


def _held(one: Held) -> dict[str, Any]:
    """As it is told, with its sentence."""
    told = {name: _plain(value) if isinstance(value, float) else value for name, value in vars(one).items()}
    return {**told, "accounts": int(one.accounts), "verdict": words.verdict(one), "says": words.sentence(one)}


def _crossing(one: Crossing, names: Names) -> dict[str, Any]:
    return {
        "what": names.text(one.what),
        "first_seen": int(one.first_seen),
        "first_in": int(one.first_in),
        "users": int(one.users),
        "order": [[int(code), int(after)] for code, after in one.order],
        "hours": None if one.hours_to_third is None else _plain(one.hours_to_third),
    }


def _plain(value: float) -> float | None:
    return numbers(np.asarray([value], np.float64))[0]
