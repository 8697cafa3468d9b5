"""GraphML: the network for Gephi, NetworkX, igraph and others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from benchmark.files import write_atomically
from network.graph import Graph
from network.page.plain import of_posts
from network.page.pseudonyms import Names, names_of
from network.reading import Reading

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no way to write."""


def write_graphml(reading: Reading, path: Path, names: Names | None = None) -> None:
    """Accounts with community, posts and scores; edges of a pair and a kind as one, with their weight and the
    first and last moment in ms since 1970. All edges are directed, for few programs read both sorts at once:
    of kinds that hold both ways each stands once.

    Raises:
        StoreError, OSError: it cannot be written there.
    """
    write_atomically(path, "\n".join(lines(reading, names or names_of(reading))) + "\n")


def lines(reading: Reading, names: Names) -> Iterator[str]:
    yield _HEAD
    keys = {"label": "string", "community": "string", "posts": "long", "median_engagement": "double"}
    scores = {one.name: "double" for one in reading.influence}
    for place, (name, kind) in enumerate((keys | scores).items()):
        yield _key(f"d{place}", "node", name, kind)
    for name, kind in {"kind": "string", "weight": "double", "first": "long", "last": "long"}.items():
        yield _key(f"e_{name}", "edge", name, kind)
    yield '<graph edgedefault="directed">'
    yield from _nodes(reading, names)
    yield from _edges(reading.network.graph, names)
    yield "</graph>"
    yield "</graphml>"


def _nodes(reading: Reading, names: Names) -> Iterator[str]:
    posts, median = of_posts(reading.network)
    called = {one.code: _text(names.text(one.name)) for one in reading.communities.found}
    community = reading.communities.of
    columns = [median, *(one.values for one in reading.influence)]  # noqa: PD011
    for code in np.argsort(names.number).tolist():
        told = [f'<data key="d0">{_text(names.of[code])}</data>']
        if int(community[code]) in called:
            told.append(f'<data key="d1">{called[int(community[code])]}</data>')
        told.append(f'<data key="d2">{posts[code]}</data>')
        told += [
            f'<data key="d{place}">{float(values[code])!r}</data>'
            for place, values in enumerate(columns, start=3)
            if np.isfinite(values[code])
        ]
        yield f'<node id="n{names.number[code]}">{"".join(told)}</node>'


def _edges(graph: Graph, names: Names) -> Iterator[str]:
    number = names.number
    table = pd.DataFrame(
        {
            "source": number[graph.source],
            "target": number[graph.target],
            "kind": graph.kind,
            "weight": graph.weight.astype(np.float64),
            "known_at": graph.known_at,
        }
    )
    found = table.groupby(["source", "target", "kind"]).agg(
        weight=("weight", "sum"), first=("known_at", "min"), last=("known_at", "max")
    )
    kinds = [_text(kind) for kind in graph.kinds]
    for place, ((source, target, kind), weight, first, last) in enumerate(found.itertuples(name=None)):
        yield (
            f'<edge id="e{place}" source="n{source}" target="n{target}">'
            f'<data key="e_kind">{kinds[kind]}</data><data key="e_weight">{float(weight)!r}</data>'
            f'<data key="e_first">{first}</data>'
            f'<data key="e_last">{last}</data></edge>'
        )


def _key(name: str, of: str, called: str, kind: str) -> str:
    title = escape(_UNWRITABLE.sub(" ", called), {'"': "&quot;"})
    return f'<key id="{name}" for="{of}" attr.name="{title}" attr.type="{kind}"/>'


def _text(text: str) -> str:
    return escape(_UNWRITABLE.sub(" ", str(text)))
