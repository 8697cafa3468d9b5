"""Pages of made-up networks: an ordinary one, a large one, one without edges."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
from network_readings import reading

from network.page.backbone import GUARD
from network.page.page import page
from network.page.pseudonyms import names_of
from network.reading import Communities, Reading

EVIL = ("</script><img src=x onerror=alert(1)>", "\u2028<b>&\"'", '=HYPERLINK("http://x")')
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def named(made: Reading) -> str:
    return page(made, names_of(made, nobody=True))


@cache
def ordinary() -> str:
    """The page of what most tests look at, made once."""
    return named(reading())


@cache
def large() -> str:
    """The page of so many accounts that not all are shown at first."""
    return named(reading(n=GUARD + 1200, edges=20_000))


def empty() -> Reading:
    made = reading()
    graph = made.network.graph.take(slice(0, 0))
    of = np.full(graph.n, -1, np.int64)
    network = replace(made.network, graph=graph)
    return Reading(network, (), (), Communities(of, (), 1.0, "", np.nan, np.nan), ())
